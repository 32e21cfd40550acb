//! The error of COPY and UNLOAD.

mod load;
mod option;
mod rejected;
mod storage;
mod store;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::aws::AuthorizationError;
use crate::aws::LocationError;
use crate::connection::Retryable;

pub use self::load::LoadError;
pub use self::option::OptionError;
pub(crate) use self::rejected::RejectedLoad;
pub use self::rejected::RejectedRow;
pub use self::storage::{StorageError, StorageErrorKind};
pub use self::store::{StoreError, StoreErrorKind};

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
    /// The data could not be loaded; the rows at fault are in it.
    #[error(transparent)]
    Load(Box<LoadError>),
    /// S3 refused, or does not hold what is needed.
    #[error(transparent)]
    Storage(Box<StorageError>),
    /// The application's store did not take, give or delete a file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Diesel or the database refused.
    #[error(transparent)]
    Database(DieselError),
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
        let error = match error.downcast::<AuthorizationError>() {
            Ok(error) => return Self::Authorization(*error),
            Err(error) => error,
        };
        match error.downcast::<StoreError>() {
            Ok(error) => Self::Store(*error),
            Err(error) => Self::Database(DieselError::QueryBuilderError(error)),
        }
    }
}

impl Retryable for Error {
    fn is_retryable(&self) -> bool {
        match self {
            Self::Database(error) => error.is_retryable(),
            Self::Storage(error) => error.kind() == StorageErrorKind::Unavailable,
            Self::Store(error) => error.is_retryable(),
            _ => false,
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
            Error::Store(error) => error.into(),
            Error::Load(error) => DieselError::DatabaseError(DatabaseErrorKind::Unknown, error),
            Error::Storage(error) => DieselError::DatabaseError(DatabaseErrorKind::Unknown, error),
        }
    }
}

macro_rules! into_diesels_error {
    ($($error:ty),*) => {$(
        impl From<$error> for DieselError {
            fn from(error: $error) -> Self {
                DieselError::QueryBuilderError(Box::new(error))
            }
        }
    )*};
}

into_diesels_error!(OptionError, LocationError, AuthorizationError, StoreError);

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
