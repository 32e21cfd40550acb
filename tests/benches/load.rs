//! A million rows of (bigint, varchar, double, timestamp) into structs: `RedshiftConnection` against Diesel's own
//! `PgConnection`, from the same PostgreSQL, in turns.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::connection::RowByRowLoadingMode;
use redshift_sandbox::Sandbox;

diesel::table! {
    measurements (id) {
        id -> BigInt,
        name -> Text,
        value -> Double,
        at -> Timestamp,
    }
}

#[derive(Queryable)]
#[allow(dead_code)]
struct Measurement {
    id: i64,
    name: String,
    value: f64,
    at: NaiveDateTime,
}

const ROWS: usize = 1_000_000;
const TURNS: usize = 9;

const SETUP: &str = "CREATE TABLE measurements AS SELECT n::bigint AS id, ('sensor number ' || n)::varchar AS name, \
    sin(n) AS value, timestamp '2024-01-01 00:00:00' + n * interval '1.000001 seconds' AS at \
    FROM generate_series(1, 1000000) AS n";

fn timed(load: impl FnOnce() -> usize) -> Duration {
    let start = Instant::now();
    assert_eq!(load(), ROWS);
    start.elapsed()
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn main() {
    let sandbox = Sandbox::start().unwrap();
    let url = sandbox.engine_url("dev");
    let mut pg = PgConnection::establish(&url).unwrap();
    let mut redshift = diesel_redshift_tests::engine(&sandbox);
    pg.batch_execute(SETUP).unwrap();
    let mut times = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        times[0].push(timed(|| {
            measurements::table
                .load::<Measurement>(&mut pg)
                .unwrap()
                .len()
        }));
        times[1].push(timed(|| {
            measurements::table
                .load::<Measurement>(&mut redshift)
                .unwrap()
                .len()
        }));
        times[2].push(timed(|| {
            measurements::table
                .load_iter::<Measurement, diesel::pg::PgRowByRowLoadingMode>(&mut pg)
                .unwrap()
                .filter(Result::is_ok)
                .count()
        }));
        times[3].push(timed(|| {
            measurements::table
                .load_iter::<Measurement, RowByRowLoadingMode>(&mut redshift)
                .unwrap()
                .filter(Result::is_ok)
                .count()
        }));
    }
    let [pg_whole, whole, pg_rows, rows] = times.each_mut().map(|times| median(times));
    println!(
        "engine: {}; {ROWS} rows, median of {TURNS} turns",
        sandbox.engine()
    );
    println!(
        "whole result: RedshiftConnection {whole:.3} s, PgConnection {pg_whole:.3} s, ratio {:.2}",
        pg_whole / whole
    );
    println!(
        "row by row:   RedshiftConnection {rows:.3} s, PgConnection {pg_rows:.3} s, ratio {:.2}",
        pg_rows / rows
    );
}
