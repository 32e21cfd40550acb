//! Dates and times as the server writes them, without a library: every Rust type goes through
//! these.

// SystemTime alone needs neither dates nor times of day.
#![cfg_attr(not(any(feature = "chrono", feature = "time")), allow(dead_code))]

use std::fmt::{self, Write};

use crate::query_builder::InlineText;

/// A day of the Gregorian calendar, which Redshift applies to all times. Year 0 is 1 BC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) year: i32,
    pub(super) month: u8,
    pub(super) day: u8,
}

/// A time of day, 00:00:00 to 24:00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) micros: u32,
}

/// Why a date is not sent.
#[derive(Debug, thiserror::Error)]
#[error("the year {year} is out of range; Redshift accepts -4712 (4713 BC) to 294276")]
struct YearOutOfRange {
    year: i32,
}

const DAYS_IN_400_YEARS: i64 = 146_097;
const DAYS_IN_100_YEARS: i64 = 36_524;
const DAYS_IN_4_YEARS: i64 = 1_461;

impl Day {
    fn is_real(self) -> bool {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let days = match self.month {
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u8::from(leap),
            1..=12 => 31,
            _ => return false,
        };
        (1..=days).contains(&self.day)
    }

    /// Days since 1970-01-01. The year is taken to begin in March, so that the leap day is its
    /// last.
    pub(super) fn since_epoch(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let month = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let of_era = year.rem_euclid(400);
        year.div_euclid(400) * DAYS_IN_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100
            + of_year
            - 719_468
    }

    /// The day so many days after 1970-01-01; `None` when its year is past all bounds.
    pub(super) fn from_epoch(days: i64) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let of_era = days.rem_euclid(DAYS_IN_400_YEARS);
        let year_of_era = (of_era - of_era / (DAYS_IN_4_YEARS - 1) + of_era / DAYS_IN_100_YEARS
            - of_era / (DAYS_IN_400_YEARS - 1))
            / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = days.div_euclid(DAYS_IN_400_YEARS) * 400 + year_of_era + i64::from(month <= 2);
        Some(Self {
            year: i32::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }
}

pub(super) const MICROS_PER_DAY: i64 = 86_400_000_000;

impl Clock {
    /// Microseconds since midnight.
    pub(super) fn micros_of_day(self) -> i64 {
        let seconds =
            (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60 + i64::from(self.second);
        seconds * 1_000_000 + i64::from(self.micros)
    }

    /// The time so many microseconds after midnight, of which a day has 86,400,000,000.
    pub(super) fn from_micros(micros: i64) -> Option<Self> {
        let seconds = micros / 1_000_000;
        (0..=MICROS_PER_DAY).contains(&micros).then_some(Self {
            hour: u8::try_from(seconds / 3600).ok()?,
            minute: u8::try_from(seconds / 60 % 60).ok()?,
            second: u8::try_from(seconds % 60).ok()?,
            micros: u32::try_from(micros % 1_000_000).ok()?,
        })
    }
}

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

    fn two_digits(&mut self) -> Option<u8> {
        let (digits, rest) = self.0.split_first_chunk::<2>()?;
        let [tens, ones] = digits.map(|digit| digit.wrapping_sub(b'0'));
        if tens > 9 || ones > 9 {
            return None;
        }
        self.0 = rest;
        Some(tens * 10 + ones)
    }

