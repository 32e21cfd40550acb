//! Migrations with placeholders and seeds, through `diesel_migrations`' harness.

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

#[path = "../../migrations/schema.rs"]
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

/// The numbers of the sessions that hold the lock, or wait for it, as PostgreSQL knows them.
fn lock_sessions(world: &World, granted: bool) -> Vec<i32> {
    #[derive(QueryableByName)]
    struct Session {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        pid: i32,
    }

    let mut engine = PgConnection::establish(&sandbox().engine_url(world.database())).unwrap();
    diesel::sql_query(format!(
        "SELECT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation \
         WHERE relname = '__diesel_redshift_migrations_lock' AND mode = 'AccessExclusiveLock' AND granted = {granted}"
    ))
    .load::<Session>(&mut engine)
    .unwrap()
    .into_iter()
    .map(|session| session.pid)
    .collect()
}

#[test]
fn each_migration_runs_once_whatever_starts_at_the_same_time() {
    const PROCESSES: usize = 8;
    let world = world();
    world.put("a.csv", "3,Tess\n");
    world.put("more.csv", "4,Jim\n5,Joe\n");
    sandbox()
        .fail_next(
            world.database(),
            &format!("slow s3 50 ms {}", world.uri("")),
        )
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "2026-01-02-000001_outside",
        "VACUUM users; COPY users (id, name) FROM 's3://${seed_bucket}/a.csv' IAM_ROLE '${seed_role}' CSV",
        false,
    );
    let start = Barrier::new(PROCESSES);
    let ran: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..PROCESSES)
            .map(|_| {
                scope.spawn(|| {
                    let mut conn = world.connect();
                    let files = FileBasedMigrations::from_path(folder.path()).unwrap();
                    start.wait();
                    lock_and_run(&mut conn, with_seed(&world, "more.csv").sql(files)).unwrap()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(ran, 5);
    assert_eq!(names(&world), ["Ada", "Eve", "Tess", "Jim", "Joe"]);
    let mut conn = world.connect();
    assert_eq!(count(&mut conn, "__diesel_schema_migrations"), 5);
    assert!(lock_sessions(&world, true).is_empty());
}

#[test]
fn a_panic_and_an_error_leave_no_lock() {
    let world = World::new();
    let mut conn = world.connect();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        conn.lock_migrations(|_| -> diesel::migration::Result<()> {
            std::panic::resume_unwind(Box::new(7))
        })
    }));
    assert!(panicked.is_err());
    let failed = conn.lock_migrations(|_| -> diesel::migration::Result<()> { Err("no".into()) });
    assert_eq!(failed.unwrap_err().to_string(), "no");
    assert!(lock_sessions(&world, true).is_empty());
    // One within the other does not wait for itself.
    conn.lock_migrations(|conn| conn.lock_migrations(|_| Ok(())))
        .unwrap();
}

/// What [`a_killed_process_leaves_no_lock`] starts; a test of its own it is not.
#[test]
fn a_process_that_waits_in_the_lock() {
    let Ok(url) = std::env::var("LOCK_MIGRATIONS_OF") else {
        return;
    };
    let mut conn = RedshiftConnection::establish(&url).unwrap();
    let _: diesel::migration::Result<()> = conn.lock_migrations(|_| {
        println!("\nlocked");
        thread::sleep(Duration::from_secs(60));
        Ok(())
    });
}

#[test]
fn a_killed_process_leaves_no_lock() {
    let world = world();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "migrations::a_process_that_waits_in_the_lock",
            "--nocapture",
        ])
        .env("LOCK_MIGRATIONS_OF", world.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(holder.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap() == "locked"));
    let (ran, has_run) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let run = lock_and_run(&mut world.connect(), migrations(&world));
            ran.send(run.unwrap()).unwrap();
        });
        let early = has_run.recv_timeout(Duration::from_millis(500));
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert!(early.is_err(), "it waits for the lock");
        let ran = has_run.recv_timeout(Duration::from_secs(20));
        assert_eq!(ran, Ok(3));
    });
}

