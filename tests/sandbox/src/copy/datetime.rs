//! Dates and times in files.

use crate::protocol::{SqlError, SqlResult};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DateFormat {
    /// `YYYY-MM-DD`
    Default,
    Auto,
    Pattern(Pattern),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TimeFormat {
    /// `YYYY-MM-DD HH:MI:SS`
    Default,
    Auto,
    EpochSeconds,
    EpochMilliseconds,
    Pattern(Pattern),
}

impl DateFormat {
    pub(super) fn parse(format: &str) -> SqlResult<Self> {
        if format == "auto" {
            Ok(Self::Auto)
        } else {
            Pattern::parse(format).map(Self::Pattern)
        }
    }
}

impl TimeFormat {
    pub(super) fn parse(format: &str) -> SqlResult<Self> {
        match format {
            "auto" => Ok(Self::Auto),
            "epochsecs" => Ok(Self::EpochSeconds),
            "epochmillisecs" => Ok(Self::EpochMilliseconds),
            _ => Pattern::parse(format).map(Self::Pattern),
        }
    }
}

/// Format parts such as `YYYY` and what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year4,
    Year2,
    Month,
    MonthName,
    Day,
    Hour,
    Hour12,
    Minute,
    Second,
    HalfDay,
    Separator(u8),
}

impl Pattern {
    fn parse(format: &str) -> SqlResult<Self> {
        // The longer of two that begin alike comes first.
        const PARTS: [(&str, Part); 13] = [
            ("YYYY", Part::Year4),
            ("YY", Part::Year2),
            ("MON", Part::MonthName),
            ("MM", Part::Month),
            ("MI", Part::Minute),
            ("DD", Part::Day),
            ("HH24", Part::Hour),
            ("HH12", Part::Hour12),
            ("HH", Part::Hour),
            ("SS", Part::Second),
            ("AM", Part::HalfDay),
            ("PM", Part::HalfDay),
            ("T", Part::Separator(b'T')),
        ];
        let mut parts = Vec::new();
        let upper = format.to_ascii_uppercase();
        let mut rest = upper.as_str();
        while let Some(first) = rest.bytes().next() {
            if let Some((name, part)) = PARTS.iter().find(|(name, _)| rest.starts_with(name)) {
                if rest.starts_with("TZ") {
                    return Err(invalid_format(format));
                }
                parts.push(*part);
                rest = &rest[name.len()..];
            } else if first.is_ascii() && !first.is_ascii_alphanumeric() {
                parts.push(Part::Separator(first));
                rest = &rest[1..];
            } else {
                return Err(invalid_format(format));
            }
        }
        if !parts
            .iter()
            .any(|part| matches!(part, Part::Year4 | Part::Year2))
        {
            return Err(invalid_format(format));
        }
        Ok(Self(parts))
    }

    pub(super) fn read(&self, text: &[u8]) -> Option<Moment> {
        let mut scan = Scan { text };
        let mut moment = Moment::default();
        for part in &self.0 {
            match part {
                Part::Year4 => moment.year = scan.digits(4)?,
                Part::Year2 => moment.year = full_year(scan.digits(2)?),
                Part::Month => moment.month = scan.digits(2)?,
                Part::MonthName => moment.month = scan.month_name()?,
                Part::Day => moment.day = scan.digits(2)?,
                Part::Hour => moment.hour = scan.digits(2)?,
                Part::Hour12 => {
                    moment.hour = scan.digits(2).filter(|hour| (1..=12).contains(hour))?
                }
                Part::Minute => moment.minute = scan.digits(2)?,
                Part::Second => {
                    moment.second = scan.digits(2)?;
                    moment.micros = scan.fraction()?;
                }
                Part::HalfDay => moment.half_day(scan.half_day()?)?,
                Part::Separator(byte) => scan.byte(*byte)?,
            }
        }
        (scan.text.is_empty() && moment.is_valid()).then_some(moment)
    }
}

fn invalid_format(format: &str) -> SqlError {
    SqlError::new("22007", format!("Invalid date or time format: '{format}'")).hint(
        "The special formats 'auto', 'epochsecs' and 'epochmillisecs' are written in lower case.",
    )
}

