//! The job on a local Redshift: good and bad files, conflicts, cut connections, two at once.
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_redshift::store::FolderStore;
use diesel_redshift::{RedshiftConnection, S3Uri};
use etl::{Fate, Job, Report};
use redshift_sandbox::Sandbox;

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::start().unwrap());

const ROLE: &str = "arn:aws:iam::012345678901:role/Loader";

struct World {
    database: String,
    bucket: String,
    url: String,
}

impl World {
    fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let database = format!("etl_{number}");
        Self {
            url: SANDBOX.create_database(&database).unwrap(),
            bucket: format!("etl-{number}"),
            database,
        }
    }

    fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    fn arrives(&self, name: &str, lines: &str) {
        let at = self.uri(&format!("incoming/{name}"));
        SANDBOX
            .store()
            .put(&at, format!("id,sold_on,cents\n{lines}"))
            .unwrap();
    }

    fn job(&self) -> Job<FolderStore> {
        Job {
            store: FolderStore::new(SANDBOX.store().path()),
            incoming: S3Uri::parse(&self.uri("incoming/")).unwrap(),
            rejected: S3Uri::parse(&self.uri("rejected/")).unwrap(),
            role: ROLE.parse().unwrap(),
            max_errors: 0,
        }
    }

    fn run(&self) -> Report {
        self.job()
            .run(|| RedshiftConnection::establish(&self.url))
            .unwrap()
    }

    fn fails_next(&self, fault: &str) {
        SANDBOX.fail_next(&self.database, fault).unwrap();
    }

    fn ids(&self) -> Vec<i64> {
        #[derive(QueryableByName)]
        struct Id {
            #[diesel(sql_type = BigInt)]
            id: i64,
        }
        let mut conn = RedshiftConnection::establish(&self.url).unwrap();
        let rows = diesel::sql_query("SELECT id FROM sales ORDER BY id").load::<Id>(&mut conn);
        rows.unwrap().iter().map(|row| row.id).collect()
    }
}

fn loaded(rows: u64) -> Fate {
    Fate::Loaded {
        rows,
        left_out: Vec::new(),
    }
}

fn fates(report: &Report) -> Vec<&Fate> {
    report.files.iter().map(|(_, fate)| fate).collect()
}

#[test]
fn each_file_is_loaded_once() {
    let world = World::new();
    world.arrives("a.csv", "1,2026-01-01,100\n2,2026-01-01,200\n");
    assert_eq!(fates(&world.run()), [&loaded(2)]);
    world.arrives("b.csv", "3,2026-01-02,300\n");
    assert_eq!(fates(&world.run()), [&Fate::LoadedBefore, &loaded(1)]);
    assert_eq!(world.ids(), [1, 2, 3]);
}

#[test]
fn a_file_with_bad_rows_stands_back_and_the_others_go_on() {
    let world = World::new();
    world.arrives(
        "a.csv",
        "1,2026-01-01,100\ntwo,2026-01-01,200\n3,yesterday,1\n",
    );
    world.arrives("b.csv", "4,2026-01-02,400\n");
    let report = world.run();
    assert!(report.has_rejected());
    let [Fate::Rejected(rows), other] = fates(&report)[..] else {
        panic!("{report:?}")
    };
    assert_eq!(other, &loaded(1));
    assert!(rows[0].contains("a.csv, line 3, column id"), "{rows:?}");
    assert_eq!(world.ids(), [4]);
    let told = SANDBOX
        .store()
        .get(&world.uri("rejected/a.csv.txt"))
        .unwrap();
    assert_eq!(
        String::from_utf8(told).unwrap(),
        format!("{}\n", rows.join("\n"))
    );
    // Mended, it goes in.
    world.arrives("a.csv", "1,2026-01-01,100\n2,2026-01-01,200\n");
    assert_eq!(fates(&world.run()), [&loaded(2), &Fate::LoadedBefore]);
}

#[test]
fn some_bad_rows_can_be_left_out() {
    let world = World::new();
    world.arrives("a.csv", "1,2026-01-01,100\ntwo,2026-01-01,200\n");
    let mut job = world.job();
    job.max_errors = 10;
    let report = job
        .run(|| RedshiftConnection::establish(&world.url))
        .unwrap();
    let [Fate::Loaded { rows: 1, left_out }] = fates(&report)[..] else {
        panic!("{report:?}")
    };
    assert!(left_out[0].contains("line 3, column id"), "{left_out:?}");
    assert_eq!(world.ids(), [1]);
}

#[test]
fn what_passes_is_tried_again() {
    let world = World::new();
    world.arrives("a.csv", "1,2026-01-01,100\n");
    world.run();
    world.arrives("b.csv", "2,2026-01-01,100\n");
    world.fails_next("serialization failure on copy");
    world.fails_next(&format!("s3 503 {}", world.uri("incoming/b.csv")));
    assert_eq!(fates(&world.run()), [&Fate::LoadedBefore, &loaded(1)]);
    assert_eq!(world.ids(), [1, 2]);
}

#[test]
fn a_lost_answer_loads_nothing_twice() {
    let world = World::new();
    world.run();
    world.arrives("a.csv", "1,2026-01-01,100\n");
    world.fails_next("cut before answer on commit");
    // It was committed, and the record tells so.
    assert_eq!(fates(&world.run()), [&Fate::LoadedBefore]);
    assert_eq!(world.ids(), [1]);
}

#[test]
fn two_jobs_at_once_load_each_file_once() {
    let world = World::new();
    world.run();
    for number in 0..4 {
        world.arrives(
            &format!("{number}.csv"),
            &format!("{number},2026-01-01,100\n"),
        );
    }
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| world.run());
        }
    });
    assert_eq!(world.ids(), [0, 1, 2, 3]);
}

#[test]
fn the_program_tells_and_ends_with_a_code() {
    let world = World::new();
    world.arrives("a.csv", "1,2026-01-01,100\n");
    world.arrives("b.csv", "two,2026-01-01,100\n");
    let (id, secret) = SANDBOX.s3_key();
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etl"));
        command
            .env("DATABASE_URL", &world.url)
            .env("ETL_INCOMING", world.uri("incoming/"))
            .env("ETL_REJECTED", world.uri("rejected/"))
            .env("ETL_ROLE", ROLE)
            .env("S3_ENDPOINT", SANDBOX.s3_endpoint())
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_REGION", "us-east-1");
        command
    };
    let output = program().output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("incoming/a.csv: 1 rows\n"), "{told}");
    assert!(told.contains("incoming/b.csv: rejected\n  "), "{told}");
    let output = program().env_remove("ETL_ROLE").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "ETL_ROLE is not set\n"
    );
}
