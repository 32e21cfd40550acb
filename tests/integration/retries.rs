//! What an application does about failures that pass: failures that the sandbox was asked for.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::Pool;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_redshift::copy::Csv;
use diesel_redshift::{
    IamRole, RedshiftConnection, S3Uri, copy, error::Retryable, error::StorageErrorKind,
};
use diesel_redshift_tests::{World, sandbox};

diesel::table! {
    counters (n) {
        n -> Integer,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE counters (n INTEGER)")
        .unwrap();
    (world, conn)
}

fn fail_next(world: &World, fault: &str) {
    sandbox().fail_next(world.database(), fault).unwrap();
}

fn add(conn: &mut RedshiftConnection, n: i32) -> QueryResult<usize> {
    diesel::insert_into(counters::table)
        .values(counters::n.eq(n))
        .execute(conn)
}

fn count(conn: &mut RedshiftConnection) -> i64 {
    counters::table.count().get_result(conn).unwrap()
}

fn load(world: &World, conn: &mut RedshiftConnection) -> Result<u64, diesel_redshift::Error> {
    copy(counters::table)
        .from(S3Uri::parse(&world.uri("rows")).unwrap())
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .execute(conn)
        .map(|outcome| outcome.rows)
}

#[test]
fn a_serialization_failure_can_be_retried() {
    let (world, mut conn) = world();
    for statement in ["insert", "commit"] {
        fail_next(&world, &format!("serialization failure on {statement}"));
        let error = conn.transaction(|conn| add(conn, 1)).unwrap_err();
        assert!(error.is_retryable(), "{statement}: {error:?}");
        assert_eq!(count(&mut conn), 0);
    }
    let mut tries = 0;
    fail_next(&world, "serialization failure on insert");
    fail_next(&world, "serialization failure on commit");
    conn.retry_serializable(5, |conn| {
        tries += 1;
        add(conn, tries)
    })
    .unwrap();
    assert_eq!(tries, 3);
    let rows: Vec<i32> = counters::table.select(counters::n).load(&mut conn).unwrap();
    assert_eq!(rows, [3]);
}

#[test]
fn a_cancelled_statement_is_not_retried() {
    let (world, mut conn) = world();
    fail_next(&world, "cancel on insert");
    let mut tries = 0;
    let error = conn
        .retry_serializable(5, |conn| {
            tries += 1;
            add(conn, 1)
        })
        .unwrap_err();
    assert_eq!(tries, 1);
    assert!(!error.is_retryable());
    let Error::DatabaseError(DatabaseErrorKind::Unknown, told) = error else {
        panic!("{error:?}");
    };
    assert!(told.message().contains("cancelled on user's request"));
    assert_eq!(count(&mut conn), 0);
}

#[test]
fn a_pool_replaces_a_connection_that_broke() {
    let (world, _) = world();
    let pool = Pool::builder()
        .max_size(1)
        .build(diesel::r2d2::ConnectionManager::<RedshiftConnection>::new(
            world.url(),
        ))
        .unwrap();
    let mut conn = pool.get().unwrap();
    add(&mut conn, 1).unwrap();
    let first = conn.backend_pid();
    fail_next(&world, "cut after 0 rows on select");
    let error = counters::table
        .select(counters::n)
        .load::<i32>(&mut conn)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
        ),
        "{error:?}"
    );
    drop(conn);
    let mut conn = pool.get().unwrap();
    assert_ne!(conn.backend_pid(), first);
    assert_eq!(count(&mut conn), 1);
}

#[test]
fn nothing_is_half_loaded_when_the_connection_breaks() {
    let (world, mut conn) = world();
    for file in 0..3 {
        let rows: String = (0..1000).map(|n| format!("{n}\n")).collect();
        world.put(&format!("rows{file}.csv"), rows);
    }
    for rows in [0, 1, 1500, 3000] {
        fail_next(&world, &format!("cut after {rows} rows on copy"));
        let error = load(&world, &mut conn).unwrap_err();
        assert!(
            matches!(
                error,
                diesel_redshift::Error::Database(Error::DatabaseError(
                    DatabaseErrorKind::ClosedConnection,
                    _
                ))
            ),
            "{error:?}"
        );
        conn = world.connect();
        assert_eq!(count(&mut conn), 0);
    }
    assert_eq!(load(&world, &mut conn).unwrap(), 3000);
}

#[test]
fn a_busy_s3_can_be_tried_again() {
    let (world, mut conn) = world();
    world.put("rows.csv", "1\n2\n");
    fail_next(&world, &format!("s3 503 {}", world.uri("rows")));
    let error = load(&world, &mut conn).unwrap_err();
    let diesel_redshift::Error::Storage(told) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(told.kind(), StorageErrorKind::Unavailable);
    assert!(error.is_retryable());

    fail_next(&world, &format!("s3 500 {}", world.uri("rows")));
    let rows = conn
        .retry_serializable(3, |conn| load(&world, conn))
        .unwrap();
    assert_eq!(rows, 2);

    fail_next(&world, &format!("slow s3 100 ms {}", world.uri("rows")));
    let start = Instant::now();
    load(&world, &mut conn).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100));
}
