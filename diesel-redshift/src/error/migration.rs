//! What can be wrong with migrations, and with running them.

use super::InvalidValue;

/// Why a migration was not run, or not recorded.
///
/// Diesel's harness returns it boxed: `error.downcast_ref::<MigrationError>()`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// A placeholder has no value.
    #[error(
        "the migration {migration} has the placeholder ${{{name}}}, and no value is set for it: call \
         .value(\"{name}\", …){environment}"
    )]
    MissingValue {
        /// The migration's name.
        migration: String,
        /// The placeholder's name.
        name: String,
        /// What the environment could do about it.
        environment: &'static str,
    },
    /// A value cannot be part of a literal.
    #[error("the value of ${{{name}}} in the migration {migration}: {source}")]
    UnquotableValue {
        /// The migration's name.
        migration: String,
        /// The placeholder's name.
        name: String,
        /// What is wrong with it.
        source: InvalidValue,
    },
    /// A value with a quote or a backslash would stand inside quotes within a literal.
    #[error(
        "the value of ${{{name}}} in the migration {migration} has a quote or a backslash, and the placeholder stands in quotes \
         within a literal: how often to escape the value is known only in the query of an UNLOAD; take the placeholder out of \
         the inner quotes, or the quotes and backslashes out of the value"
    )]
    NestedValue {
        /// The migration's name.
        migration: String,
        /// The placeholder's name.
        name: String,
    },
    /// Two migrations have the same version.
    #[error("the migrations {first} and {second} have the same version")]
    SameVersion {
        /// The name of one.
        first: String,
        /// The name of the other.
        second: String,
    },
    /// The session that holds the lock has ended, so another process may migrate now.
    #[error(
        "the migration {migration} was {stage}: the session that holds the migrations' lock has ended, and another process \
         may be migrating now"
    )]
    LockLost {
        /// The migration's name.
        migration: String,
        /// What became of it.
        stage: &'static str,
    },
    /// Another process has done the same since this one read which migrations are pending; nothing
    /// was done.
    #[error(
        "the migration {migration} was {done} by another process meanwhile, and not again by this one; \
         RedshiftConnection::lock_migrations makes the others wait, and then find it {done}"
    )]
    Meanwhile {
        /// The migration's name.
        migration: String,
        /// `applied` or `reverted`.
        done: &'static str,
    },
    /// The statement processes every table in turn, and would wait for the lock forever.
    #[error(
        "{statement} of all tables was not sent: it would wait for the table by which the migrations are locked; name the \
         tables, or run it after the migrations"
    )]
    AllTables {
        /// `VACUUM`, `ANALYZE` or `ANALYZE COMPRESSION`.
        statement: &'static str,
    },
}

impl From<MigrationError> for diesel::result::Error {
    fn from(error: MigrationError) -> Self {
        Self::QueryBuilderError(Box::new(error))
    }
}
