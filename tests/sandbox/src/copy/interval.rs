//! Intervals in files.

use std::fmt::Write;

/// The two types of intervals that a column can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fields {
    YearToMonth,
    DayToSecond,
}

const SECOND: i128 = 1_000_000;
const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

impl Fields {
    /// Of PostgreSQL's type modifier; none for an interval without fields, which no column can have.
    pub(crate) fn of_modifier(modifier: i64) -> Option<Self> {
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

    /// The text that PostgreSQL shows, as Redshift shows it: PostgreSQL has the parts that the interval was made of, and
    /// one of no months as no time.
    pub(crate) fn of_engine(self, text: &[u8]) -> Option<String> {
        match self {
            Self::YearToMonth if text == b"00:00:00" => self.shown(b"0 mons"),
            _ => self.shown(text),
        }
    }

    /// The binary form: months in 32 bits, or microseconds in 64. PostgreSQL's is microseconds, days and months.
    pub(crate) fn binary_of_engine(self, value: &[u8]) -> Option<Vec<u8>> {
        let (micros, rest) = value.split_first_chunk::<8>()?;
        let (days, rest) = rest.split_first_chunk::<4>()?;
        let months = rest.first_chunk::<4>()?;
        Some(match self {
            Self::YearToMonth => months.to_vec(),
            Self::DayToSecond => {
                let days = i128::from(i32::from_be_bytes(*days)) * DAY;
                let micros = days + i128::from(i64::from_be_bytes(*micros));
                i64::try_from(micros).ok()?.to_be_bytes().to_vec()
            }
        })
    }

    /// An interval as files have it: `1 year 2 mons`, `3 days 04:05:06.5`. Redshift keeps one number, of months or of
    /// microseconds, so 36 hours are a day and 12 hours. None if the text is no such interval: `1-2`, `1 year 2 mons`,
    /// `3 04:05:06`, `3 days 04:05:06.5`, `3 days 4 hours`.
    pub(crate) fn shown(self, text: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(text).ok()?;
        match self {
            Self::YearToMonth => i32::try_from(months(text)?).ok().map(show_months),
            Self::DayToSecond => i64::try_from(micros(text)?).ok().map(show_micros),
        }
    }
}

fn show_months(months: i32) -> String {
    let mut out = String::new();
    count(&mut out, i128::from(months / 12), "year", false);
    count(&mut out, i128::from(months % 12), "mon", months == 0);
    out
}

fn show_micros(micros: i64) -> String {
    let (days, time) = (i128::from(micros) / DAY, i128::from(micros) % DAY);
    let mut out = String::new();
    count(&mut out, days, "day", false);
    if time == 0 && days != 0 {
        return out;
    }
    if days != 0 {
        out.push(' ');
    }
    if time < 0 {
        out.push('-');
    }
    let time = time.abs();
    let _ = write!(
        out,
        "{:02}:{:02}:{:02}",
        time / HOUR,
        time % HOUR / MINUTE,
        time % MINUTE / SECOND
    );
    if time % SECOND > 0 {
        let _ = write!(out, ".{:06}", time % SECOND);
        out.truncate(out.trim_end_matches('0').len());
    }
    out
}

/// Adds a count with its unit, if there is any or it is `required` all the same.
fn count(out: &mut String, count: i128, unit: &str, required: bool) {
    if count == 0 && !required {
        return;
    }
    let space = if out.is_empty() { "" } else { " " };
    let plural = if count == 1 { "" } else { "s" };
    let _ = write!(out, "{space}{count} {unit}{plural}");
}

fn months(text: &str) -> Option<i128> {
    if !text.contains(char::is_alphabetic) {
        let (sign, text) = signed(text);
        let (years, months) = text.split_once('-')?;
        let months = digits(months).filter(|months| *months < 12)?;
        return Some(sign * (digits(years)?.checked_mul(12)? + months));
    }
    sum(text, |count, unit| {
        let months = match unit {
            "year" | "years" | "yr" | "yrs" | "y" => 12,
            "mon" | "mons" | "month" | "months" => 1,
            _ => return None,
        };
        whole(count)?.checked_mul(months)
    })
}

fn micros(text: &str) -> Option<i128> {
    let text = text.trim();
    let (parts, time) = match text.rsplit_once([' ', '\t']) {
        Some((parts, last)) if last.contains(':') => (parts.trim_end(), last),
        None if text.contains(':') => ("", text),
        _ => (text, ""),
    };
    let of_day = match time {
        "" => 0,
        time => time_of_day(time)?,
    };
    let days = match parts {
        "" if !time.is_empty() => 0,
        // A sign before the days alone may be meant for the time as well.
        parts if !time.is_empty() && !parts.contains(char::is_alphabetic) => {
            let (sign, days) = signed(parts);
            (sign > 0 || time.starts_with('-')).then_some(sign * digits(days)?.checked_mul(DAY)?)?
        }
        parts => sum(parts, |count, unit| {
            let unit = match unit {
                "week" | "weeks" | "w" => 7 * DAY,
                "day" | "days" | "d" => DAY,
                "hour" | "hours" | "hr" | "hrs" | "h" => HOUR,
                "minute" | "minutes" | "min" | "mins" | "m" => MINUTE,
                "microsecond" | "microseconds" | "microsec" | "microsecs" | "us" => 1,
                "second" | "seconds" | "sec" | "secs" | "s" => {
                    let (sign, count) = signed(count);
                    return Some(sign * seconds(count)?);
                }
                _ => return None,
            };
            whole(count)?.checked_mul(unit)
        })?,
    };
    days.checked_add(of_day)
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
    let (sign, text) = signed(text);
    let mut parts = text.split(':');
    let hours = digits(parts.next()?)?;
    let minutes = digits(parts.next()?).filter(|count| *count < 60)?;
    let rest = match parts.next() {
        Some(text) => seconds(text).filter(|micros| *micros < MINUTE)?,
        None => 0,
    };
    let total = hours
        .checked_mul(HOUR)?
        .checked_add(minutes * MINUTE + rest)?;
    parts.next().is_none().then_some(sign * total)
}

/// Seconds in microseconds; what is finer is cut off.
fn seconds(text: &str) -> Option<i128> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let micros = digits(&format!("{fraction:0<6}")[..6])?;
    digits(seconds)?.checked_mul(SECOND)?.checked_add(micros)
}

