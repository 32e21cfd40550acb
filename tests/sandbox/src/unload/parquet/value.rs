//! Values of Parquet from PostgreSQL's texts of them.

use ::parquet::data_type::Int96;

/// The Julian day of 1970-01-01.
const JULIAN_EPOCH: i64 = 2_440_588;

/// Days since 1970, of a date in the ISO style.
pub(super) fn date(text: &str) -> Option<i64> {
    let (text, before_christ) = era(text);
    let mut parts = text.split('-');
    let mut next = || parts.next()?.parse::<i64>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let is_whole = parts.next().is_none();
    let year = if before_christ { 1 - year } else { year };
    is_whole.then(|| days(year, month, day))
}

/// Of a timestamp in the ISO style.
pub(super) fn timestamp(text: &str) -> Option<Int96> {
    let (text, before_christ) = era(text);
    let (day, time) = text.split_once(' ')?;
    let era = if before_christ { " BC" } else { "" };
    let day = u32::try_from(date(&format!("{day}{era}"))? + JULIAN_EPOCH).ok()?;
    let nanos = u64::try_from(micros(time)? * 1000).ok()?;
    let mut int96 = Int96::new();
    int96.set_data((nanos & 0xffff_ffff) as u32, (nanos >> 32) as u32, day);
    Some(int96)
}

/// Microseconds since midnight.
pub(super) fn micros(text: &str) -> Option<i64> {
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let mut next = || parts.next()?.parse::<i64>().ok();
    let (hour, minute, second) = (next()?, next()?, next()?);
    let fraction = format!("{fraction:0<6}").parse::<i64>().ok()?;
    parts
        .next()
        .is_none()
        .then_some(((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction)
}

/// So many units of the last place; digits beyond it are cut off.
pub(super) fn decimal(text: &str, precision: usize, scale: usize) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = &fraction[..fraction.len().min(scale)];
    let number: i128 = format!("{whole}{fraction:0<scale$}").parse().ok()?;
    (number.unsigned_abs() < 10_u128.pow(u32::try_from(precision).ok()?)).then_some(number)
}

fn era(text: &str) -> (&str, bool) {
    match text.strip_suffix(" BC") {
        Some(text) => (text, true),
        None => (text, false),
    }
}

/// Days of the proleptic Gregorian calendar, after Howard Hinnant's `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("10000-01-01", 2_932_897),
            ("0001-12-31 BC", -719_163),
            ("4714-11-24 BC", -JULIAN_EPOCH),
        ] {
            assert_eq!(date(text), Some(days), "{text}");
        }
        assert_eq!(date("infinity"), None);
    }

    #[test]
    fn times() {
        assert_eq!(micros("00:00:00.000001"), Some(1));
        assert_eq!(micros("24:00:00"), Some(86_400_000_000));
        let read = |text: &str| timestamp(text).map(|timestamp| timestamp.to_micros());
        assert_eq!(read("1970-01-01 00:00:00"), Some(0));
        assert_eq!(read("1969-12-31 23:59:59.5"), Some(-500_000));
        assert_eq!(
            read("4714-11-24 00:00:00 BC"),
            Some(-JULIAN_EPOCH * 86_400_000_000)
        );
        assert_eq!(read("infinity"), None);
    }

    #[test]
    fn decimals() {
        assert_eq!(decimal("-0.05", 4, 2), Some(-5));
        assert_eq!(decimal("-.5", 4, 2), Some(-50));
        assert_eq!(decimal("12.3", 4, 2), Some(1230));
        assert_eq!(decimal("12.349", 4, 2), Some(1234));
        assert_eq!(decimal("100", 4, 2), None);
        assert_eq!(decimal("NaN", 4, 2), None);
    }
}
