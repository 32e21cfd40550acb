//! The intervals, in the four spellings that a server can be set to.
#![no_main]

use diesel::data_types::PgInterval;
use diesel::sql_types::Interval;
use diesel_redshift::sql_types::{IntervalDayToSecond, IntervalYearToMonth};
use diesel_redshift::{data_types::DayToSecond, data_types::YearToMonth};
use diesel_redshift_fuzz::{round_trip, select};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    select(
        &[
            round_trip::<IntervalYearToMonth, YearToMonth>,
            round_trip::<IntervalDayToSecond, DayToSecond>,
            round_trip::<Interval, PgInterval>,
            round_trip::<Interval, chrono::Duration>,
        ],
        data,
    );
});
