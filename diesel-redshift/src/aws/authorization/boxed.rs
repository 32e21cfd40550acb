use std::sync::Arc;

use super::{
    AccessKey, Authorization, AuthorizationKind, Credentials, IamRole, NoAuthorization, sealed,
};
use crate::error::Error;
use crate::sql::{Slot, StatementText, slots};

/// An authorization chosen at run time, for a [boxed](crate::copy::CopyStatement::boxed) statement.
#[derive(Debug, Clone)]
pub struct BoxedAuthorization(Arc<dyn sealed::Authorization>);

impl BoxedAuthorization {
    pub(crate) fn new(authorization: impl Authorization + 'static) -> Self {
        Self(Arc::new(authorization))
    }
}

impl Authorization for BoxedAuthorization {}

impl sealed::Authorization for BoxedAuthorization {
    fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error> {
        self.0.push_authorization(text)
    }

    fn kind(&self) -> AuthorizationKind {
        self.0.kind()
    }

    fn is_key(&self) -> bool {
        self.0.is_key()
    }
}

slots! { NoAuthorization IamRole AccessKey Credentials }

impl<A: Authorization + 'static> Slot<A> for BoxedAuthorization {
    crate::seal::sealed!();

    type Filled = Self;

    fn fill(authorization: A) -> Self {
        Self::new(authorization)
    }
}
