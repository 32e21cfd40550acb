//! Migrations with placeholders and seeds, through `diesel_migrations`' harness.

mod definitions;
mod failures;
mod locks;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::migration::{MigrationConnection, MigrationSource};
use diesel::prelude::*;
use diesel_migrations::{
    EmbeddedMigrations, FileBasedMigrations, MigrationHarness, embed_migrations,
};
use diesel_redshift::copy::Csv;
use diesel_redshift::error::StorageErrorKind;
use diesel_redshift::maintenance::vacuum_database;
use diesel_redshift::{
    IamRole, RedshiftConnection, RedshiftMigrations, S3Uri, error::DatabaseError,
    migration::MigrationError, migration::MigrationFailed,
};
use diesel_redshift_tests::{ROLE, World, sandbox};

#[path = "../../../migrations/schema.rs"]
mod schema;

use schema::{orders, users};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

fn world() -> World {
    let world = World::new();
    world.put(
        "it's/users_1.csv",
        "id,name,note,joined_on\n1,Ada,,2024-01-01\n",
    );
    world.put(
        "it's/users_2.csv",
        "id,name,note,joined_on\n2,Eve,\"a, b\",\n",
    );
    world
}

fn migrations(world: &World) -> RedshiftMigrations<'static> {
    RedshiftMigrations::new()
        .sql(MIGRATIONS)
        .value("seed_bucket", world.bucket())
        .value("seed_prefix", "it's/")
        .value("seed_role", ROLE)
}

fn names(world: &World) -> Vec<String> {
    users::table
        .select(users::name)
        .order(users::id)
        .load(&mut world.connect())
        .unwrap()
}

#[test]
fn migrations_seed_revert_and_redo() {
    let world = world();
    let mut conn = world.connect();
    let ran = conn.run_pending_migrations(migrations(&world)).unwrap();
    assert_eq!(ran.len(), 3);
    assert_eq!(names(&world), ["Ada", "Eve"]);
    assert!(!conn.has_pending_migration(migrations(&world)).unwrap());
    conn.revert_last_migration(migrations(&world)).unwrap();
    assert!(names(&world).is_empty());
    conn.run_next_migration(migrations(&world)).unwrap();
    assert_eq!(names(&world), ["Ada", "Eve"]);
    conn.revert_all_migrations(migrations(&world)).unwrap();
    assert!(conn.batch_execute("SELECT 1 FROM users").is_err());
}

#[test]
fn the_record_of_migrations_says_when() {
    let world = world();
    let mut conn = world.connect();
    conn.run_pending_migrations(migrations(&world)).unwrap();
    let recent: i64 = diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "SELECT count(*) FROM __diesel_schema_migrations WHERE run_on > GETDATE() - interval '1 hour'",
    )
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(recent, 3);
}

#[test]
fn migrations_are_read_from_files_too() {
    let world = world();
    let mut conn = world.connect();
    let files = FileBasedMigrations::from_path("../migrations").unwrap();
    let migrations = RedshiftMigrations::new()
        .sql(files)
        .value("seed_bucket", world.bucket())
        .value("seed_prefix", "it's/")
        .value("seed_role", ROLE);
    conn.run_pending_migrations(migrations).unwrap();
    assert_eq!(names(&world).len(), 2);
}

#[test]
fn a_missing_value_is_told_before_anything_runs() {
    let world = world();
    let mut conn = world.connect();
    let incomplete = RedshiftMigrations::new()
        .sql(MIGRATIONS)
        .value("seed_bucket", world.bucket())
        .values_from_env();
    let error = conn
        .run_pending_migrations(incomplete)
        .unwrap_err()
        .to_string();
    assert!(error.contains("${seed_prefix}"), "{error}");
    assert!(error.contains("2026-01-02-000000_seed_users"), "{error}");
    assert!(
        conn.batch_execute("SELECT 1 FROM users").is_err(),
        "nothing ran"
    );
}

