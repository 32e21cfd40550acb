//! Loads rows once, for `callgrind.sh` to count the instructions: `rows <number of rows> <whole|row-by-row>`.
#![allow(clippy::unwrap_used, missing_docs)]

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

type Measurement = (i64, String, f64, NaiveDateTime);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rows, mode, ..] = arguments.as_slice() else {
        println!("usage: rows <number of rows> <whole|row-by-row>");
        return;
    };
    let rows: usize = rows.parse().unwrap();
    let sandbox = Sandbox::start().unwrap();
    let mut conn = diesel_redshift_tests::engine(&sandbox);
    conn.batch_execute(&format!(
        "CREATE TABLE measurements AS SELECT n::bigint AS id, ('sensor number ' || n)::varchar AS name, \
         sin(n) AS value, timestamp '2024-01-01 00:00:00' + n * interval '1.000001 seconds' AS at \
         FROM generate_series(1, {rows}) AS n"
    ))
    .unwrap();
    let loaded = match mode.as_str() {
        "row-by-row" => measurements::table
            .load_iter::<Measurement, RowByRowLoadingMode>(&mut conn)
            .unwrap()
            .filter(Result::is_ok)
            .count(),
        _ => measurements::table
            .load::<Measurement>(&mut conn)
            .unwrap()
            .len(),
    };
    assert_eq!(loaded, rows);
}
