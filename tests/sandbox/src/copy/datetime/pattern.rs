//! DATEFORMAT and TIMEFORMAT strings.

use super::scan::{Scan, full_year};
use super::value::DateTime;
use crate::protocol::{SqlError, SqlResult};

/// Format parts such as `YYYY` and what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::copy) struct Pattern {
    parts: Vec<Part>,
    /// As it was written.
    pub(in crate::copy) format: String,
}

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

impl Part {
    /// Whether it tells a day, and not the time of one.
    fn is_of_day(self) -> bool {
        matches!(
            self,
            Self::Year4 | Self::Year2 | Self::Month | Self::MonthName | Self::Day
        )
    }
}

impl Pattern {
    pub(super) fn parse(format: &str) -> SqlResult<Self> {
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
        Ok(Self {
            parts,
            format: format.to_owned(),
        })
    }

    /// A date, whose time of day may be missing: it does not count.
    pub(in crate::copy) fn read_date(&self, text: &[u8]) -> Option<DateTime> {
        let last = self.parts.iter().rposition(|part| part.is_of_day())?;
        read(&self.parts[..=last], text).or_else(|| self.read(text))
    }

    pub(in crate::copy) fn read(&self, text: &[u8]) -> Option<DateTime> {
        read(&self.parts, text)
    }
}

fn read(parts: &[Part], text: &[u8]) -> Option<DateTime> {
    let mut scan = Scan { text };
    let mut date_time = DateTime::default();
    for (at, part) in parts.iter().enumerate() {
        // A month, a day or an hour may have one digit, unless digits follow.
        let ends = matches!(parts.get(at + 1), None | Some(Part::Separator(_)));
        let number = |scan: &mut Scan<'_>| {
            if ends {
                scan.one_or_two_digits()
            } else {
                scan.digits(2)
            }
        };
        match part {
            Part::Year4 => date_time.year = scan.digits(4)?,
            Part::Year2 => date_time.year = full_year(scan.digits(2)?),
            Part::Month => date_time.month = number(&mut scan)?,
            Part::MonthName => date_time.month = scan.month_name()?,
            Part::Day => date_time.day = number(&mut scan)?,
            Part::Hour => date_time.hour = number(&mut scan)?,
            Part::Hour12 => {
                date_time.hour = number(&mut scan).filter(|hour| (1..=12).contains(hour))?
            }
            Part::Minute => date_time.minute = scan.digits(2)?,
            Part::Second => {
                date_time.second = scan.digits(2)?;
                date_time.micros = scan.fraction()?;
            }
            Part::HalfDay => date_time.half_day(scan.half_day()?)?,
            Part::Separator(byte) => scan.byte(*byte)?,
        }
    }
    (scan.text.is_empty() && date_time.is_valid()).then_some(date_time)
}

fn invalid_format(format: &str) -> SqlError {
    SqlError::new("22007", format!("Invalid date or time format: '{format}'")).hint(
        "The special formats 'auto', 'epochsecs' and 'epochmillisecs' are written in lower case.",
    )
}