#[test]
fn a_lock_that_is_lost_stops_the_migrations() {
    let world = world();
    world.put("more.csv", "3,Tess\n");
    let mut conn = world.connect();
    let lose_lock = || {
        let mut engine = PgConnection::establish(&sandbox().engine_url(world.database())).unwrap();
        for session in lock_sessions(&world, true) {
            diesel::sql_query(format!("SELECT pg_terminate_backend({session}, 5000)"))
                .execute(&mut engine)
                .unwrap();
        }
    };
    let lost = |error: diesel::migration::Result<()>| {
        let error = error.unwrap_err();
        let error = error.downcast_ref::<MigrationError>().unwrap();
        assert!(matches!(error, MigrationError::LockLost { .. }), "{error}");
        error.to_string()
    };
    let before = lost(conn.lock_migrations(|conn| {
        lose_lock();
        conn.run_pending_migrations(migrations(&world))?;
        Ok(())
    }));
    assert!(before.contains("create_users was not run"), "{before}");
    assert!(conn.batch_execute("SELECT 1 FROM users").is_err());

    lock_and_run(&mut conn, migrations(&world)).unwrap();
    let seeds = Arc::new(Mutex::new(0));
    let within = lost(conn.lock_migrations(|conn| {
        let seeds = Arc::clone(&seeds);
        let engine = sandbox().engine_url(world.database());
        let sessions = lock_sessions(&world, true);
        let seeding = migrations(&world).seed(
            "2026-01-03-000000_more_users",
            move |conn| {
                *seeds.lock().unwrap() += 1;
                diesel::insert_into(users::table)
                    .values((users::id.eq(9), users::name.eq("Zoe")))
                    .execute(conn)?;
                let mut engine = PgConnection::establish(&engine)?;
                for session in &sessions {
                    diesel::sql_query(format!("SELECT pg_terminate_backend({session}, 5000)"))
                        .execute(&mut engine)?;
                }
                Ok(())
            },
            |_| Ok(()),
        );
        conn.run_pending_migrations(seeding)?;
        Ok(())
    }));
    assert!(within.contains("not recorded"), "{within}");
    assert_eq!(*seeds.lock().unwrap(), 1);
    assert_eq!(names(&world), ["Ada", "Eve"]);
}

#[test]
fn what_would_wait_for_the_lock_is_refused() {
    let world = world();
    let mut conn = world.connect();
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "2026-01-05-000000_tidy",
        "VACUUM users; VACUUM;",
        false,
    );
    let tidy = || {
        let files = FileBasedMigrations::from_path(folder.path()).unwrap();
        migrations(&world).sql(files)
    };
    let error = lock_and_run(&mut conn, tidy()).unwrap_err();
    let error = error.downcast_ref::<MigrationError>().unwrap();
    assert_eq!(
        *error,
        MigrationError::AllTables {
            statement: "VACUUM"
        }
    );
    conn.lock_migrations(|conn| {
        let error = vacuum_database().execute(conn).unwrap_err().to_string();
        assert!(error.contains("lock_migrations"), "{error}");
        Ok(())
    })
    .unwrap();
    // The harness alone takes the lock too.
    let error = conn.run_pending_migrations(tidy()).unwrap_err();
    assert!(
        error.to_string().contains("VACUUM of all tables"),
        "{error}"
    );

    let error = conn
        .transaction(|conn| conn.lock_migrations(|_| Ok(())))
        .unwrap_err();
    assert!(
        matches!(
            error.downcast_ref(),
            Some(diesel_redshift::error::TransactionError::InTransaction { .. })
        ) || error.to_string().contains("transaction"),
        "{error}"
    );
}

#[test]
fn locks_are_of_a_schema() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE SCHEMA \"other one\"").unwrap();
    conn.lock_migrations(|_| {
        let mut other = world.connect();
        other.set_search_path(["other one"])?;
        // It would wait if both had one lock.
        other.lock_migrations(|_| {
            assert_eq!(lock_sessions(&world, true).len(), 2);
            Ok(())
        })
    })
    .unwrap();
}

/// The texts of an error and its causes, as those who print chains print them.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[test]
fn a_bad_row_of_an_sql_seed_is_told_with_its_place() {
    let world = world();
    world.put("bad.csv", "3,Tess\nnot a number,Jim\n");
    for in_transaction in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let name = "2026-01-05-000000_bad";
        let copy =
            "COPY users (id, name) FROM 's3://${seed_bucket}/bad.csv' IAM_ROLE '${seed_role}' CSV";
        write(folder.path(), name, copy, in_transaction);
        let files = FileBasedMigrations::from_path(folder.path()).unwrap();
        let mut conn = world.connect();
        let error = lock_and_run(&mut conn, migrations(&world).sql(files)).unwrap_err();
        let text = chain(&*error);
        for part in [
            "the migration 2026-01-05-000000_bad failed: Load into table 'users' failed: ",
            &format!(
                "{}, line 2, column id int8: Invalid digit",
                world.uri("bad.csv")
            ),
        ] {
            assert_eq!(text.matches(part).count(), 1, "{text}");
        }
        let failed = error.downcast_ref::<MigrationFailed>().unwrap();
        let Some(diesel_redshift::Error::Load(load)) = failed.error().downcast_ref() else {
            panic!("{:?}", failed.error());
        };
        assert_eq!(load.rows()[0].raw_line(), Some("not a number,Jim"));
        // What the row holds is behind `raw_line` and `raw_value` only.
        assert!(!text.contains("not a number"), "{text}");
        assert_eq!(names(&world), ["Ada", "Eve"]);
    }
}

