//! Rows in by COPY and out by UNLOAD: `cargo bench -p diesel-redshift-tests --features wide --bench stage --
//! [stages|in|out|insert|select] [narrow|wide] [rows]`.
//!
//! `stages` measures each stage alone; the others one whole call each and print three figures, for tests/peers/stage.sh. `in-iter` and
//! `out-iter` are those whose rows are never all in memory. The sandbox is that of `SANDBOX_URL`, and its S3 that of the environment;
//! without them it runs in this process, and its time counts.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "stage/process.rs"]
mod process;
#[path = "stage/shapes.rs"]
mod shapes;

use std::io::Read;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::store::{FolderStore, S3Store, Store, StoreError};
use diesel_redshift::{IamRole, RedshiftConnection, S3Uri, copy, unload};
use redshift_sandbox::Sandbox;

use self::process::cost;
use self::shapes::{Narrow, Wide, narrow, wide};

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

/// A line for a person.
fn measure<T>(what: &str, rows: usize, run: impl FnOnce() -> T) -> T {
    let (outcome, cost) = cost(run);
    println!(
        "{what:<40} {:>7.3} s {:>6.2} s processor {:>5.0} MB {:>10.0} rows/s",
        cost.wall.as_secs_f64(),
        cost.processor.as_secs_f64(),
        cost.memory,
        rows as f64 / cost.wall.as_secs_f64()
    );
    outcome
}

/// A line for a script: seconds, seconds of the processor, megabytes.
fn figures<T>(run: impl FnOnce() -> T) -> T {
    let (outcome, cost) = cost(run);
    println!(
        "{:.3} {:.2} {:.0}",
        cost.wall.as_secs_f64(),
        cost.processor.as_secs_f64(),
        cost.memory
    );
    outcome
}

macro_rules! rows_in {
    ($table:ident, $rows:expr, $store:expr) => {
        copy($table::table)
            .from_insertable($rows)
            .through($store, S3Uri::parse("s3://bench-bucket/rows/").unwrap())
            .iam_role(IamRole::Default)
    };
}

macro_rules! rows_out {
    ($table:ident, $store:expr) => {
        unload($table::table)
            .through($store, S3Uri::parse("s3://bench-bucket/rows/").unwrap())
            .iam_role(IamRole::Default)
    };
}

macro_rules! run {
    ($mode:expr, $table:ident, $row:ident, $count:expr, $store:expr, $conn:expr) => {{
        let (count, store, conn) = ($count, $store, $conn);
        let ids = 0..count as i64;
        let all = || ids.clone().map($row::of).collect::<Vec<_>>();
        if !$mode.starts_with("out") && $mode != "select" {
            conn.batch_execute($row::CREATE).unwrap();
        }
        match $mode {
            "in" => {
                let rows = all();
                let load = || rows_in!($table, &rows, store).execute(conn).unwrap();
                assert_eq!(figures(load).rows, count as u64);
            }
            "in-iter" => {
                let rows = ids.map($row::of);
                let load = || rows_in!($table, rows, store).execute(conn).unwrap();
                assert_eq!(figures(load).rows, count as u64);
            }
            "out" => {
                let rows = figures(|| rows_out!($table, store).load::<$row>(conn).unwrap());
                assert_eq!(rows.len(), count);
            }
            "out-iter" => figures(|| {
                let rows = rows_out!($table, store).load_iter::<$row>(conn).unwrap();
                assert_eq!(rows.map(Result::unwrap).count(), count);
            }),
            "select" => {
                let rows = figures(|| $table::table.load::<$row>(conn).unwrap());
                assert_eq!(rows.len(), count);
            }
            "insert" => {
                let rows = all();
                figures(|| {
                    conn.transaction(|conn| {
                        for rows in rows.chunks(1000) {
                            diesel::insert_into($table::table)
                                .values(rows)
                                .execute(conn)?;
                        }
                        QueryResult::Ok(())
                    })
                    .unwrap();
                });
            }
            _ => {
                let rows = all();
                measure("encode", count, || {
                    let load = rows_in!($table, &rows, &Nowhere);
                    load.uncompressed().upload().unwrap()
                });
                measure("encode, compress (Zstandard)", count, || {
                    rows_in!($table, &rows, &Nowhere).upload().unwrap()
                });
                measure("encode, compress (gzip)", count, || {
                    rows_in!($table, &rows, &Nowhere).gzip().upload().unwrap()
                });
                let mut staged = measure("encode, compress, upload", count, || {
                    rows_in!($table, &rows, store).upload().unwrap()
                });
                let outcome = measure("COPY", count, || staged.copy(conn).unwrap());
                println!(
                    "    {} files, {} bytes, {} compressed",
                    outcome.files, outcome.bytes, outcome.compressed_bytes
                );
                drop(staged);
                let files = measure("UNLOAD", count, || {
                    rows_out!($table, store).unload(conn).unwrap()
                });
                measure("download, decompress, decode", count, || {
                    let rows = files.load::<$row, _>(store, $table::table).unwrap();
                    assert_eq!(rows.map(Result::unwrap).count(), count);
                });
                files.delete(store).unwrap();
            }
        }
    }};
}

fn main() {
    let mut arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    arguments.resize(3, String::new());
    let [mode, shape, count] = &arguments[..] else {
        unreachable!("three arguments")
    };
    let count: usize = count.parse().unwrap_or(1_000_000);
    let outside = std::env::var("SANDBOX_URL").ok();
    let sandbox = outside.is_none().then(|| Sandbox::start().unwrap());
    let (url, store): (_, Arc<dyn Store>) = match (&outside, &sandbox) {
        (None, Some(sandbox)) => {
            let store = FolderStore::new(sandbox.store().path());
            (sandbox.url(), Arc::new(store))
        }
        _ => {
            let store = S3Store::builder().build().unwrap();
            (outside.unwrap(), Arc::new(store))
        }
    };
    let mut conn = RedshiftConnection::establish(&url).unwrap();
    if shape == "wide" {
        run!(mode.as_str(), wide, Wide, count, &store, &mut conn);
    } else {
        run!(mode.as_str(), narrow, Narrow, count, &store, &mut conn);
    }
}
