//! What the service's callers can do something about.

use chrono::NaiveDate;
use diesel::r2d2::PoolError;
use diesel_redshift::Error;
use diesel_redshift::error::StorageErrorKind;

/// Why the data cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeatherError {
    /// No connection within the pool's time: the cluster is away, or all of them are busy.
    #[error("no connection is to be had: {0}")]
    NoConnection(#[from] PoolError),
    /// The query took longer than the settings allow, or somebody cancelled it.
    #[error("it took too long")]
    TooLong,
    /// The file has not arrived.
    #[error("there are no readings of {0}")]
    NoReadings(NaiveDate),
    /// The file does not fit the table; nothing of it was loaded.
    #[error("the readings of {day} are wrong: {}", rows.join("; "))]
    BadReadings {
        /// The day.
        day: NaiveDate,
        /// File, line, column and reason of each row at fault.
        rows: Vec<String>,
    },
    /// All else.
    #[error(transparent)]
    Redshift(Error),
}

impl From<Error> for WeatherError {
    fn from(error: Error) -> Self {
        match error {
            Error::Cancelled(_) | Error::TimedOut(_) => Self::TooLong,
            error => Self::Redshift(error),
        }
    }
}

impl From<diesel::result::Error> for WeatherError {
    fn from(error: diesel::result::Error) -> Self {
        Error::from(error).into()
    }
}

impl WeatherError {
    /// What a load of this day says by its error.
    pub(crate) fn of_load(day: NaiveDate, error: Error) -> Self {
        match error {
            Error::Load(error) => Self::BadReadings {
                day,
                rows: error.rows().iter().map(ToString::to_string).collect(),
            },
            Error::Storage(error) if error.kind() == StorageErrorKind::NotFound => {
                Self::NoReadings(day)
            }
            error => error.into(),
        }
    }
}
