//! What goes on at the server after a future was dropped: nothing that others would take for their own.

use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, bb8};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager};
use diesel_redshift::AsyncRedshiftConnection;

use crate::{add, connect, ids, ids_elsewhere, on_one_thread, polled, world};

type Manager = <AsyncRedshiftConnection as AsyncConnection>::TransactionManager;
type Pool = bb8::Pool<AsyncRedshiftConnection>;

async fn pool(url: &str) -> Pool {
    bb8::Pool::builder()
        .max_size(1)
        .build(AsyncDieselConnectionManager::new(url))
        .await
        .unwrap()
}

#[test]
fn work_sends_no_statement_after_that() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        // What works without statements, as writing files does, meets no request to cancel.
        for pause in [150, 700, 1300] {
            let work = conn.run(move |conn| {
                thread::sleep(Duration::from_millis(pause));
                conn.batch_execute("INSERT INTO users VALUES (1, 'a')")?;
                diesel::RunQueryDsl::execute(
                    diesel::sql_query("INSERT INTO users VALUES (2, 'a')"),
                    conn,
                )
            });
            tokio::time::timeout(Duration::from_millis(100), work)
                .await
                .unwrap_err();
            assert_eq!(ids(&mut conn).await, Ok(vec![]), "after {pause} ms");
        }
        // A transaction that is open is rolled back, or a nested one would leave the outer one sound.
        let work = conn.run(|conn| {
            conn.transaction::<_, Error, _>(|conn| {
                conn.batch_execute("INSERT INTO users VALUES (1, 'a')")?;
                thread::sleep(Duration::from_millis(300));
                Ok(())
            })
        });
        let dropped = tokio::time::timeout(Duration::from_millis(100), work).await;
        dropped.unwrap_err();
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
        add(&mut conn, 3).await.unwrap();
        assert_eq!(ids_elsewhere(&world), [3]);
    });
}

#[test]
fn the_error_says_that_nobody_waits() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let (tell, told) = std::sync::mpsc::channel();
        let work = conn.run(move |conn| {
            thread::sleep(Duration::from_millis(200));
            let error = conn.batch_execute("SELECT 1").unwrap_err();
            let _ = tell.send(diesel_redshift::Error::from(error));
            QueryResult::Ok(())
        });
        tokio::time::timeout(Duration::from_millis(50), work)
            .await
            .unwrap_err();
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
        let error = told.recv().unwrap();
        assert!(
            matches!(error, diesel_redshift::Error::Cancelled(_)),
            "{error:?}"
        );
        assert!(error.to_string().contains("dropped"), "{error}");
    });
}

#[test]
fn a_begin_that_was_dropped_opens_nothing_for_the_next() {
    let world = world();
    on_one_thread(async {
        let pool = pool(world.url()).await;
        for times in 0..12 {
            for wait in [Duration::ZERO, Duration::from_millis(20)] {
                {
                    let mut conn = pool.get().await.unwrap();
                    let work =
                        AsyncConnection::transaction::<_, Error, _>(&mut conn, async |conn| {
                            add(&mut *conn, 1).await?;
                            add(&mut *conn, 2).await?;
                            Err::<(), _>(Error::RollbackTransaction)
                        });
                    let _ = polled(times, wait, work).await;
                }
                {
                    let mut conn = pool.get().await.unwrap();
                    let work =
                        AsyncConnection::transaction::<_, Error, _>(&mut conn, async |conn| {
                            add(&mut *conn, 3).await
                        });
                    work.await.unwrap();
                }
                assert_eq!(ids_elsewhere(&world), [3], "after {times} and {wait:?}");
                let mut conn = pool.get().await.unwrap();
                conn.batch_execute("DELETE FROM users").await.unwrap();
            }
        }
    });
}

