use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::error::InvalidValue;

/// The ARN of an IAM role: `arn:<partition>:iam::<account>:role/[path/]<name>`.
///
/// Any partition is accepted (`aws`, `aws-cn`, `aws-us-gov`, …), the account has 12 digits, the
/// path is optional, and the name has 1 to 64 letters, digits and `+=,.@_-`.
///
/// ```
/// use diesel_redshift::aws::RoleArn;
///
/// let arn: RoleArn = "arn:aws-cn:iam::012345678901:role/service-role/Loader".parse()?;
/// assert_eq!(arn.partition(), "aws-cn");
/// assert_eq!(arn.account(), "012345678901");
/// assert_eq!(arn.name(), "Loader");
/// assert!("arn:aws:iam::123:role/Loader".parse::<RoleArn>().is_err());
/// # Ok::<(), diesel_redshift::error::InvalidValue>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleArn(pub(super) Cow<'static, str>);

/// The account in the examples of Amazon's own documentation. It has 13 digits; statements copied
/// from there should print, and run against a local Redshift.
const DOCUMENTED_ACCOUNT: &[u8] = b"0123456789012";

/// Why a text is not a role's ARN.
pub(super) const fn refusal(arn: &[u8]) -> Option<&'static str> {
    let mut rest = arn;
    while let [byte, tail @ ..] = rest {
        if byte.is_ascii_whitespace() {
            return Some("it has white space");
        }
        rest = tail;
    }
    let [b'a', b'r', b'n', b':', rest @ ..] = arn else {
        return Some("it does not start with `arn:`");
    };
    let (partition, rest) = split(rest, b':');
    let [b'a', b'w', b's', partition @ ..] = partition else {
        return Some("its partition is none of `aws`, `aws-cn`, `aws-us-gov`, …");
    };
    if !all(partition, b"abcdefghijklmnopqrstuvwxyz0123456789-") {
        return Some("its partition is none of `aws`, `aws-cn`, `aws-us-gov`, …");
    }
    let [b'i', b'a', b'm', b':', rest @ ..] = rest else {
        return Some("its service is not `iam`");
    };
    let [b':', rest @ ..] = rest else {
        return Some("IAM roles have no region: two colons follow `iam`");
    };
    let (account, rest) = split(rest, b':');
    if !all(account, b"0123456789")
        || account.len() != 12
            && !(account.len() == DOCUMENTED_ACCOUNT.len()
                && starts_with(account, DOCUMENTED_ACCOUNT))
    {
        return Some("its account does not have 12 digits");
    }
    let [b'r', b'o', b'l', b'e', b'/', path @ ..] = rest else {
        return Some("it does not name a `role/`");
    };
    let mut name = path;
    let mut rest = path;
    while let [byte, tail @ ..] = rest {
        if !byte.is_ascii_graphic() {
            return Some("its role has characters beyond ASCII");
        }
        // It would begin the next pair of a credentials string.
        if *byte == b';' {
            return Some("its role has a `;`");
        }
        if *byte == b'/' {
            name = tail;
        }
        rest = tail;
    }
    if path.len() - name.len() > 511 {
        return Some("its path has more than 512 characters");
    }
    if name.is_empty() || name.len() > 64 {
        return Some("the role's name does not have 1 to 64 characters");
    }
    if !all(
        name,
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-",
    ) {
        return Some("the role's name has characters other than letters, digits and `+=,.@_-`");
    }
    None
}

/// What stands before and after the first `separator`.
const fn split(text: &[u8], separator: u8) -> (&[u8], &[u8]) {
    let mut rest = text;
    while let [byte, tail @ ..] = rest {
        if *byte == separator {
            return (text.split_at(text.len() - rest.len()).0, tail);
        }
        rest = tail;
    }
    (text, rest)
}

pub(super) const fn starts_with(text: &[u8], start: &[u8]) -> bool {
    let (mut text, mut start) = (text, start);
    while let [expected, start_tail @ ..] = start {
        match text {
            [byte, tail @ ..] if *byte == *expected => text = tail,
            _ => return false,
        }
        start = start_tail;
    }
    true
}

const fn all(text: &[u8], allowed: &[u8]) -> bool {
    let mut text = text;
    while let [byte, tail @ ..] = text {
        let (before, _) = split(allowed, *byte);
        if before.len() == allowed.len() {
            return false;
        }
        text = tail;
    }
    true
}

pub(super) fn no_arn(given: &str, reason: &'static str) -> InvalidValue {
    // A string of `key=value` pairs may follow an ARN.
    let is_sure = given.starts_with("arn:aws") && !given.contains([';', '=']);
    InvalidValue::shown_if(
        is_sure,
        "IAM_ROLE",
        given,
        format!("`arn:aws:iam::<12 digits>:role/<name>`, but {reason}"),
    )
}

