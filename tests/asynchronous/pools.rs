//! Pools: bb8, deadpool and mobc.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use diesel::result::Error;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, bb8, deadpool, mobc,
};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use diesel_redshift::{AsyncRedshiftConnection, connection::DatabaseCredentials};
use futures_util::FutureExt;

use crate::{add, connect, ids_elsewhere, runtimes, users, world};

type Manager = AsyncDieselConnectionManager<AsyncRedshiftConnection>;

fn manager(url: &str) -> Manager {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    Manager::new_with_config(url, config)
}

/// What every pool must stand: `$get` gives a connection of a pool of one, which `$keeps` it.
macro_rules! stands {
    ($get:expr, $keeps:expr) => {{
        let pid = {
            let mut conn = $get;
            add(&mut conn, 1).await.unwrap();
            // A statement that is dropped is ended before the next user's begins.
            let sleep = conn.batch_execute("SELECT pg_sleep(30)");
            tokio::time::timeout(Duration::from_millis(100), sleep)
                .await
                .unwrap_err();
            conn.backend_pid()
        };
        {
            let mut conn = $get;
            let found: i64 = users::table.count().get_result(&mut conn).await.unwrap();
            assert_eq!(found, 1);
            assert_eq!(conn.backend_pid() == pid, $keeps);
            // A transaction of ours is rolled back, and the connection kept.
            let transaction = (*conn).transaction::<(), Error, _>(async |conn| {
                add(conn, 2).await?;
                std::future::pending().await
            });
            tokio::time::timeout(Duration::from_millis(100), transaction)
                .await
                .unwrap_err();
        }
        {
            let mut conn = $get;
            let found: i64 = users::table.count().get_result(&mut conn).await.unwrap();
            assert_eq!(found, 1);
            assert_eq!(conn.backend_pid() == pid, $keeps);
            // That of the trait stays open, and the connection is replaced.
            let transaction = diesel_async::AsyncConnection::transaction::<(), Error, _>(
                &mut conn,
                async |conn| {
                    add(&mut *conn, 3).await?;
                    std::future::pending().await
                },
            );
            tokio::time::timeout(Duration::from_millis(100), transaction)
                .await
                .unwrap_err();
        }
        {
            let mut conn = $get;
            assert_ne!(conn.backend_pid(), pid);
            conn.batch_execute("BEGIN").await.unwrap();
        }
        let mut conn = $get;
        assert_eq!(add(&mut conn, 4).await, Ok(1));
    }};
}

#[test]
fn bb8_gives_back_what_can_be_used() {
    for runtime in runtimes() {
        let world = world();
        runtime.block_on(async {
            let pool = bb8::Pool::builder()
                .max_size(1)
                .build(manager(world.url()))
                .await
                .unwrap();
            stands!(pool.get().await.unwrap(), true);
            assert_eq!(ids_elsewhere(&world), [1, 4]);
        });
    }
}

#[test]
fn deadpool_gives_back_what_can_be_used() {
    for runtime in runtimes() {
        let world = world();
        runtime.block_on(async {
            let pool = deadpool::Pool::builder(manager(world.url()))
                .max_size(1)
                .build()
                .unwrap();
            stands!(pool.get().await.unwrap(), true);
            assert_eq!(ids_elsewhere(&world), [1, 4]);
        });
    }
}

#[test]
fn mobc_gives_back_what_can_be_used() {
    for runtime in runtimes() {
        let world = world();
        runtime.block_on(async {
            let pool = mobc::Pool::builder()
                .max_open(1)
                .build(manager(world.url()));
            // diesel-async 0.9 tells it of each connection the opposite: it replaces those that are whole.
            stands!(pool.get().await.unwrap(), false);
            assert_eq!(ids_elsewhere(&world), [1, 4]);
        });
    }
}

#[test]
fn a_thousand_tasks_share_eight_connections() {
    for runtime in runtimes() {
        let world = world();
        runtime.block_on(async {
            let pool = bb8::Pool::builder()
                .max_size(8)
                .build(manager(world.url()))
                .await
                .unwrap();
            let mut conn = connect(&world).await;
            for id in 0..10 {
                add(&mut conn, id).await.unwrap();
            }
            let tasks = (0..1000_i64).map(|n| {
                let pool = pool.clone();
                tokio::spawn(async move {
                    let mut conn = pool.get().await.unwrap();
                    if n % 50 == 0 {
                        // Some of them do not wait to the end.
                        let sleep = conn.batch_execute("SELECT pg_sleep(30)");
                        tokio::time::timeout(Duration::from_millis(5), sleep)
                            .await
                            .unwrap_err();
                        return;
                    }
                    let found = users::table.find(n % 10).select(users::name);
                    let name: String = found.first(&mut conn).await.unwrap();
                    assert_eq!(name, format!("user {}", n % 10));
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            assert!(pool.state().connections <= 8);
        });
    }
}

#[test]
fn a_pool_asks_for_credentials_before_each_connect() {
    let [runtime, _] = runtimes();
    let world = world();
    let (user, address) = world.url().split_once('@').unwrap();
    let password = user.rsplit_once(':').unwrap().1.to_owned();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(move |url: &str| {
        count.fetch_add(1, Ordering::Relaxed);
        let credentials = DatabaseCredentials::new("awsuser", password.clone());
        let url = url.to_owned();
        async move { AsyncRedshiftConnection::establish_with(&url, &credentials).await }.boxed()
    });
    runtime.block_on(async {
        let manager = Manager::new_with_config(format!("postgresql://{address}"), config);
        let pool = bb8::Pool::builder()
            .max_size(2)
            .build(manager)
            .await
            .unwrap();
        let mut first = pool.get().await.unwrap();
        let mut second = pool.get().await.unwrap();
        for conn in [&mut first, &mut second] {
            add(conn, 1).await.unwrap();
        }
        assert_eq!(asked.fetch_add(0, Ordering::Relaxed), 2);
    });
}
