//! The `time` crate's types. Its years reach from -9999 to 9999.

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Date, Time, Timestamp, Timestamptz};
use time::{
    Date as TimeDate, Month, OffsetDateTime, PrimitiveDateTime, Time as TimeOfDay, UtcOffset,
};

use super::text::{self, Clock, Day};
use super::{DATE, TIME, TIMESTAMP, TIMESTAMPTZ, timestamp};
use crate::{Redshift, backend::RedshiftValue};

fn date(Day { year, month, day }: Day) -> Option<TimeDate> {
    TimeDate::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

fn time(clock: Clock) -> Option<TimeOfDay> {
    TimeOfDay::from_hms_micro(clock.hour, clock.minute, clock.second, clock.micros).ok()
}

fn day(date: TimeDate) -> Day {
    Day {
        year: date.year(),
        month: date.month().into(),
        day: date.day(),
    }
}

/// What is finer than a microsecond is cut.
fn clock(time: TimeOfDay) -> Clock {
    Clock {
        hour: time.hour(),
        minute: time.minute(),
        second: time.second(),
        micros: time.microsecond(),
    }
}

fn timestamp(value: &RedshiftValue<'_>) -> Option<PrimitiveDateTime> {
    let (day, clock) = timestamp::read(value)?;
    Some(PrimitiveDateTime::new(date(day)?, time(clock)?))
}

/// The offset is the session's time zone, which the server converts every text to.
fn timestamptz(value: &RedshiftValue<'_>) -> Option<OffsetDateTime> {
    let (day, clock, offset) = timestamp::read_with_zone(value)?;
    let offset = UtcOffset::from_whole_seconds(offset).ok()?;
    let instant = PrimitiveDateTime::new(date(day)?, time(clock)?).assume_offset(offset);
    // The same instant in UTC must be within the crate's years too, or sending it back would panic.
    instant.checked_to_offset(UtcOffset::UTC)?;
    Some(instant)
}

/// Why an instant is not sent.
#[derive(Debug, thiserror::Error)]
#[error("an OffsetDateTime is out of range in UTC; the time crate holds the years -9999 to 9999")]
struct OutOfRange;

impl ToSql<Date, Redshift> for TimeDate {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_day(day(*self))?);
        Ok(IsNull::No)
    }
}

impl ToSql<Time, Redshift> for TimeOfDay {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_clock(clock(*self))?);
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamp, Redshift> for PrimitiveDateTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_timestamp(day(self.date()), clock(self.time()))?);
        Ok(IsNull::No)
    }
}

/// A time without a zone is taken as UTC.
impl ToSql<Timestamptz, Redshift> for PrimitiveDateTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(text::write_utc_timestamp(
            day(self.date()),
            clock(self.time()),
        )?);
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamptz, Redshift> for OffsetDateTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let utc = self.checked_to_offset(UtcOffset::UTC).ok_or(OutOfRange)?;
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
    Date => TimeDate, |value: &RedshiftValue<'_>| text::read_day(value.as_bytes()).and_then(date), DATE;
    Time => TimeOfDay, |value: &RedshiftValue<'_>| text::read_clock(value.as_bytes()).and_then(time), TIME;
    Timestamp => PrimitiveDateTime, timestamp, TIMESTAMP;
    Timestamptz => OffsetDateTime, timestamptz, TIMESTAMPTZ;
    Timestamptz => PrimitiveDateTime, |value| timestamptz(value).map(|instant| {
        let utc = instant.to_offset(UtcOffset::UTC);
        PrimitiveDateTime::new(utc.date(), utc.time())
    }), TIMESTAMPTZ;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn what_the_crate_cannot_hold_is_an_error() {
        assert!(value_of::<Date, TimeDate>("10000-01-01").is_err());
        assert!(value_of::<Time, TimeOfDay>("24:00:00").is_err());
        assert!(value_of::<Timestamptz, OffsetDateTime>("9999-12-31 23:00:00-05").is_err());
        let date = value_of::<Date, TimeDate>("0044-03-15 BC").expect("reads");
        assert_eq!(date.year(), -43);
        assert_eq!(text_of::<Date, _>(&date), "0044-03-15 BC");
    }

    proptest! {
        #[test]
        fn round_trip(seconds in -100_000_000_000_i64..250_000_000_000, micros in 0..1_000_000_u32) {
            let instant = OffsetDateTime::from_unix_timestamp(seconds).expect("in range")
                + time::Duration::microseconds(micros.into());
            let text = text_of::<Timestamptz, _>(&instant);
            prop_assert_eq!(value_of::<Timestamptz, OffsetDateTime>(&text).expect("reads"), instant);
            let local = PrimitiveDateTime::new(instant.date(), instant.time());
            let text = text_of::<Timestamp, _>(&local);
            prop_assert_eq!(value_of::<Timestamp, PrimitiveDateTime>(&text).expect("reads"), local);
            prop_assert_eq!(value_of::<Date, TimeDate>(&text_of::<Date, _>(&local.date())).expect("reads"), local.date());
            prop_assert_eq!(value_of::<Time, TimeOfDay>(&text_of::<Time, _>(&local.time())).expect("reads"), local.time());
        }
    }
}
