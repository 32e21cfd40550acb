//! [`SystemTime`], which is an instant: as a `TIMESTAMP` it is taken to be in UTC, as Diesel does
//! for PostgreSQL.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Timestamp, Timestamptz};

use super::text::{self, Clock, Day, MICROS_PER_DAY};
use super::{TIMESTAMP, TIMESTAMPTZ, timestamp};
use crate::{Redshift, backend::RedshiftValue};

/// Why an instant is not sent.
#[derive(Debug, thiserror::Error)]
#[error("a SystemTime is out of range; Redshift takes the years 4713 BC to 294276")]
struct OutOfRange;

/// What is finer than a microsecond is cut, towards the past.
fn parts(instant: SystemTime) -> Option<(Day, Clock)> {
    // Microseconds since 1970 pass 64 bits some years before Redshift's last one.
    let nanos = match instant.duration_since(UNIX_EPOCH) {
        Ok(since) => i128::try_from(since.as_nanos()).ok()?,
        Err(before) => -i128::try_from(before.duration().as_nanos()).ok()?,
    };
    let micros = nanos.div_euclid(1000);
    let day = i128::from(MICROS_PER_DAY);
    Some((
        Day::from_epoch(i64::try_from(micros.div_euclid(day)).ok()?)?,
        Clock::from_micros(i64::try_from(micros.rem_euclid(day)).ok()?)?,
    ))
}

fn instant(day: Day, clock: Clock, offset: i32) -> Option<SystemTime> {
    let midnight = (day.since_epoch() * 86_400).checked_sub(i64::from(offset))?;
    let distance = Duration::from_secs(midnight.unsigned_abs());
    let midnight = if midnight < 0 {
        UNIX_EPOCH.checked_sub(distance)
    } else {
        UNIX_EPOCH.checked_add(distance)
    };
    midnight?.checked_add(Duration::from_micros(clock.micros_of_day().unsigned_abs()))
}

impl ToSql<Timestamp, Redshift> for SystemTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let (day, clock) = parts(*self).ok_or(OutOfRange)?;
        out.set_value(text::write_timestamp(day, clock)?);
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamptz, Redshift> for SystemTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        let (day, clock) = parts(*self).ok_or(OutOfRange)?;
        out.set_value(text::write_utc_timestamp(day, clock)?);
        Ok(IsNull::No)
    }
}

impl FromSql<Timestamp, Redshift> for SystemTime {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        timestamp::read(&value)
            .and_then(|(day, clock)| instant(day, clock, 0))
            .ok_or_else(|| value.unreadable(TIMESTAMP))
    }
}

impl FromSql<Timestamptz, Redshift> for SystemTime {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        timestamp::read_with_zone(&value)
            .and_then(|(day, clock, offset)| instant(day, clock, offset))
            .ok_or_else(|| value.unreadable(TIMESTAMPTZ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::round_trip::{text_of, value_of};
    use super::*;

    fn at(seconds: i64, micros: u64) -> SystemTime {
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let second = if seconds < 0 {
            UNIX_EPOCH - distance
        } else {
            UNIX_EPOCH + distance
        };
        second + Duration::from_micros(micros)
    }

    #[test]
    fn known_instants() {
        for (seconds, micros, text) in [
            (0, 0, "1970-01-01 00:00:00.000000"),
            (-1, 999_999, "1969-12-31 23:59:59.999999"),
            (951_868_800, 0, "2000-03-01 00:00:00.000000"),
            (9_224_318_015_999, 999_999, "294276-12-31 23:59:59.999999"),
        ] {
            assert_eq!(text_of::<Timestamp, _>(&at(seconds, micros)), text);
            assert_eq!(
                value_of::<Timestamp, SystemTime>(text).expect("reads"),
                at(seconds, micros)
            );
        }
        let shifted = value_of::<Timestamptz, SystemTime>("1970-01-01 05:30:00+05:30");
        assert_eq!(shifted.expect("reads"), UNIX_EPOCH);
        assert!(value_of::<Timestamp, SystemTime>("1970-01-01").is_err());
    }

    proptest! {
        #[test]
        fn round_trip(seconds in -210_000_000_000_i64..9_224_318_000_000, micros in 0..1_000_000_u64) {
            let text = text_of::<Timestamptz, _>(&at(seconds, micros));
            prop_assert_eq!(value_of::<Timestamptz, SystemTime>(&text).expect("reads"), at(seconds, micros));
        }
    }
}