fn full_year(short: u32) -> u32 {
    if short < 70 {
        2000 + short
    } else {
        1900 + short
    }
}

/// A date with a time of day, and perhaps an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    micros: u32,
    before_christ: bool,
    /// Minutes east of UTC.
    offset: Option<i32>,
}

impl Default for Moment {
    fn default() -> Self {
        Self {
            year: 0,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            micros: 0,
            before_christ: false,
            offset: None,
        }
    }
}

impl Moment {
    fn is_valid(&self) -> bool {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return false,
        };
        let midnight = self.hour == 24 && self.minute == 0 && self.second == 0 && self.micros == 0;
        (1..=days).contains(&self.day)
            && (1..=9999).contains(&self.year)
            && (self.hour < 24 || midnight)
            && self.minute < 60
            && self.second < 60
    }

    fn half_day(&mut self, afternoon: bool) -> Option<()> {
        if !(1..=12).contains(&self.hour) {
            return None;
        }
        self.hour = self.hour % 12 + if afternoon { 12 } else { 0 };
        Some(())
    }

    pub(super) fn write_date(&self, out: &mut Vec<u8>) {
        digits(out, self.year, 4);
        out.push(b'-');
        digits(out, self.month, 2);
        out.push(b'-');
        digits(out, self.day, 2);
        if self.before_christ {
            out.extend_from_slice(b" BC");
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>, with_offset: bool) {
        digits(out, self.year, 4);
        out.push(b'-');
        digits(out, self.month, 2);
        out.push(b'-');
        digits(out, self.day, 2);
        out.push(b' ');
        self.write_time(out, with_offset);
        if self.before_christ {
            out.extend_from_slice(b" BC");
        }
    }

    pub(super) fn write_time(&self, out: &mut Vec<u8>, with_offset: bool) {
        digits(out, self.hour, 2);
        out.push(b':');
        digits(out, self.minute, 2);
        out.push(b':');
        digits(out, self.second, 2);
        if self.micros > 0 {
            out.push(b'.');
            digits(out, self.micros, 6);
        }
        if let Some(offset) = self.offset
            && with_offset
        {
            out.push(if offset < 0 { b'-' } else { b'+' });
            digits(out, offset.unsigned_abs() / 60, 2);
            out.push(b':');
            digits(out, offset.unsigned_abs() % 60, 2);
        }
    }
}

fn digits(out: &mut Vec<u8>, value: u32, length: usize) {
    let at = out.len();
    out.resize(at + length, b'0');
    let mut rest = value;
    for digit in out[at..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
}

/// `YYYY-MM-DD`, and nothing of a time that may follow.
pub(super) fn default_date(text: &[u8]) -> Option<Moment> {
    let mut scan = Scan { text };
    let moment = scan.iso_date()?;
    if !scan.text.is_empty() && !matches!(scan.text[0], b' ' | b'T') {
        return None;
    }
    moment.is_valid().then_some(moment)
}

/// `YYYY-MM-DD HH:MI:SS[.FFFFFF]`, with an offset if there may be one.
pub(super) fn default_timestamp(text: &[u8], with_offset: bool) -> Option<Moment> {
    let mut scan = Scan { text };
    let mut moment = scan.iso_date()?;
    scan.byte(b' ')?;
    scan.time(&mut moment)?;
    if with_offset {
        moment.offset = scan.offset()?;
    }
    (scan.text.is_empty() && moment.is_valid()).then_some(moment)
}

/// `HH:MI:SS[.FFFFFF]`, with an offset if there may be one.
pub(super) fn time_of_day(text: &[u8], with_offset: bool) -> Option<Moment> {
    let mut scan = Scan { text };
    let mut moment = Moment {
        year: 2000,
        ..Moment::default()
    };
    scan.time(&mut moment)?;
    if with_offset {
        moment.offset = scan.offset()?;
    }
    (scan.text.is_empty() && moment.is_valid()).then_some(moment)
}

/// The shapes that `'auto'` recognises.
pub(super) fn auto(text: &[u8]) -> Option<Moment> {
    let mut scan = Scan {
        text: text.trim_ascii(),
    };
    let mut moment = scan.auto_date()?;
    if scan.byte(b'T').is_some() || scan.blanks() {
        let colons = scan.text.get(2) == Some(&b':') || scan.text.get(1) == Some(&b':');
        if scan.text.first().is_some_and(u8::is_ascii_digit) {
            if colons {
                scan.auto_time(&mut moment)?
            } else {
                scan.packed_time(&mut moment)?
            }
        }
        scan.blanks();
        if let Some(afternoon) = scan.half_day() {
            moment.half_day(afternoon)?;
            scan.blanks();
        }
        moment.offset = scan.offset()?;
        scan.blanks();
        if scan.word(b"BC") {
            moment.before_christ = true;
        } else {
            scan.word(b"AD");
        }
    }
    (scan.text.is_empty() && moment.is_valid()).then_some(moment)
}

/// Seconds or milliseconds since 1970.
pub(super) fn epoch(text: &[u8], per_second: i64) -> Option<Moment> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let value: i64 = whole.parse().ok()?;
    let micros_per_unit = 1_000_000 / per_second;
    let mut micros = value.checked_mul(micros_per_unit)?;
    if !fraction.is_empty() {
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part: f64 = format!("0.{fraction}").parse().ok()?;
        let part = (part * micros_per_unit as f64) as i64;
        micros = if whole.starts_with('-') {
            micros - part
        } else {
            micros + part
        };
    }
    from_micros(micros)
}

