//! With whose rights COPY and UNLOAD reach the data: IAM roles, keys, the `CREDENTIALS` string.

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
pub struct RoleArn(String);

/// The account of the examples in Amazon's own documentation. It has 13 digits; statements that were copied
/// from there should print and run against a local Redshift.
const DOCUMENTED_ACCOUNT: &str = "0123456789012";

impl RoleArn {
    /// Reads an ARN.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::RoleArn`] says which part is wrong.
    pub fn parse(arn: &str) -> Result<Self, AuthorizationError> {
        match Self::refusal(arn) {
            None => Ok(Self(arn.to_owned())),
            Some(reason) => Err(AuthorizationError::RoleArn {
                given: arn.to_owned(),
                reason,
            }),
        }
    }

    fn refusal(arn: &str) -> Option<&'static str> {
        if arn.chars().any(char::is_whitespace) {
            return Some("it has white space");
        }
        let mut parts = arn.splitn(6, ':');
        let mut part = || parts.next().unwrap_or_default();
        if part() != "arn" {
            return Some("it does not start with `arn:`");
        }
        let partition = part();
        if !partition.starts_with("aws")
            || !partition
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        {
            return Some("its partition is none of `aws`, `aws-cn`, `aws-us-gov`, …");
        }
        if part() != "iam" {
            return Some("its service is not `iam`");
        }
        if !part().is_empty() {
            return Some("IAM roles have no region: two colons follow `iam`");
        }
        let account = part();
        let digits = account.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || (account.len() != 12 && account != DOCUMENTED_ACCOUNT) {
            return Some("its account does not have 12 digits");
        }
        let Some(role) = part().strip_prefix("role/") else {
            return Some("it does not name a `role/`");
        };
        let (path, name) = role.rsplit_once('/').unwrap_or(("", role));
        if path.len() > 510 || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Some("its path has more than 512 bytes or characters beyond ASCII");
        }
        if !(1..=64).contains(&name.len()) {
            return Some("the role's name does not have 1 to 64 characters");
        }
        if !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte))
        {
            return Some("the role's name has characters other than letters, digits and `+=,.@_-`");
        }
        None
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
pub struct RoleChain(Vec<RoleArn>);

impl RoleChain {
    /// Chains `roles` in this order.
    ///
    /// # Errors
    ///
    /// [`AuthorizationError::Chain`] unless there are 1 to 10.
    pub fn new(roles: impl IntoIterator<Item = RoleArn>) -> Result<Self, AuthorizationError> {
        let roles: Vec<_> = roles.into_iter().collect();
        if (1..=10).contains(&roles.len()) {
            Ok(Self(roles))
        } else {
            Err(AuthorizationError::Chain { roles: roles.len() })
        }
    }

    /// The roles, the first of which is attached to the cluster.
    pub fn roles(&self) -> &[RoleArn] {
        &self.0
    }
}

impl From<RoleArn> for RoleChain {
    fn from(role: RoleArn) -> Self {
        Self(vec![role])
    }
}

impl FromStr for RoleChain {
    type Err = AuthorizationError;

    /// Reads `arn,arn,…`, without spaces.
    ///
    /// A role's name may hold a comma itself, so the text is split only where an ARN follows.
    fn from_str(chain: &str) -> Result<Self, AuthorizationError> {
        let mut roles = Vec::new();
        let mut rest = chain;
        while let Some(at) = rest.find(",arn:") {
            roles.push(RoleArn::parse(&rest[..at])?);
            rest = &rest[at + 1..];
        }
        roles.push(RoleArn::parse(rest)?);
        Self::new(roles)
    }
}

impl fmt::Display for RoleChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, role) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            f.write_str(role.as_str())?;
        }
        Ok(())
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
/// UNLOAD's `KMS_KEY_ID` cannot be combined with it.
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
