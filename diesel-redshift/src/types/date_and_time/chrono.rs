//! chrono's types. Its years reach to 262142.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc,
};
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Date, Time, Timestamp, Timestamptz};

use super::text::{self, Clock, Day};
use super::{DATE, TIME, TIMESTAMP, TIMESTAMPTZ, timestamp};
use crate::{Redshift, backend::RedshiftValue};

fn date(Day { year, month, day }: Day) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
}

pub(super) fn time(clock: Clock) -> Option<NaiveTime> {
    NaiveTime::from_hms_micro_opt(
        clock.hour.into(),
        clock.minute.into(),
        clock.second.into(),
        clock.micros,
    )
}

// The parts of chrono's values fit: a month has at most two digits, and so has an hour.
#[allow(clippy::cast_possible_truncation)]
fn day(date: NaiveDate) -> Day {
    Day {
        year: date.year(),
        month: date.month() as u8,
        day: date.day() as u8,
    }
}

/// Redshift counts microseconds: what is finer is cut, and a leap second is its minute's last
/// microsecond.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn clock(time: NaiveTime) -> Clock {
    Clock {
        hour: time.hour() as u8,
        minute: time.minute() as u8,
        second: time.second() as u8,
        micros: (time.nanosecond() / 1000).min(999_999),
    }
}

fn timestamp(value: &RedshiftValue<'_>) -> Option<NaiveDateTime> {
    let (day, clock) = timestamp::read(value)?;
    Some(date(day)?.and_time(time(clock)?))
}

fn timestamptz(value: &RedshiftValue<'_>) -> Option<DateTime<FixedOffset>> {
    let (day, clock, offset) = timestamp::read_with_zone(value)?;
    let offset = FixedOffset::east_opt(offset)?;
    let local = date(day)?.and_time(time(clock)?);
    let utc = local.checked_sub_offset(offset)?;
    Some(DateTime::from_naive_utc_and_offset(utc, offset))
}

fn utc(value: &RedshiftValue<'_>) -> Option<DateTime<Utc>> {
    timestamptz(value).map(|instant| instant.to_utc())
}

impl ToSql<Date, Redshift> for NaiveDate {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_day(day(*self))?);
        Ok(IsNull::No)
    }
}

impl ToSql<Time, Redshift> for NaiveTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_clock(clock(*self))?);
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamp, Redshift> for NaiveDateTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_timestamp(day(self.date()), clock(self.time()))?);
        Ok(IsNull::No)
    }
}

/// A time without a zone is taken as UTC.
impl ToSql<Timestamptz, Redshift> for NaiveDateTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_utc_timestamp(
            day(self.date()),
            clock(self.time()),
        )?);
        Ok(IsNull::No)
    }
}

impl<Tz: TimeZone> ToSql<Timestamptz, Redshift> for DateTime<Tz> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let utc = self.naive_utc();
        out.set_value(text::write_utc_timestamp(
            day(utc.date()),
            clock(utc.time()),
        )?);
        Ok(IsNull::No)
    }
}

macro_rules! from_sql {
    ($($sql_type:ty => $rust:ty, $read:expr, $expected:expr;)*) => {$(
        impl FromSql<$sql_type, Redshift> for $rust {
            fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
                $read(&value).ok_or_else(|| value.unreadable($expected))
            }
        }
    )*};
}

from_sql! {
    Date => NaiveDate, |value: &RedshiftValue<'_>| text::read_day(value.as_bytes()).and_then(date), DATE;
    Time => NaiveTime, |value: &RedshiftValue<'_>| text::read_clock(value.as_bytes()).and_then(time), TIME;
    Timestamp => NaiveDateTime, timestamp, TIMESTAMP;
    Timestamptz => DateTime<Utc>, utc, TIMESTAMPTZ;
    // The offset is the session's time zone, which the server converts every text to.
    Timestamptz => DateTime<FixedOffset>, timestamptz, TIMESTAMPTZ;
    Timestamptz => NaiveDateTime, |value| utc(value).map(|utc| utc.naive_utc()), TIMESTAMPTZ;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::round_trip::{text_of, value_of};
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date")
    }

    #[test]
    fn dates() {
        for (text, value) in [
            ("2024-02-29", date(2024, 2, 29)),
            ("0001-01-01", date(1, 1, 1)),
            ("0001-12-31 BC", date(0, 12, 31)),
            ("4713-01-01 BC", date(-4712, 1, 1)),
            ("12345-06-07", date(12345, 6, 7)),
        ] {
            assert_eq!(value_of::<Date, NaiveDate>(text).expect("reads"), value);
            assert_eq!(text_of::<Date, _>(&value), text);
        }
        for text in [
            "",
            "2024-13-01",
            "2024-1-01",
            "2024-01-01 ",
            "294276-12-31",
            "infinity",
        ] {
            assert!(value_of::<Date, NaiveDate>(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn timestamps() {
        let value = date(2024, 1, 2)
            .and_hms_micro_opt(3, 4, 5, 60_000)
            .expect("a time");
        for text in ["2024-01-02 03:04:05.06", "2024-01-02 03:04:05.060000"] {
            assert_eq!(
                value_of::<Timestamp, NaiveDateTime>(text).expect("reads"),
                value
            );
        }
        assert_eq!(
            text_of::<Timestamp, _>(&value),
            "2024-01-02 03:04:05.060000"
        );
        for (text, hours, minutes) in [
            ("2024-01-02 03:04:05.06+00", 0, 0),
            ("2024-01-02 03:04:05.06+05:30", -5, -30),
            ("2024-01-02 03:04:05.06-03", 3, 0),
        ] {
            let shift = chrono::TimeDelta::minutes(hours * 60 + minutes);
            assert_eq!(
                value_of::<Timestamptz, DateTime<Utc>>(text).expect("reads"),
                (value + shift).and_utc()
            );
        }
        for text in [
            "2024-01-02",
            "2024-01-02T03:04:05",
            "2024-01-02 25:00:00",
            "2024-01-02 03:04:05+00",
        ] {
            assert!(
                value_of::<Timestamp, NaiveDateTime>(text).is_err(),
                "{text:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn timestamptz_round_trip(micros in -210_000_000_000_000_000_i64..8_000_000_000_000_000_000) {
            let value = DateTime::from_timestamp_micros(micros).expect("in range");
            let text = text_of::<Timestamptz, _>(&value);
            prop_assert_eq!(value_of::<Timestamptz, DateTime<Utc>>(&text).expect("reads"), value);
            let text = text_of::<Timestamp, _>(&value.naive_utc());
            prop_assert_eq!(value_of::<Timestamp, NaiveDateTime>(&text).expect("reads"), value.naive_utc());
        }

        #[test]
        fn any_text_is_a_value_or_an_error(text in "[-0-9: .+BC]{0,30}") {
            let _ = value_of::<Date, NaiveDate>(&text);
            let _ = value_of::<Time, NaiveTime>(&text);
            let _ = value_of::<Timestamp, NaiveDateTime>(&text);
            let _ = value_of::<Timestamptz, DateTime<Utc>>(&text);
        }
    }
}
