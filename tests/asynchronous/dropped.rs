//! Futures that are dropped before their end, at every point, and what the server does then.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::result::Error;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use diesel_redshift::AsyncRedshiftConnection;

use crate::{add, connect, ids, ids_elsewhere, on_one_thread, polled, runtimes, world};

const LIMIT: Duration = Duration::from_millis(300);

#[test]
fn a_time_limit_cancels_the_statement_and_the_connection_goes_on() {
    for runtime in runtimes() {
        let world = world();
        runtime.block_on(async {
            let mut conn = connect(&world).await;
            let pid = conn.backend_pid();
            for _ in 0..5 {
                let start = Instant::now();
                let sleep = conn.batch_execute("SELECT pg_sleep(30)");
                tokio::time::timeout(LIMIT, sleep).await.unwrap_err();
                let stopped = start.elapsed();
                assert!(stopped < LIMIT * 3, "{stopped:?}");
                add(&mut conn, 1).await.unwrap();
                let usable = start.elapsed();
                assert!(usable < Duration::from_secs(5), "{usable:?}");
            }
            assert_eq!(conn.backend_pid(), pid);
            assert_eq!(ids(&mut conn).await.unwrap().len(), 5);
        });
    }
}

#[test]
fn a_statement_that_was_never_polled_is_not_sent() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        drop(add(&mut conn, 1));
        let insert = diesel::insert_into(crate::users::table)
            .values((crate::users::id.eq(2), crate::users::name.eq("a")));
        drop(insert.execute(&mut conn));
        drop(conn.run(|conn| conn.batch_execute("INSERT INTO users VALUES (3, 'a')")));
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
    });
}

use diesel::prelude::*;

/// Statements, a stream and a nested transaction, all or nothing.
async fn work(conn: &mut AsyncRedshiftConnection) -> QueryResult<()> {
    conn.transaction::<_, Error, _>(async |conn| {
        add(conn, 1).await?;
        conn.transaction::<_, Error, _>(async |conn| {
            add(conn, 2).await?;
            conn.batch_execute("INSERT INTO users VALUES (3, 'a')")
                .await
        })
        .await?;
        assert_eq!(ids(conn).await?, [1, 2, 3]);
        conn.run(|conn| conn.batch_execute("INSERT INTO users VALUES (4, 'a')"))
            .await?;
        tokio::time::sleep(Duration::from_millis(1)).await;
        add(conn, 5).await?;
        Ok(())
    })
    .await
}

#[test]
fn a_transaction_that_is_dropped_anywhere_is_all_or_nothing() {
    for wait in [Duration::ZERO, Duration::from_millis(3)] {
        let world = world();
        on_one_thread(async {
            let mut conn = connect(&world).await;
            let mut dropped = 0;
            for times in 0.. {
                let outcome = polled(times, wait, work(&mut conn)).await;
                // The connection itself, and what others see.
                let own = ids(&mut conn).await.unwrap();
                assert!(
                    own.is_empty() || own == [1, 2, 3, 4, 5],
                    "after {times}: {own:?}"
                );
                assert_eq!(ids_elsewhere(&world), own, "after {times}");
                conn.batch_execute("DELETE FROM users").await.unwrap();
                if let Some(outcome) = outcome {
                    outcome.unwrap();
                    assert_eq!(own.len(), 5);
                    break;
                }
                dropped += 1;
            }
            assert!(dropped > 8, "only {dropped} points");
        });
    }
}

#[test]
fn an_inner_transaction_that_is_dropped_condemns_the_outer_one() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let outcome = conn
            .transaction::<_, Error, _>(async |conn| {
                add(conn, 1).await?;
                let inner = conn.transaction::<(), Error, _>(async |conn| {
                    add(conn, 2).await?;
                    std::future::pending().await
                });
                assert!(tokio::time::timeout(LIMIT, inner).await.is_err());
                Ok(())
            })
            .await;
        let error = outcome.unwrap_err();
        assert!(error.to_string().contains("nested"), "{error}");
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
        // A statement that is dropped in a transaction has failed, and with it the transaction.
        let outcome = conn
            .transaction::<_, Error, _>(async |conn| {
                add(conn, 1).await?;
                let sleep = conn.batch_execute("SELECT pg_sleep(30)");
                assert!(tokio::time::timeout(LIMIT, sleep).await.is_err());
                add(conn, 2).await.unwrap_err();
                Ok(())
            })
            .await;
        assert!(outcome.is_err());
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
        add(&mut conn, 3).await.unwrap();
        assert_eq!(ids_elsewhere(&world), [3]);
    });
}

#[test]
fn a_retried_transaction_can_be_dropped_anywhere() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        for times in 0.. {
            diesel_redshift_tests::sandbox()
                .fail_next(world.database(), "serialization failure on insert")
                .unwrap();
            let work = conn.retry_serializable(5, async |conn| {
                add(conn, 1).await?;
                add(conn, 2).await
            });
            let outcome = polled(times, Duration::ZERO, work).await;
            // The failure that was asked for may still be there.
            let own = loop {
                match conn
                    .batch_execute("INSERT INTO users VALUES (9, 'a')")
                    .await
                {
                    Ok(()) => break ids(&mut conn).await.unwrap(),
                    Err(error) => assert!(error.to_string().contains("1023"), "{error}"),
                }
            };
            assert!(own == [9] || own == [1, 2, 9], "after {times}: {own:?}");
            conn.batch_execute("DELETE FROM users").await.unwrap();
            if let Some(outcome) = outcome {
                assert_eq!(outcome, Ok(1));
                assert!(times > 4, "only {times} points");
                break;
            }
        }
    });
}

#[test]
fn work_of_many_statements_stops() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let work = conn.run(|conn| {
            for id in 0..1000 {
                conn.batch_execute(&format!("INSERT INTO users VALUES ({id}, 'a')"))?;
                conn.batch_execute("SELECT pg_sleep(0.05)")?;
            }
            QueryResult::Ok(())
        });
        tokio::time::timeout(LIMIT, work).await.unwrap_err();
        let start = Instant::now();
        let inserted = ids(&mut conn).await.unwrap().len();
        assert!(start.elapsed() < Duration::from_secs(5));
        assert!((1..200).contains(&inserted), "{inserted}");
    });
}

#[test]
fn connecting_can_be_dropped() {
    let world = world();
    on_one_thread(async {
        for times in 0..3 {
            let _ = polled(times, Duration::ZERO, connect(&world)).await;
        }
    });
}

#[test]
fn a_runtime_that_is_shut_down_cancels_what_runs() {
    for runtime in runtimes() {
        let world = world();
        let url = world.url().to_owned();
        let (ready, locked) = std::sync::mpsc::channel();
        let task = runtime.spawn(async move {
            let mut conn =
                <AsyncRedshiftConnection as diesel_async::AsyncConnection>::establish(&url)
                    .await
                    .unwrap();
            conn.transaction::<_, Error, _>(async |conn| {
                conn.batch_execute("LOCK users").await?;
                add(conn, 1).await?;
                ready.send(()).unwrap();
                conn.batch_execute("SELECT pg_sleep(60)").await
            })
            .await
        });
        runtime.block_on(async {
            // The thread of the test is not one of the runtime's, and has to let a runtime of one thread work.
            while locked.try_recv().is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        });
        let start = Instant::now();
        drop(task);
        drop(runtime);
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{:?}",
            start.elapsed()
        );
        let mut other = world.connect();
        other
            .set_statement_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        other
            .batch_execute("INSERT INTO users VALUES (2, 'a')")
            .unwrap();
        assert_eq!(ids_elsewhere(&world), [2]);
    }
}
