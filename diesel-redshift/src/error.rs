//! The error of COPY and UNLOAD.

use std::borrow::Cow;

use diesel::result::Error as DieselError;

use crate::authorization::AuthorizationError;
use crate::query_builder::LiteralError;
use crate::storage::LocationError;

/// Why a COPY or UNLOAD did not run.
///
/// It converts from and into [`diesel::result::Error`], so that `?` works in a transaction's closure whichever
/// of the two the closure returns.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option has a value that Redshift does not take; nothing was sent.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// A location or a region is not one; nothing was sent.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// A role, a key or a credentials string is not one; nothing was sent.
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    /// Diesel or the database refused.
    #[error(transparent)]
    Database(DieselError),
}

/// A value that an option of COPY or UNLOAD does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} cannot be {given}: it takes {allowed}")]
pub struct OptionError {
    option: &'static str,
    given: String,
    allowed: Cow<'static, str>,
}

impl OptionError {
    pub(crate) fn new(
        option: &'static str,
        given: impl Into<String>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            option,
            given: given.into(),
            allowed: allowed.into(),
        }
    }

    /// A text that cannot become a literal.
    pub(crate) fn literal(option: &'static str, text: &str, error: LiteralError) -> Self {
        Self::new(option, format!("{text:?}"), format!("text; {error}"))
    }

    /// The option, as SQL spells it: `MAXERROR`.
    pub fn option(&self) -> &'static str {
        self.option
    }

    /// The value that was given.
    pub fn given(&self) -> &str {
        &self.given
    }

    /// What the option takes.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        let DieselError::QueryBuilderError(error) = error else {
            return Self::Database(error);
        };
        let error = match error.downcast::<Error>() {
            Ok(error) => return *error,
            Err(error) => error,
        };
        let error = match error.downcast::<OptionError>() {
            Ok(error) => return Self::Option(*error),
            Err(error) => error,
        };
        let error = match error.downcast::<LocationError>() {
            Ok(error) => return Self::Location(*error),
            Err(error) => error,
        };
        match error.downcast::<AuthorizationError>() {
            Ok(error) => Self::Authorization(*error),
            Err(error) => Self::Database(DieselError::QueryBuilderError(error)),
        }
    }
}

impl From<Error> for DieselError {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) => error,
            Error::Option(error) => error.into(),
            Error::Location(error) => error.into(),
            Error::Authorization(error) => error.into(),
        }
    }
}

macro_rules! refused_before_it_is_sent {
    ($($error:ty),*) => {$(
        impl From<$error> for DieselError {
            fn from(error: $error) -> Self {
                DieselError::QueryBuilderError(Box::new(error))
            }
        }
    )*};
}

refused_before_it_is_sent!(OptionError, LocationError, AuthorizationError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_survives_a_closure_that_returns_diesels_error() {
        let error = OptionError::new("MAXERROR", "100001", "0 to 100000");
        assert_eq!(
            error.to_string(),
            "MAXERROR cannot be 100001: it takes 0 to 100000"
        );
        let through = Error::from(DieselError::from(Error::from(error.clone())));
        assert!(matches!(through, Error::Option(same) if same == error));
        let through = Error::from(DieselError::NotFound);
        assert!(matches!(DieselError::from(through), DieselError::NotFound));
    }
}
