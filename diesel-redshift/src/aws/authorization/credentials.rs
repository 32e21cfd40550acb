use std::str::FromStr;

use super::{AccessKey, AuthorizationKind, RoleChain, sealed};
use crate::error::{Error, InvalidValue};
use crate::sql::StatementText;

/// The older form of authorization, one string of `key=value` pairs: `CREDENTIALS '…'`.
///
/// UNLOAD's `KMS_KEY_ID` cannot be combined with it. `parse` reads a string of that form.
///
/// ```
/// use diesel_redshift::aws::Credentials;
///
/// let credentials: Credentials =
///     "aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=hush;token=hush".parse()?;
/// assert!(!format!("{credentials:?}").contains("hush"));
/// # Ok::<(), diesel_redshift::error::InvalidValue>(())
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
    type Err = InvalidValue;

    /// Parses `aws_iam_role=…`, or `aws_access_key_id=…;aws_secret_access_key=…` with an optional
    /// `;token=…`.
    ///
    /// The error does not show the string. `master_symmetric_key` is refused: client-side
    /// encryption is no longer supported.
    fn from_str(credentials: &str) -> Result<Self, InvalidValue> {
        let refuse = |expected| InvalidValue::hidden("CREDENTIALS", expected);
        let (mut role, mut id, mut secret, mut token) = (None, None, None, None);
        for pair in credentials.split(';') {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| refuse("pairs `key=value`, joined by semicolons without spaces"))?;
            let known = match key {
                "aws_iam_role" => &mut role,
                "aws_access_key_id" => &mut id,
                "aws_secret_access_key" => &mut secret,
                "token" => &mut token,
                _ => {
                    return Err(refuse(
                        "the keys `aws_iam_role`, `aws_access_key_id`, `aws_secret_access_key` and `token` only",
                    ));
                }
            };
            if known.replace(value).is_some() {
                return Err(refuse("each key once"));
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
                "either `aws_iam_role`, or `aws_access_key_id` and `aws_secret_access_key`",
            )),
        }
    }
}

crate::sql::from_text!(Credentials);

impl sealed::Authorization for Credentials {
    fn kind(&self) -> AuthorizationKind {
        AuthorizationKind::Credentials
    }

    fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error> {
        text.push(" CREDENTIALS ");
        let pairs = match &self.0 {
            CredentialsKind::Role(chain) => format!("aws_iam_role={chain}"),
            CredentialsKind::Key(key) => key.pairs(text.secrets()),
        };
        Ok(text.literal("CREDENTIALS", &pairs)?)
    }

    fn is_key(&self) -> bool {
        matches!(self.0, CredentialsKind::Key(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Secrets;

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
}
