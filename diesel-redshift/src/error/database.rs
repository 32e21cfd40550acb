use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use super::Error;
use super::whole::Whole;

/// A server or connection error, with everything that is known about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseError {
    pub(crate) origin: Origin,
    pub(crate) sqlstate: Option<String>,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) context: Option<String>,
    pub(crate) table: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) constraint: Option<String>,
    pub(crate) position: Option<i32>,
}

/// Who raised the error, and in which state it left the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The server raised it, and the connection is intact.
    #[default]
    Server,
    /// The connection is lost, whoever reported it.
    LostConnection,
    /// The statement could not be sent; the connection is intact.
    NotSent,
    /// The client's response timeout passed, and the connection was closed.
    ResponseTimeout,
    /// The statement was not sent, since nobody waits for it any more.
    Unwanted,
}

impl DatabaseError {
    pub(crate) fn of_message(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }

    /// The server did not answer, or did not accept what was sent, within the response timeout.
    pub(crate) fn response_timeout(limit: Duration) -> Self {
        Self {
            origin: Origin::ResponseTimeout,
            ..Self::of_message(format!(
                "no answer within the response timeout of {} ms; the connection was closed",
                limit.as_millis()
            ))
        }
    }

    /// The future that waited for the work was dropped, so its next statement is not sent.
    #[cfg(feature = "async")]
    pub(crate) fn unwanted() -> Self {
        Self {
            origin: Origin::Unwanted,
            ..Self::of_message(
                "the future that waited for this was dropped; the statement was not sent",
            )
        }
    }