#[test]
fn what_s3_refuses_to_an_sql_seed_has_its_kind() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let copy =
        "COPY users (id, name) FROM 's3://${seed_bucket}/none.csv' IAM_ROLE '${seed_role}' CSV";
    write(folder.path(), "2026-01-05-000000_none", copy, true);
    let files = FileBasedMigrations::from_path(folder.path()).unwrap();
    let mut conn = world.connect();
    let error = lock_and_run(&mut conn, migrations(&world).sql(files)).unwrap_err();
    let failed = error.downcast_ref::<MigrationFailed>().unwrap();
    let Some(diesel_redshift::Error::Storage(storage)) = failed.error().downcast_ref() else {
        panic!("{:?}", failed.error());
    };
    assert_eq!(storage.kind(), StorageErrorKind::NotFound);
    assert!(
        failed.to_string().contains("check the bucket and the key"),
        "{failed}"
    );
}

#[test]
fn the_load_errors_of_raw_sql_can_be_asked_for() {
    let world = world();
    world.put("bad.csv", "3,Tess\nnot a number,Jim\n");
    world.put("worse.csv", "3,Tess\n4,Jim\nnothing,Jim\n");
    let mut conn = world.connect();
    conn.run_pending_migrations(migrations(&world)).unwrap();
    assert_eq!(conn.load_errors().unwrap(), []);
    let copy = |key: &str| {
        let from = world.uri(key);
        diesel::sql_query(format!(
            "COPY users (id, name) FROM '{from}' IAM_ROLE '{ROLE}' CSV"
        ))
    };
    copy("bad.csv").execute(&mut conn).unwrap_err();
    let rows = conn.load_errors().unwrap();
    assert_eq!((rows.len(), rows[0].line), (1, 2));
    assert_eq!(rows[0].file, world.uri("bad.csv"));
    // In a transaction that can only be rolled back, too.
    conn.transaction(|conn| {
        let error = copy("worse.csv").execute(conn).unwrap_err();
        let rows = conn.load_errors()?;
        assert_eq!((rows.len(), rows[0].line), (1, 3));
        assert_eq!(rows[0].file, world.uri("worse.csv"));
        Err::<(), _>(error)
    })
    .unwrap_err();
    assert_eq!(world.connect().load_errors().unwrap(), []);
}

#[test]
fn a_migration_that_fails_tells_what_the_server_said() {
    let world = World::new();
    let mut conn = world.connect();
    let folder = tempfile::tempdir().unwrap();
    let failing = |up: &str| {
        write(folder.path(), "2026-01-01-000000_fails", up, true);
        RedshiftMigrations::new().sql(FileBasedMigrations::from_path(folder.path()).unwrap())
    };
    let error = conn
        .run_pending_migrations(failing(
            "CREATE TABLE t (at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
        ))
        .unwrap_err();
    let text = chain(&*error);
    for part in [
        "2026-01-01-000000_fails failed",
        "(one per INFO message)",
        "It runs only on the leader node",
    ] {
        assert_eq!(text.matches(part).count(), 1, "{text}");
    }

    let procedure = "CREATE PROCEDURE p() AS $$ BEGIN RAISE INFO 'about to fail'; \
        RAISE EXCEPTION 'it failed'; END; $$ LANGUAGE plpgsql; CALL p();";
    let error = conn.run_pending_migrations(failing(procedure)).unwrap_err();
    let text = chain(&*error);
    assert_eq!(
        text,
        "the migration 2026-01-01-000000_fails failed: it failed\nINFO: about to fail"
    );
    let failed = error.downcast_ref::<MigrationFailed>().unwrap();
    assert_eq!(failed.migration(), "2026-01-01-000000_fails");
    assert_eq!(failed.notices().len(), 1);
    let server = DatabaseError::of(failed.error()).unwrap();
    assert_eq!(server.sqlstate(), Some("P0001"));
    let told = conn.take_notices();
    assert!(
        told.iter()
            .any(|notice| notice.message() == "about to fail")
    );

    // A seed in Rust is told alike.
    let seed = RedshiftMigrations::new().seed(
        "2026-01-02-000000_seed",
        |conn| Ok(conn.batch_execute("SELECT 1 AS \"O'Brien\", nothing")?),
        |_| Ok(()),
    );
    let text = chain(&*conn.run_pending_migrations(seed).unwrap_err());
    assert_eq!(
        text,
        "the migration 2026-01-02-000000_seed failed: column \"nothing\" does not exist"
    );
}

