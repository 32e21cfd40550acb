use std::error::Error as StdError;

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

#[cfg(feature = "iam")]
use super::IamError;
#[cfg(feature = "stage")]
use super::StageError;
use super::whole::Whole;
use super::{
    DatabaseError, Error, LoadError, StorageError, StorageErrorKind, StoreError, TransactionError,
};

/// Errors that know whether the whole transaction may succeed if it is run again.
pub trait Retryable {
    /// True for a serializable isolation violation (Redshift's error 1023), a conflict with a
    /// concurrent transaction, a deadlock, a table that another session replaced meanwhile, and a
    /// COPY or UNLOAD for which S3 was too busy.
    ///
    /// False if the outcome is unknown: the work might be done twice.
    fn is_retryable(&self) -> bool;
}

impl Retryable for DatabaseError {
    fn is_retryable(&self) -> bool {
        let message = self.message();
        self.kind() == DatabaseErrorKind::SerializationFailure
            // Another session replaced the table, or changed what a cached plan reads; the next run plans it anew.
            || message.contains("could not open relation with OID")
            || (message.contains("table") && message.contains("dropped by concurrent transaction"))
            || message.contains("cached plan must not change result type")
            || self.sqlstate() == Some("26000")
    }
}

impl Retryable for StorageError {
    fn is_retryable(&self) -> bool {
        self.kind() == StorageErrorKind::Unavailable
    }
}

#[cfg(feature = "stage")]
impl Retryable for StageError {
    /// Whether another run would draw another text for `NULL`.
    fn is_retryable(&self) -> bool {
        matches!(self, Self::EqualsNullMarker { .. })
    }
}

impl Retryable for Whole {
    fn is_retryable(&self) -> bool {
        match self {
            Self::Database(error) => error.is_retryable(),
            Self::Storage(error) => error.is_retryable(),
            Self::Load(_) | Self::Transaction(_) => false,
        }
    }
}

impl Retryable for DieselError {
    fn is_retryable(&self) -> bool {
        match self {
            Self::DatabaseError(kind, error) => {
                *kind == DatabaseErrorKind::SerializationFailure
                    || Whole::of(&**error).is_some_and(|error| error.is_retryable())
            }
            Self::QueryBuilderError(error)
            | Self::SerializationError(error)
            | Self::DeserializationError(error) => is_retryable(&**error),
            Self::RollbackErrorOnCommit { commit_error, .. } => commit_error.is_retryable(),
            _ => false,
        }
    }
}

impl Retryable for Error {
    fn is_retryable(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            Self::Database(error) => error.is_retryable(),
            #[cfg(feature = "stage")]
            Self::Stage(error) => error.is_retryable(),
            Self::Invalid(_)
            | Self::Migration(_)
            | Self::Load(_)
            | Self::Transaction(_)
            | Self::Cancelled(_)
            | Self::TimedOut(_) => false,
        }
    }
}

/// Looks through the error and its sources for one of this crate or of Diesel.
fn is_retryable(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Error>() {
            return found.is_retryable();
        }
        if let Some(found) = error.downcast_ref::<DieselError>() {
            return found.is_retryable();
        }
        if let Some(found) = error.downcast_ref::<StorageError>() {
            return found.is_retryable();
        }
        if let Some(found) = error.downcast_ref::<StoreError>() {
            return found.is_retryable();
        }
        if let Some(found) = error.downcast_ref::<DatabaseError>() {
            return found.is_retryable();
        }
        if let Some(ConnectionError::CouldntSetupConfiguration(within)) = error.downcast_ref() {
            return within.is_retryable();
        }
        #[cfg(feature = "iam")]
        if let Some(found) = error.downcast_ref::<IamError>() {
            return found.is_retryable();
        }
        #[cfg(feature = "stage")]
        if let Some(found) = error.downcast_ref::<StageError>() {
            return found.is_retryable();
        }
        if error.is::<LoadError>() || error.is::<TransactionError>() {
            return false;
        }
        next = error.source();
    }
    false
}

/// Looks through the error and its sources for a [`diesel_redshift::Error`](Error) or a
/// [`diesel::result::Error`].
impl Retryable for Box<dyn StdError + Send + Sync> {
    fn is_retryable(&self) -> bool {
        is_retryable(&**self)
    }
}

/// Looks through the error and its sources for a [`diesel_redshift::Error`](Error) or a
/// [`diesel::result::Error`].
impl Retryable for Box<dyn StdError> {
    fn is_retryable(&self) -> bool {
        is_retryable(&**self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the nightly job failed")]
    struct Job(#[source] Box<dyn StdError + Send + Sync>);

    fn serialization_failure() -> DatabaseError {
        DatabaseError {
            sqlstate: Some("XX000".to_owned()),
            message: "1023".to_owned(),
            ..DatabaseError::default()
        }
    }

    #[test]
    fn a_boxed_error_is_looked_through() {
        type Boxed = Box<dyn StdError + Send + Sync>;
        let diesel = || DieselError::from(serialization_failure());
        let boxed: Boxed = Box::new(diesel());
        assert!(boxed.is_retryable());
        let boxed: Boxed = Box::new(Error::from(diesel()));
        assert!(boxed.is_retryable(), "that of this crate");
        let boxed: Boxed = Box::new(Job(Box::new(Error::from(diesel()))));
        assert!(boxed.is_retryable(), "a source");
        let boxed: Boxed = Box::new(DieselError::QueryBuilderError(Box::new(Job(boxed))));
        assert!(boxed.is_retryable(), "a source within Diesel's error");
        let other: Boxed = "1023".into();
        assert!(!other.is_retryable());
        assert!(!DieselError::NotFound.is_retryable());
    }

    #[test]
    fn an_unknown_outcome_is_not_tried_again() {
        let unknown = TransactionError::OutcomeUnknown(Box::new(serialization_failure()));
        assert!(!DieselError::from(unknown.clone()).is_retryable());
        assert!(!Error::Transaction(unknown.clone()).is_retryable());
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(unknown);
        assert!(!boxed.is_retryable());
    }
}
