//! `INTERVAL YEAR TO MONTH`, `INTERVAL DAY TO SECOND`, and the bare `INTERVAL` of expressions.

mod spelling;

use std::fmt::Write;

use diesel::data_types::PgInterval;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Interval;

use self::spelling::Parts;
use crate::sql_types::{IntervalDayToSecond, IntervalYearToMonth};
use crate::{Redshift, backend::RedshiftValue};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A value of `INTERVAL YEAR TO MONTH`: a number of months, negative towards the past.
///
/// ```
/// use diesel_redshift::data_types::YearToMonth;
///
/// let warranty = YearToMonth { months: 2 * 12 + 6 };
/// assert_eq!(warranty.to_string(), "30 months");
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = IntervalYearToMonth)]
pub struct YearToMonth {
    /// Years and months together, in months.
    pub months: i32,
}

/// A value of `INTERVAL DAY TO SECOND`: a number of microseconds, negative towards the past. A day
/// is 24 hours.
///
/// ```
/// use diesel_redshift::data_types::DayToSecond;
///
/// let shift = DayToSecond { micros: 8 * 3_600_000_000 };
/// assert_eq!(shift.to_string(), "8 hours");
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = IntervalDayToSecond)]
pub struct DayToSecond {
    /// Days, hours, minutes and seconds together, in microseconds.
    pub micros: i64,
}

impl std::fmt::Display for YearToMonth {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} months", self.months)
    }
}

impl std::fmt::Display for DayToSecond {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let days = self.micros / MICROS_PER_DAY;
        write_parts(formatter, 0, days, self.micros % MICROS_PER_DAY)
    }
}

/// Whole numbers with their units, each with its sign: there is no reading of them but one.
/// Fractions of negative seconds have lost their sign in PostgreSQL's old parser, which Redshift's
/// comes from, and numbers past 32 bits their value.
fn write_parts(to: &mut impl Write, months: i64, days: i64, micros: i64) -> std::fmt::Result {
    let seconds = micros / 1_000_000;
    let mut separator = "";
    for (number, unit) in [
        (months, "months"),
        (days, "days"),
        (seconds / 3600, "hours"),
        (seconds / 60 % 60, "minutes"),
        (seconds % 60, "seconds"),
        (micros % 1_000_000, "microseconds"),
    ] {
        if number != 0 {
            write!(to, "{separator}{number} {unit}")?;
            separator = " ";
        }
    }
    if separator.is_empty() {
        to.write_str("0 seconds")?;
    }
    Ok(())
}

impl ToSql<IntervalYearToMonth, Redshift> for YearToMonth {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl ToSql<IntervalDayToSecond, Redshift> for DayToSecond {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<IntervalYearToMonth, Redshift> for YearToMonth {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        match Parts::read(value.as_bytes()) {
            Some(Parts {
                months,
                days: 0,
                micros: 0,
            }) => Ok(Self { months }),
            _ => Err(value.unreadable("an INTERVAL YEAR TO MONTH (1 year 2 mons, or 1-2)")),
        }
    }
}

impl FromSql<IntervalDayToSecond, Redshift> for DayToSecond {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        let micros = match Parts::read(value.as_bytes()) {
            Some(Parts {
                months: 0,
                days,
                micros,
            }) => i64::from(days)
                .checked_mul(MICROS_PER_DAY)
                .and_then(|days| days.checked_add(micros)),
            _ => None,
        };
        match micros {
            Some(micros) => Ok(Self { micros }),
            None => {
                Err(value.unreadable("an INTERVAL DAY TO SECOND (3 days 04:05:06, or 3 4:05:06)"))
            }
        }
    }
}

const INTERVAL: &str = "an INTERVAL that the Rust type can hold";

/// `1.day()` and its like: an `INTERVAL` without a qualifier, which Redshift has in expressions
/// only.
impl ToSql<Interval, Redshift> for PgInterval {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let mut text = String::new();
        write_parts(
            &mut text,
            self.months.into(),
            self.days.into(),
            self.microseconds,
        )?;
        out.set_value(text);
        Ok(IsNull::No)
    }
}

impl FromSql<Interval, Redshift> for PgInterval {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        let parts = Parts::read(value.as_bytes()).ok_or_else(|| value.unreadable(INTERVAL))?;
        Ok(Self::new(parts.micros, parts.days, parts.months))
    }
}

