//! With whose rights COPY and UNLOAD reach the data: IAM roles, keys, the `CREDENTIALS` string.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;
use crate::statement::{Secrets, StatementText};

/// Why a text gives no authorization.
///
/// The text of a secret is never part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationError {
    /// The text is not the ARN of an IAM role.
    #[error(
        "{given:?} is not the ARN of an IAM role: {reason}; write `arn:aws:iam::<12 digits>:role/<name>`"
    )]
    RoleArn {
        /// The text that was given.
        given: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too many roles, or none, are chained.
    #[error("a chain has 1 to 10 IAM roles, not {roles}")]
    Chain {
        /// How many were given.
        roles: usize,
    },
    /// A key, a token or a credentials string has a form that Redshift does not read.
    #[error("{what} {reason}")]
    Secret {
        /// Which one.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// The ARN of an IAM role: `arn:<partition>:iam::<account>:role/[path/]<name>`.
///
/// The partition is any (`aws`, `aws-cn`, `aws-us-gov`, …), the account has 12 digits, a path is optional, and
/// the name has 1 to 64 letters, digits and `+=,.@_-`.
///
/// ```
/// use diesel_redshift::RoleArn;
///
/// let arn: RoleArn = "arn:aws-cn:iam::012345678901:role/service-role/Loader".parse()?;
/// assert_eq!(arn.partition(), "aws-cn");
/// assert_eq!(arn.account(), "012345678901");
/// assert_eq!(arn.name(), "Loader");
/// assert!("arn:aws:iam::123:role/Loader".parse::<RoleArn>().is_err());
/// # Ok::<(), diesel_redshift::AuthorizationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleArn(Cow<'static, str>);

/// The account of the examples in Amazon's own documentation. It has 13 digits; statements that were copied
/// from there should print and run against a local Redshift.
const DOCUMENTED_ACCOUNT: &[u8] = b"0123456789012";

/// Why a text is not the ARN of a role.
const fn refusal(arn: &[u8]) -> Option<&'static str> {
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

const fn starts_with(text: &[u8], start: &[u8]) -> bool {
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

impl RoleArn {
    /// Reads an ARN.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::RoleArn`] says which part is wrong.
    pub fn parse(arn: &str) -> Result<Self, AuthorizationError> {
        match refusal(arn.as_bytes()) {
            None => Ok(Self(Cow::Owned(arn.to_owned()))),
            Some(reason) => Err(AuthorizationError::RoleArn {
                given: arn.to_owned(),
                reason,
            }),
        }
    }

    /// Takes an ARN that stands in the program, also in a constant.
    ///
    /// # Panics
    ///
    /// When it is no ARN as [`RoleArn::parse`] takes it; a constant then does not compile.
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
    type Err = AuthorizationError;

    fn from_str(arn: &str) -> Result<Self, AuthorizationError> {
        Self::parse(arn)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Roles of which each assumes the next; the last one reaches the data.
///
/// Only the first has to be attached to the cluster. A chain has 1 to 10 roles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleChain(Cow<'static, str>);

/// What stands between two roles. A role's name may hold a comma itself, but an ARN follows only here.
const LINK: &str = ",arn:";

/// How many roles a text chains, or why it does not.
const fn links(chain: &str) -> Result<usize, &'static str> {
    let mut roles = 0;
    let mut rest = chain.as_bytes();
    loop {
        let mut end = rest;
        while !end.is_empty() && !starts_with(end, LINK.as_bytes()) {
            end = end.split_at(1).1;
        }
        let (arn, tail) = rest.split_at(rest.len() - end.len());
        if let Some(reason) = refusal(arn) {
            return Err(reason);
        }
        roles += 1;
        match tail {
            [] => return Ok(roles),
            [_, next @ ..] => rest = next,
        }
    }
}

impl RoleChain {
    /// Chains `roles` in this order.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Chain`] unless there are 1 to 10.
    pub fn new(roles: impl IntoIterator<Item = RoleArn>) -> Result<Self, AuthorizationError> {
        let roles: Vec<_> = roles.into_iter().map(|RoleArn(arn)| arn).collect();
        match roles.len() {
            1..=10 => Ok(Self(roles.join(",").into())),
            roles => Err(AuthorizationError::Chain { roles }),
        }
    }

    /// The roles, the first of which is attached to the cluster.
    pub fn roles(&self) -> impl Iterator<Item = RoleArn> {
        let mut rest = Some(&*self.0);
        std::iter::from_fn(move || {
            let text = rest?;
            let (arn, tail) = match text.find(LINK) {
                Some(at) => (&text[..at], Some(&text[at + 1..])),
                None => (text, None),
            };
            rest = tail;
            Some(RoleArn(Cow::Owned(arn.to_owned())))
        })
    }
}

impl From<RoleArn> for RoleChain {
    fn from(RoleArn(arn): RoleArn) -> Self {
        Self(arn)
    }
}

impl FromStr for RoleChain {
    type Err = AuthorizationError;

    /// Reads `arn,arn,…`, without spaces.
    fn from_str(chain: &str) -> Result<Self, AuthorizationError> {
        match links(chain) {
            Ok(1..=10) => Ok(Self(Cow::Owned(chain.to_owned()))),
            Ok(roles) => Err(AuthorizationError::Chain { roles }),
            Err(reason) => Err(AuthorizationError::RoleArn {
                given: chain.to_owned(),
                reason,
            }),
        }
    }
}

impl fmt::Display for RoleChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The IAM role with whose rights Redshift reaches the data: `IAM_ROLE …`.
///
/// ```
/// use diesel_redshift::IamRole;
///
/// assert_eq!("default".parse(), Ok(IamRole::Default));
///
/// let chain = IamRole::chain([
///     "arn:aws:iam::123456789012:role/Cluster".parse()?,
///     "arn:aws:iam::210987654321:role/Bucket".parse()?,
/// ])?;
/// assert_eq!(chain, chain.to_string().parse()?);
/// # Ok::<(), diesel_redshift::AuthorizationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum IamRole {
    /// The cluster's default role: `IAM_ROLE default`.
    #[default]
    Default,
    /// One role, or a chain of them: `IAM_ROLE 'arn,arn'`.
    Chain(RoleChain),
}

impl IamRole {
    /// Chains `roles`: each assumes the next, the last one reaches the data.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Chain`] unless there are 1 to 10.
    pub fn chain(roles: impl IntoIterator<Item = RoleArn>) -> Result<Self, AuthorizationError> {
        RoleChain::new(roles).map(Self::Chain)
    }

    /// Takes a role that stands in the program, also in a constant: `default`, an ARN, or a chain `arn,arn`.
    ///
    /// ```
    /// use diesel_redshift::IamRole;
    ///
    /// const LOADER: IamRole = IamRole::from_static("arn:aws:iam::012345678901:role/Loader");
    /// ```
    ///
    /// # Panics
    ///
    /// When it is none of these; a constant then does not compile.
    pub const fn from_static(role: &'static str) -> Self {
        if let b"default" | b"DEFAULT" = role.as_bytes() {
            return Self::Default;
        }
        match links(role) {
            Ok(1..=10) => Self::Chain(RoleChain(Cow::Borrowed(role))),
            Ok(_) => panic!("a chain has 1 to 10 IAM roles"),
            Err(reason) => panic!("{}", reason),
        }
    }
}

impl From<RoleArn> for IamRole {
    fn from(role: RoleArn) -> Self {
        Self::Chain(role.into())
    }
}

impl From<RoleChain> for IamRole {
    fn from(chain: RoleChain) -> Self {
        Self::Chain(chain)
    }
}

impl FromStr for IamRole {
    type Err = AuthorizationError;

    /// Reads `default` (in any case), an ARN, or a chain `arn,arn,…`.
    fn from_str(role: &str) -> Result<Self, AuthorizationError> {
        if role.eq_ignore_ascii_case("default") {
            Ok(Self::Default)
        } else {
            role.parse().map(Self::Chain)
        }
    }
}

impl fmt::Display for IamRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Chain(chain) => chain.fmt(f),
        }
    }
}

