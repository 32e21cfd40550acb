//! `AsyncRedshiftConnection`, from tasks of every kind.
#![allow(clippy::unwrap_used, missing_docs)]

mod abandoned;
mod dropped;
mod operations;
mod pools;
mod queries;
mod silent;
mod statements;
mod streams;
mod transactions;

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use diesel_redshift::AsyncRedshiftConnection;
use diesel_redshift_tests::World;
use tokio::runtime::{Builder, Runtime};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
    }
}

/// One thread for all tasks, and two.
fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_time().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .unwrap(),
    ]
}

fn on_one_thread<T>(test: impl Future<Output = T>) -> T {
    let [runtime, _] = runtimes();
    runtime.block_on(test)
}

/// A database with a table of users.
fn world() -> World {
    let world = World::new();
    world
        .connect()
        .batch_execute("CREATE TABLE users (id BIGINT, name VARCHAR(100))")
        .unwrap();
    world
}

async fn connect(world: &World) -> AsyncRedshiftConnection {
    AsyncRedshiftConnection::establish(world.url())
        .await
        .expect("connects")
}

async fn add(conn: &mut AsyncRedshiftConnection, id: i64) -> QueryResult<usize> {
    diesel::insert_into(users::table)
        .values((users::id.eq(id), users::name.eq(format!("user {id}"))))
        .execute(conn)
        .await
}

async fn ids(conn: &mut AsyncRedshiftConnection) -> QueryResult<Vec<i64>> {
    users::table
        .select(users::id)
        .order(users::id)
        .load(conn)
        .await
}

/// The ids that another session sees.
fn ids_elsewhere(world: &World) -> Vec<i64> {
    let query = users::table.select(users::id).order(users::id);
    diesel::RunQueryDsl::load(query, &mut world.connect()).unwrap()
}

/// Polls a future until it has not been ready so many times, waits, and drops it; `None` then.
async fn polled<F: Future>(times: usize, wait: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = times;
    let outcome = poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        match future.as_mut().poll(context) {
            Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
            Poll::Pending => {
                left -= 1;
                if left == 0 {
                    return Poll::Ready(None);
                }
                Poll::Pending
            }
        }
    })
    .await;
    if outcome.is_none() {
        tokio::time::sleep(wait).await;
    }
    outcome
}
