//! What the server's errors become.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

use super::raw::{Field, RawConnection, RawResult};

/// An error of the server with all it said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseError {
    sqlstate: Option<String>,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    context: Option<String>,
    table: Option<String>,
    column: Option<String>,
    constraint: Option<String>,
    position: Option<i32>,
}

impl DatabaseError {
    pub(crate) fn of_result(result: &RawResult) -> Self {
        Self {
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

    fn of_message(message: String) -> Self {
        Self {
            message,
            ..Self::default()
        }
    }

    /// The SQLSTATE, five characters; `None` when the connection failed rather than the statement.
    pub fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_deref()
    }

    /// The primary message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The detail; the engine's boxed details stand here (`error:`, `code:`, `context:`, `query:`, …).
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// What the server suggests.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Where in the server it happened, such as a function's call stack.
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// Diesel's kind of this error.
    ///
    /// A serializable isolation violation arrives from Redshift as SQLSTATE `XX000` with the message `1023`, a
    /// `NULL` in a `NOT NULL` column as `XX000` with a text of its own; both are told apart here.
    fn kind(&self) -> DatabaseErrorKind {
        let detail = self.detail.as_deref().unwrap_or_default();
        match self.sqlstate.as_deref().unwrap_or_default() {
            "40001" | "40P01" => DatabaseErrorKind::SerializationFailure,
            "XX000"
                if self.message.trim() == "1023"
                    || detail.contains("Serializable isolation violation") =>
            {
                DatabaseErrorKind::SerializationFailure
            }
            "23502" => DatabaseErrorKind::NotNullViolation,
            "XX000"
                if self
                    .message
                    .starts_with("Cannot insert a NULL value into column") =>
            {
                DatabaseErrorKind::NotNullViolation
            }
            "25006" => DatabaseErrorKind::ReadOnlyTransaction,
            "23505" => DatabaseErrorKind::UniqueViolation,
            "23503" => DatabaseErrorKind::ForeignKeyViolation,
            "23514" => DatabaseErrorKind::CheckViolation,
            // The server shuts down, crashed, or is not up yet.
            "57P01" | "57P02" | "57P03" => DatabaseErrorKind::ClosedConnection,
            code if code.starts_with("08") => DatabaseErrorKind::ClosedConnection,
            _ => DatabaseErrorKind::Unknown,
        }
    }

    /// Diesel's form of this error on this connection.
    pub(crate) fn on(self, connection: &RawConnection) -> Error {
        let kind = if connection.is_lost() {
            DatabaseErrorKind::ClosedConnection
        } else {
            self.kind()
        };
        connection.keep_error(&self);
        Error::DatabaseError(kind, Box::new(self))
    }
}

impl DatabaseErrorInformation for DatabaseError {
    fn message(&self) -> &str {
        &self.message
    }

    fn details(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    fn table_name(&self) -> Option<&str> {
        self.table.as_deref()
    }

    fn column_name(&self) -> Option<&str> {
        self.column.as_deref()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.constraint.as_deref()
    }

    fn statement_position(&self) -> Option<i32> {
        self.position
    }
}

/// What could not even be sent.
pub(crate) fn unable_to_send(message: String, connection: &RawConnection) -> Error {
    let kind = if connection.is_lost() {
        DatabaseErrorKind::ClosedConnection
    } else {
        DatabaseErrorKind::UnableToSendCommand
    };
    let error = DatabaseError::of_message(message);
    connection.keep_error(&error);
    Error::DatabaseError(kind, Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(sqlstate: &str, message: &str, detail: &str) -> DatabaseErrorKind {
        DatabaseError {
            sqlstate: Some(sqlstate.to_owned()),
            message: message.to_owned(),
            detail: Some(detail.to_owned()),
            ..DatabaseError::default()
        }
        .kind()
    }

    #[test]
    fn redshift_spells_some_kinds_its_own_way() {
        use DatabaseErrorKind::*;
        for (sqlstate, message, detail, expected) in [
            (
                "XX000",
                "1023",
                "Serializable isolation violation on table - 1",
                SerializationFailure,
            ),
            (
                "XX000",
                "ERROR",
                "Serializable isolation violation on table - 1",
                SerializationFailure,
            ),
            ("40P01", "deadlock detected", "", SerializationFailure),
            (
                "XX000",
                "Cannot insert a NULL value into column id",
                "",
                NotNullViolation,
            ),
            ("XX000", "Load into table 'users' failed.", "", Unknown),
            ("42P01", "relation \"x\" does not exist", "", Unknown),
            ("08006", "gone", "", ClosedConnection),
        ] {
            assert_eq!(kind(sqlstate, message, detail), expected, "{message}");
        }
    }
}
