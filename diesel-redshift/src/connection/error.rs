//! How the server's errors are converted.

use diesel::result::Error;

use super::raw::{Field, RawConnection, RawResult};
use crate::error::{DatabaseError, Origin};

impl DatabaseError {
    pub(crate) fn of_result(result: &RawResult) -> Self {
        Self {
            origin: Origin::Server,
            sqlstate: result.error_field(Field::SqlState),
            message: result
                .error_field(Field::Message)
                .unwrap_or_else(|| result.error_message()),
            detail: result.error_field(Field::Detail),
            hint: result.error_field(Field::Hint),
            context: result.error_field(Field::Context),
            table: result.error_field(Field::Table),
            column: result.error_field(Field::Column),
            constraint: result.error_field(Field::Constraint),
            position: result
                .error_field(Field::Position)
                .and_then(|position| position.parse().ok()),
        }
    }

    /// Diesel's form of this error, which the connection keeps as its last one.
    pub(crate) fn on(mut self, connection: &RawConnection) -> Error {
        if self.origin == Origin::Server && connection.is_lost() {
            self.origin = Origin::LostConnection;
        }
        connection.keep_error(&self);
        self.into()
    }
}

/// The error of what could not even be sent.
pub(crate) fn unable_to_send(message: String, connection: &RawConnection) -> Error {
    if let Some(limit) = connection.response_timed_out() {
        return DatabaseError::response_timeout(limit).on(connection);
    }
    let mut error = DatabaseError::of_message(message);
    if !connection.is_lost() {
        error.origin = Origin::NotSent;
    }
    error.on(connection)
}
