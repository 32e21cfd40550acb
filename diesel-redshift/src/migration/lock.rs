//! Only one process migrates at a time.

use std::fmt::Display;

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::migration::{self, Migration};
use diesel::result::{Error, QueryResult};
use diesel::sql_types::{BigInt, Nullable, Text};

use super::failed;
use crate::Redshift;
use crate::connection::{HeldLock, RedshiftConnection, refuse_in_transaction};
use crate::error::{DatabaseError, MigrationError};
use crate::sql::lexer::{Token, tokens};
use crate::sql::literal;

/// It is used only for the lock, so that migrations never wait for it.
pub(super) const LOCK_TABLE: &str = "__diesel_redshift_migrations_lock";

#[derive(diesel::QueryableByName)]
struct Schema {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

impl RedshiftConnection {
    /// Runs a closure that migrates while no other session does; other sessions wait, and then find
    /// its migrations applied.
    ///
    /// Call any method of `MigrationHarness` in it: pending migrations are determined under the
    /// lock, so each migration runs once, however many processes start at the same time, including
    /// migrations outside of transactions.
    ///
    /// ```no_run
    /// use diesel_migrations::MigrationHarness;
    /// # use diesel_redshift::{RedshiftConnection, RedshiftMigrations};
    /// # fn run(
    /// #     conn: &mut RedshiftConnection,
    /// #     migrations: RedshiftMigrations<'_>,
    /// # ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// conn.lock_migrations(|conn| {
    ///     conn.run_pending_migrations(migrations)?;
    ///     Ok(())
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Redshift has no advisory locks. A second session with the same parameters sends `BEGIN; LOCK
    /// __diesel_redshift_migrations_lock`, which creates that table in the current schema if
    /// needed, and is kept open and active until the closure ends. If the process dies, the server
    /// ends that session's transaction and with it the lock; the next process waits until the
    /// server has finished what the dead one sent it to commit. A migration that this interrupted
    /// is rolled back and run by the next process; one outside of transactions may have done a part
    /// of its work, and is run again from its start.
    ///
    /// Statements that process every table in turn would wait for the lock, so a `VACUUM` or
    /// `ANALYZE` that names no table is an error, in SQL migrations and in
    /// [`vacuum_database`](crate::maintenance::vacuum_database). SQL text sent by a seed in Rust is
    /// not checked.
    ///
    /// Without it, whatever the harness runs of [`RedshiftMigrations`](crate::RedshiftMigrations)
    /// takes the same lock for each migration and checks whether another process has run it
    /// meanwhile: the migration runs once, and the second process gets
    /// [`MigrationError::Meanwhile`].
    ///
    /// If this connection already holds the lock, the closure just runs.
    ///
    /// # Errors
    ///
    /// Those of the closure; [`InTransaction`](crate::error::TransactionError::InTransaction) if a
    /// transaction is open, which might not see what others have migrated; those of connecting, of
    /// creating the table and of locking it, which requires the right to change it. A migration of
    /// [`RedshiftMigrations`](crate::RedshiftMigrations) that can no longer be sure of the lock
    /// fails with [`MigrationError::LockLost`].
    pub fn lock_migrations<T>(
        &mut self,
        migrate: impl FnOnce(&mut Self) -> migration::Result<T>,
    ) -> migration::Result<T> {
        if self.holds_lock() {
            return migrate(self);
        }
        refuse_in_transaction(
            self,
            "LOCK of the migrations",
            "might not see what others have migrated",
        )?;
        let lock = take(self)?;
        self.with_lock(lock, migrate)
    }
}

/// Locks the table that this session would lock, on another session, whose search path differs.
fn take(conn: &mut RedshiftConnection) -> migration::Result<HeldLock> {
    conn.end_record();
    let schema: Schema =
        diesel::sql_query("SELECT current_schema()::varchar AS name").get_result(conn)?;
    let mut table = String::new();
    if let Some(schema) = schema.name {
        literal::push_identifier(&mut table, &schema)
            .map_err(|error| Error::QueryBuilderError(Box::new(error)))?;
        table.push('.');
    }
    table.push_str(LOCK_TABLE);
    let lock = HeldLock::take(conn.sibling()?, &table)?;
    wait_for_records(conn)?;
    Ok(lock)
}

/// Waits for the sessions that are recording migrations.
///
/// If a process dies, its lock is released at once, but the server may still be working on its
/// `COMMIT`, which takes seconds in a busy cluster: another process that reads the record meanwhile
/// would run the same migration again. Such a session holds a writer's lock until it is done, and a
/// writer waits for that, even one that writes nothing. It also reads nothing, which could be a
/// serializable isolation violation.
fn wait_for_records(conn: &mut RedshiftConnection) -> QueryResult<()> {
    let written = conn
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) SELECT '' WHERE FALSE");
    match written {
        Err(error) if !conn.is_in_transaction() && is_missing_table(&error) => Ok(()),
        written => written,
    }
}

fn is_missing_table(error: &Error) -> bool {
    DatabaseError::of(error).and_then(|error| error.sqlstate) == Some("42P01".to_owned())
}