#[cfg(feature = "chrono")]
impl ToSql<Interval, Redshift> for chrono::Duration {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let micros = self
            .num_microseconds()
            .ok_or("an INTERVAL holds at most 9223372036854775807 microseconds")?;
        let mut text = String::new();
        write_parts(&mut text, 0, 0, micros)?;
        out.set_value(text);
        Ok(IsNull::No)
    }
}

/// An interval with months is an error: a month has no fixed length.
#[cfg(feature = "chrono")]
impl FromSql<Interval, Redshift> for chrono::Duration {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        Parts::read(value.as_bytes())
            .filter(|parts| parts.months == 0)
            .map(|parts| Self::days(parts.days.into()) + Self::microseconds(parts.micros))
            .ok_or_else(|| value.unreadable(INTERVAL))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn years_and_months() {
        for (text, months) in [
            ("1 year 2 mons", 14),
            ("1-2", 14),
            ("-1-2", -14),
            ("-1 years -2 mons", -14),
            ("@ 1 year 2 mons ago", -14),
            ("P1Y2M", 14),
            ("00:00:00", 0),
            ("0", 0),
            ("@ 0", 0),
        ] {
            let read = value_of::<IntervalYearToMonth, YearToMonth>(text).expect("reads");
            assert_eq!(read.months, months, "{text}");
        }
        for text in [
            "",
            "1 day",
            "1 year 00:00:01",
            "1",
            "1-",
            "year",
            "1 century",
            "3000000000 mons",
        ] {
            assert!(
                value_of::<IntervalYearToMonth, YearToMonth>(text).is_err(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn days_to_seconds() {
        let three_days = 3 * MICROS_PER_DAY + 14_706_000_007;
        for (text, micros) in [
            ("3 days 04:05:06.000007", three_days),
            ("3 4:05:06.000007", three_days),
            ("-3 4:05:06.000007", -three_days),
            ("-3 days -04:05:06.000007", -three_days),
            ("@ 3 days 4 hours 5 mins 6.000007 secs ago", -three_days),
            ("P3DT4H5M6.000007S", three_days),
            ("-1 days +02:00:00", -22 * 3_600_000_000),
            ("-0.5 seconds", -500_000),
            ("-00:00:00.000001", -1),
            ("106751991 days 04:00:54.775807", i64::MAX),
            ("0", 0),
        ] {
            let read = value_of::<IntervalDayToSecond, DayToSecond>(text).expect("reads");
            assert_eq!(read.micros, micros, "{text}");
        }
        for text in [
            "1 mon",
            "1 day 1 day ago x",
            "1:2:3:4",
            "106751992 days 04:00:54.775808",
            "1.5 days",
        ] {
            assert!(
                value_of::<IntervalDayToSecond, DayToSecond>(text).is_err(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_is_sent_has_one_reading() {
        for (micros, text) in [
            (0, "0 seconds"),
            (-1, "-1 microseconds"),
            (
                90_061_000_001,
                "1 days 1 hours 1 minutes 1 seconds 1 microseconds",
            ),
            (
                i64::MIN,
                "-106751991 days -4 hours -54 seconds -775808 microseconds",
            ),
        ] {
            assert_eq!(
                text_of::<IntervalDayToSecond, _>(&DayToSecond { micros }),
                text
            );
        }
        let interval = PgInterval::new(-90_000_000_001, 2, 3);
        assert_eq!(
            text_of::<Interval, _>(&interval),
            "3 months 2 days -25 hours -1 microseconds"
        );
    }

    proptest! {
        #[test]
        fn round_trips(months: i32, days: i32, micros: i64) {
            let text = text_of::<IntervalYearToMonth, _>(&YearToMonth { months });
            prop_assert_eq!(value_of::<IntervalYearToMonth, YearToMonth>(&text).expect("reads").months, months);
            let text = text_of::<IntervalDayToSecond, _>(&DayToSecond { micros });
            prop_assert_eq!(value_of::<IntervalDayToSecond, DayToSecond>(&text).expect("reads").micros, micros);
            let bare = PgInterval::new(micros, days, months);
            let text = text_of::<Interval, _>(&bare);
            prop_assert_eq!(value_of::<Interval, PgInterval>(&text).expect("reads"), bare);
        }

        #[test]
        fn any_text_is_a_value_or_an_error(text in "[-+@ 0-9:.PTYMDHS,]{0,12}( (days|mons|ago|secs))?") {
            let _ = value_of::<Interval, PgInterval>(&text);
        }
    }
}
