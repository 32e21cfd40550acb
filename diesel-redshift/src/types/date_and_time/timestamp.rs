//! `TIMESTAMP` and `TIMESTAMPTZ` in either format.

use super::text::{self, Clock, Day, MICROS_PER_DAY};
use crate::backend::RedshiftValue;

/// Days from 1970-01-01 to 2000-01-01, from where the binary form counts.
const DAYS_TO_2000: i64 = 10_957;

/// Reads a `TIMESTAMP`.
pub(super) fn read(value: &RedshiftValue<'_>) -> Option<(Day, Clock)> {
    if value.is_binary() {
        from_micros(i64::from_be_bytes(value.fixed()?))
    } else {
        text::read_timestamp(value.as_bytes())
    }
}

/// Reads a `TIMESTAMPTZ`, with the seconds of its zone east of UTC. The binary form is in UTC.
pub(super) fn read_with_zone(value: &RedshiftValue<'_>) -> Option<(Day, Clock, i32)> {
    if value.is_binary() {
        read(value).map(|(day, clock)| (day, clock, 0))
    } else {
        text::read_zoned_timestamp(value.as_bytes())
    }
}

fn from_micros(micros: i64) -> Option<(Day, Clock)> {
    // The ends of the range mean infinity to PostgreSQL, and nothing to Redshift.
    if matches!(micros, i64::MIN | i64::MAX) {
        return None;
    }
    Some((
        Day::from_epoch(micros.div_euclid(MICROS_PER_DAY) + DAYS_TO_2000)?,
        Clock::from_micros(micros.rem_euclid(MICROS_PER_DAY))?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_give_the_same() {
        for (micros, text) in [
            (0, "2000-01-01 00:00:00"),
            (-1, "1999-12-31 23:59:59.999999"),
            (86_400_000_000, "2000-01-02 00:00:00"),
            (757_382_400_000_000, "2024-01-01 00:00:00"),
            (-211_813_488_000_000_000, "4714-11-24 00:00:00 BC"),
            (9_223_371_331_199_999_999, "294276-12-31 23:59:59.999999"),
        ] {
            let bytes = i64::to_be_bytes(micros);
            let binary = RedshiftValue::of_binary(&bytes);
            let expected = read(&binary).expect(text);
            assert_eq!(read(&RedshiftValue::new(text.as_bytes())), Some(expected));
            assert_eq!(read_with_zone(&binary), Some((expected.0, expected.1, 0)));
        }
        for micros in [i64::MIN, i64::MAX] {
            assert!(read(&RedshiftValue::of_binary(&micros.to_be_bytes())).is_none());
        }
        assert!(read(&RedshiftValue::of_binary(&[0; 7])).is_none());
    }
}
