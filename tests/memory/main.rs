//! No leak: the memory of the process stays flat over many queries of every kind.
//!
//! A million queries, some minutes: `cargo test -p diesel-redshift-tests --test memory -- --ignored --nocapture`.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};
use diesel_redshift::{RedshiftConnection, connection::RowByRowLoadingMode};
use diesel_redshift_tests::World;

diesel::table! {
    items (id) {
        id -> BigInt,
        name -> Text,
    }
}

/// Bytes that the process holds in memory.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let kilobytes: usize = line.split_whitespace().next().unwrap().parse().unwrap();
    kilobytes * 1024
}

fn cached(conn: &mut RedshiftConnection, n: usize) {
    let id = i64::try_from(n % 100).unwrap();
    let name: String = items::table
        .find(id)
        .select(items::name)
        .first(conn)
        .unwrap();
    assert_eq!(name, format!("item {id}"));
}

/// Every text is another one, so that the cache gives up as many statements as it takes.
fn evicting(conn: &mut RedshiftConnection, n: usize) {
    let bound = diesel::dsl::sql::<BigInt>(&format!("{n} + id"));
    let found: Vec<i64> = items::table
        .filter(items::id.eq(1))
        .select(bound)
        .load(conn)
        .unwrap();
    assert_eq!(found.len(), 1);
}

fn failing(conn: &mut RedshiftConnection, n: usize) {
    if n.is_multiple_of(2) {
        diesel::sql_query("SELECT no_such_column FROM items")
            .execute(conn)
            .unwrap_err();
    } else {
        // The error comes with the row that divides by zero, after others.
        diesel::dsl::sql::<Integer>("SELECT (100 / (50 - id))::integer FROM items ORDER BY id")
            .load::<i32>(conn)
            .unwrap_err();
    }
}

fn binary(conn: &mut RedshiftConnection, n: usize) {
    conn.set_binary_results(true);
    let id = i64::try_from(n % 100).unwrap();
    let found: Vec<(i64, String)> = items::table.filter(items::id.eq(id)).load(conn).unwrap();
    assert_eq!(found, [(id, format!("item {id}"))]);
    conn.set_binary_results(false);
}

fn dropped_early(conn: &mut RedshiftConnection, _: usize) {
    let mut rows = items::table
        .load_iter::<(i64, String), RowByRowLoadingMode>(conn)
        .unwrap();
    rows.next().unwrap().unwrap();
}

fn with_notices(conn: &mut RedshiftConnection, n: usize) {
    conn.batch_execute("DROP TABLE IF EXISTS no_such_table")
        .unwrap();
    // Those that nobody takes make room for others.
    if n.is_multiple_of(3) {
        assert!(!conn.take_notices().is_empty());
    }
}

fn inserted(conn: &mut RedshiftConnection, n: usize) {
    let id = i64::try_from(n).unwrap();
    let rows = [(items::id.eq(-id - 1), items::name.eq("new")); 3];
    conn.transaction::<(), _, _>(|conn| {
        diesel::insert_into(items::table)
            .values(&rows)
            .execute(conn)?;
        Err(diesel::result::Error::RollbackTransaction)
    })
    .unwrap_err();
}

type Kind = (&'static str, fn(&mut RedshiftConnection, usize), usize);

/// What is done, and its share of the queries in hundredths.
const KINDS: [Kind; 7] = [
    ("prepared statements from the cache", cached, 52),
    ("binary results", binary, 8),
    ("statements that evict others", evicting, 8),
    ("errors", failing, 8),
    ("row by row, dropped early", dropped_early, 8),
    ("notices", with_notices, 8),
    ("inserts that are rolled back", inserted, 8),
];

fn stays_flat(queries: usize) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE items (id BIGINT, name VARCHAR(100))")
        .unwrap();
    let rows: Vec<_> = (0..100)
        .map(|n| (items::id.eq(n), items::name.eq(format!("item {n}"))))
        .collect();
    diesel::insert_into(items::table)
        .values(&rows)
        .execute(&mut conn)
        .unwrap();
    for (name, run, share) in KINDS {
        let count = queries / 100 * share;
        // What is allocated once is not counted: caches, buffers, the allocator's own reserves.
        for n in 0..count / 10 {
            run(&mut conn, n);
        }
        let (start, before) = (Instant::now(), resident());
        for n in 0..count {
            run(&mut conn, n);
        }
        let grown = resident().saturating_sub(before);
        println!(
            "{name}: {count} times in {:.1} s, {} KB more",
            start.elapsed().as_secs_f64(),
            grown / 1024
        );
        assert!(grown < 2_000_000, "{name}: {grown} bytes more");
    }
}

#[test]
fn memory_stays_flat() {
    stays_flat(3_000);
}

#[test]
#[ignore = "some minutes"]
fn memory_stays_flat_over_a_million_queries() {
    stays_flat(1_000_000);
}
