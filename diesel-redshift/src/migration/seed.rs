//! A migration written in Rust.

use std::fmt;
use std::sync::Arc;

use diesel::connection::BoxableConnection;
use diesel::migration::{self, Migration, MigrationMetadata, MigrationName, MigrationVersion};

use super::lock::{self, APPLIED, REVERTED};
use crate::{Redshift, RedshiftConnection};

type Step = Arc<dyn Fn(&mut RedshiftConnection) -> migration::Result<()> + Send + Sync>;

/// A migration whose steps are functions.
#[derive(Clone)]
pub(super) struct Seed {
    name: SeedName,
    run: Step,
    revert: Step,
    transaction: Transaction,
}

#[derive(Clone)]
struct SeedName(String);

impl fmt::Display for SeedName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl MigrationName for SeedName {
    /// As `diesel_migrations` parses a directory's name: up to the first `_`, without dashes.
    fn version(&self) -> MigrationVersion<'_> {
        let version = self.0.split('_').next().unwrap_or_default();
        MigrationVersion::from(version.replace('-', ""))
    }
}

/// Whether a migration runs in a transaction with its record.
#[derive(Clone, Copy)]
pub(super) enum Transaction {
    Needed,
    Refused,
}

impl MigrationMetadata for Transaction {
    fn run_in_transaction(&self) -> bool {
        matches!(self, Self::Needed)
    }
}

/// The connection behind the harness's.
pub(super) fn redshift(
    conn: &mut dyn BoxableConnection<Redshift>,
) -> migration::Result<&mut RedshiftConnection> {
    conn.downcast_mut::<RedshiftConnection>()
        .ok_or_else(|| "migrations for Redshift run on a RedshiftConnection".into())
}

impl Seed {
    pub(super) fn new<Run, Revert>(
        name: &str,
        transaction: Transaction,
        run: Run,
        revert: Revert,
    ) -> Self
    where
        Run: Fn(&mut RedshiftConnection) -> migration::Result<()> + Send + Sync + 'static,
        Revert: Fn(&mut RedshiftConnection) -> migration::Result<()> + Send + Sync + 'static,
    {
        Self {
            name: SeedName(name.to_owned()),
            run: Arc::new(run),
            revert: Arc::new(revert),
            transaction,
        }
    }
}

impl Migration<Redshift> for Seed {
    fn run(&self, conn: &mut dyn BoxableConnection<Redshift>) -> migration::Result<()> {
        lock::step(redshift(conn)?, self, APPLIED, &*self.run)
    }

    fn revert(&self, conn: &mut dyn BoxableConnection<Redshift>) -> migration::Result<()> {
        lock::step(redshift(conn)?, self, REVERTED, &*self.revert)
    }

    fn metadata(&self) -> &dyn MigrationMetadata {
        &self.transaction
    }

    fn name(&self) -> &dyn MigrationName {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_diesel_reads_it() {
        let name = SeedName("2026-01-02-030405_load_users".to_owned());
        assert_eq!(name.version().to_string(), "20260102030405");
    }
}
