//! Intervals in files.

/// The two types of intervals that a column can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fields {
    YearToMonth,
    DayToSecond,
}

const MICROS: i128 = 1_000_000;
const DAY: i128 = 86_400 * MICROS;

impl Fields {
    /// Of PostgreSQL's type modifier; none for an interval without fields, which no column can have.
    pub(super) fn of_modifier(modifier: i64) -> Option<Self> {
        const YEAR_AND_MONTH: i64 = 1 << 1 | 1 << 2;
        const FINER: i64 = 1 << 3 | 1 << 10 | 1 << 11 | 1 << 12;
        const ALL: i64 = 0x7fff;
        let fields = (modifier >= 0).then_some(modifier >> 16 & ALL)?;
        match (fields & YEAR_AND_MONTH != 0, fields & FINER != 0) {
            (true, false) => Some(Self::YearToMonth),
            (false, true) => Some(Self::DayToSecond),
            _ => None,
        }
    }

    /// Whether a text is such an interval: `1-2`, `1 year 2 mons`, `3 days 04:05:06.5`, `3 days 4 hours`.
    pub(super) fn accept(self, text: &[u8]) -> bool {
        let Ok(text) = std::str::from_utf8(text) else {
            return false;
        };
        match self {
            Self::YearToMonth => months(text).is_some_and(|months| i32::try_from(months).is_ok()),
            Self::DayToSecond => micros(text).is_some_and(|micros| i64::try_from(micros).is_ok()),
        }
    }
}

fn months(text: &str) -> Option<i128> {
    if let Some((years, months)) = text.trim_start_matches(['-', '+']).split_once('-') {
        let is_plain =
            |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let months = months
            .parse::<i128>()
            .ok()
            .filter(|count| is_plain(months) && *count < 12)?;
        return is_plain(years).then_some(years.parse::<i128>().ok()?.checked_mul(12)? + months);
    }
    sum(text, |count, unit| {
        let months = match unit {
            "year" | "years" | "yr" | "yrs" | "y" => 12,
            "mon" | "mons" | "month" | "months" => 1,
            _ => return None,
        };
        count.parse::<i128>().ok()?.checked_mul(months)
    })
}

fn micros(text: &str) -> Option<i128> {
    let (parts, time) = match text.trim_end().rsplit_once([' ', '\t']) {
        Some((parts, last)) if last.contains(':') => (parts, Some(last)),
        None if text.contains(':') => ("", Some(text)),
        _ => (text, None),
    };
    let time = match time {
        Some(time) => time_of_day(time)?,
        None => 0,
    };
    let is_bare = parts.trim().is_empty() && text.contains(':');
    let parts = if is_bare {
        0
    } else {
        sum(parts, |count, unit| {
            let unit = match unit {
                "week" | "weeks" | "w" => 7 * DAY,
                "day" | "days" | "d" => DAY,
                "hour" | "hours" | "hr" | "hrs" | "h" => 3600 * MICROS,
                "minute" | "minutes" | "min" | "mins" | "m" => 60 * MICROS,
                "second" | "seconds" | "sec" | "secs" | "s" => return seconds(count),
                _ => return None,
            };
            count.parse::<i128>().ok()?.checked_mul(unit)
        })?
    };
    parts.checked_add(time)
}

/// Adds up counts with their units.
fn sum(text: &str, value: impl Fn(&str, &str) -> Option<i128>) -> Option<i128> {
    let text = text.to_ascii_lowercase();
    let mut words = text.split_ascii_whitespace();
    let mut total: Option<i128> = None;
    while let Some(count) = words.next() {
        let unit = words.next()?.trim_end_matches(',');
        total = Some(total.unwrap_or(0).checked_add(value(count, unit)?)?);
    }
    total
}

/// `[-]HH:MM[:SS[.ffffff]]`
fn time_of_day(text: &str) -> Option<i128> {
    let plain = text.trim_start_matches(['-', '+']);
    let mut parts = plain.split(':');
    let hours = parts.next()?.parse::<u32>().ok()?;
    let minutes = parts
        .next()?
        .parse::<u32>()
        .ok()
        .filter(|count| *count < 60)?;
    let rest = match parts.next() {
        Some(text) => seconds(text).filter(|micros| (0..60 * MICROS).contains(micros))?,
        None => 0,
    };
    let total = (i128::from(hours) * 60 + i128::from(minutes)) * 60 * MICROS + rest;
    parts
        .next()
        .is_none()
        .then_some(if text.starts_with('-') { -total } else { total })
}

fn seconds(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    whole.parse::<i128>().ok()?.checked_mul(MICROS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for text in [
            "1-2",
            "-1-2",
            "1 year 2 mons",
            "-1 years",
            "0 MONTHS",
            "14 mons",
        ] {
            assert!(Fields::YearToMonth.accept(text.as_bytes()), "{text}");
            assert!(!Fields::DayToSecond.accept(text.as_bytes()), "{text}");
        }
        for text in [
            "3 days 04:05:06.789",
            "00:00:00",
            "-00:00:01",
            "3 days -04:05",
            "3 days 4 hours",
            "1.5 seconds",
            "3 hours, 35 minutes",
        ] {
            assert!(Fields::DayToSecond.accept(text.as_bytes()), "{text}");
            assert!(!Fields::YearToMonth.accept(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "5",
            "1 fortnight",
            "1-12",
            "1 day 2",
            "04:60",
            "1 day 1 year",
            "x",
            "999999999999 years",
            "999999999999999 days",
        ] {
            assert!(!Fields::DayToSecond.accept(text.as_bytes()), "{text}");
            assert!(!Fields::YearToMonth.accept(text.as_bytes()), "{text}");
        }
    }
}
