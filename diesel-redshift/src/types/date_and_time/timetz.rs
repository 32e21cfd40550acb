//! `TIMETZ`: a time of day with its distance from UTC.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};

use super::TIMETZ;
use super::text::{self, Clock, MICROS_PER_DAY};
use crate::sql_types::Timetz;
use crate::{Redshift, backend::RedshiftValue};

/// A value of `TIMETZ`: a time of day, 00:00:00 to 24:00:00, and how far it is ahead of UTC.
///
/// Redshift keeps and returns such a value in UTC: [`to_utc`](Self::to_utc) tells which.
///
/// ```
/// use diesel_redshift::data_types::TimeTz;
///
/// let tea_time = TimeTz::new(16 * 3_600_000_000, 3600).expect("a time of day");
/// assert_eq!(tea_time.microseconds(), 57_600_000_000);
/// assert_eq!(tea_time.utc_offset(), 3600);
/// assert!(TimeTz::new(-1, 0).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timetz)]
pub struct TimeTz {
    microseconds: i64,
    utc_offset: i32,
}

impl TimeTz {
    /// The time so many microseconds after midnight, in a zone so many seconds ahead of UTC.
    ///
    /// `None` when the time is not of a day (0 to 86,400,000,000) or the distance is not less than
    /// 24 hours.
    pub const fn new(microseconds: i64, utc_offset: i32) -> Option<Self> {
        if microseconds < 0 || microseconds > MICROS_PER_DAY || utc_offset.unsigned_abs() >= 86_400
        {
            return None;
        }
        Some(Self {
            microseconds,
            utc_offset,
        })
    }

    /// Microseconds after midnight, 0 to 86,400,000,000.
    pub const fn microseconds(self) -> i64 {
        self.microseconds
    }

    /// The same time in UTC, as Redshift keeps it: `23:30+01` is `22:30+00`.
    ///
    /// ```
    /// use diesel_redshift::data_types::TimeTz;
    ///
    /// let late = TimeTz::new(1_800_000_000, 3600).map(TimeTz::to_utc);
    /// assert_eq!(late, TimeTz::new(84_600_000_000, 0));
    /// ```
    #[must_use]
    pub const fn to_utc(self) -> Self {
        let microseconds = self.microseconds - self.utc_offset as i64 * 1_000_000;
        Self {
            microseconds: microseconds.rem_euclid(MICROS_PER_DAY),
            utc_offset: 0,
        }
    }

    /// Seconds ahead of UTC; behind it is negative.
    pub const fn utc_offset(self) -> i32 {
        self.utc_offset
    }
}

#[cfg(feature = "chrono")]
impl From<(chrono::NaiveTime, chrono::FixedOffset)> for TimeTz {
    /// What is finer than a microsecond is cut, and a leap second is its minute's last microsecond.
    fn from((time, offset): (chrono::NaiveTime, chrono::FixedOffset)) -> Self {
        Self {
            microseconds: super::chrono::clock(time).micros_of_day(),
            utc_offset: offset.local_minus_utc(),
        }
    }
}

#[cfg(feature = "chrono")]
impl TimeTz {
    /// The time and the zone as chrono's types; `None` for 24:00:00, which chrono cannot hold.
    pub fn to_chrono(self) -> Option<(chrono::NaiveTime, chrono::FixedOffset)> {
        let clock = Clock::from_micros(self.microseconds)?;
        let time = super::chrono::time(clock)?;
        Some((time, chrono::FixedOffset::east_opt(self.utc_offset)?))
    }
}

impl ToSql<Timetz, Redshift> for TimeTz {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let clock = Clock::from_micros(self.microseconds).ok_or("a TIMETZ beyond 24:00:00")?;
        out.set_value(text::write_zoned_clock(clock, self.utc_offset)?);
        Ok(IsNull::No)
    }
}

impl FromSql<Timetz, Redshift> for TimeTz {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        text::read_zoned_clock(value.as_bytes())
            .and_then(|(clock, offset)| Self::new(clock.micros_of_day(), offset))
            .ok_or_else(|| value.unreadable(TIMETZ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn spellings() {
        for (text, microseconds, utc_offset) in [
            ("00:00:00+00", 0, 0),
            ("12:00:00.5-03", 43_200_500_000, -10_800),
            ("24:00:00+05:30", 86_400_000_000, 19_800),
            ("01:02:03.000004-00:00:07", 3_723_000_004, -7),
        ] {
            let read = value_of::<Timetz, TimeTz>(text).expect("reads");
            assert_eq!(Some(read), TimeTz::new(microseconds, utc_offset), "{text}");
        }
        for text in [
            "",
            "12:00:00",
            "12:00:00+24",
            "25:00:00+00",
            "12:00:00+00 BC",
        ] {
            assert!(value_of::<Timetz, TimeTz>(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(micros in 0..=MICROS_PER_DAY, offset in -86_399..=86_399) {
            let value = TimeTz::new(micros, offset).expect("in range");
            let text = text_of::<Timetz, _>(&value);
            prop_assert_eq!(value_of::<Timetz, TimeTz>(&text).expect("reads"), value);
        }
    }
}
