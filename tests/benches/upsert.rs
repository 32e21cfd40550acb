//! An upsert of rows of 8 columns, half of which are there already: `cargo bench --bench upsert -- prepare|through|insert|copy [rows]`.
//!
//! `prepare` makes the table `people` of ten times as many rows. `through` upserts by COPY, `insert` by INSERTs of a stage and MERGE;
//! `copy` only loads the same rows into an empty table. All but `prepare` print three figures, for tests/peers/upsert.sh: seconds, seconds
//! of this process's own processor time, megabytes. The sandbox is that of `SANDBOX_URL`, and its S3 that of the environment.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "stage/process.rs"]
mod process;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::store::S3Store;
use diesel_redshift::upsert::upsert;
use diesel_redshift::{IamRole, RedshiftConnection, S3Uri, copy};

diesel::table! {
    people (id) {
        id -> BigInt,
        name -> Text,
        city -> Nullable<Text>,
        score -> Double,
        hits -> Integer,
        active -> Bool,
        seen_at -> Timestamp,
        born_on -> Nullable<Date>,
    }
}

diesel::table! {
    loaded (id) {
        id -> BigInt,
        name -> Text,
        city -> Nullable<Text>,
        score -> Double,
        hits -> Integer,
        active -> Bool,
        seen_at -> Timestamp,
        born_on -> Nullable<Date>,
    }
}

const COLUMNS: &str = "(id BIGINT NOT NULL, name VARCHAR(100) NOT NULL, city VARCHAR(50), score DOUBLE PRECISION NOT NULL, \
    hits INTEGER NOT NULL, active BOOLEAN NOT NULL, seen_at TIMESTAMP NOT NULL, born_on DATE)";

macro_rules! person {
    ($row:ident, $table:ident) => {
        #[derive(Debug, Clone, Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        struct $row {
            id: i64,
            name: String,
            city: Option<String>,
            score: f64,
            hits: i32,
            active: bool,
            seen_at: NaiveDateTime,
            born_on: Option<NaiveDate>,
        }

        impl $row {
            fn of(id: i64) -> Self {
                Self {
                    id,
                    name: format!("person number {}", id * 7919 % 100_003),
                    city: (id % 7 != 0).then(|| format!("city {}", id % 1000)),
                    score: (id as f64).sin() * 1000.0,
                    hits: (id % 1000) as i32,
                    active: id % 3 == 0,
                    seen_at: DateTime::from_timestamp_millis(1_700_000_000_000 + id * 1000)
                        .unwrap()
                        .naive_utc(),
                    born_on: NaiveDate::from_num_days_from_ce_opt(700_000 + (id % 30_000) as i32),
                }
            }
        }
    };
}

person! { Person, people }
person! { Loaded, loaded }

fn place() -> S3Uri {
    S3Uri::parse("s3://bench-bucket/upsert/").unwrap()
}

fn figures<T>(run: impl FnOnce() -> T) -> T {
    let (outcome, cost) = process::cost(run);
    println!(
        "{:.3} {:.2} {:.0}",
        cost.wall.as_secs_f64(),
        cost.processor.as_secs_f64(),
        cost.memory
    );
    outcome
}

fn main() {
    let mut arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    arguments.resize(2, String::new());
    let count: i64 = arguments[1].parse().unwrap_or(100_000);
    let mut conn = RedshiftConnection::establish(&std::env::var("SANDBOX_URL").unwrap()).unwrap();
    let conn = &mut conn;
    let store = S3Store::builder().build().unwrap();
    let there = count * 10;
    let ids = there - count / 2..there + count / 2;
    match arguments[0].as_str() {
        "prepare" => {
            conn.batch_execute(&format!(
                "DROP TABLE IF EXISTS people; CREATE TABLE people {COLUMNS}"
            ))
            .unwrap();
            let rows = (0..there).map(Person::of);
            copy(people::table)
                .from_insertable(rows)
                .through(&store, place())
                .iam_role(IamRole::Default)
                .execute(conn)
                .unwrap();
        }
        "copy" => {
            conn.batch_execute(&format!(
                "DROP TABLE IF EXISTS loaded; CREATE TABLE loaded {COLUMNS}"
            ))
            .unwrap();
            let rows: Vec<_> = ids.map(Loaded::of).collect();
            figures(|| {
                copy(loaded::table)
                    .from_insertable(&rows)
                    .through(&store, place())
                    .iam_role(IamRole::Default)
                    .execute(conn)
                    .unwrap()
            });
        }
        mode => {
            let rows: Vec<_> = ids.map(Person::of).collect();
            let outcome = if mode == "through" {
                figures(|| {
                    upsert(&rows)
                        .into(people::table)
                        .key((people::id,))
                        .update_all()
                        .through(&store, place())
                        .iam_role(IamRole::Default)
                        .execute(conn)
                        .unwrap()
                })
            } else {
                figures(|| {
                    upsert(&rows)
                        .into(people::table)
                        .key((people::id,))
                        .update_all()
                        .execute(conn)
                        .unwrap()
                })
            };
            let half = count as u64 / 2;
            assert_eq!((outcome.updated, outcome.inserted), (half, half));
        }
    }
}