/// A key pair, with the session token of a temporary one:
/// `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…' SESSION_TOKEN '…'`.
///
/// Amazon discourages keys in statements; prefer an [`IamRole`]. The secret and the token are printed as `***`
/// everywhere but in the statement that is sent. Temporary keys must outlive the statement.
#[derive(Debug, Clone)]
pub struct AccessKey {
    id: String,
    secret: SecretString,
    session_token: Option<SecretString>,
}

impl AccessKey {
    /// The key `id` with its `secret`.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Secret`] unless `id` has 16 to 128 letters and digits, and `secret` has printable
    /// ASCII characters other than spaces and semicolons.
    pub fn new(
        id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Result<Self, AuthorizationError> {
        let id = id.into();
        if !(16..=128).contains(&id.len())
            || !id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(AuthorizationError::Secret {
                what: "an access key's id",
                reason: "has 16 to 128 letters and digits",
            });
        }
        Ok(Self {
            id,
            secret: secret_text("a secret access key", secret.into())?,
            session_token: None,
        })
    }

    /// Adds the session token of temporary keys.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Secret`] unless it has printable ASCII characters other than spaces and semicolons.
    pub fn session_token(mut self, token: impl Into<String>) -> Result<Self, AuthorizationError> {
        self.session_token = Some(secret_text("a session token", token.into())?);
        Ok(self)
    }