    fn skip(&mut self, text: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// The day, the year not yet moved by a trailing `BC`.
    fn day(&mut self) -> Option<Day> {
        let year = i32::try_from(self.number(4, 6)?).ok()?;
        self.skip(b"-")?;
        let month = self.two_digits()?;
        self.skip(b"-")?;
        let day = self.two_digits()?;
        Some(Day { year, month, day })
    }

    fn clock(&mut self) -> Option<Clock> {
        let hour = self.two_digits()?;
        self.skip(b":")?;
        let minute = self.two_digits()?;
        self.skip(b":")?;
        let second = self.two_digits()?;
        let mut micros = 0;
        if self.skip(b".").is_some() {
            let before = self.0.len();
            micros = self.number(1, 6)?;
            for _ in before - self.0.len()..6 {
                micros *= 10;
            }
        }
        let is_real = minute < 60 && second < 60;
        let is_midnight = (hour, minute, second, micros) == (24, 0, 0, 0);
        (is_real && hour < 24 || is_midnight).then_some(Clock {
            hour,
            minute,
            second,
            micros,
        })
    }

    /// `+00`, `-03:30` or `+05:30:15`, in seconds east of UTC.
    fn offset(&mut self) -> Option<i32> {
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
        (seconds < 86_400).then_some(sign * i32::try_from(seconds).ok()?)
    }

    fn era(&mut self, mut day: Day) -> Option<Day> {
        if day.year == 0 {
            return None;
        }
        if self.skip(b" BC").is_some() {
            day.year = 1 - day.year;
        }
        day.is_real().then_some(day)
    }

    fn end<T>(&self, value: T) -> Option<T> {
        self.0.is_empty().then_some(value)
    }
}

pub(super) fn read_day(text: &[u8]) -> Option<Day> {
    let mut scanner = Scanner(text);
    let day = scanner.day()?;
    let day = scanner.era(day)?;
    scanner.end(day)
}

pub(super) fn read_clock(text: &[u8]) -> Option<Clock> {
    let mut scanner = Scanner(text);
    let clock = scanner.clock()?;
    scanner.end(clock)
}

/// The time and the seconds east of UTC.
pub(super) fn read_zoned_clock(text: &[u8]) -> Option<(Clock, i32)> {
    let mut scanner = Scanner(text);
    let clock = scanner.clock()?;
    let offset = scanner.offset()?;
    scanner.end((clock, offset))
}

pub(super) fn read_timestamp(text: &[u8]) -> Option<(Day, Clock)> {
    let mut scanner = Scanner(text);
    let day = scanner.day()?;
    scanner.skip(b" ")?;
    let clock = scanner.clock()?;
    let day = scanner.era(day)?;
    scanner.end((day, clock))
}

/// The local date and time, and the seconds east of UTC.
pub(super) fn read_zoned_timestamp(text: &[u8]) -> Option<(Day, Clock, i32)> {
    let mut scanner = Scanner(text);
    let day = scanner.day()?;
    scanner.skip(b" ")?;
    let clock = scanner.clock()?;
    let offset = scanner.offset()?;
    let day = scanner.era(day)?;
    scanner.end((day, clock, offset))
}

type Written = Result<InlineText, Box<dyn std::error::Error + Send + Sync>>;

/// The digits of a number below 100.
fn digits(number: u8) -> [u8; 2] {
    [b'0' + number / 10 % 10, b'0' + number % 10]
}

fn push_day(text: &mut InlineText, Day { year, month, day }: Day) -> fmt::Result {
    let year = if year < 1 { 1 - year } else { year };
    if let Ok(year) = u16::try_from(year)
        && year < 10_000
    {
        // Dates come by the million, and the general way takes ten times as long.
        let ([a, b], [c, d]) = (digits((year / 100) as u8), digits((year % 100) as u8));
        let ([e, f], [g, h]) = (digits(month), digits(day));
        text.push_ascii(&[a, b, c, d, b'-', e, f, b'-', g, h])
    } else {
        write!(text, "{year:04}-{month:02}-{day:02}")
    }
}

fn push_clock(text: &mut InlineText, clock: Clock) -> fmt::Result {
    let Clock {
        hour,
        minute,
        second,
        micros,
    } = clock;
    let ([a, b], [c, d], [e, f]) = (digits(hour), digits(minute), digits(second));
    let pair = |unit| digits((micros / unit % 100) as u8);
    let ([g, h], [i, j], [k, l]) = (pair(10_000), pair(100), pair(1));
    text.push_ascii(&[a, b, b':', c, d, b':', e, f, b'.', g, h, i, j, k, l])
}

fn push_era(text: &mut InlineText, day: Day) -> fmt::Result {
    text.write_str(if day.year < 1 { " BC" } else { "" })
}

fn refuse_other_years(day: Day) -> Result<(), YearOutOfRange> {
    if (-4712..=294_276).contains(&day.year) {
        Ok(())
    } else {
        Err(YearOutOfRange { year: day.year })
    }
}

pub(super) fn write_day(day: Day) -> Written {
    refuse_other_years(day)?;
    let mut text = InlineText::new();
    push_day(&mut text, day)?;
    push_era(&mut text, day)?;
    Ok(text)
}

pub(super) fn write_clock(clock: Clock) -> Written {
    let mut text = InlineText::new();
    push_clock(&mut text, clock)?;
    Ok(text)
}

pub(super) fn write_zoned_clock(clock: Clock, offset: i32) -> Written {
    let mut text = InlineText::new();
    push_clock(&mut text, clock)?;
    let sign = if offset < 0 { '-' } else { '+' };
    let offset = offset.unsigned_abs();
    let (hours, minutes, seconds) = (offset / 3600, offset / 60 % 60, offset % 60);
    write!(text, "{sign}{hours:02}:{minutes:02}")?;
    if seconds != 0 {
        write!(text, ":{seconds:02}")?;
    }
    Ok(text)
}

pub(super) fn write_timestamp(day: Day, clock: Clock) -> Written {
    timestamp(day, clock, "")
}

/// Date and time are in UTC.
pub(super) fn write_utc_timestamp(day: Day, clock: Clock) -> Written {
    timestamp(day, clock, "+00")
}

fn timestamp(day: Day, clock: Clock, offset: &str) -> Written {
    refuse_other_years(day)?;
    let mut text = InlineText::new();
    push_day(&mut text, day)?;
    text.write_str(" ")?;
    push_clock(&mut text, clock)?;
    text.write_str(offset)?;
    push_era(&mut text, day)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_that_do_not_exist_are_not_read() {
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-00-01",
            "2024-01-00",
            "0000-01-01",
        ] {
            assert_eq!(read_day(text.as_bytes()), None, "{text}");
        }
        for text in ["2024-02-29", "2000-02-29", "0005-02-29 BC", "294276-12-31"] {
            assert!(read_day(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn midnight_may_be_the_end_of_the_day() {
        let midnight = read_clock(b"24:00:00").expect("reads");
        assert_eq!(midnight.micros_of_day(), MICROS_PER_DAY);
        for text in [
            "24:00:01",
            "24:00:00.000001",
            "23:60:00",
            "23:00:60",
            "1:00:00",
        ] {
            assert_eq!(read_clock(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn known_days() {
        for (year, month, day, days) in [
            (1970, 1, 1, 0),
            (2000, 1, 1, 10_957),
            (1969, 12, 31, -1),
            (-4712, 1, 1, -2_440_550),
            (294_276, 12, 31, 106_762_939),
        ] {
            let date = Day { year, month, day };
            assert_eq!(date.since_epoch(), days, "{date:?}");
            assert_eq!(Day::from_epoch(days), Some(date));
        }
    }

    #[test]
    fn years_beyond_redshifts_are_refused() {
        for year in [-4713, 294_277] {
            let error = write_day(Day {
                year,
                month: 1,
                day: 1,
            })
            .err()
            .expect("refused");
            assert!(error.to_string().contains("294276"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn days_count_up(days in -2_500_000_i64..110_000_000) {
            let day = Day::from_epoch(days).expect("in range");
            prop_assert!(day.is_real(), "{:?}", day);
            prop_assert_eq!(day.since_epoch(), days);
        }

        #[test]
        fn times_count_up(micros in 0..=MICROS_PER_DAY) {
            let clock = Clock::from_micros(micros).expect("in range");
            prop_assert_eq!(clock.micros_of_day(), micros);
        }
    }
}
