//! Transactions by asynchronous closures, with the rules of the synchronous ones.

use std::sync::atomic::{AtomicU32, Ordering};

use diesel::prelude::*;
use diesel::result::Error;
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager};
use diesel_redshift::AsyncRedshiftConnection;
use diesel_redshift_tests::sandbox;

use crate::{add, connect, ids, ids_elsewhere, on_one_thread, runtimes, users, world};

type Manager = <AsyncRedshiftConnection as AsyncConnection>::TransactionManager;

#[test]
fn they_commit_roll_back_and_join() {
    for runtime in runtimes() {
        let world = world();
        let test = async move {
            let mut conn = connect(&world).await;
            let added = conn
                .transaction::<_, Error, _>(async |conn| {
                    add(conn, 1).await?;
                    conn.transaction::<_, Error, _>(async |conn| add(conn, 2).await)
                        .await
                })
                .await;
            assert_eq!(added, Ok(1));
            let failed = conn
                .transaction::<(), Error, _>(async |conn| {
                    add(conn, 3).await?;
                    Err(Error::RollbackTransaction)
                })
                .await;
            assert_eq!(failed, Err(Error::RollbackTransaction));
            assert_eq!(ids_elsewhere(&world), [1, 2]);
            // Diesel's own way to it has the same rules.
            let nested = AsyncConnection::transaction::<_, Error, _>(&mut conn, async |conn| {
                add(conn, 4).await?;
                Manager::begin_transaction(conn).await?;
                add(conn, 5).await?;
                Manager::rollback_transaction(conn).await
            });
            let error = nested.await.unwrap_err();
            assert!(error.to_string().contains("nested"), "{error}");
            assert_eq!(ids(&mut conn).await, Ok(vec![1, 2]));
        };
        runtime.block_on(runtime.spawn(test)).unwrap();
    }
}

#[test]
fn a_statement_that_failed_or_committed_is_noticed() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let outcome = conn
            .transaction::<_, Error, _>(async |conn| {
                add(conn, 1).await?;
                conn.batch_execute("SELECT nothing").await.unwrap_err();
                Ok(())
            })
            .await;
        assert!(outcome.is_err());
        let outcome = conn
            .transaction::<_, Error, _>(async |conn| {
                add(conn, 2).await?;
                conn.batch_execute("TRUNCATE users").await?;
                add(conn, 3).await?;
                Ok(())
            })
            .await;
        assert!(outcome.unwrap_err().to_string().contains("ended"));
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
    });
}

#[test]
fn options_and_their_limits() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let outcome = conn
            .build_transaction()
            .read_only()
            .run::<_, Error, _>(async |conn| {
                let found = ids(conn).await?;
                let nested = conn
                    .build_transaction()
                    .run::<(), Error, _>(async |_| Ok(()));
                assert_eq!(nested.await, Err(Error::AlreadyInTransaction));
                Ok(found)
            })
            .await;
        assert_eq!(outcome, Ok(vec![]));
        let refused = conn
            .build_transaction()
            .read_only()
            .run::<_, Error, _>(async |conn| add(conn, 1).await)
            .await;
        assert!(refused.unwrap_err().to_string().contains("read-only"));
        let written = conn
            .build_transaction()
            .read_write()
            .run::<_, Error, _>(async |conn| add(conn, 1).await);
        assert_eq!(written.await, Ok(1));
    });
}

#[test]
fn a_serialization_failure_is_retried() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        sandbox()
            .fail_next(world.database(), "serialization failure on insert")
            .unwrap();
        sandbox()
            .fail_next(world.database(), "serialization failure on commit")
            .unwrap();
        let tries = AtomicU32::new(0);
        let outcome = conn
            .retry_serializable(5, async |conn| {
                tries.fetch_add(1, Ordering::Relaxed);
                add(conn, 1).await
            })
            .await;
        assert_eq!(outcome, Ok(1));
        assert_eq!(tries.swap(0, Ordering::Relaxed), 3);
        assert_eq!(ids(&mut conn).await, Ok(vec![1]));
        let outcome = conn
            .retry_serializable::<(), Error, _>(5, async |_| {
                tries.fetch_add(1, Ordering::Relaxed);
                Err(Error::NotFound)
            })
            .await;
        assert_eq!(outcome, Err(Error::NotFound));
        assert_eq!(tries.into_inner(), 1);
    });
}

#[test]
fn diesels_status_follows() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        fn depth(conn: &mut AsyncRedshiftConnection) -> Option<u32> {
            let status = Manager::transaction_manager_status_mut(conn);
            status.transaction_depth().unwrap().map(u32::from)
        }
        assert_eq!(depth(&mut conn), None);
        conn.transaction::<_, Error, _>(async |conn| {
            assert_eq!(depth(conn), Some(1));
            conn.transaction::<_, Error, _>(async |conn| {
                assert_eq!(depth(conn), Some(2));
                Ok(())
            })
            .await
        })
        .await
        .unwrap();
        assert_eq!(depth(&mut conn), None);
        conn.begin_test_transaction().await.unwrap();
        add(&mut conn, 1).await.unwrap();
        assert!(!Manager::is_broken_transaction_manager(&mut conn));
        drop(conn);
        let mut conn = connect(&world).await;
        let found = conn
            .test_transaction::<_, Error, _>(async |conn| {
                add(conn, 1).await?;
                users::table.count().get_result::<i64>(conn).await
            })
            .await;
        assert_eq!(found, 1);
        assert_eq!(ids_elsewhere(&world), [0_i64; 0]);
    });
}