fn whole(text: &str) -> Option<i128> {
    let (sign, text) = signed(text);
    Some(sign * digits(text)?)
}

fn signed(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn digits(text: &str) -> Option<i128> {
    let is_plain = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(fields: Fields, text: &str) -> String {
        let shown = fields.shown(text.as_bytes());
        if let Some(shown) = &shown {
            let again = fields.shown(shown.as_bytes());
            assert_eq!(again.as_ref(), Some(shown), "{text}");
        }
        shown.unwrap_or_default()
    }

    #[test]
    fn months() {
        for (text, expected) in [
            ("1-2", "1 year 2 mons"),
            ("-1-2", "-1 years -2 mons"),
            ("-1 years -2 mons", "-1 years -2 mons"),
            ("1 year -2 mons", "10 mons"),
            ("14 mons", "1 year 2 mons"),
            ("0 MONTHS", "0 mons"),
            ("-24 mons", "-2 years"),
            ("1 mon", "1 mon"),
        ] {
            assert_eq!(shown(Fields::YearToMonth, text), expected, "{text}");
            assert_eq!(shown(Fields::DayToSecond, text), "", "{text}");
        }
    }

    #[test]
    fn days() {
        for (text, expected) in [
            ("3 days 04:05:06.789", "3 days 04:05:06.789"),
            ("3 04:05:06", "3 days 04:05:06"),
            ("-3 -04:05:06", "-3 days -04:05:06"),
            ("00:00:00", "00:00:00"),
            ("-00:00:01", "-00:00:01"),
            ("3 days -04:05", "2 days 19:55:00"),
            ("3 days 4 hours", "3 days 04:00:00"),
            ("36 hours", "1 day 12:00:00"),
            ("-36:00:00", "-1 days -12:00:00"),
            ("48:00", "2 days"),
            ("1 days 12 hours 0 mins 0.0 secs", "1 day 12:00:00"),
            ("-1.5 seconds", "-00:00:01.5"),
            ("-0.5 seconds", "-00:00:00.5"),
            ("-1 days -5 microseconds", "-1 days -00:00:00.000005"),
            ("00:00:00.1234567", "00:00:00.123456"),
            ("3 hours, 35 minutes", "03:35:00"),
            (
                "106751991 days 04:00:54.775807",
                "106751991 days 04:00:54.775807",
            ),
        ] {
            assert_eq!(shown(Fields::DayToSecond, text), expected, "{text}");
            assert_eq!(shown(Fields::YearToMonth, text), "", "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "5",
            "-",
            "1 fortnight",
            "1-12",
            "1--2",
            "1 day 2",
            "-3 04:05:06",
            "3 4",
            "04:60",
            "4:05:60",
            "1 day 1 year",
            "1.5 days",
            "x",
            "999999999999 years",
            "999999999999999 days",
            "106751991 days 04:00:54.775808",
        ] {
            assert_eq!(shown(Fields::DayToSecond, text), "", "{text}");
            assert_eq!(shown(Fields::YearToMonth, text), "", "{text}");
        }
    }
}
