//! What a COPY and an UNLOAD tell of themselves: skipped rows, files and bytes, progress, notices.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::LoadStatus;
use diesel_redshift::{Error, IamRole, RedshiftConnection, S3Uri, unload};
use diesel_redshift_tests::World;

use crate::load_errors::{load, users};

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20))")
        .unwrap();
    (world, conn)
}

/// So many rows that loading them takes a while.
fn put_many(world: &World, key: &str, rows: u32) {
    let content: String = (0..rows).map(|row| format!("{row},name {row}\n")).collect();
    world.put(key, content);
}

#[test]
fn skipped_rows_are_listed_with_their_reasons() {
    let (world, mut conn) = world();
    world.put("a.csv", "1,a\ntwo,b\n3,c\nfour,d\n");
    let outcome = load(&world, "a.csv")
        .max_error(10)
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.skipped_rows), (2, 2));
    let lines: Vec<_> = outcome
        .rejected_rows
        .iter()
        .map(|row| (row.line, row.column.as_deref(), row.code))
        .collect();
    assert_eq!(lines, [(2, Some("id"), 1207), (4, Some("id"), 1207)]);
    assert_eq!(outcome.rejected_rows[0].raw_value(), Some("two"));
    assert!(!format!("{outcome:?}").contains("two,b"));

    // An outcome tells of its own load only.
    world.put("b.csv", "5,e\n");
    let outcome = load(&world, "b.csv")
        .max_error(10)
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.skipped_rows, outcome.rejected_rows.len()), (0, 0));
}

#[test]
fn within_a_transaction_the_look_up_takes_another_connection() {
    let (world, mut conn) = world();
    world.put("a.csv", "1,a\ntwo,b\n");
    let outcome = conn
        .transaction(|conn| {
            let outcome = load(&world, "a.csv").ignore_all_errors().execute(conn)?;
            diesel::insert_into(users::table)
                .values(users::id.eq(9))
                .execute(conn)?;
            Ok::<_, Error>(outcome)
        })
        .unwrap();
    assert_eq!(outcome.rejected_rows.len(), 1);
    assert_eq!(outcome.rejected_rows[0].line, 2);
    let count: i64 = users::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 2);
}

#[test]
fn files_and_bytes_are_told_on_request() {
    let (world, mut conn) = world();
    world.put("in/1.csv", "1,a\n");
    world.put("in/2.csv", "2,bb\n3,ccc\n");
    let outcome = load(&world, "in/").execute(&mut conn).unwrap();
    let history = outcome.history(&mut conn).unwrap().unwrap();
    assert_eq!(Some(history.query_id), outcome.query_id);
    assert_eq!(history.status, LoadStatus::Completed);
    assert_eq!(
        (history.rows, history.files, history.file_bytes),
        (3, 2, 15)
    );
    assert_eq!((history.files_read, history.errors), (2, 0));
    assert_eq!(history.fraction(), Some(1.0));

    let outcome = unload(users::table.order(users::id))
        .to(S3Uri::parse(&world.uri("out/")).unwrap())
        .iam_role(IamRole::Default)
        .format(unload::Csv::new())
        .parallel_off()
        .execute(&mut conn)
        .unwrap();
    let history = outcome.history(&mut conn).unwrap().unwrap();
    assert_eq!(Some(history.query_id), outcome.query_id);
    assert_eq!((history.rows, history.files, history.bytes), (3, 1, 15));
}

#[test]
fn a_long_load_tells_how_far_it_is() {
    let (world, mut conn) = world();
    world.put("first.csv", "1,a\n");
    load(&world, "first.csv").execute(&mut conn).unwrap();
    put_many(&world, "many.csv", 400_000);
    let mut seen = Vec::new();
    let outcome = load(&world, "many.csv")
        .watch(Duration::from_millis(100), |load| {
            seen.push(load.clone());
            ControlFlow::Continue(())
        })
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, 400_000);
    assert!(!seen.is_empty());
    for load in &seen {
        assert_eq!(Some(load.query_id), outcome.query_id);
        assert!(load.rows <= 400_000, "{load:?}");
    }
    assert!(
        seen.iter()
            .any(|load| load.status == LoadStatus::Running && load.file_bytes > 0)
    );
    assert!(seen.is_sorted_by_key(|load| load.rows));
}

#[test]
fn the_watch_can_end_the_load_and_nothing_is_loaded() {
    let (world, mut conn) = world();
    put_many(&world, "many.csv", 1_000_000);
    let mut observer = world.connect();
    let began = Instant::now();
    let error = load(&world, "many.csv")
        .watch(Duration::from_millis(100), |_| ControlFlow::Break(()))
        .observer(&mut observer)
        .execute(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("cancel"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(10));
    let count: i64 = users::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 0);
    // Both connections go on.
    let count: i64 = users::table.count().get_result(&mut observer).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn what_is_wrong_is_told_before_anything_is_watched() {
    let (world, mut conn) = world();
    let error = load(&world, "a.csv")
        .max_error(100_001)
        .watch(Duration::ZERO, |_| ControlFlow::Continue(()))
        .execute(&mut conn)
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error}");
}

#[test]
fn notices_are_told_as_they_arrive() {
    let (world, mut conn) = world();
    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&told);
    conn.on_notice(move |notice| kept.lock().unwrap().push(notice.to_string()));
    world.put("a.csv", "1,a\n");
    let outcome = load(&world, "a.csv").execute(&mut conn).unwrap();
    let expected = "INFO: Load into table 'users' completed, 1 record(s) loaded successfully.";
    assert_eq!(*told.lock().unwrap(), [expected]);
    assert_eq!(outcome.notices[0].to_string(), expected);

    // A handler that panics does so in the caller, and the connection goes on.
    conn.on_notice(|_| panic!("the handler's own"));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        conn.batch_execute("DROP TABLE IF EXISTS there_is_none")
    }));
    let message = panic.unwrap_err();
    assert_eq!(message.downcast_ref(), Some(&"the handler's own"));
    let count: i64 = users::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn a_request_to_cancel_waits_only_so_long() {
    let (_world, conn) = world();
    let handle = conn.cancel_handle().unwrap();
    handle.cancel_within(Duration::from_secs(10)).unwrap();
    let error = handle.cancel_within(Duration::ZERO).unwrap_err();
    assert!(error.to_string().contains("within 0ns"), "{error}");
}
