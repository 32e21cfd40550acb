//! The SQL types of Redshift that Diesel has none for.
//!
//! `table!` knows them after a `use`:
//!
//! ```
//! diesel::table! {
//!     use diesel::sql_types::*;
//!     use diesel_redshift::sql_types::*;
//!
//!     events (id) {
//!         id -> BigInt,
//!         payload -> Nullable<Super>,
//!         opens -> Timetz,
//!         warranty -> IntervalYearToMonth,
//!     }
//! }
//! ```
//!
//! The others are Diesel's:
//!
//! | Redshift | Diesel's SQL type |
//! |---|---|
//! | `SMALLINT`, `INTEGER`, `BIGINT` | `SmallInt`, `Integer`, `BigInt` |
//! | `DECIMAL(p, s)` | `Numeric` |
//! | `REAL`, `DOUBLE PRECISION` | `Float`, `Double` |
//! | `BOOLEAN` | `Bool` |
//! | `CHAR(n)`, `VARCHAR(n)` | `Text`; a `CHAR` is read with the blanks that pad it to its length |
//! | `VARBYTE(n)` | `Binary` |
//! | `DATE`, `TIME`, `TIMESTAMP`, `TIMESTAMPTZ` | `Date`, `Time`, `Timestamp`, `Timestamptz` |
//! | a UUID in a `VARCHAR(36)` | `Uuid` (feature `uuid`) |
//! | `INTERVAL` without a qualifier, in expressions only | `Interval` |
//!
//! Redshift's dates go from 4713 BC to the year 294276; chrono's and `time`'s types end before
//! that, and a date beyond is an error. `SystemTime` holds every `TIMESTAMP`.

use diesel::query_builder::QueryId;
use diesel::sql_types::{SqlOrd, SqlType};

/// `TIMETZ`, a time of day with its distance from UTC: [`TimeTz`](crate::data_types::TimeTz) in
/// Rust.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
pub struct Timetz;

/// `INTERVAL YEAR TO MONTH`: [`YearToMonth`](crate::data_types::YearToMonth) in Rust.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
pub struct IntervalYearToMonth;

/// `INTERVAL DAY TO SECOND`: [`DayToSecond`](crate::data_types::DayToSecond) in Rust.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
pub struct IntervalDayToSecond;

/// `SUPER`, semi-structured data of at most 16 MB.
///
/// With the feature `serde_json` it is [`Json<T>`](crate::data_types::Json) of any serde type, or a
/// `serde_json::Value`. A value goes in as `JSON_PARSE($1)`, since text alone would become a JSON
/// string. Without the feature a `SUPER` can be read as its JSON text into a [`String`].
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
pub struct Super;

/// `GEOMETRY`, shapes on a plane: [`Ewkb`](crate::data_types::Ewkb) in Rust.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
pub struct Geometry;

/// `GEOGRAPHY`, shapes on the Earth: [`Ewkb`](crate::data_types::Ewkb) in Rust.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
pub struct Geography;

/// `HLLSKETCH`, a sketch to estimate the number of distinct values from:
/// [`Sketch`](crate::data_types::Sketch) in Rust.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
pub struct HllSketch;

impl SqlOrd for Timetz {}
impl SqlOrd for IntervalYearToMonth {}
impl SqlOrd for IntervalDayToSecond {}
