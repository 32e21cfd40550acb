//! What the sandbox costs over the PostgreSQL behind it, in turns: COPY of a million-row CSV against `COPY FROM STDIN`,
//! UNLOAD against `COPY TO STDOUT`, a million-row query through the proxy against a direct one.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use diesel::ExecuteCopyFromDsl;
use diesel::connection::SimpleConnection;
use diesel::pg::CopyFormat;
use diesel::prelude::*;
use diesel_redshift::{IamRole, RedshiftConnection, S3Uri, copy, unload};
use redshift_sandbox::Sandbox;

diesel::table! {
    measurements (id) {
        id -> BigInt,
        name -> Text,
        value -> Double,
        at -> Timestamp,
    }
}

const ROWS: u64 = 1_000_000;
const TURNS: usize = 5;
/// Of queries, which take so little that other work on the machine shows.
const QUERY_TURNS: usize = 20;

fn csv() -> String {
    let mut csv = String::with_capacity(64 << 20);
    for n in 0..ROWS {
        let (minute, second) = (n / 60 % 60, n % 60);
        let value = (n as f64).sin();
        csv.push_str(&format!(
            "{n},sensor number {n},{value},2024-01-01 12:{minute:02}:{second:02}.123456\n"
        ));
    }
    csv
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn report(what: &str, ours: &mut [Duration], theirs: &mut [Duration]) {
    let (ours, theirs) = (median(ours), median(theirs));
    println!(
        "{what}: sandbox {ours:.3} s, PostgreSQL {theirs:.3} s, speed ratio {:.2}",
        theirs / ours
    );
}

fn main() {
    let sandbox = Sandbox::start().unwrap();
    let csv = csv();
    sandbox
        .store()
        .put("s3://bucket/measurements.csv", &csv)
        .unwrap();
    let mut redshift = RedshiftConnection::establish(&sandbox.url()).unwrap();
    let mut pg = PgConnection::establish(&sandbox.engine_url("dev")).unwrap();
    let create = "CREATE TABLE measurements (id BIGINT, name VARCHAR(100), value DOUBLE PRECISION, at TIMESTAMP)";
    redshift.batch_execute(create).unwrap();
    println!(
        "engine: {}; {ROWS} rows, {} MB of CSV, medians of {TURNS} turns, of {QUERY_TURNS} for queries",
        sandbox.engine(),
        csv.len() >> 20
    );
    let mut copies = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        pg.batch_execute("TRUNCATE measurements").unwrap();
        copies[0].push(timed(|| {
            let outcome = copy(measurements::table)
                .from(S3Uri::parse("s3://bucket/measurements.csv").unwrap())
                .iam_role(IamRole::Default)
                .format(copy::Csv::new())
                .execute(&mut redshift)
                .unwrap();
            assert_eq!(outcome.rows, ROWS);
        }));
        pg.batch_execute("TRUNCATE measurements").unwrap();
        copies[1].push(timed(|| {
            let rows = diesel::copy_from(measurements::table)
                .from_raw_data(measurements::table, |out: &mut dyn Write| {
                    out.write_all(csv.as_bytes()).unwrap();
                    QueryResult::Ok(())
                })
                .with_format(CopyFormat::Csv)
                .execute(&mut pg)
                .unwrap();
            assert_eq!(rows as u64, ROWS);
        }));
    }
    let [ours, theirs] = &mut copies;
    report("COPY against COPY FROM STDIN", ours, theirs);

    let mut unloads = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        unloads[0].push(timed(|| {
            let outcome = unload(measurements::table)
                .to(S3Uri::parse("s3://bucket/unloaded/").unwrap())
                .iam_role(IamRole::Default)
                .format(unload::Csv::new())
                .clean_path()
                .execute(&mut redshift)
                .unwrap();
            assert_eq!(outcome.rows, ROWS);
        }));
        let mut pg = PgConnection::establish(&sandbox.engine_url("dev")).unwrap();
        unloads[1].push(timed(|| {
            let mut out = diesel::copy_to(measurements::table)
                .with_format(CopyFormat::Csv)
                .load_raw(&mut pg)
                .unwrap();
            let mut file = Vec::new();
            out.read_to_end(&mut file).unwrap();
            std::fs::write(sandbox.store().path().join("stdout.csv"), file).unwrap();
        }));
    }
    let [ours, theirs] = &mut unloads;
    report("UNLOAD against COPY TO STDOUT", ours, theirs);

    let mut direct = diesel_redshift_tests::engine(&sandbox);
    let mut queries = [Vec::new(), Vec::new()];
    for turn in 0..QUERY_TURNS {
        // Neither is always the one that comes second.
        let conns = [&mut redshift, &mut direct];
        let mut pairs: Vec<_> = conns.into_iter().zip(&mut queries).collect();
        pairs.rotate_left(turn % 2);
        for (conn, times) in pairs {
            times.push(timed(|| {
                let rows = measurements::table
                    .select((measurements::id, measurements::name, measurements::value))
                    .load::<(i64, String, f64)>(conn)
                    .unwrap();
                assert_eq!(rows.len() as u64, ROWS);
            }));
        }
    }
    let [ours, theirs] = &mut queries;
    report(
        "a query through the proxy against a direct one",
        ours,
        theirs,
    );
}