    /// The key's id, which is not secret.
    pub fn id(&self) -> &str {
        &self.id
    }
}

fn secret_text(what: &'static str, text: String) -> Result<SecretString, AuthorizationError> {
    let text = SecretString::from(text);
    let plain = text.expose_secret();
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_graphic() && b != b';') {
        return Err(AuthorizationError::Secret {
            what,
            reason: "has one or more ASCII characters, without spaces, line breaks and semicolons",
        });
    }
    Ok(text)
}

/// The older form of authorization, one string of `key=value` pairs: `CREDENTIALS '…'`.
///
/// UNLOAD's `KMS_KEY_ID` cannot be combined with it. A string of that form is read by `parse`.
///
/// ```
/// use diesel_redshift::Credentials;
///
/// let credentials: Credentials =
///     "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=hush;token=hush".parse()?;
/// assert!(!format!("{credentials:?}").contains("hush"));
/// # Ok::<(), diesel_redshift::AuthorizationError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Credentials(CredentialsKind);

#[derive(Debug, Clone)]
enum CredentialsKind {
    Role(RoleChain),
    Key(AccessKey),
}

impl Credentials {
    /// `CREDENTIALS 'aws_iam_role=arn,arn'`.
    pub fn role(role: impl Into<RoleChain>) -> Self {
        Self(CredentialsKind::Role(role.into()))
    }

    /// `CREDENTIALS 'aws_access_key_id=…;aws_secret_access_key=…;token=…'`.
    pub fn access_key(key: AccessKey) -> Self {
        Self(CredentialsKind::Key(key))
    }
}

impl FromStr for Credentials {
    type Err = AuthorizationError;

    /// Reads `aws_iam_role=…`, or `aws_access_key_id=…;aws_secret_access_key=…` with `;token=…`.
    ///
    /// The error does not show the string. `master_symmetric_key` is not taken: encryption by the client has ended.
    fn from_str(credentials: &str) -> Result<Self, AuthorizationError> {
        let refuse = |reason| AuthorizationError::Secret {
            what: "a credentials string",
            reason,
        };
        let (mut role, mut id, mut secret, mut token) = (None, None, None, None);
        for pair in credentials.split(';') {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                refuse("has pairs `key=value`, joined by semicolons without spaces")
            })?;
            let known = match key {
                "aws_iam_role" => &mut role,
                "aws_access_key_id" => &mut id,
                "aws_secret_access_key" => &mut secret,
                "token" => &mut token,
                _ => {
                    return Err(refuse(
                        "has the keys `aws_iam_role`, `aws_access_key_id`, `aws_secret_access_key` and `token` only",
                    ));
                }
            };
            if known.replace(value).is_some() {
                return Err(refuse("has each key once"));
            }
        }
        match (role, id, secret, token) {
            (Some(role), None, None, None) => Ok(Self::role(role.parse::<RoleChain>()?)),
            (None, Some(id), Some(secret), token) => {
                let key = AccessKey::new(id, secret)?;
                Ok(Self::access_key(match token {
                    Some(token) => key.session_token(token)?,
                    None => key,
                }))
            }
            _ => Err(refuse(
                "has either `aws_iam_role`, or `aws_access_key_id` and `aws_secret_access_key`",
            )),
        }
    }
}

/// A statement that does not say yet with whose rights it reaches the data.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAuthorization;

/// What gives a COPY or UNLOAD its rights: an [`IamRole`], an [`AccessKey`] or [`Credentials`].
#[diagnostic::on_unimplemented(
    message = "the statement does not say with whose rights it reaches the data",
    label = "no authorization yet",
    note = "call `.iam_role(…)`, `.access_key(…)` or `.credentials(…)` first"
)]
pub trait Authorization: sealed::Authorization {}

impl Authorization for IamRole {}
impl Authorization for AccessKey {}
impl Authorization for Credentials {}

pub(crate) mod sealed {
    use super::*;

    pub trait Authorization {
        #[doc(hidden)]
        fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error>;
    }