#[test]
fn a_transaction_by_hand_that_was_dropped_is_not_the_nexts() {
    let world = world();
    on_one_thread(async {
        let pool = pool(world.url()).await;
        for sql in [
            "BEGIN",
            "BEGIN; SELECT pg_sleep(30)",
            "BEGIN; INSERT INTO users VALUES (1, 'a'); SELECT pg_sleep(30)",
        ] {
            for pause in [0, 30] {
                {
                    let mut conn = pool.get().await.unwrap();
                    let begin = conn.batch_execute(sql);
                    let _ = polled(1, Duration::from_millis(pause), begin).await;
                }
                {
                    let mut conn = pool.get().await.unwrap();
                    add(&mut conn, 3).await.unwrap();
                }
                assert_eq!(ids_elsewhere(&world), [3], "{sql} and {pause} ms");
                let mut conn = pool.get().await.unwrap();
                conn.batch_execute("DELETE FROM users").await.unwrap();
            }
        }
        // Diesel's way, by hand.
        for pause in [0, 30] {
            {
                let mut conn = pool.get().await.unwrap();
                let begin = Manager::begin_transaction(&mut conn);
                let _ = polled(1, Duration::from_millis(pause), begin).await;
            }
            {
                let mut conn = pool.get().await.unwrap();
                Manager::begin_transaction(&mut conn).await.unwrap();
                add(&mut conn, 4).await.unwrap();
                Manager::commit_transaction(&mut conn).await.unwrap();
            }
            assert_eq!(ids_elsewhere(&world), [4], "{pause} ms");
            let mut conn = pool.get().await.unwrap();
            conn.batch_execute("DELETE FROM users").await.unwrap();
        }
    });
}

#[test]
fn one_row_of_many_leaves_a_transaction_sound() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        // Up to two megabytes, four times of what is buffered.
        for count in [1, 2, 31, 32, 33, 1000, 2000] {
            let added = conn
                .transaction::<_, Error, _>(async |conn| {
                    let first = crate::streams::wide(count);
                    let (first, _): (i64, String) = first.get_result(conn).await?;
                    assert_eq!(first, 1);
                    add(conn, i64::from(count)).await
                })
                .await;
            assert_eq!(added, Ok(1), "of {count} rows");
        }
        assert_eq!(ids(&mut conn).await.unwrap().len(), 7);
    });
}

#[test]
fn a_transaction_that_panics_is_rolled_back_wherever_it_is_caught() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let pid = conn.backend_pid();
        let panics = conn.transaction::<(), Error, _>(async |conn| {
            add(conn, 1).await?;
            panic!("of the closure");
        });
        caught(panics).await;
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
        // An inner one that is caught condemns the outer one.
        let outcome = conn
            .transaction::<_, Error, _>(async |conn| {
                add(conn, 2).await?;
                let inner = conn.transaction::<(), Error, _>(async |conn| {
                    add(conn, 3).await?;
                    panic!("of the inner closure");
                });
                caught(inner).await;
                Ok(())
            })
            .await;
        assert!(outcome.unwrap_err().to_string().contains("nested"));
        // The others, with options and repeated.
        let panics = conn
            .build_transaction()
            .read_write()
            .run::<(), Error, _>(async |conn| {
                add(conn, 4).await?;
                panic!("of the closure");
            });
        caught(panics).await;
        let panics = conn.retry_serializable::<(), Error, _>(3, async |conn| {
            add(conn, 5).await?;
            panic!("of the closure");
        });
        caught(panics).await;
        assert_eq!(add(&mut conn, 6).await, Ok(1));
        assert_eq!(ids_elsewhere(&world), [6]);
        assert_eq!(conn.backend_pid(), pid);

        // Diesel-async's own leaves it open; a pool replaces the connection.
        let pool = pool(world.url()).await;
        {
            let mut conn = pool.get().await.unwrap();
            let panics = AsyncConnection::transaction::<(), Error, _>(&mut conn, async |conn| {
                add(&mut *conn, 7).await?;
                panic!("of the closure");
            });
            caught(panics).await;
        }
        let mut conn = pool.get().await.unwrap();
        add(&mut conn, 8).await.unwrap();
        assert_eq!(ids_elsewhere(&world), [6, 8]);
    });
}

async fn caught<T>(future: impl Future<Output = T>) {
    let future = std::panic::AssertUnwindSafe(future);
    let outcome = futures_util::FutureExt::catch_unwind(future).await;
    assert!(outcome.is_err(), "no panic");
}