fn with_seed(world: &World, key: &'static str) -> RedshiftMigrations<'static> {
    let uri = world.uri(key);
    migrations(world).seed(
        "2026-01-03-000000_more_users",
        move |conn: &mut RedshiftConnection| {
            diesel_redshift::copy(users::table)
                .columns((users::id, users::name))
                .from(S3Uri::parse(&uri)?)
                .iam_role(IamRole::Default)
                .format(Csv::new())
                .execute(conn)?;
            Ok(())
        },
        |conn| {
            diesel::delete(users::table.filter(users::id.gt(2))).execute(conn)?;
            Ok(())
        },
    )
}

#[test]
fn a_seed_in_rust_runs_and_reverts() {
    let world = world();
    world.put("more.csv", "3,Tess\n4,Jim\n");
    let mut conn = world.connect();
    conn.run_pending_migrations(with_seed(&world, "more.csv"))
        .unwrap();
    assert_eq!(names(&world), ["Ada", "Eve", "Tess", "Jim"]);
    conn.revert_last_migration(with_seed(&world, "more.csv"))
        .unwrap();
    assert_eq!(names(&world), ["Ada", "Eve"]);
}

#[test]
fn a_seed_that_fails_leaves_nothing() {
    let world = world();
    world.put("bad.csv", "3,Tess\nnot a number,Jim\n");
    let mut conn = world.connect();
    let error = conn
        .run_pending_migrations(with_seed(&world, "bad.csv"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("bad.csv"), "{error}");
    assert_eq!(names(&world), ["Ada", "Eve"]);
    assert!(
        conn.has_pending_migration(with_seed(&world, "bad.csv"))
            .unwrap()
    );
    world.put("bad.csv", "3,Tess\n");
    conn.run_pending_migrations(with_seed(&world, "bad.csv"))
        .unwrap();
    assert_eq!(names(&world).len(), 3);
}

#[test]
fn the_instrumentation_sees_placeholders_and_no_values() {
    let world = world();
    let mut conn = world.connect();
    let seen = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&seen);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        into.lock().unwrap().push_str(&format!("{event:?}\n"));
    });
    conn.run_pending_migrations(migrations(&world)).unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.contains("${seed_role}"), "{seen}");
    assert!(!seen.contains("012345678901"), "{seen}");
}

#[test]
fn a_migration_that_fails_is_named() {
    let world = world();
    let mut conn = world.connect();
    let folder = tempfile::tempdir().unwrap();
    let migration = folder.path().join("2026-03-01-000000_tidy");
    std::fs::create_dir(&migration).unwrap();
    std::fs::write(migration.join("up.sql"), "VACUUM users").unwrap();
    std::fs::write(migration.join("down.sql"), "SELEC").unwrap();
    let tidy =
        || RedshiftMigrations::new().sql(FileBasedMigrations::from_path(folder.path()).unwrap());
    conn.batch_execute("CREATE TABLE users (id INTEGER)")
        .unwrap();
    let error = conn.run_pending_migrations(tidy()).unwrap_err().to_string();
    assert!(
        error.contains("2026-03-01-000000_tidy failed: VACUUM cannot run"),
        "{error}"
    );
    assert!(error.contains("`run_in_transaction = false`"), "{error}");
    std::fs::write(
        migration.join("metadata.toml"),
        "run_in_transaction = false",
    )
    .unwrap();
    conn.run_pending_migrations(tidy()).unwrap();
    let error = conn.revert_last_migration(tidy()).unwrap_err().to_string();
    assert!(error.contains("2026-03-01-000000_tidy failed"), "{error}");
}

#[test]
fn versions_must_differ() {
    let world = world();
    let mut conn = world.connect();
    let twice = migrations(&world).seed("2026-01-02-000000_again", |_| Ok(()), |_| Ok(()));
    let error = conn.run_pending_migrations(twice).unwrap_err().to_string();
    assert!(error.contains("same version"), "{error}");
}

#[test]
fn identity_and_defaults_of_the_sample_schema() {
    let world = world();
    let mut conn = world.connect();
    conn.run_pending_migrations(migrations(&world)).unwrap();
    let rows: Vec<_> = (1..=3)
        .map(|n| {
            (
                orders::user_id.eq(n),
                orders::item.eq("lamp"),
                orders::amount.eq(bigdecimal::BigDecimal::from(n)),
            )
        })
        .collect();
    diesel::insert_into(orders::table)
        .values(&rows)
        .execute(&mut conn)
        .unwrap();
    let mut ids: Vec<i64> = orders::table.select(orders::id).load(&mut conn).unwrap();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

/// A migration in SQL.
fn write(folder: &Path, name: &str, up: &str, in_transaction: bool) {
    let migration = folder.join(name);
    std::fs::create_dir_all(&migration).unwrap();
    std::fs::write(migration.join("up.sql"), up).unwrap();
    std::fs::write(migration.join("down.sql"), "SELECT 1").unwrap();
    if !in_transaction {
        let metadata = migration.join("metadata.toml");
        std::fs::write(metadata, "run_in_transaction = false").unwrap();
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn count(conn: &mut RedshiftConnection, from: &str) -> i64 {
    diesel::sql_query(format!("SELECT count(*)::bigint AS count FROM {from}"))
        .get_result::<Count>(conn)
        .unwrap()
        .count
}

fn lock_and_run(
    conn: &mut RedshiftConnection,
    migrations: RedshiftMigrations<'_>,
) -> diesel::migration::Result<usize> {
    conn.lock_migrations(|conn| Ok(conn.run_pending_migrations(migrations)?.len()))
}