/// From days of the proleptic Gregorian calendar, after Howard Hinnant's `civil_from_days`.
fn from_micros(micros: i64) -> Option<Moment> {
    const DAY: i64 = 86_400_000_000;
    let (days, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    let shifted = days.checked_add(719_468)?;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let part = |divisor: i64, modulus: i64| u32::try_from(time / divisor % modulus).ok();
    let moment = Moment {
        year: u32::try_from(year).ok()?,
        month: u32::try_from(month).ok()?,
        day: u32::try_from(day).ok()?,
        hour: part(3_600_000_000, 24)?,
        minute: part(60_000_000, 60)?,
        second: part(1_000_000, 60)?,
        micros: part(1, 1_000_000)?,
        ..Moment::default()
    };
    moment.is_valid().then_some(moment)
}

/// What is left of a text.
struct Scan<'a> {
    text: &'a [u8],
}

impl Scan<'_> {
    fn byte(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.text.split_first()?;
        if !first.eq_ignore_ascii_case(&byte) {
            return None;
        }
        self.text = rest;
        Some(())
    }

    fn blanks(&mut self) -> bool {
        let before = self.text.len();
        self.text = self.text.trim_ascii_start();
        before != self.text.len()
    }

    /// Exactly so many digits.
    fn digits(&mut self, length: usize) -> Option<u32> {
        let (digits, rest) = self.text.split_at_checked(length)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + u32::from(digit - b'0');
        }
        self.text = rest;
        Some(value)
    }

    /// One digit or two.
    fn short(&mut self) -> Option<u32> {
        self.digits(2).or_else(|| self.digits(1))
    }

    fn leading_digits(&self) -> usize {
        self.text
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    }

    fn word(&mut self, word: &[u8]) -> bool {
        let found = self
            .text
            .get(..word.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(word));
        if found {
            self.text = &self.text[word.len()..];
        }
        found
    }

    /// A fraction of a second in microseconds; what is finer is cut off.
    fn fraction(&mut self) -> Option<u32> {
        if self.byte(b'.').is_none() {
            return Some(0);
        }
        let length = self.leading_digits();
        if length == 0 {
            return None;
        }
        let mut micros = 0;
        for at in 0..6 {
            let digit = if at < length {
                u32::from(self.text[at] - b'0')
            } else {
                0
            };
            micros = micros * 10 + digit;
        }
        self.text = &self.text[length..];
        Some(micros)
    }

    fn iso_date(&mut self) -> Option<Moment> {
        let year = self.digits(4)?;
        self.byte(b'-')?;
        let month = self.digits(2)?;
        self.byte(b'-')?;
        let day = self.digits(2)?;
        Some(Moment {
            year,
            month,
            day,
            ..Moment::default()
        })
    }

    fn time(&mut self, moment: &mut Moment) -> Option<()> {
        moment.hour = self.digits(2)?;
        self.byte(b':')?;
        moment.minute = self.digits(2)?;
        self.byte(b':')?;
        moment.second = self.digits(2)?;
        moment.micros = self.fraction()?;
        Some(())
    }

    /// Seconds may be missing.
    fn auto_time(&mut self, moment: &mut Moment) -> Option<()> {
        moment.hour = self.short()?;
        self.byte(b':')?;
        moment.minute = self.digits(2)?;
        if self.byte(b':').is_some() {
            moment.second = self.digits(2)?;
            moment.micros = self.fraction()?;
        }
        Some(())
    }

    fn packed_time(&mut self, moment: &mut Moment) -> Option<()> {
        moment.hour = self.digits(2)?;
        moment.minute = self.digits(2)?;
        if self.text.first().is_some_and(u8::is_ascii_digit) {
            moment.second = self.digits(2)?;
            moment.micros = self.fraction()?;
        }
        Some(())
    }

    /// `Z`, `+HH`, `+HHMM`, `+HH:MM`, `UTC`, or nothing.
    fn offset(&mut self) -> Option<Option<i32>> {
        self.blanks();
        if self.word(b"UTC") || self.word(b"GMT") || self.word(b"Z") {
            return Some(Some(0));
        }
        let sign = match self.text.first() {
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Some(None),
        };
        self.text = &self.text[1..];
        let hours = self.digits(2)?;
        let colon = self.byte(b':').is_some();
        let minutes = if colon || self.leading_digits() >= 2 {
            self.digits(2)?
        } else {
            0
        };
        if hours > 15 || minutes > 59 {
            return None;
        }
        Some(Some(sign * i32::try_from(hours * 60 + minutes).ok()?))
    }

    fn half_day(&mut self) -> Option<bool> {
        if self.word(b"AM") {
            Some(false)
        } else if self.word(b"PM") {
            Some(true)
        } else {
            None
        }
    }

    fn month_name(&mut self) -> Option<u32> {
        const NAMES: [&str; 12] = [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ];
        let length = self
            .text
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let word = std::str::from_utf8(&self.text[..length])
            .ok()?
            .to_ascii_lowercase();
        let at = NAMES
            .iter()
            .position(|name| word == *name || word == name[..3])?;
        self.text = &self.text[length..];
        u32::try_from(at + 1).ok()
    }

    fn auto_date(&mut self) -> Option<Moment> {
        let moment = |year, month, day| {
            Some(Moment {
                year,
                month,
                day,
                ..Moment::default()
            })
        };
        if self.text.first()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            self.separator();
            let day = self.short()?;
            self.byte(b',');
            self.separator();
            return moment(self.digits(4)?, month, day);
        }
        match self.leading_digits() {
            8 => moment(self.digits(4)?, self.digits(2)?, self.digits(2)?),
            6 => moment(full_year(self.digits(2)?), self.digits(2)?, self.digits(2)?),
            4 => {
                let year = self.digits(4)?;
                self.separator().then_some(())?;
                let month = if self.text.first()?.is_ascii_alphabetic() {
                    self.month_name()?
                } else {
                    self.short()?
                };
                self.separator().then_some(())?;
                moment(year, month, self.short()?)
            }
            1 | 2 => {
                let first = self.short()?;
                self.separator().then_some(())?;
                if self.text.first()?.is_ascii_alphabetic() {
                    let month = self.month_name()?;
                    self.separator();
                    return moment(self.year()?, month, first);
                }
                let second = self.short()?;
                self.separator().then_some(())?;
                moment(self.year()?, first, second)
            }
            _ => None,
        }
    }

    fn year(&mut self) -> Option<u32> {
        if self.leading_digits() == 4 {
            self.digits(4)
        } else {
            self.digits(2).map(full_year)
        }
    }

    fn separator(&mut self) -> bool {
        let found = matches!(self.text.first(), Some(b'-' | b'/' | b'.' | b' '));
        if found {
            self.text = &self.text[1..];
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(moment: Option<Moment>) -> String {
        let mut out = Vec::new();
        match moment {
            Some(moment) => moment.write(&mut out, true),
            None => out.extend_from_slice(b"invalid"),
        }
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn the_default_is_strict() {
        let date = |text: &str| shown(default_date(text.as_bytes()));
        assert_eq!(date("2024-02-29"), "2024-02-29 00:00:00");
        assert_eq!(date("2024-02-29 11:12:13"), "2024-02-29 00:00:00");
        for text in [
            "2023-02-29",
            "2024-2-9",
            "2024/02/09",
            "",
            "2024-13-01",
            "2024-01-01x",
        ] {
            assert_eq!(date(text), "invalid", "{text}");
        }
        let time = |text: &str| shown(default_timestamp(text.as_bytes(), true));
        assert_eq!(
            time("2024-01-02 03:04:05.123456789"),
            "2024-01-02 03:04:05.123456"
        );
        assert_eq!(
            time("2024-01-02 03:04:05+05:30"),
            "2024-01-02 03:04:05+05:30"
        );
        for text in [
            "2024-01-02",
            "2024-01-02T03:04:05",
            "2024-01-02 25:04:05",
            "2024-01-02 03:04:05 nonsense",
        ] {
            assert_eq!(time(text), "invalid", "{text}");
        }
    }

    #[test]
    fn auto_knows_many_shapes() {
        for (text, expected) in [
            ("2024-01-02", "2024-01-02 00:00:00"),
            ("20240102", "2024-01-02 00:00:00"),
            ("240102", "2024-01-02 00:00:00"),
            ("1/2/2024", "2024-01-02 00:00:00"),
            ("01-02-99", "1999-01-02 00:00:00"),
            ("Jan 2, 2024", "2024-01-02 00:00:00"),
            ("2-January-2024", "2024-01-02 00:00:00"),
            ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05+00:00"),
            ("2024-01-02 3:04:05.5 PM", "2024-01-02 15:04:05.500000"),
            ("20240102 030405", "2024-01-02 03:04:05"),
            ("2024-01-02 03:04-0800", "2024-01-02 03:04:00-08:00"),
            ("0044-03-15 BC", "0044-03-15 00:00:00 BC"),
            ("nonsense", "invalid"),
            ("2024-01-32", "invalid"),
        ] {
            assert_eq!(shown(auto(text.as_bytes())), expected, "{text}");
        }
    }

    #[test]
    fn patterns() {
        let read = |format: &str, text: &str| {
            shown(Pattern::parse(format).expect(format).read(text.as_bytes()))
        };
        assert_eq!(read("MM/DD/YYYY", "01/02/2024"), "2024-01-02 00:00:00");
        assert_eq!(
            read("MON DD, YYYY", "march 02, 2024"),
            "2024-03-02 00:00:00"
        );
        assert_eq!(
            read("DD.MM.YY HH12:MI:SS PM", "02.01.24 12:04:05.25 am"),
            "2024-01-02 00:04:05.250000"
        );
        assert_eq!(
            read("YYYY-MM-DDTHH24:MI:SS", "2024-01-02T03:04:05"),
            "2024-01-02 03:04:05"
        );
        assert_eq!(read("MM/DD/YYYY", "13/02/2024"), "invalid");
        assert_eq!(read("MM/DD/YYYY", "01/02/2024 "), "invalid");
        for format in ["YYYY-MM-DD TZ", "AUTO", "", "hello"] {
            assert!(Pattern::parse(format).is_err(), "{format}");
        }
    }

    #[test]
    fn epochs() {
        assert_eq!(shown(epoch(b"0", 1)), "1970-01-01 00:00:00");
        assert_eq!(shown(epoch(b"951782400", 1)), "2000-02-29 00:00:00");
        assert_eq!(shown(epoch(b"-1", 1)), "1969-12-31 23:59:59");
        assert_eq!(
            shown(epoch(b"1700000000123", 1000)),
            "2023-11-14 22:13:20.123000"
        );
        assert_eq!(shown(epoch(b"x", 1)), "invalid");
    }
}
