//! The error of a migration, with everything the server said.

use std::error::Error as StdError;
use std::fmt::{self, Write};

use diesel::migration;

use crate::connection::{NOT_IN_A_BLOCK, Notice, RedshiftConnection};
use crate::error::{DatabaseError, Error, LoadError, StorageError};

/// A migration of [`RedshiftMigrations`](crate::RedshiftMigrations) that failed.
///
/// Diesel's harness returns it boxed. Its text contains the migration's name, what went wrong with
/// all causes, the server's detail and hint, and the notices that came with it, one per line:
///
/// ```text
/// the migration 2026-01-01-000000_create_users failed: Specified types or functions (one per INFO message) not supported on Redshift tables.
/// INFO: Function "now()" not supported.
/// ```
///
/// Since the text contains all causes, [`source`](StdError::source) returns none, and printers of
/// error chains repeat nothing.
///
/// ```no_run
/// use diesel_redshift::{error::DatabaseError, migration::MigrationFailed};
///
/// # fn run(error: Box<dyn std::error::Error + Send + Sync>) -> Option<()> {
/// let failed = error.downcast_ref::<MigrationFailed>()?;
/// let server = DatabaseError::of(failed.error())?;
/// println!("{}: {:?}", failed.migration(), server.sqlstate());
/// # Some(())
/// # }
/// ```
#[derive(Debug)]
pub struct MigrationFailed {
    migration: String,
    error: Box<dyn StdError + Send + Sync>,
    notices: Vec<Notice>,
    text: String,
}

impl MigrationFailed {
    fn new(
        migration: String,
        error: Box<dyn StdError + Send + Sync>,
        notices: Vec<Notice>,
    ) -> Self {
        let text = describe(&migration, &*error, &notices);
        Self {
            migration,
            error,
            notices,
            text,
        }
    }

    /// The migration's name.
    pub fn migration(&self) -> &str {
        &self.migration
    }

    /// What went wrong: an [`Error`] for an SQL migration, what the function returned for one in
    /// Rust.
    pub fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.error
    }

    /// The server's notices while the migration ran, oldest first.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }
}

impl fmt::Display for MigrationFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for MigrationFailed {}

fn describe(migration: &str, error: &(dyn StdError + 'static), notices: &[Notice]) -> String {
    let mut text = format!("the migration {migration} failed");
    let mut cause = Some(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(said.trim()) {
            text.push_str(": ");
            text.push_str(said.trim());
        }
        // These already include what their cause says, in better words.
        let tells_all =
            error.is::<Error>() || error.is::<LoadError>() || error.is::<StorageError>();
        cause = error.source().filter(|_| !tells_all);
    }
    if text.contains("cannot run inside a transaction") || text.contains(NOT_IN_A_BLOCK) {
        text.push_str(
            "; put it into a migration of its own with `run_in_transaction = false` in its metadata.toml, or by \
             `seed_without_transaction`",
        );
    }
    let mut line = |label: &str, said: Option<&str>| {
        let said = said.map(str::trim).unwrap_or_default();
        if !said.is_empty() && !text.contains(said) {
            let _ = write!(text, "\n{label}: {said}");
        }
    };
    let server = DatabaseError::of(error);
    let server = server.as_ref();
    for notice in notices {
        line(notice.severity(), Some(notice.message()));
        line("DETAIL", notice.detail());
        line("HINT", notice.hint());
    }
    // The rows of a load are in its text; what the server says besides may show their values.
    let is_load = matches!(error.downcast_ref(), Some(Error::Load(_)));
    let detail = server.and_then(DatabaseError::detail);
    line("DETAIL", detail.filter(|_| !is_load));
    line("HINT", server.and_then(DatabaseError::hint));
    text
}

/// Runs a migration's step, and converts its error to a [`MigrationFailed`].
pub(super) fn or_failed(
    conn: &mut RedshiftConnection,
    migration: &dyn fmt::Display,
    step: impl FnOnce(&mut RedshiftConnection) -> migration::Result<()>,
) -> migration::Result<()> {
    let (outcome, notices) = conn.with_notices(step);
    outcome.map_err(|error| MigrationFailed::new(migration.to_string(), error, notices).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Cause {
        text: &'static str,
        source: Option<Box<Cause>>,
    }

    #[test]
    fn every_cause_is_told_once() {
        let cause = |text, source: Option<Cause>| Cause {
            text,
            source: source.map(Box::new),
        };
        let repeats = cause("seeds: no file", Some(cause("no file", None)));
        assert_eq!(
            describe("1_a", &repeats, &[]),
            "the migration 1_a failed: seeds: no file"
        );
        let tells_not = cause("seeds", Some(cause("no file", None)));
        assert_eq!(
            describe("1_a", &tells_not, &[]),
            "the migration 1_a failed: seeds: no file"
        );
    }
}
