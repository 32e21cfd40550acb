//! `migration run`, `revert`, `redo`, `list`, `pending`, `generate`.

mod difference;
mod generate;
mod schema_file;
mod source;

use std::collections::{BTreeMap, HashSet};
use std::error::Error as StdError;

use diesel::Connection;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{FileBasedMigrations, HarnessWithOutput, MigrationError, MigrationHarness};
use diesel_redshift::{Redshift, RedshiftConnection};

use crate::arguments::{Global, Latest, MigrationCommand};
use crate::config::Config;
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::output::Unread;
use crate::{output, print_schema, project};

pub(crate) use self::source::Sources;

type Outcome<T = ()> = Result<T, Box<dyn StdError + Send + Sync>>;
type Harness<'a> = HarnessWithOutput<'a, RedshiftConnection, Unread>;

pub(crate) fn run(global: &Global, command: MigrationCommand) -> Result<(), Failure> {
    let config = Config::read(global)?;
    let folder = project::migrations(global, &config)?;
    if let MigrationCommand::Generate(arguments) = command {
        return generate::run(global, &config, &folder, &arguments);
    }
    let sources = Sources::read(global, &folder)?;
    let mut conn = DatabaseUrl::of(global)?.connect()?;
    match command {
        MigrationCommand::Run { no_schema } => {
            run_pending(&mut conn, &sources)?;
            if no_schema {
                return Ok(());
            }
        }
        MigrationCommand::Revert(latest) => {
            locked(&mut conn, |conn| {
                revert(conn, &sources, &latest).map(|_| ())
            })?;
        }
        MigrationCommand::Redo(latest) => locked(&mut conn, |conn| redo(conn, &sources, &latest))?,
        MigrationCommand::List { json } => return list(&mut conn, &sources.files, json),
        MigrationCommand::Pending => {
            let pending = conn.has_pending_migration(sources.files)?;
            return output::line(pending.to_string());
        }
        MigrationCommand::Generate(_) => return Ok(()),
    }
    print_schema::refresh(global, &config, &mut conn)
}

/// Runs all pending migrations, while no other process migrates.
pub(crate) fn run_pending(conn: &mut RedshiftConnection, sources: &Sources) -> Result<(), Failure> {
    locked(conn, |conn| {
        harness(conn).run_pending_migrations(sources.migrations())?;
        Ok(())
    })
}

fn locked(
    conn: &mut RedshiftConnection,
    migrate: impl FnOnce(&mut RedshiftConnection) -> Outcome,
) -> Result<(), Failure> {
    conn.lock_migrations(migrate).map_err(failure)
}

/// A failure in words of the command line.
fn failure(error: Box<dyn StdError + Send + Sync>) -> Failure {
    Failure::from(error).replacing("call .value(\"", "\", …)", |name| {
        format!("give --set {name}=…, --values-file")
    })
}

fn harness(conn: &mut RedshiftConnection) -> Harness<'_> {
    HarnessWithOutput::new(conn, Unread)
}

/// Reverts the latest migrations; that there are fewer is no error.
fn revert(
    conn: &mut RedshiftConnection,
    sources: &Sources,
    latest: &Latest,
) -> Outcome<Vec<MigrationVersion<'static>>> {
    let number = if latest.all { u64::MAX } else { latest.number };
    let mut reverted = Vec::new();
    while (reverted.len() as u64) < number {
        match harness(conn).revert_last_migration(sources.migrations()) {
            Ok(version) => reverted.push(version),
            Err(error) => match error.downcast_ref::<MigrationError>() {
                Some(MigrationError::NoMigrationRun) => break,
                _ => return Err(error),
            },
        }
    }
    Ok(reverted)
}

/// Reverts and runs again, in one transaction if all of them run in one.
fn redo(conn: &mut RedshiftConnection, sources: &Sources, latest: &Latest) -> Outcome {
    let applied: Vec<MigrationVersion<'static>> = conn.applied_migrations()?;
    let number = usize::try_from(latest.number).unwrap_or(usize::MAX);
    let number = if latest.all { usize::MAX } else { number };
    let mut migrations: BTreeMap<String, Box<dyn Migration<Redshift>>> = sources
        .migrations()
        .migrations()?
        .into_iter()
        .map(|migration| (migration.name().version().to_string(), migration))
        .collect();
    let chosen: BTreeMap<_, _> = applied
        .iter()
        .take(number)
        .filter_map(|version| migrations.remove_entry(&version.to_string()))
        .collect();
    let again = |conn: &mut RedshiftConnection| -> Outcome {
        revert(conn, sources, latest)?;
        for migration in chosen.values() {
            harness(conn).run_migration(migration)?;
        }
        Ok(())
    };
    if chosen
        .values()
        .all(|migration| migration.metadata().run_in_transaction())
    {
        conn.transaction(again)
    } else {
        again(conn)
    }
}

fn list(
    conn: &mut RedshiftConnection,
    files: &FileBasedMigrations,
    json: bool,
) -> Result<(), Failure> {
    let applied: HashSet<_> = conn.applied_migrations()?.into_iter().collect();
    let mut migrations: Vec<Box<dyn Migration<Redshift>>> = files.migrations()?;
    migrations.sort_by_key(|migration| migration.name().version().as_owned());
    if json {
        let list: Vec<_> = migrations
            .iter()
            .map(|migration| {
                let version = migration.name().version();
                serde_json::json!({
                    "version": version.to_string(),
                    "name": migration.name().to_string(),
                    "applied": applied.contains(&version),
                })
            })
            .collect();
        return output::line(serde_json::Value::Array(list).to_string());
    }
    output::line("Migrations:")?;
    for migration in migrations {
        let mark = if applied.contains(&migration.name().version()) {
            'X'
        } else {
            ' '
        };
        output::line(format!("  [{mark}] {}", migration.name()))?;
    }
    Ok(())
}
