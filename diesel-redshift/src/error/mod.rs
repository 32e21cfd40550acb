//! Errors: pure data, which needs no connection.

mod database;
#[cfg(feature = "iam")]
mod iam;
mod invalid_value;
mod load;
mod migration;
mod rejected_row;
mod retryable;
#[cfg(feature = "stage")]
mod stage;
mod storage;
mod store;
mod transaction;
mod whole;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

pub use self::database::DatabaseError;
pub(crate) use self::database::Origin;
#[cfg(feature = "iam")]
pub use self::iam::{IamError, IamErrorKind};
pub use self::invalid_value::InvalidValue;
pub use self::load::LoadError;
pub use self::migration::MigrationError;
pub use self::rejected_row::RejectedRow;
pub use self::retryable::Retryable;
#[cfg(feature = "stage")]
pub use self::stage::StageError;
pub use self::storage::{StorageError, StorageErrorKind};
pub use self::store::{StoreError, StoreErrorKind};
pub use self::transaction::TransactionError;

use self::whole::Whole;

/// Why a statement failed, or what became of it.
///
/// It converts from and into [`diesel::result::Error`] without losing anything, so that `?` works
/// in a transaction's closure whichever of the two the closure returns:
///
/// ```no_run
/// # use diesel::prelude::*;
/// # use diesel_redshift::{copy, copy::Csv, Error, IamRole, RedshiftConnection, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # fn run(conn: &mut RedshiftConnection, uri: S3Uri) -> Result<(), Error> {
/// let outcome: QueryResult<()> = conn.transaction(|conn| {
///     diesel::delete(users::table).execute(conn)?;
///     copy(users::table).from(uri).iam_role(IamRole::Default).format(Csv::new()).execute(conn)?;
///     Ok(())
/// });
/// match outcome.map_err(Error::from) {
///     Err(Error::Load(error)) => eprintln!("{:?}", error.rows()),
///     outcome => outcome?,
/// }
/// # Ok(())
/// # }
/// ```
///
/// Its text is that of the error within, and so is its [`source`](std::error::Error::source): for
/// [`Load`](Error::Load) and [`Storage`](Error::Storage), the server's [`DatabaseError`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Redshift does not accept a value; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] InvalidValue),
    /// The data could not be loaded; the error holds the rejected rows.
    #[error(transparent)]
    Load(Box<LoadError>),
    /// S3 refused, or lacks what is needed.
    #[error(transparent)]
    Storage(Box<StorageError>),
    /// The application's store did not write, return or delete a file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rows could not be written to files for a COPY, or could not be read from the files of an
    /// UNLOAD.
    #[cfg(feature = "stage")]
    #[error(transparent)]
    Stage(Box<StageError>),
    /// The transaction did not end as requested, or cannot contain the statement.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// A migration was not run, or not recorded.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The statement was cancelled; see [`DatabaseError::is_cancelled`].
    #[error(transparent)]
    Cancelled(Box<DatabaseError>),
    /// A time limit passed; see [`DatabaseError::is_timed_out`].
    #[error(transparent)]
    TimedOut(Box<DatabaseError>),
    /// Any other error of Diesel or of the database.
    #[error(transparent)]
    Database(DieselError),
}

impl Error {
    /// The SQLSTATE of the server error behind it, five characters, if there is one.
    ///
    /// [`DatabaseError::of`] finds it behind Diesel's errors and behind boxed ones.
    pub fn sqlstate(&self) -> Option<String> {
        DatabaseError::of(self)?.sqlstate
    }

    /// Interprets a server error of a COPY from `location`, or of statements that may have been
    /// one: about the data, about S3, or any other. Files are named without `prefix`.
    pub(crate) fn of_copy(
        prefix: Option<String>,
        location: Option<&str>,
        error: DieselError,
    ) -> Self {
        LoadError::read(prefix, error)
            .map(|error| Self::Load(Box::new(error)))
            .or_else(|error| {
                StorageError::read(location, error).map(|error| Self::Storage(Box::new(error)))
            })
            .unwrap_or_else(Self::from)
    }
}

#[cfg(feature = "stage")]
impl From<StageError> for Error {
    fn from(error: StageError) -> Self {
        Self::Stage(Box::new(error))
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        if error.is_timed_out() {
            Self::TimedOut(Box::new(error))
        } else if error.is_cancelled() {
            Self::Cancelled(Box::new(error))
        } else {
            Self::Database(error.into())
        }
    }
}

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(kind, error) => match Whole::of(&*error) {
                Some(Whole::Load(error)) => Self::Load(error),
                Some(Whole::Storage(error)) => Self::Storage(error),
                Some(Whole::Transaction(error)) => Self::Transaction(error),
                Some(Whole::Database(error)) if error.is_timed_out() || error.is_cancelled() => {
                    (*error).into()
                }
                _ => Self::Database(DieselError::DatabaseError(kind, error)),
            },
            DieselError::QueryBuilderError(error) => of_boxed(error)
                .unwrap_or_else(|error| Self::Database(DieselError::QueryBuilderError(error))),
            DieselError::SerializationError(error) => of_boxed(error)
                .unwrap_or_else(|error| Self::Database(DieselError::SerializationError(error))),
            error => Self::Database(error),
        }
    }
}

type Boxed = Box<dyn std::error::Error + Send + Sync>;

fn of_boxed(error: Boxed) -> Result<Error, Boxed> {
    let error = match error.downcast::<Error>() {
        Ok(error) => return Ok(*error),
        Err(error) => error,
    };
    let error = match error.downcast::<InvalidValue>() {
        Ok(error) => return Ok(Error::Invalid(*error)),
        Err(error) => error,
    };
    let error = match error.downcast::<StoreError>() {
        Ok(error) => return Ok(Error::Store(*error)),
        Err(error) => error,
    };
    let error = match error.downcast::<MigrationError>() {
        Ok(error) => return Ok(Error::Migration(*error)),
        Err(error) => error,
    };
    match error.downcast::<TransactionError>() {
        Ok(error) => Ok(Error::Transaction(*error)),
        Err(error) => Err(error),
    }
}

impl From<Error> for DieselError {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(error) => error.into(),
            Error::Store(error) => error.into(),
            #[cfg(feature = "stage")]
            Error::Stage(_) => Self::QueryBuilderError(Box::new(error)),
            Error::Load(error) => Self::DatabaseError(DatabaseErrorKind::Unknown, error),
            Error::Storage(error) => Self::DatabaseError(DatabaseErrorKind::Unknown, error),
            Error::Transaction(error) => error.into(),
            Error::Migration(error) => error.into(),
            Error::Cancelled(error) | Error::TimedOut(error) => (*error).into(),
            Error::Database(error) => error,
        }
    }
}

impl From<InvalidValue> for DieselError {
    fn from(error: InvalidValue) -> Self {
        Self::QueryBuilderError(Box::new(error))
    }
}

impl From<StoreError> for DieselError {
    fn from(error: StoreError) -> Self {
        Self::QueryBuilderError(Box::new(error))
    }
}

#[cfg(test)]
mod tests;
