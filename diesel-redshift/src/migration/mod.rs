//! Migrations that create and seed a warehouse, run by `diesel_migrations`' `MigrationHarness`.

mod capture;
mod failed;
mod lock;
mod outside;
mod placeholder;
mod seed;

use std::collections::BTreeMap;

use diesel::migration::{self, Migration, MigrationConnection, MigrationSource};
use diesel::result::QueryResult;

pub use self::failed::MigrationFailed;
pub use crate::error::MigrationError;

use self::capture::SqlMigration;
use self::lock::LOCK_TABLE;
use self::placeholder::Values;
use self::seed::{Seed, Transaction};
use crate::{Redshift, RedshiftConnection};

/// Diesel's own table of migrations has `DEFAULT CURRENT_TIMESTAMP`, a leader-node function that
/// Redshift's documentation calls unsupported; tools use `GETDATE()` in defaults.
const CREATE_MIGRATIONS_TABLE: &str = "\
    CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (\
    version VARCHAR(50) PRIMARY KEY NOT NULL, \
    run_on TIMESTAMP NOT NULL DEFAULT GETDATE())";

impl MigrationConnection for RedshiftConnection {
    /// Creates `__diesel_schema_migrations` if it does not exist, and the table that migrations
    /// lock.
    fn setup(&mut self) -> QueryResult<usize> {
        self.create_if_missing(&format!(
            "{CREATE_MIGRATIONS_TABLE}; CREATE TABLE IF NOT EXISTS {LOCK_TABLE} (locked SMALLINT)"
        ))?;
        Ok(0)
    }
}

/// SQL migrations whose values differ by environment, and seeds written in Rust.
///
/// SQL files may contain placeholders, `${name}`. Inside a string literal, the value replaces the
/// placeholder, with its quotes and backslashes escaped; elsewhere it becomes a literal of its own.
/// A file with placeholders stays valid SQL:
///
/// ```sql
/// COPY users (id, name) FROM 's3://${bucket}/seeds/users.csv' IAM_ROLE '${role}' CSV IGNOREHEADER 1;
/// ```
///
/// In the query of an `UNLOAD ('…')`, which is SQL within a literal, a placeholder is filled by the
/// same rule and escaped once more; in that of an `UNLOAD ($$…$$)` it is filled by the same rule,
/// and a value that would end the query is an error. Within quotes inside any other literal, a
/// value with a quote or a backslash is an error, since it is unknown how often to escape it.
///
/// `\${name}` inside a literal is not a placeholder but the text `${name}`. Comments, quoted
/// identifiers and the `$$…$$` bodies of procedures are left unchanged. A placeholder without a
/// value is an error that names it and its migration, before any migration runs. Instrumentation is
/// given the text of such a statement with the placeholders, so a value may be a secret.
///
/// With [`lock_migrations`](RedshiftConnection::lock_migrations), each of them runs once, however
/// many processes start at the same time.
///
/// Statements that Redshift refuses in a transaction belong in a separate migration with
/// `run_in_transaction = false` in its `metadata.toml`; its statements are sent one at a time. In
/// Rust, they belong in [`seed_without_transaction`](RedshiftMigrations::seed_without_transaction).
///
/// ```no_run
/// use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
/// use diesel_redshift::copy::Csv;
/// use diesel_redshift::{IamRole, RedshiftConnection, RedshiftMigrations, S3Uri};
///
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");
///
/// # fn run(conn: &mut RedshiftConnection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let migrations = RedshiftMigrations::new()
///     .sql(MIGRATIONS)
///     .value("bucket", "my-seeds")
///     .values_from_env()
///     .seed(
///         "2026-02-01-000000_more_users",
///         |conn| {
///             diesel_redshift::copy(users::table)
///                 .from(S3Uri::parse("s3://my-seeds/more_users.csv")?)
///                 .iam_role(IamRole::Default)
///                 .format(Csv::new())
///                 .execute(conn)?;
///             Ok(())
///         },
///         |conn| Ok(()),
///     );
/// conn.lock_migrations(|conn| {
///     conn.run_pending_migrations(migrations)?;
///     Ok(())
/// })?;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct RedshiftMigrations<'a> {
    sources: Vec<Box<dyn MigrationSource<Redshift> + 'a>>,
    seeds: Vec<Seed>,
    values: Values,
}

impl<'a> RedshiftMigrations<'a> {
    /// No migrations yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds SQL migrations: `embed_migrations!` or `FileBasedMigrations`.
    ///
    /// A migration of the source that needs more than
    /// [`batch_execute`](diesel::connection::SimpleConnection::batch_execute) belongs in
    /// [`seed`](Self::seed).
    pub fn sql(mut self, source: impl MigrationSource<Redshift> + 'a) -> Self {
        self.sources.push(Box::new(source));
        self
    }

    /// Adds a migration written in Rust, which runs in one transaction with its record.
    ///
    /// `name` is like the directory of an SQL migration: its version up to the first `_`, then a
    /// description. `run` and `revert` are given the connection of the harness.
    pub fn seed<Run, Revert>(mut self, name: &str, run: Run, revert: Revert) -> Self
    where
        Run: Fn(&mut RedshiftConnection) -> migration::Result<()> + Send + Sync + 'static,
        Revert: Fn(&mut RedshiftConnection) -> migration::Result<()> + Send + Sync + 'static,
    {
        let seed = Seed::new(name, Transaction::Needed, run, revert);
        self.seeds.push(seed);
        self
    }

    /// Adds a migration written in Rust that runs outside of transactions, for what Redshift
    /// refuses in one: longer texts ([`widen`](crate::ddl::AlterTableStart::widen)), external
    /// tables and their partitions, `VACUUM`.
    ///
    /// Interrupted in the middle, it is not recorded and runs again from its start: it should be a
    /// single statement, or do no harm then. Everything else belongs in [`seed`](Self::seed).
    pub fn seed_without_transaction<Run, Revert>(
        mut self,
        name: &str,
        run: Run,
        revert: Revert,
    ) -> Self
    where
        Run: Fn(&mut RedshiftConnection) -> migration::Result<()> + Send + Sync + 'static,
        Revert: Fn(&mut RedshiftConnection) -> migration::Result<()> + Send + Sync + 'static,
    {
        let seed = Seed::new(name, Transaction::Refused, run, revert);
        self.seeds.push(seed);
        self
    }

    /// Sets the value of the placeholder `${name}`.
    pub fn value(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.set(name, value.into());
        self
    }

    /// Takes placeholders without a value from the environment variable of the same name.
    pub fn values_from_env(mut self) -> Self {
        self.values.use_environment();
        self
    }
}

impl MigrationSource<Redshift> for RedshiftMigrations<'_> {
    fn migrations(&self) -> migration::Result<Vec<Box<dyn Migration<Redshift>>>> {
        let mut migrations: Vec<Box<dyn Migration<Redshift>>> = Vec::new();
        for source in &self.sources {
            for inner in source.migrations()? {
                migrations.push(Box::new(SqlMigration::new(inner, &self.values)?));
            }
        }
        for seed in &self.seeds {
            migrations.push(Box::new(seed.clone()));
        }
        let mut versions = BTreeMap::new();
        for migration in &migrations {
            let name = migration.name();
            if let Some(first) = versions.insert(name.version().to_string(), name.to_string()) {
                return Err(Box::new(MigrationError::SameVersion {
                    first,
                    second: name.to_string(),
                }));
            }
        }
        Ok(migrations)
    }
}

crate::sql::debug_name! { RedshiftMigrations<'a> }
