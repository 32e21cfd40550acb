//! What clients are told.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use diesel_async::pooled_connection::bb8::RunError;
use diesel_redshift::Error;

/// Why a request was not answered.
#[derive(Debug)]
pub(crate) enum ServiceError {
    /// There is no such thing.
    NotFound,
    /// What was asked for cannot be.
    Wrong(String),
    /// All connections are busy, or the cluster is away.
    Busy,
    /// The query took longer than the settings allow.
    TooLong,
    /// All else, which is for the log and not for clients.
    Redshift(Error),
}

impl From<RunError> for ServiceError {
    fn from(error: RunError) -> Self {
        eprintln!("no connection: {error}");
        Self::Busy
    }
}

impl From<Error> for ServiceError {
    fn from(error: Error) -> Self {
        match error {
            Error::Cancelled(_) | Error::TimedOut(_) => Self::TooLong,
            error => Self::Redshift(error),
        }
    }
}

impl From<diesel::result::Error> for ServiceError {
    fn from(error: diesel::result::Error) -> Self {
        match error {
            diesel::result::Error::NotFound => Self::NotFound,
            error => Error::from(error).into(),
        }
    }
}

impl IntoResponse for ServiceError {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Wrong(said) => return (StatusCode::BAD_REQUEST, said).into_response(),
            Self::NotFound => (StatusCode::NOT_FOUND, "there is no such user"),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "no connection is free; try again",
            ),
            Self::TooLong => (StatusCode::GATEWAY_TIMEOUT, "the query took too long"),
            Self::Redshift(error) => {
                eprintln!("{error}");
                (StatusCode::INTERNAL_SERVER_ERROR, "the query failed")
            }
        };
        (status, text).into_response()
    }
}