#[test]
fn a_connection_moves_between_runtimes_and_out_of_them() {
    let world = world();
    let [first, second] = crate::runtimes();
    let mut conn = first.block_on(connect(&world));
    second.block_on(async { add(&mut conn, 1).await.unwrap() });
    // The runtime of the dropped future goes away while the server works.
    let mut dropped = first.block_on(async move {
        let sleep = conn.batch_execute("SELECT pg_sleep(30)");
        let _ = tokio::time::timeout(Duration::from_millis(50), sleep).await;
        conn
    });
    drop(first);
    let start = Instant::now();
    let mut conn = second.block_on(second.spawn(async move {
        add(&mut dropped, 2).await.unwrap();
        dropped
    }));
    let conn = conn.as_mut().unwrap();
    assert!(start.elapsed() < Duration::from_secs(5));
    let stream_end = second.block_on(async {
        let sleep = conn.run(|conn| conn.batch_execute("SELECT pg_sleep(30)"));
        tokio::time::timeout(Duration::from_millis(50), sleep).await
    });
    stream_end.unwrap_err();
    drop(second);
    // Outside of every runtime, with a statement that is being ended.
    assert_eq!(ids_elsewhere(&world), [1, 2]);
}

#[test]
fn tasks_that_leave_at_random_leave_their_work_whole() {
    for runtime in crate::runtimes() {
        let world = world();
        runtime.block_on(async {
            let pool = bb8::Pool::builder()
                .max_size(8)
                .build(AsyncDieselConnectionManager::<AsyncRedshiftConnection>::new(world.url()))
                .await
                .unwrap();
            let tasks = (0..1000_u64).map(|n| {
                let pool = pool.clone();
                // Reproducible, and without order.
                let random = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
                tokio::spawn(async move {
                    let mut conn = pool.get().await.unwrap();
                    let id = i64::try_from(n).unwrap() * 10;
                    let work = async {
                        match random % 3 {
                            0 => AsyncRedshiftConnection::transaction::<_, Error, _>(
                                &mut conn,
                                async |conn| {
                                    add(conn, id).await?;
                                    add(conn, id + 1).await
                                },
                            )
                            .await
                            .map(|_| ()),
                            1 => AsyncConnection::transaction::<_, Error, _>(
                                &mut conn,
                                async |conn| {
                                    add(&mut *conn, id).await?;
                                    add(&mut *conn, id + 1).await
                                },
                            )
                            .await
                            .map(|_| ()),
                            _ => {
                                conn.run(move |conn| {
                                    conn.transaction(|conn| {
                                        conn.batch_execute(&format!(
                                            "INSERT INTO users VALUES ({id}, 'a')"
                                        ))?;
                                        conn.batch_execute(&format!(
                                            "INSERT INTO users VALUES ({}, 'a')",
                                            id + 1
                                        ))
                                    })
                                })
                                .await
                            }
                        }
                    };
                    let limit = Duration::from_micros(random / 3 % 4000);
                    match random % 4 {
                        // Two of four have all the time they want.
                        0 | 1 => {
                            work.await.unwrap();
                            Some(())
                        }
                        2 => tokio::time::timeout(limit, work)
                            .await
                            .ok()
                            .map(Result::unwrap),
                        _ => {
                            let times = usize::try_from(random / 5 % 5).unwrap();
                            polled(times, Duration::ZERO, work)
                                .await
                                .map(Result::unwrap)
                        }
                    }
                    .map(|()| id)
                })
            });
            let mut done = Vec::new();
            for task in tasks.collect::<Vec<_>>() {
                done.extend(task.await.unwrap());
            }
            assert!(done.len() >= 400, "{}", done.len());
            // Nothing is open any more that could still be committed.
            for _ in 0..8 {
                let mut conn = pool.get().await.unwrap();
                conn.batch_execute("SELECT 1").await.unwrap();
            }
            let found = ids_elsewhere(&world);
            for id in &found {
                let pair = id / 10 * 10;
                assert!(
                    found.contains(&pair) && found.contains(&(pair + 1)),
                    "half of {id}"
                );
            }
            for id in done {
                assert!(found.contains(&id), "{id} was committed and is lost");
            }
        });
    }
}
