//! The rows that are measured: of four columns, and of thirty.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use rust_decimal::Decimal;

diesel::table! {
    narrow (id) {
        id -> BigInt,
        name -> Text,
        value -> Double,
        at -> Timestamp,
    }
}

diesel::table! {
    wide (big1) {
        big1 -> BigInt,
        big2 -> BigInt,
        big3 -> BigInt,
        int1 -> Integer,
        int2 -> Integer,
        int3 -> Integer,
        small1 -> SmallInt,
        small2 -> SmallInt,
        code -> Text,
        colour -> Text,
        name -> Text,
        station -> Text,
        address -> Text,
        note -> Nullable<Text>,
        double1 -> Double,
        double2 -> Double,
        double3 -> Double,
        real1 -> Float,
        real2 -> Float,
        price -> Numeric,
        rate -> Numeric,
        flag1 -> Bool,
        flag2 -> Bool,
        flag3 -> Bool,
        day1 -> Date,
        day2 -> Date,
        at1 -> Timestamp,
        at2 -> Timestamp,
        seen1 -> Timestamptz,
        seen2 -> Timestamptz,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = narrow, treat_none_as_default_value = false)]
pub(crate) struct Narrow {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) at: NaiveDateTime,
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = wide, treat_none_as_default_value = false)]
pub(crate) struct Wide {
    pub(crate) big1: i64,
    pub(crate) big2: i64,
    pub(crate) big3: i64,
    pub(crate) int1: i32,
    pub(crate) int2: i32,
    pub(crate) int3: i32,
    pub(crate) small1: i16,
    pub(crate) small2: i16,
    pub(crate) code: String,
    pub(crate) colour: String,
    pub(crate) name: String,
    pub(crate) station: String,
    pub(crate) address: String,
    pub(crate) note: Option<String>,
    pub(crate) double1: f64,
    pub(crate) double2: f64,
    pub(crate) double3: f64,
    pub(crate) real1: f32,
    pub(crate) real2: f32,
    pub(crate) price: Decimal,
    pub(crate) rate: Decimal,
    pub(crate) flag1: bool,
    pub(crate) flag2: bool,
    pub(crate) flag3: bool,
    pub(crate) day1: NaiveDate,
    pub(crate) day2: NaiveDate,
    pub(crate) at1: NaiveDateTime,
    pub(crate) at2: NaiveDateTime,
    pub(crate) seen1: DateTime<Utc>,
    pub(crate) seen2: DateTime<Utc>,
}

/// A second apart from each other, with milliseconds.
fn moment(number: i64) -> NaiveDateTime {
    let nanoseconds = u32::try_from(number % 1000).unwrap() * 1_000_000;
    DateTime::from_timestamp(1_700_000_000 + number, nanoseconds)
        .unwrap()
        .naive_utc()
}

impl Narrow {
    pub(crate) const CREATE: &str = "DROP TABLE IF EXISTS narrow; \
        CREATE TABLE narrow (id BIGINT, name VARCHAR(100), value DOUBLE PRECISION, at TIMESTAMP)";

    pub(crate) fn of(id: i64) -> Self {
        Self {
            id,
            name: format!("sensor number {}", id * 7919 % 100_003),
            value: (id as f64).sin() * 1000.0,
            at: moment(id),
        }
    }
}

impl Wide {
    pub(crate) const CREATE: &str = "DROP TABLE IF EXISTS wide; CREATE TABLE wide (big1 BIGINT, big2 BIGINT, big3 BIGINT, \
        int1 INTEGER, int2 INTEGER, int3 INTEGER, small1 SMALLINT, small2 SMALLINT, code VARCHAR(10), colour VARCHAR(20), \
        name VARCHAR(50), station VARCHAR(100), address VARCHAR(200), note VARCHAR(500), \
        double1 DOUBLE PRECISION, double2 DOUBLE PRECISION, double3 DOUBLE PRECISION, real1 REAL, real2 REAL, \
        price DECIMAL(12,2), rate DECIMAL(18,4), flag1 BOOLEAN, flag2 BOOLEAN, flag3 BOOLEAN, day1 DATE, day2 DATE, \
        at1 TIMESTAMP, at2 TIMESTAMP, seen1 TIMESTAMPTZ, seen2 TIMESTAMPTZ)";

    pub(crate) fn of(id: i64) -> Self {
        const COLOURS: [&str; 5] = ["red", "green", "blue", "dark red", "light green"];
        let small = |modulo: i64| i16::try_from(id % modulo).unwrap();
        let int = |factor: i64, modulo: i64| i32::try_from(id * factor % modulo).unwrap();
        let wave = |factor: f64| (id as f64 * factor).sin() * 1000.0;
        Self {
            big1: id,
            big2: id * 7919,
            big3: id * 1_000_003 % 1_000_000_007,
            int1: int(1, 1000),
            int2: int(31, 1_000_000),
            int3: int(1, 7),
            small1: small(366),
            small2: small(24),
            code: format!("{:08x}", id * 2_654_435_761 % (1 << 32)),
            colour: COLOURS[usize::try_from(id % 5).unwrap()].to_owned(),
            name: format!("sensor number {}", id * 7919 % 100_003),
            station: format!("station {} of the northern line", id * 7919 % 1000),
            address: format!("{} Long Street, back yard, floor {}, 1{:04} Springfield", id % 300, id % 6, id % 9999),
            note: (id % 3 > 0).then(|| {
                format!("seen by {}, who said that it was \"{}\", and that all else was as it had been the day before", id % 977, id % 10)
            }),
            double1: wave(1.0),
            double2: wave(2.0),
            double3: wave(3.0),
            real1: wave(4.0) as f32,
            real2: wave(5.0) as f32,
            // As many digits in every row, since the peers take the precision from the values.
            price: Decimal::new(100_000_000_000 + id * 37 % 10_000_000_000, 2),
            rate: Decimal::new(100_000_000_000_000_000 + id * 7919 % 1_000_000_000_000, 4),
            flag1: id % 2 == 0,
            flag2: id % 3 == 0,
            flag3: id % 4 == 0,
            day1: moment(id * 100).date(),
            day2: moment(id * 200).date(),
            at1: moment(id),
            at2: moment(id * 2),
            seen1: moment(id * 3).and_utc(),
            seen2: moment(id * 4).and_utc(),
        }
    }
}
