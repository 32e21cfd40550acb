//! How COPY and UNLOAD are authorized to reach the data: IAM roles, keys, the `CREDENTIALS` string.

mod access_key;
mod boxed;
mod credentials;
mod iam_role;
mod role_arn;
mod role_chain;

use crate::error::Error;
use crate::sql::StatementText;

pub use self::access_key::AccessKey;
pub use self::boxed::BoxedAuthorization;
pub use self::credentials::Credentials;
pub(crate) use self::iam_role::role_or_default;
pub use self::iam_role::{IamRole, IntoIamRole};
pub use self::role_arn::RoleArn;
pub use self::role_chain::RoleChain;

/// The authorization of a statement that has none yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAuthorization;

/// What authorizes a COPY or UNLOAD: an [`IamRole`], an [`AccessKey`] or [`Credentials`].
#[diagnostic::on_unimplemented(
    message = "the statement does not say with whose rights it reaches the data",
    label = "no authorization yet",
    note = "call `.iam_role(…)`, `.access_key(…)` or `.credentials(…)` first"
)]
pub trait Authorization: sealed::Authorization {}

impl Authorization for IamRole {}
impl Authorization for AccessKey {}
impl Authorization for Credentials {}

/// The clause of an authorization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizationKind {
    IamRole,
    AccessKey,
    Credentials,
}

pub(crate) mod sealed {
    use super::*;

    pub trait Authorization: std::fmt::Debug + Send + Sync {
        #[doc(hidden)]
        fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error>;

        /// Which of the three clauses it writes.
        #[doc(hidden)]
        fn kind(&self) -> AuthorizationKind;

        /// Whether it is an access key, in whichever clause.
        #[doc(hidden)]
        fn is_key(&self) -> bool {
            false
        }
    }
}
