//! The rows that are measured: four columns, and fifteen: Diesel has 16 unless a feature says more.

use chrono::{DateTime, NaiveDateTime};
use diesel::prelude::*;

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
        text1 -> Text,
        double1 -> Double,
        at1 -> Timestamp,
        flag1 -> Bool,
        big2 -> BigInt,
        text2 -> Text,
        double2 -> Double,
        at2 -> Timestamp,
        flag2 -> Bool,
        big3 -> BigInt,
        text3 -> Text,
        double3 -> Double,
        at3 -> Timestamp,
        flag3 -> Bool,
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
    pub(crate) text1: String,
    pub(crate) double1: f64,
    pub(crate) at1: NaiveDateTime,
    pub(crate) flag1: bool,
    pub(crate) big2: i64,
    pub(crate) text2: String,
    pub(crate) double2: f64,
    pub(crate) at2: NaiveDateTime,
    pub(crate) flag2: bool,
    pub(crate) big3: i64,
    pub(crate) text3: String,
    pub(crate) double3: f64,
    pub(crate) at3: NaiveDateTime,
    pub(crate) flag3: bool,
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
    pub(crate) const CREATE: &str = "DROP TABLE IF EXISTS wide; CREATE TABLE wide (big1 BIGINT, text1 VARCHAR(100), double1 DOUBLE PRECISION, at1 TIMESTAMP, flag1 BOOLEAN, big2 BIGINT, text2 VARCHAR(100), double2 DOUBLE PRECISION, at2 TIMESTAMP, flag2 BOOLEAN, big3 BIGINT, text3 VARCHAR(100), double3 DOUBLE PRECISION, at3 TIMESTAMP, flag3 BOOLEAN)";

    pub(crate) fn of(id: i64) -> Self {
        Self {
            big1: id,
            text1: format!("sensor number {}", id * 7919 % 100003),
            double1: (id as f64 * 1.0).sin() * 1000.0,
            at1: moment(id),
            flag1: id % 2 == 0,
            big2: id * 2,
            text2: format!("station {}", id * 7919 % 1000),
            double2: (id as f64 * 2.0).sin() * 1000.0,
            at2: moment(id * 2),
            flag2: id % 3 == 0,
            big3: id * 3,
            text3: format!("colour {}", id * 7919 % 10),
            double3: (id as f64 * 3.0).sin() * 1000.0,
            at3: moment(id * 3),
            flag3: id % 4 == 0,
        }
    }
}
