//! Processes that migrate are killed, several at once: what they leave is whole, and the others go on.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationConnection;
use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use diesel_redshift::copy::Csv;
use diesel_redshift::{IamRole, RedshiftConnection, RedshiftMigrations, S3Uri, copy};
use diesel_redshift_tests::{World, sandbox};

diesel::table! {
    seeded (id) {
        id -> Integer,
    }
}

diesel::table! {
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

fn write(folder: &Path, name: &str, up: &str, in_transaction: bool) {
    let migration = folder.join(name);
    std::fs::create_dir_all(&migration).unwrap();
    std::fs::write(migration.join("up.sql"), up).unwrap();
    std::fs::write(
        migration.join("metadata.toml"),
        format!("run_in_transaction = {in_transaction}"),
    )
    .unwrap();
}

/// Four in SQL, of which one stands outside of transactions, and one in Rust.
fn migrations(folder: &Path, bucket: &str) -> RedshiftMigrations<'static> {
    let files = S3Uri::parse(&format!("s3://{bucket}/seed.csv")).unwrap();
    RedshiftMigrations::new()
        .sql(FileBasedMigrations::from_path(folder).unwrap())
        .value("bucket", bucket)
        .seed(
            "2026-01-05-000000_in_rust",
            move |conn| {
                copy(seeded::table)
                    .from(files.clone())
                    .iam_role(IamRole::Default)
                    .format(Csv::new())
                    .execute(conn)?;
                Ok(())
            },
            |_| Ok(()),
        )
}

fn folder() -> tempfile::TempDir {
    const SEED: &str = "COPY seeded FROM 's3://${bucket}/seed.csv' IAM_ROLE default CSV";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(
        path,
        "2026-01-01-000000_table",
        "CREATE TABLE seeded (id INTEGER)",
        true,
    );
    write(path, "2026-01-02-000000_seed", SEED, true);
    write(path, "2026-01-03-000000_vacuum", "VACUUM seeded", false);
    write(path, "2026-01-04-000000_seed_again", SEED, true);
    folder
}

fn migrate(conn: &mut RedshiftConnection, folder: &Path, bucket: &str) -> usize {
    conn.lock_migrations(|conn| {
        Ok(conn
            .run_pending_migrations(migrations(folder, bucket))?
            .len())
    })
    .unwrap()
}

/// What the tests below start; without a folder it is none.
#[test]
fn a_process_that_migrates() {
    let Ok(folder) = std::env::var("MIGRATE_FROM") else {
        return;
    };
    let (url, bucket) = (
        std::env::var("MIGRATE_TO").unwrap(),
        std::env::var("MIGRATE_WITH").unwrap(),
    );
    let mut conn = RedshiftConnection::establish(&url).unwrap();
    migrate(&mut conn, folder.as_ref(), &bucket);
}

fn start(world: &World, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "migration_kills::a_process_that_migrates"])
        .env("MIGRATE_FROM", folder)
        .env("MIGRATE_TO", world.url())
        .env("MIGRATE_WITH", world.bucket())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// Kills all but one of some processes at any time, and looks what the one has made of it.
#[test]
fn processes_that_are_killed_leave_the_rest_to_the_others() {
    const PROCESSES: usize = 4;
    let rounds: usize = std::env::var("KILL_ROUNDS").map_or(8, |rounds| rounds.parse().unwrap());
    let folder = folder();
    let mut killed = 0;
    for round in 0..rounds {
        let world = World::new();
        world.put("seed.csv", "1\n2\n3\n");
        sandbox()
            .fail_next(
                world.database(),
                &format!("slow s3 20 ms {}", world.uri("")),
            )
            .unwrap();
        let mut processes: Vec<_> = (0..PROCESSES)
            .map(|_| start(&world, folder.path()))
            .collect();
        let survivor = usize::try_from(random() % PROCESSES as u64).unwrap();
        for (number, process) in processes.iter_mut().enumerate() {
            if number != survivor {
                thread::sleep(Duration::from_millis(random() % 120));
                killed += usize::from(process.try_wait().unwrap().is_none());
                process.kill().unwrap();
                process.wait().unwrap();
            }
        }
        let start = Instant::now();
        let status = loop {
            match processes[survivor].try_wait().unwrap() {
                Some(status) => break status,
                None if start.elapsed() > Duration::from_secs(20) => {
                    processes[survivor].kill().unwrap();
                    panic!("round {round}: it hangs");
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        assert!(status.success(), "round {round}: {status}");
        each_has_run_once(&world, &format!("round {round}"));
        assert_eq!(
            migrate(&mut world.connect(), folder.path(), world.bucket()),
            0,
            "round {round}: nothing is left to do, and nothing locked"
        );
    }
    println!("{killed} killed in {rounds} rounds");
    assert!(killed > rounds, "{killed} killed: the rest was too fast");
}

#[track_caller]
fn each_has_run_once(world: &World, name: &str) {
    let mut conn = world.connect();
    let versions: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .order(__diesel_schema_migrations::version)
        .load(&mut conn)
        .unwrap();
    assert_eq!(
        versions,
        [1, 2, 3, 4, 5].map(|day| format!("202601{day:02}000000")),
        "{name}"
    );
    let rows: i64 = seeded::table.count().get_result(&mut conn).unwrap();
    assert_eq!(rows, 9, "{name}");
}

/// A process dies when the server has its COMMIT and is not done with it: its lock is gone by then.
#[test]
fn a_record_that_is_being_committed_is_waited_for() {
    let world = World::new();
    world.put("seed.csv", "1\n2\n3\n");
    let folder = folder();
    let mut dying = world.connect();
    MigrationConnection::setup(&mut dying).unwrap();
    // Of one batch, a table would be committed with the rest.
    dying
        .batch_execute("CREATE TABLE seeded (id INTEGER); INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000')")
        .unwrap();
    dying
        .batch_execute(&format!(
            "BEGIN; COPY seeded FROM '{}' IAM_ROLE default CSV; INSERT INTO __diesel_schema_migrations (version) VALUES \
             ('20260102000000')",
            world.uri("seed.csv")
        ))
        .unwrap();
    let ran = thread::scope(|scope| {
        let next = scope.spawn(|| migrate(&mut world.connect(), folder.path(), world.bucket()));
        thread::sleep(Duration::from_millis(500));
        assert!(!next.is_finished(), "it waits");
        dying.batch_execute("COMMIT").unwrap();
        next.join().unwrap()
    });
    assert_eq!(ran, 3);
    each_has_run_once(&world, "after the commit");
}

/// The same without `lock_migrations`, of the harness alone.
#[test]
fn the_harness_alone_waits_for_a_record_too() {
    let world = World::new();
    world.put("seed.csv", "1\n2\n3\n");
    let folder = folder();
    let mut dying = world.connect();
    MigrationConnection::setup(&mut dying).unwrap();
    dying
        .batch_execute("CREATE TABLE seeded (id INTEGER)")
        .unwrap();
    dying
        .batch_execute(
            "BEGIN; INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101000000')",
        )
        .unwrap();
    thread::scope(|scope| {
        let next = scope.spawn(|| {
            let migrations = migrations(folder.path(), world.bucket());
            let mut conn = world.connect();
            let ran = conn.run_next_migration(migrations);
            ran.map(|_| ()).map_err(|error| error.to_string())
        });
        thread::sleep(Duration::from_millis(500));
        dying.batch_execute("COMMIT").unwrap();
        let error = next.join().unwrap().unwrap_err();
        assert!(error.contains("applied by another process"), "{error}");
    });
}