#[derive(diesel::QueryableByName)]
struct Recorded {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Runs a step of a migration unless others have done so meanwhile, and keeps them from doing so
/// until it is recorded.
///
/// Pending migrations were determined before
/// [`lock_migrations`](RedshiftConnection::lock_migrations), or without it, in which case each
/// migration is checked again.
pub(super) fn step(
    conn: &mut RedshiftConnection,
    migration: &dyn Migration<Redshift>,
    done: &'static str,
    step: impl FnOnce(&mut RedshiftConnection) -> migration::Result<()>,
) -> migration::Result<()> {
    let name = migration.name();
    let locked = |conn: &mut RedshiftConnection| {
        check(!conn.has_lost_lock(), name, NOT_RUN)?;
        failed::or_failed(conn, name, step)?;
        check(!conn.has_lost_lock(), name, NOT_RECORDED)?;
        Ok(())
    };
    if conn.holds_lock() {
        return locked(conn);
    }
    if conn.is_in_transaction() {
        // The transaction holds it until the migration is recorded.
        conn.batch_execute(&format!("LOCK {LOCK_TABLE}"))?;
        wait_for_records(conn)?;
        refuse_done(conn, migration, done)?;
        return locked(conn);
    }
    let lock = take(conn)?;
    conn.with_lock_until_recorded(lock, |conn| {
        refuse_done(conn, migration, done)?;
        locked(conn)
    })
}

fn refuse_done(
    conn: &mut RedshiftConnection,
    migration: &dyn Migration<Redshift>,
    done: &'static str,
) -> migration::Result<()> {
    let name = migration.name();
    let recorded: Recorded = diesel::sql_query(
        "SELECT count(*)::bigint AS count FROM __diesel_schema_migrations WHERE version = $1",
    )
    .bind::<Text, _>(name.version().to_string())
    .get_result(conn)?;
    if (recorded.count > 0) == (done == APPLIED) {
        return Err(Box::new(MigrationError::Meanwhile {
            migration: name.to_string(),
            done,
        }));
    }
    Ok(())
}

pub(super) const APPLIED: &str = "applied";
pub(super) const REVERTED: &str = "reverted";

const NOT_RUN: &str = "not run";
const NOT_RECORDED: &str = "run and not recorded, and is rolled back if it ran in a transaction";

fn check(
    is_held: bool,
    migration: &dyn Display,
    stage: &'static str,
) -> Result<(), MigrationError> {
    if !is_held {
        return Err(MigrationError::LockLost {
            migration: migration.to_string(),
            stage,
        });
    }
    Ok(())
}

/// Refuses a statement that would wait for the lock.
pub(super) fn refuse_all_tables(statement: &str) -> Result<(), MigrationError> {
    takes_all_tables(statement).map_or(Ok(()), |statement| {
        Err(MigrationError::AllTables { statement })
    })
}

/// Which maintenance of all tables a statement is, if any.
fn takes_all_tables(statement: &str) -> Option<&'static str> {
    let mut keywords = tokens(statement)
        .filter(|(token, _)| !matches!(token, Token::Space | Token::Comment))
        .map(|(_, text)| text.to_ascii_uppercase());
    let first = keywords.next()?;
    let mut keywords = keywords.peekable();
    let mut skip = |options: &[&str]| {
        let mut skipped = false;
        while keywords
            .next_if(|word| options.contains(&&**word))
            .is_some()
        {
            skipped = true;
        }
        skipped
    };
    let statement = match &*first {
        "VACUUM" => {
            skip(&["FULL", "SORT", "DELETE", "ONLY", "REINDEX", "RECLUSTER"]);
            "VACUUM"
        }
        "ANALYZE" if skip(&["COMPRESSION"]) => "ANALYZE COMPRESSION",
        "ANALYZE" => {
            skip(&["VERBOSE", "PREDICATE", "ALL", "COLUMNS"]);
            "ANALYZE"
        }
        _ => return None,
    };
    let next = keywords.next();
    let is_end = matches!(
        next.as_deref(),
        None | Some(";" | "TO" | "BOOST" | "COMPROWS")
    );
    is_end.then_some(statement)
}

#[cfg(test)]
mod tests {
    use super::takes_all_tables;

    #[test]
    fn maintenance_of_all_tables_is_told_from_that_of_one() {
        for (sql, statement) in [
            ("VACUUM", Some("VACUUM")),
            ("-- all\nvacuum sort only;", Some("VACUUM")),
            ("VACUUM FULL TO 75 PERCENT", Some("VACUUM")),
            ("ANALYZE;", Some("ANALYZE")),
            ("analyze verbose predicate columns", Some("ANALYZE")),
            (
                "ANALYZE COMPRESSION COMPROWS 9",
                Some("ANALYZE COMPRESSION"),
            ),
            ("VACUUM users", None),
            ("VACUUM DELETE ONLY \"full\" TO 99 PERCENT", None),
            ("ANALYZE s.users", None),
            ("ANALYZE COMPRESSION users", None),
            ("SELECT 'VACUUM'", None),
            ("", None),
        ] {
            assert_eq!(takes_all_tables(sql), statement, "{sql}");
        }
    }
}