#[test]
fn the_harness_alone_runs_no_migration_twice() {
    const PROCESSES: usize = 8;
    let world = world();
    world.put("a.csv", "3,Tess\n");
    world.put("more.csv", "4,Jim\n5,Joe\n");
    sandbox()
        .fail_next(
            world.database(),
            &format!("slow s3 50 ms {}", world.uri("")),
        )
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "2026-01-02-000001_outside",
        "COPY users (id, name) FROM 's3://${seed_bucket}/a.csv' IAM_ROLE '${seed_role}' CSV; VACUUM users",
        false,
    );
    let all = || {
        let files = FileBasedMigrations::from_path(folder.path()).unwrap();
        with_seed(&world, "more.csv").sql(files)
    };
    let start = Barrier::new(PROCESSES);
    thread::scope(|scope| {
        for _ in 0..PROCESSES {
            scope.spawn(|| {
                let mut conn = world.connect();
                start.wait();
                if let Err(error) = conn.run_pending_migrations(all()) {
                    let told = error.downcast_ref();
                    assert!(
                        matches!(
                            told,
                            Some(MigrationError::Meanwhile {
                                done: "applied",
                                ..
                            })
                        ),
                        "{error}"
                    );
                }
            });
        }
    });
    assert_eq!(names(&world), ["Ada", "Eve", "Tess", "Jim", "Joe"]);
    let mut conn = world.connect();
    assert_eq!(count(&mut conn, "__diesel_schema_migrations"), 5);
    assert!(lock_sessions(&world, true).is_empty());
    conn.revert_all_migrations(all()).unwrap();
    assert_eq!(count(&mut conn, "__diesel_schema_migrations"), 0);
}

/// Who takes the list from the source and keeps it, as a program that shows what is pending does, keeps no lock with it.
#[test]
fn a_list_that_is_kept_keeps_no_lock() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let outside = |name: &str| {
        write(
            folder.path(),
            name,
            "CREATE TABLE IF NOT EXISTS t (a INT)",
            false,
        );
    };
    outside("2026-01-02-000001_outside");
    outside("2026-01-02-000002_outside");
    let files = FileBasedMigrations::from_path(folder.path()).unwrap();
    let list = migrations(&world).sql(files).migrations().unwrap();
    let mut conn = world.connect();
    conn.setup().unwrap();
    for migration in &list {
        conn.run_migration(&**migration).unwrap();
        assert!(lock_sessions(&world, true).is_empty(), "it is recorded");
    }
    // A step that nobody records does not keep its connection waiting for itself either.
    let again = FileBasedMigrations::from_path(folder.path()).unwrap();
    let again = RedshiftMigrations::new().sql(again).migrations().unwrap();
    conn.revert_migration(&*again[0]).unwrap();
    again[0].run(&mut conn).unwrap();
    assert_eq!(
        lock_sessions(&world, true).len(),
        1,
        "until the next statement"
    );
    let (done, is_done) = mpsc::channel();
    let url = world.url().to_owned();
    thread::spawn(move || {
        conn.lock_migrations(|_| Ok(())).unwrap();
        let mut other = RedshiftConnection::establish(&url).unwrap();
        other.lock_migrations(|_| Ok(())).unwrap();
        done.send(()).unwrap();
    });
    is_done.recv_timeout(Duration::from_secs(20)).unwrap();
    drop((list, again));
}

/// The error of the LOCK, and not that of a ROLLBACK on a connection that is lost with it.
#[test]
fn a_lock_that_cannot_be_taken_says_why() {
    let world = world();
    let mut conn = world.connect();
    conn.lock_migrations(|_| Ok(())).unwrap();
    sandbox()
        .fail_next(world.database(), "cut before answer on lock")
        .unwrap();
    let error = conn
        .lock_migrations(|_| -> diesel::migration::Result<()> { panic!("it has no lock") })
        .unwrap_err();
    assert!(
        error.to_string().contains("server closed the connection"),
        "{error}"
    );
}
