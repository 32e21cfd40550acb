use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::role_chain::links;
use super::{AuthorizationKind, RoleArn, RoleChain, sealed};
use crate::error::{Error, InvalidValue};
use crate::sql::StatementText;

/// The IAM role that Redshift assumes to reach the data: `IAM_ROLE …`.
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
/// # Ok::<(), diesel_redshift::error::InvalidValue>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum IamRole {
    /// The cluster's default role: `IAM_ROLE default`.
    #[default]
    Default,
    /// One role, or a chain of them: `IAM_ROLE 'arn,arn'`.
    Chain(RoleChain),
}

impl IamRole {
    /// `default`, or the ARNs of the chain, joined by commas.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::Chain(chain) => chain.as_str(),
        }
    }

    /// Chains `roles`: each assumes the next, and the last one reaches the data.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless there are 1 to 10.
    pub fn chain(roles: impl IntoIterator<Item = RoleArn>) -> Result<Self, InvalidValue> {
        RoleChain::new(roles).map(Self::Chain)
    }

    /// An IAM role from a literal, usable in a constant: `default`, an ARN, or a chain `arn,arn`.
    ///
    /// ```
    /// use diesel_redshift::IamRole;
    ///
    /// const LOADER: IamRole = IamRole::from_static("arn:aws:iam::012345678901:role/Loader");
    /// ```
    ///
    /// # Panics
    ///
    /// If it is none of these; in a constant, that is a compile error.
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
    type Err = InvalidValue;

    /// Parses `default` (in any case), an ARN, or a chain `arn,arn,…`.
    fn from_str(role: &str) -> Result<Self, InvalidValue> {
        if role.eq_ignore_ascii_case("default") {
            Ok(Self::Default)
        } else {
            role.parse().map(Self::Chain)
        }
    }
}

crate::sql::from_text!(IamRole);

impl fmt::Display for IamRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can be used as an IAM role: an [`IamRole`], a [`RoleArn`], a [`RoleChain`], or their text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no IAM role",
    note = "it takes an `IamRole`, a `RoleArn`, a `RoleChain`, or a text: \"default\", an ARN, or a chain of them"
)]
pub trait IntoIamRole {
    crate::seal::sealed!(required);
    /// The role.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if a text is not a valid role.
    fn into_iam_role(self) -> Result<IamRole, InvalidValue>;
}

/// The role, or a placeholder if the text is invalid: the first error is returned before anything
/// is sent.
pub(crate) fn role_or_default(
    given: impl IntoIamRole,
    invalid: &mut Option<InvalidValue>,
) -> IamRole {
    given.into_iam_role().unwrap_or_else(|error| {
        invalid.get_or_insert(error);
        IamRole::Default
    })
}

macro_rules! into_iam_role {
    ($($given:ty: $this:ident => $role:expr,)*) => {$(
        impl IntoIamRole for $given { crate::seal::sealed!();
            fn into_iam_role(self) -> Result<IamRole, InvalidValue> {
                let $this = self;
                $role
            }
        }
    )*};
}

into_iam_role! {
    IamRole: role => Ok(role),
    &IamRole: role => Ok(role.clone()),
    RoleArn: role => Ok(role.into()),
    RoleChain: chain => Ok(chain.into()),
    &str: text => text.parse(),
    String: text => text.parse(),
    &String: text => text.parse(),
}

impl sealed::Authorization for IamRole {
    fn kind(&self) -> AuthorizationKind {
        AuthorizationKind::IamRole
    }

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
