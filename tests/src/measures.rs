//! A table with a column of each type that has a binary format, and of some that have none.

use chrono::{DateTime, NaiveDateTime, Utc};

diesel::table! {
    /// Measures.
    measures (id) {
        /// `BIGINT`
        id -> BigInt,
        /// `SMALLINT`
        small -> Nullable<SmallInt>,
        /// `INTEGER`
        medium -> Nullable<Integer>,
        /// `REAL`
        single -> Nullable<Float>,
        /// `DOUBLE PRECISION`
        double -> Nullable<Double>,
        /// `BOOLEAN`
        truth -> Nullable<Bool>,
        /// `CHAR(4)`
        fixed -> Nullable<Text>,
        /// `VARCHAR(100)`
        text -> Nullable<Text>,
        /// `TIMESTAMP`
        at -> Nullable<Timestamp>,
        /// `TIMESTAMPTZ`
        instant -> Nullable<Timestamptz>,
        /// `DECIMAL(38, 10)`, as text only
        exact -> Nullable<Numeric>,
        /// `DATE`, as text only
        day -> Nullable<Date>,
    }
}

/// Creates the table.
pub const CREATE: &str = "CREATE TABLE measures (id BIGINT, small SMALLINT, medium INTEGER, single REAL, double DOUBLE PRECISION, \
     truth BOOLEAN, fixed CHAR(4), text VARCHAR(100), at TIMESTAMP, instant TIMESTAMPTZ, exact DECIMAL(38, 10), day DATE)";

/// The columns that can come in the binary format.
pub type BinaryColumns = (
    measures::id,
    measures::small,
    measures::medium,
    measures::single,
    measures::double,
    measures::truth,
    measures::fixed,
    measures::text,
    measures::at,
    measures::instant,
);

/// All of [`BinaryColumns`].
pub const BINARY_COLUMNS: BinaryColumns = (
    measures::id,
    measures::small,
    measures::medium,
    measures::single,
    measures::double,
    measures::truth,
    measures::fixed,
    measures::text,
    measures::at,
    measures::instant,
);

/// A row of [`BINARY_COLUMNS`].
pub type BinaryRow = (
    i64,
    Option<i16>,
    Option<i32>,
    Option<f32>,
    Option<f64>,
    Option<bool>,
    Option<String>,
    Option<String>,
    Option<NaiveDateTime>,
    Option<DateTime<Utc>>,
);
