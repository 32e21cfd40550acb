//! `DATE`, `TIME`, `TIMESTAMP` and `TIMESTAMPTZ` in ISO form, with microseconds.
//!
//! Redshift's years reach from 4713 BC to 294276, chrono's to 262142: a later one is an error on reading.

use std::fmt::Write;

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Timelike, Utc,
};
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Date, Time, Timestamp, Timestamptz};

use crate::query_builder::Short;
use crate::{Redshift, RedshiftValue};

const DATE: &str = "a DATE (YYYY-MM-DD)";
const TIME: &str = "a TIME (HH:MM:SS)";
const TIMESTAMP: &str = "a TIMESTAMP (YYYY-MM-DD HH:MM:SS)";
const TIMESTAMPTZ: &str = "a TIMESTAMPTZ (YYYY-MM-DD HH:MM:SS+00)";

/// Reads fields off the front of a text.
struct Scanner<'a>(&'a [u8]);

impl Scanner<'_> {
    fn number(&mut self, min_digits: usize, max_digits: usize) -> Option<u32> {
        let digits = self
            .0
            .iter()
            .take(max_digits)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits < min_digits {
            return None;
        }
        let (number, rest) = self.0.split_at(digits);
        self.0 = rest;
        Some(
            number
                .iter()
                .fold(0, |value, digit| value * 10 + u32::from(digit - b'0')),
        )
    }

    fn skip(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// Year, month and day, the year not yet moved by a trailing `BC`.
    fn date(&mut self) -> Option<(i32, u32, u32)> {
        let year = self.number(4, 6)?;
        self.skip(b"-")?;
        let month = self.number(2, 2)?;
        self.skip(b"-")?;
        let day = self.number(2, 2)?;
        Some((i32::try_from(year).ok()?, month, day))
    }

    fn time(&mut self) -> Option<NaiveTime> {
        let hour = self.number(2, 2)?;
        self.skip(b":")?;
        let minute = self.number(2, 2)?;
        self.skip(b":")?;
        let second = self.number(2, 2)?;
        let mut micros = 0;
        if self.skip(b".").is_some() {
            let before = self.0.len();
            micros = self.number(1, 6)?;
            for _ in before - self.0.len()..6 {
                micros *= 10;
            }
        }
        NaiveTime::from_hms_micro_opt(hour, minute, second, micros)
    }

    /// `+00`, `-03:30` or `+05:30:15`.
    fn offset(&mut self) -> Option<FixedOffset> {
        let sign = match self.skip(b"-") {
            Some(()) => -1,
            None => self.skip(b"+").map(|()| 1)?,
        };
        let mut seconds = self.number(2, 2)? * 3600;
        if self.skip(b":").is_some() {
            seconds += self.number(2, 2)? * 60;
            if self.skip(b":").is_some() {
                seconds += self.number(2, 2)?;
            }
        }
        FixedOffset::east_opt(sign * i32::try_from(seconds).ok()?)
    }

    fn era(&mut self, (year, month, day): (i32, u32, u32)) -> Option<NaiveDate> {
        let year = if self.skip(b" BC").is_some() {
            1 - year
        } else {
            year
        };
        NaiveDate::from_ymd_opt(year, month, day)
    }

    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

fn parse_date(text: &[u8]) -> Option<NaiveDate> {
    let mut scanner = Scanner(text);
    let date = scanner.date()?;
    let date = scanner.era(date)?;
    scanner.end()?;
    Some(date)
}

fn parse_time(text: &[u8]) -> Option<NaiveTime> {
    let mut scanner = Scanner(text);
    let time = scanner.time()?;
    scanner.end()?;
    Some(time)
}

fn parse_timestamp(text: &[u8]) -> Option<NaiveDateTime> {
    let mut scanner = Scanner(text);
    let date = scanner.date()?;
    scanner.skip(b" ")?;
    let time = scanner.time()?;
    let date = scanner.era(date)?;
    scanner.end()?;
    Some(date.and_time(time))
}

fn parse_timestamptz(text: &[u8]) -> Option<DateTime<Utc>> {
    let mut scanner = Scanner(text);
    let date = scanner.date()?;
    scanner.skip(b" ")?;
    let time = scanner.time()?;
    let offset = scanner.offset()?;
    let date = scanner.era(date)?;
    scanner.end()?;
    let local = date.and_time(time);
    Some(local.checked_sub_offset(offset)?.and_utc())
}

fn write_date(text: &mut Short, date: NaiveDate) -> std::fmt::Result {
    let (_, year) = date.year_ce();
    write!(text, "{year:04}-{:02}-{:02}", date.month(), date.day())
}

/// Redshift counts microseconds: what is finer is cut, and a leap second is its minute's last microsecond.
fn write_time(text: &mut Short, time: NaiveTime) -> std::fmt::Result {
    let micros = (time.nanosecond() / 1000).min(999_999);
    write!(
        text,
        "{:02}:{:02}:{:02}.{micros:06}",
        time.hour(),
        time.minute(),
        time.second()
    )
}

fn write_era(text: &mut Short, date: NaiveDate) -> std::fmt::Result {
    let (is_ce, _) = date.year_ce();
    text.write_str(if is_ce { "" } else { " BC" })
}

impl ToSql<Date, Redshift> for NaiveDate {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let mut text = Short::new();
        write_date(&mut text, *self)?;
        write_era(&mut text, *self)?;
        out.set_value(text);
        Ok(IsNull::No)
    }
}

impl ToSql<Time, Redshift> for NaiveTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let mut text = Short::new();
        write_time(&mut text, *self)?;
        out.set_value(text);
        Ok(IsNull::No)
    }
}

fn timestamp(value: NaiveDateTime, offset: &str) -> Result<Short, std::fmt::Error> {
    let mut text = Short::new();
    write_date(&mut text, value.date())?;
    text.write_str(" ")?;
    write_time(&mut text, value.time())?;
    text.write_str(offset)?;
    write_era(&mut text, value.date())?;
    Ok(text)
}

impl ToSql<Timestamp, Redshift> for NaiveDateTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(timestamp(*self, "")?);
        Ok(IsNull::No)
    }
}

/// A time without a zone is taken as UTC.
impl ToSql<Timestamptz, Redshift> for NaiveDateTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(timestamp(*self, "+00")?);
        Ok(IsNull::No)
    }
}

impl<Tz: TimeZone> ToSql<Timestamptz, Redshift> for DateTime<Tz> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(timestamp(self.naive_utc(), "+00")?);
        Ok(IsNull::No)
    }
}

macro_rules! from_sql {
    ($($sql_type:ty => $rust:ty, $parse:expr, $expected:expr;)*) => {$(
        impl FromSql<$sql_type, Redshift> for $rust {
            fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
                $parse(value.as_bytes())
                    .ok_or_else(|| value.unreadable($expected))
            }
        }
    )*};
}

from_sql! {
    Date => NaiveDate, parse_date, DATE;
    Time => NaiveTime, parse_time, TIME;
    Timestamp => NaiveDateTime, parse_timestamp, TIMESTAMP;
    Timestamptz => DateTime<Utc>, parse_timestamptz, TIMESTAMPTZ;
    Timestamptz => NaiveDateTime, |text| parse_timestamptz(text).map(|utc| utc.naive_utc()), TIMESTAMPTZ;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
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