    /// The server or connection error behind any other error: Diesel's, this crate's or a boxed
    /// one.
    ///
    /// ```
    /// use diesel_redshift::error::DatabaseError;
    ///
    /// # fn run(error: diesel::result::Error) -> Option<()> {
    /// if DatabaseError::of(&error)?.sqlstate() == Some("42P01") {
    ///     eprintln!("there is no such table");
    /// }
    /// # Some(())
    /// # }
    /// ```
    pub fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(found.clone());
            }
            if let Some(error) = error.downcast_ref::<Error>() {
                return Self::of_error(error);
            }
            if let Some(error) = error.downcast_ref::<DieselError>() {
                return Self::of_diesel(error);
            }
            next = error.source();
        }
        None
    }

    fn of_error(error: &Error) -> Option<Self> {
        match error {
            Error::Invalid(_) | Error::Migration(_) => None,
            Error::Load(error) => Self::of(&**error),
            Error::Storage(error) => Self::of(&**error),
            Error::Store(error) => Self::of(error),
            Error::Transaction(error) => Self::of(error),
            Error::Cancelled(error) | Error::TimedOut(error) => Some((**error).clone()),
            #[cfg(feature = "stage")]
            Error::Stage(_) => None,
            Error::Database(error) => Self::of_diesel(error),
        }
    }

    fn of_diesel(error: &DieselError) -> Option<Self> {
        match error {
            DieselError::DatabaseError(_, error) => match Whole::of(&**error)? {
                Whole::Database(error) => Some(*error),
                Whole::Load(error) => Self::of(&*error),
                Whole::Storage(error) => Self::of(&*error),
                Whole::Transaction(error) => Self::of(&error),
            },
            DieselError::QueryBuilderError(error)
            | DieselError::SerializationError(error)
            | DieselError::DeserializationError(error) => Self::of(&**error),
            DieselError::RollbackErrorOnCommit { commit_error, .. } => {
                Self::of_diesel(commit_error)
            }
            _ => None,
        }
    }

    /// What Diesel holds, as far as its trait exposes it, if it is not an error of this crate.
    pub(crate) fn of_information(error: &(dyn DatabaseErrorInformation + Send + Sync)) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        match Whole::of(error) {
            Some(Whole::Database(error)) => *error,
            _ => Self {
                message: error.message().to_owned(),
                detail: owned(error.details()),
                hint: owned(error.hint()),
                table: owned(error.table_name()),
                column: owned(error.column_name()),
                constraint: owned(error.constraint_name()),
                position: error.statement_position(),
                ..Self::default()
            },
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

    /// The detail, including the engine's boxed details (`error:`, `code:`, `context:`, `query:`,
    /// …).
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

    /// Whether the statement was cancelled: by a [`CancelHandle`](crate::connection::CancelHandle),
    /// an administrator, a rule of the workload management, or `statement_timeout`, which Redshift
    /// reports in the same way. A statement that was not sent because the future that waited for it
    /// was dropped counts too.
    pub fn is_cancelled(&self) -> bool {
        let is_told = self.origin == Origin::Unwanted
            || self.sqlstate() == Some("57014")
            || (self.message.starts_with("Query (")
                && (self.message.contains("cancelled") || self.message.contains("canceled")));
        is_told && !self.is_timed_out()
    }

    /// Whether a time limit passed: the connection's response timeout, or a limit of the server
    /// that the error names.
    pub fn is_timed_out(&self) -> bool {
        self.origin == Origin::ResponseTimeout
            || (self.sqlstate() == Some("57014") && self.message.contains("timeout"))
    }

    /// Diesel's kind for this error.
    ///
    /// Redshift reports a serializable isolation violation as SQLSTATE `XX000` with the message
    /// `1023`, and a snapshot conflict and a `NULL` in a `NOT NULL` column as `XX000` with texts of
    /// their own; they are told apart here.
    pub(crate) fn kind(&self) -> DatabaseErrorKind {
        match self.origin {
            Origin::Server => {}
            Origin::LostConnection | Origin::ResponseTimeout => {
                return DatabaseErrorKind::ClosedConnection;
            }
            Origin::NotSent | Origin::Unwanted => return DatabaseErrorKind::UnableToSendCommand,
        }
        let detail = self.detail.as_deref().unwrap_or_default();
        match self.sqlstate.as_deref().unwrap_or_default() {
            "40001" | "40P01" => DatabaseErrorKind::SerializationFailure,
            "XX000"
                if self.message.trim() == "1023"
                    || detail.contains("Serializable isolation violation")
                    || self
                        .message
                        .contains("conflict with concurrent transaction") =>
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
            // The server is shutting down, has crashed, or is not up yet.
            "57P01" | "57P02" | "57P03" => DatabaseErrorKind::ClosedConnection,
            code if code.starts_with("08") => DatabaseErrorKind::ClosedConnection,
            _ => DatabaseErrorKind::Unknown,
        }
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for DatabaseError {}

impl From<DatabaseError> for DieselError {
    fn from(error: DatabaseError) -> Self {
        Self::DatabaseError(error.kind(), Box::new(error))
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
        Whole::answer(|| Whole::Database(Box::new(self.clone())));
        self.position
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Retryable;

    fn error(sqlstate: &str, message: &str, detail: &str) -> DatabaseError {
        DatabaseError {
            sqlstate: Some(sqlstate.to_owned()),
            message: message.to_owned(),
            detail: Some(detail.to_owned()),
            ..DatabaseError::default()
        }
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
            (
                "XX000",
                "could not complete because of conflict with concurrent transaction",
                "",
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
            assert_eq!(
                error(sqlstate, message, detail).kind(),
                expected,
                "{message}"
            );
        }
    }

    #[test]
    fn what_another_try_may_not_meet_is_retryable() {
        for (sqlstate, message, expected) in [
            ("XX000", "1023", true),
            (
                "XX000",
                "could not complete because of conflict with concurrent transaction",
                true,
            ),
            ("XX000", "could not open relation with OID 123456", true),
            (
                "XX000",
                "table 123456 dropped by concurrent transaction",
                true,
            ),
            ("0A000", "cached plan must not change result type", true),
            ("XX000", "Load into table 'users' failed.", false),
            ("57014", "Query (7) cancelled on user's request", false),
            ("42P01", "relation \"x\" does not exist", false),
        ] {
            assert_eq!(
                error(sqlstate, message, "").is_retryable(),
                expected,
                "{message}"
            );
        }
        assert!(!DatabaseError::response_timeout(Duration::from_secs(1)).is_retryable());
    }

    #[test]
    fn cancelling_and_time_limits_are_told_apart() {
        let kinds = |error: &DatabaseError| (error.is_cancelled(), error.is_timed_out());
        for (message, expected) in [
            ("Query (7) cancelled on user's request", (true, false)),
            ("canceling statement due to user request", (true, false)),
            (
                "canceling statement due to statement timeout",
                (false, true),
            ),
        ] {
            assert_eq!(kinds(&error("57014", message, "")), expected, "{message}");
        }
        // The SQLSTATE of a cancelled query is not documented.
        let told = error("XX000", "Query (7) canceled on user's request", "");
        assert_eq!(kinds(&told), (true, false));
        let passed = DatabaseError::response_timeout(Duration::from_millis(250));
        assert_eq!(kinds(&passed), (false, true));
        assert!(passed.to_string().contains("250 ms"), "{passed}");
        assert_eq!(kinds(&error("XX000", "1023", "")), (false, false));
    }
}