    impl Authorization for IamRole {
        fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error> {
            match self {
                Self::Default => text.push(" IAM_ROLE default"),
                Self::Chain(chain) => {
                    text.push(" IAM_ROLE ");
                    text.literal("IAM_ROLE", &chain.to_string())?;
                }
            }
            Ok(())
        }
    }

    impl Authorization for AccessKey {
        fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error> {
            text.push(" ACCESS_KEY_ID ");
            text.literal("ACCESS_KEY_ID", &self.id)?;
            text.push(" SECRET_ACCESS_KEY ");
            text.secret("SECRET_ACCESS_KEY", &self.secret)?;
            if let Some(token) = &self.session_token {
                text.push(" SESSION_TOKEN ");
                text.secret("SESSION_TOKEN", token)?;
            }
            Ok(())
        }
    }

    impl Authorization for Credentials {
        fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error> {
            text.push(" CREDENTIALS ");
            let pairs = match &self.0 {
                CredentialsKind::Role(chain) => format!("aws_iam_role={chain}"),
                CredentialsKind::Key(key) => key.pairs(text.secrets()),
            };
            Ok(text.literal("CREDENTIALS", &pairs)?)
        }
    }
}

impl AccessKey {
    fn pairs(&self, secrets: Secrets) -> String {
        let mut pairs = format!(
            "aws_access_key_id={};aws_secret_access_key={}",
            self.id,
            secrets.of(&self.secret)
        );
        if let Some(token) = &self.session_token {
            pairs.push_str(";token=");
            pairs.push_str(secrets.of(token));
        }
        pairs
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

    #[test]
    fn chains_are_split_where_an_arn_follows() {
        let one = "arn:aws:iam::012345678901:role/a,b,";
        let two = "arn:aws:iam::012345678902:role/c";
        let chain: RoleChain = format!("{one},{two}").parse().expect("a chain");
        let roles: Vec<_> = chain.roles().map(|role| role.to_string()).collect();
        assert_eq!(roles, [one, two]);
        let rebuilt = RoleChain::new(chain.roles()).expect("two roles");
        assert_eq!(rebuilt, chain);

        assert!(format!("{one}, {two}").parse::<RoleChain>().is_err());
        assert!(
            format!("{two},").parse::<RoleChain>().is_ok(),
            "a name may end in a comma"
        );
        let eleven = [two; 11].join(",");
        assert_eq!(
            eleven.parse::<IamRole>(),
            Err(AuthorizationError::Chain { roles: 11 })
        );
        assert_eq!(
            IamRole::chain([]),
            Err(AuthorizationError::Chain { roles: 0 })
        );
    }

    #[test]
    fn credentials_strings_are_read() {
        for good in [
            "aws_iam_role=arn:aws:iam::012345678901:role/a,arn:aws:iam::012345678901:role/b",
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=a/b+c=",
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=hush;token=hush==",
        ] {
            let credentials: Credentials = good.parse().expect(good);
            let mut text = StatementText::new(Secrets::Written);
            sealed::Authorization::push_authorization(&credentials, &mut text).expect(good);
            assert_eq!(text.finish(), format!(" CREDENTIALS '{good}'"));
        }
        for bad in [
            "",
            "hush",
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key=hush",
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE; aws_secret_access_key=hush",
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=hush;token=",
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=hush;aws_secret_access_key=hush",
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=hush;master_symmetric_key=hush",
            "aws_iam_role=arn:aws:iam::012345678901:role/a;token=hush",
        ] {
            let error = bad.parse::<Credentials>().expect_err(bad).to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn secrets_do_not_show() {
        let key = AccessKey::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI")
            .and_then(|key| key.session_token("FwoGZXIvYXdzEXAMPLE"))
            .expect("a key");
        let shown = format!("{key:?} {:?}", Credentials::access_key(key.clone()));
        assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"), "{shown}");
        assert!(
            !shown.contains("wJalr") && !shown.contains("FwoG"),
            "{shown}"
        );

        for secret in [
            "",
            "has space",
            "has;semicolon",
            "has\nbreak",
            "has\0nul",
            "é",
        ] {
            let error = AccessKey::new("AKIAIOSFODNN7EXAMPLE", secret).expect_err(secret);
            assert!(secret.is_empty() || !error.to_string().contains(secret));
        }
        assert!(AccessKey::new("short", "secret").is_err());
        assert!(AccessKey::new("AKIAIOSFODNN7EXAMPL'", "secret").is_err());
    }
}
