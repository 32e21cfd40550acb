use std::error::Error as StdError;
use std::fmt;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

use super::DatabaseError;
use super::whole::Whole;

/// What became of a transaction, or why a statement cannot run in one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionError {
    /// It was rolled back instead of committed: a nested transaction in it had ended with an error.
    NestedFailure,
    /// It was rolled back instead of committed: a statement in it had failed, and its error was not
    /// passed on.
    FailedStatement,
    /// The server answered `COMMIT` with `ROLLBACK`: nothing of it was committed.
    RolledBack,
    /// A statement within it has ended it, so that it can be neither committed nor rolled back as a
    /// whole.
    ///
    /// What came before that statement is committed, unless it was `ROLLBACK`. Later statements are
    /// refused with this error until the transaction is left. If a closure returns an error of its
    /// own, that error is passed on; [`last_error`](crate::RedshiftConnection::last_error) then
    /// reports that the transaction had ended.
    #[non_exhaustive]
    EndedWithin {
        /// The error of a later statement in the same batch.
        failure: Option<Box<DatabaseError>>,
        /// Whether it was begun by
        /// [`begin_test_transaction`](diesel::Connection::begin_test_transaction).
        is_test: bool,
    },
    /// A nested transaction within a test transaction failed, and its work cannot be undone alone,
    /// whereas in production the whole would be rolled back: no further statement is run.
    NestedFailureInTest,
    /// The statement was not sent, because it cannot run in the open transaction.
    #[non_exhaustive]
    InTransaction {
        /// The statement, such as `VACUUM`.
        statement: &'static str,
        /// Why it cannot run in one.
        reason: &'static str,
    },
    /// The connection was lost before the server answered a `COMMIT`, or a statement outside of
    /// transactions: it may or may not be committed.
    ///
    /// [`retry_serializable`](crate::RedshiftConnection::retry_serializable) does not retry it,
    /// since the work might be done twice. Check on another connection what was written; for a
    /// COPY, look for its location in `sys_load_history`.
    OutcomeUnknown(Box<DatabaseError>),
}

const INSTEAD_OF_A_TEST_TRANSACTION: &str = "Redshift has no savepoints, so give each test a database of its own instead of a test transaction";

impl TransactionError {
    fn text(&self) -> String {
        match self {
            Self::NestedFailure => {
                "the transaction was rolled back instead of committed: a nested transaction in it ended with an error, and \
                 Redshift has no savepoints to undo that part alone"
                    .to_owned()
            }
            Self::FailedStatement => {
                "the transaction was rolled back instead of committed: a statement in it failed, and Redshift commits \
                 nothing of such a transaction"
                    .to_owned()
            }
            Self::RolledBack => {
                "the transaction was rolled back instead of committed: the server answered COMMIT with ROLLBACK".to_owned()
            }
            Self::EndedWithin { failure, is_test } => {
                let mut text = String::new();
                if let Some(failure) = failure {
                    text = format!("{failure}; ");
                }
                text.push_str(
                    "a statement within the transaction ended it, as TRUNCATE does, which commits; statements after it are \
                     not run",
                );
                if *is_test {
                    text.push_str("; ");
                    text.push_str(INSTEAD_OF_A_TEST_TRANSACTION);
                }
                text
            }
            Self::NestedFailureInTest => format!(
                "a nested transaction within the test transaction ended with an error, and what it did cannot be undone \
                 alone, so no further statement is run; {INSTEAD_OF_A_TEST_TRANSACTION}"
            ),
            Self::InTransaction { statement, reason } => {
                format!("{statement} was not sent: a transaction is open, and it {reason}")
            }
            Self::OutcomeUnknown(error) => format!(
                "the connection was lost before the server confirmed the outcome: {}; the work may or may not be \
                 committed",
                one_line(error)
            ),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::NestedFailure | Self::FailedStatement => {
                "pass the error on, so that the outermost transaction ends with it"
            }
            Self::RolledBack => "run the transaction again",
            Self::EndedWithin { .. } | Self::InTransaction { .. } => {
                "run such a statement outside of transactions; DELETE empties a table within one"
            }
            Self::NestedFailureInTest => INSTEAD_OF_A_TEST_TRANSACTION,
            Self::OutcomeUnknown(_) => {
                "look on another connection for what was written before running it again"
            }
        }
    }

    /// The server error that caused it, or that came with it.
    pub fn server_error(&self) -> Option<&DatabaseError> {
        match self {
            Self::OutcomeUnknown(error) => Some(error),
            Self::EndedWithin { failure, .. } => failure.as_deref(),
            _ => None,
        }
    }

    /// The SQLSTATE of that server error, five characters.
    pub fn sqlstate(&self) -> Option<&str> {
        self.server_error()?.sqlstate()
    }
}

/// libpq's words for a lost connection are several lines.
fn one_line(error: &DatabaseError) -> String {
    let text = error.to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl fmt::Display for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl StdError for TransactionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.server_error()
            .map(|error| error as &(dyn StdError + 'static))
    }
}

impl From<TransactionError> for DieselError {
    fn from(error: TransactionError) -> Self {
        let kind = match &error {
            TransactionError::InTransaction { .. } => {
                return Self::QueryBuilderError(Box::new(error));
            }
            TransactionError::OutcomeUnknown(_) => DatabaseErrorKind::ClosedConnection,
            _ => DatabaseErrorKind::Unknown,
        };
        Self::DatabaseError(kind, Box::new(WithText::from(error)))
    }
}

/// A transaction error with its text, which Diesel borrows.
struct WithText {
    error: TransactionError,
    text: String,
}

impl From<TransactionError> for WithText {
    fn from(error: TransactionError) -> Self {
        Self {
            text: error.text(),
            error,
        }
    }
}

impl DatabaseErrorInformation for WithText {
    fn message(&self) -> &str {
        &self.text
    }

    fn details(&self) -> Option<&str> {
        self.error.server_error()?.detail()
    }

    fn hint(&self) -> Option<&str> {
        Some(self.error.advice())
    }

    fn table_name(&self) -> Option<&str> {
        None
    }

    fn column_name(&self) -> Option<&str> {
        None
    }

    fn constraint_name(&self) -> Option<&str> {
        None
    }

    fn statement_position(&self) -> Option<i32> {
        Whole::answer(|| Whole::Transaction(self.error.clone()));
        None
    }
}
