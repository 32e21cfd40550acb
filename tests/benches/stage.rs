//! Rows in by COPY and out by UNLOAD, stage by stage, beside `INSERT` and `SELECT`: `cargo bench --bench stage [rows]`.
//!
//! `SANDBOX_URL` and `SANDBOX_STORE` name a sandbox in a process of its own; otherwise it runs here, and its time counts.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs;
use std::io::Read;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::store::{FolderStore, Store, StoreError};
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

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = measurements, treat_none_as_default_value = false)]
struct Measurement {
    id: i64,
    name: String,
    value: f64,
    at: NaiveDateTime,
}

/// A store that forgets.
#[derive(Clone)]
struct Nowhere;

impl Store for Nowhere {
    fn put(&self, _: &S3Uri, _: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }

    fn get(&self, _: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        Ok(Box::new(std::io::empty()))
    }

    fn delete(&self, _: &[S3Uri]) -> Result<(), StoreError> {
        Ok(())
    }

    fn list(&self, _: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        Ok(Vec::new())
    }
}

/// The processor's time of this process so far.
fn processor() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_ascii_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}

fn measure<T>(what: &str, rows: usize, run: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), processor());
    let outcome = run();
    let (wall, used) = (start.elapsed(), processor() - before);
    println!(
        "{what:<58} {:>7.3} s {:>7.2} s processor {:>10.0} rows/s",
        wall.as_secs_f64(),
        used.as_secs_f64(),
        rows as f64 / wall.as_secs_f64()
    );
    outcome
}

fn main() {
    let count: usize = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(1_000_000);
    let outside = std::env::var("SANDBOX_URL")
        .ok()
        .zip(std::env::var("SANDBOX_STORE").ok());
    let sandbox = outside.is_none().then(|| Sandbox::start().unwrap());
    let (url, store) = outside.unwrap_or_else(|| {
        let sandbox = sandbox.as_ref().unwrap();
        (
            sandbox.url(),
            sandbox.store().path().to_str().unwrap().to_owned(),
        )
    });
    let store = FolderStore::new(store);
    let mut conn = RedshiftConnection::establish(&url).unwrap();
    let conn = &mut conn;
    conn.batch_execute(
        "DROP TABLE IF EXISTS measurements; \
         CREATE TABLE measurements (id BIGINT, name VARCHAR(100), value DOUBLE PRECISION, at TIMESTAMP)",
    )
    .unwrap();
    let folder = || S3Uri::parse("s3://bench-bucket/rows/").unwrap();
    println!("{} MB before the rows", peak_megabytes());
    let rows: Vec<Measurement> = (0..count as i64)
        .map(|id| Measurement {
            id,
            name: format!("sensor number {}", id * 7919 % 100_003),
            value: (id as f64).sin() * 1000.0,
            at: DateTime::from_timestamp(1_700_000_000 + id, (id % 1000) as u32 * 1_000_000)
                .unwrap()
                .naive_utc(),
        })
        .collect();
    println!("{} MB with {count} rows", peak_megabytes());

    let to_nowhere = || {
        copy(measurements::table)
            .from_insertable(&rows)
            .through(&Nowhere, folder())
    };
    measure("encode", count, || {
        to_nowhere()
            .uncompressed()
            .iam_role(IamRole::Default)
            .upload()
            .unwrap()
    });
    measure("encode, compress (Zstandard)", count, || {
        to_nowhere().iam_role(IamRole::Default).upload().unwrap()
    });
    measure("encode, compress (gzip)", count, || {
        to_nowhere()
            .gzip()
            .iam_role(IamRole::Default)
            .upload()
            .unwrap()
    });
    let mut staged = measure("encode, compress, write to the folder", count, || {
        copy(measurements::table)
            .from_insertable(&rows)
            .through(&store, folder())
            .iam_role(IamRole::Default)
            .upload()
            .unwrap()
    });
    println!("    {} files", staged.files());
    let outcome = measure("COPY", count, || staged.copy(conn).unwrap());
    println!(
        "    {} bytes, {} compressed",
        outcome.bytes, outcome.compressed_bytes
    );
    drop(staged);
    conn.batch_execute("DELETE FROM measurements").unwrap();
    measure("rows to the table: all of it", count, || {
        copy(measurements::table)
            .from_insertable(&rows)
            .through(&store, folder())
            .iam_role(IamRole::Default)
            .execute(conn)
            .unwrap()
    });
    println!("{} MB", peak_megabytes());

    let files = measure("UNLOAD", count, || {
        unload(measurements::table)
            .through(&store, folder())
            .iam_role(IamRole::Default)
            .unload(conn)
            .unwrap()
    });
    measure("read, decompress, decode", count, || {
        let rows = files
            .load::<Measurement, _>(&store, measurements::table)
            .unwrap();
        assert_eq!(rows.map(Result::unwrap).count(), count);
    });
    files.delete(&store).unwrap();
    let back = measure("table to rows: all of it", count, || {
        unload(measurements::table)
            .through(&store, folder())
            .iam_role(IamRole::Default)
            .load::<Measurement>(conn)
            .unwrap()
    });
    assert_eq!(back.len(), count);
    drop(back);
    println!("{} MB", peak_megabytes());
    let selected = measure("SELECT", count, || {
        measurements::table.load::<Measurement>(conn).unwrap()
    });
    assert_eq!(selected.len(), count);
    drop(selected);
    conn.batch_execute("DELETE FROM measurements").unwrap();
    measure(
        "INSERT of 1,000 rows at a time, one transaction",
        count,
        || {
            conn.transaction(|conn| {
                for rows in rows.chunks(1000) {
                    diesel::insert_into(measurements::table)
                        .values(rows)
                        .execute(conn)?;
                }
                QueryResult::Ok(())
            })
            .unwrap();
        },
    );
}