impl RoleArn {
    /// Parses an ARN.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] says which part is wrong.
    pub fn parse(arn: &str) -> Result<Self, InvalidValue> {
        match refusal(arn.as_bytes()) {
            None => Ok(Self(Cow::Owned(arn.to_owned()))),
            Some(reason) => Err(no_arn(arn, reason)),
        }
    }

    /// An ARN from a literal, usable in a constant.
    ///
    /// # Panics
    ///
    /// If [`RoleArn::parse`] would refuse it; in a constant, that is a compile error.
    pub const fn from_static(arn: &'static str) -> Self {
        match refusal(arn.as_bytes()) {
            None => Self(Cow::Borrowed(arn)),
            Some(reason) => panic!("{}", reason),
        }
    }

    fn part(&self, at: usize) -> &str {
        self.0.splitn(6, ':').nth(at).unwrap_or_default()
    }

    /// The partition: `aws`, `aws-cn`, `aws-us-gov`, ….
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The account, 12 digits.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    /// The role's name, without its path.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleArn {
    type Err = InvalidValue;

    fn from_str(arn: &str) -> Result<Self, InvalidValue> {
        Self::parse(arn)
    }
}

crate::sql::from_text!(RoleArn);

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_parsed_whole() {
        for (arn, partition, account, name) in [
            (
                "arn:aws:iam::012345678901:role/Loader",
                "aws",
                "012345678901",
                "Loader",
            ),
            (
                "arn:aws-cn:iam::012345678901:role/a/b/c",
                "aws-cn",
                "012345678901",
                "c",
            ),
            (
                "arn:aws-us-gov:iam::012345678901:role/a+=,.@_-Z9",
                "aws-us-gov",
                "012345678901",
                "a+=,.@_-Z9",
            ),
            (
                "arn:aws-iso-b:iam::012345678901:role/x",
                "aws-iso-b",
                "012345678901",
                "x",
            ),
            (
                "arn:aws:iam::0123456789012:role/MyRedshiftRole",
                "aws",
                "0123456789012",
                "MyRedshiftRole",
            ),
        ] {
            let parsed = RoleArn::parse(arn).expect(arn);
            assert_eq!(
                (parsed.partition(), parsed.account(), parsed.name()),
                (partition, account, name)
            );
            assert_eq!(parsed.as_str(), arn);
        }
        let longest = format!(
            "arn:aws:iam::012345678901:role/{}/{}",
            "p".repeat(510),
            "n".repeat(64)
        );
        assert!(RoleArn::parse(&longest).is_ok());
    }

    #[test]
    fn what_is_no_arn_is_named() {
        let long_name = format!("arn:aws:iam::012345678901:role/{}", "n".repeat(65));
        let long_path = format!("arn:aws:iam::012345678901:role/{}/n", "p".repeat(511));
        for (arn, reason) in [
            ("", "start with `arn:`"),
            ("MyRole", "start with `arn:`"),
            ("ARN:aws:iam::012345678901:role/x", "start with `arn:`"),
            ("arn:gcp:iam::012345678901:role/x", "partition"),
            ("arn:aws':iam::012345678901:role/x", "partition"),
            ("arn:aws:s3::012345678901:role/x", "service"),
            ("arn:aws:iam:eu-west-1:012345678901:role/x", "region"),
            ("arn:aws:iam::01234567890:role/x", "12 digits"),
            ("arn:aws:iam::0123456789013:role/x", "12 digits"),
            ("arn:aws:iam::01234567890a:role/x", "12 digits"),
            ("arn:aws:iam::012345678901", "`role/`"),
            ("arn:aws:iam::012345678901:user/x", "`role/`"),
            ("arn:aws:iam::012345678901:role/", "1 to 64"),
            ("arn:aws:iam::012345678901:role/path/", "1 to 64"),
            ("arn:aws:iam::012345678901:role/a'b", "characters other"),
            ("arn:aws:iam::012345678901:role/x;token=/y", "a `;`"),
            ("arn:aws:iam::012345678901:role/a b", "white space"),
            (" arn:aws:iam::012345678901:role/x", "white space"),
            ("arn:aws:iam::012345678901:role/x\n", "white space"),
            ("arn:aws:iam::012345678901:role/é", "beyond ASCII"),
            ("arn:aws:iam::012345678901:role/x\0", "beyond ASCII"),
            (&long_name, "1 to 64"),
            (&long_path, "512"),
        ] {
            let error = RoleArn::parse(arn).expect_err(arn).to_string();
            assert!(error.contains(reason), "{arn:?}: {error}");
        }
    }
}
