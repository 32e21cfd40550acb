//! `DATE`, `TIME`, `TIMETZ`, `TIMESTAMP` and `TIMESTAMPTZ`, with every Rust type that reads them.
#![no_main]

use std::time::SystemTime;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::sql_types::{Date, Time, Timestamp, Timestamptz};
use diesel_redshift::data_types::TimeTz;
use diesel_redshift::sql_types::Timetz;
use diesel_redshift_fuzz::{round_trip, select};
use libfuzzer_sys::fuzz_target;
use time::{OffsetDateTime, PrimitiveDateTime};

fuzz_target!(|data: &[u8]| {
    select(
        &[
            round_trip::<Date, NaiveDate>,
            round_trip::<Date, time::Date>,
            round_trip::<Time, NaiveTime>,
            round_trip::<Time, time::Time>,
            round_trip::<Timetz, TimeTz>,
            round_trip::<Timestamp, NaiveDateTime>,
            round_trip::<Timestamp, PrimitiveDateTime>,
            round_trip::<Timestamp, SystemTime>,
            round_trip::<Timestamptz, NaiveDateTime>,
            round_trip::<Timestamptz, DateTime<Utc>>,
            round_trip::<Timestamptz, DateTime<FixedOffset>>,
            round_trip::<Timestamptz, PrimitiveDateTime>,
            round_trip::<Timestamptz, OffsetDateTime>,
            round_trip::<Timestamptz, SystemTime>,
        ],
        data,
    );
});
