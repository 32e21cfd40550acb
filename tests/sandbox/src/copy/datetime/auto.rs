//! What `'auto'` recognises.

use super::scan::{Scan, full_year};
use super::value::{DateTime, from_days};

/// The shapes that `'auto'` recognises.
pub(in crate::copy) fn auto(text: &[u8]) -> Option<DateTime> {
    let mut scan = Scan {
        text: text.trim_ascii(),
    };
    let (mut date_time, year_digits) = scan.auto_date()?;
    if scan.byte(b'T').is_some() || scan.blanks() {
        let colons = scan.text.get(2) == Some(&b':') || scan.text.get(1) == Some(&b':');
        if scan.text.first().is_some_and(u8::is_ascii_digit) {
            if colons {
                scan.auto_time(&mut date_time)?
            } else {
                scan.packed_time(&mut date_time)?
            }
        }
        scan.blanks();
        if let Some(afternoon) = scan.half_day() {
            date_time.half_day(afternoon)?;
            scan.blanks();
        }
        date_time.offset = scan.offset()?;
        scan.blanks();
        if scan.word(b"BC") {
            date_time.before_christ = true;
        } else {
            scan.word(b"AD");
        }
    }
    // Before Christ no century is left out.
    if year_digits == 2 && !date_time.before_christ {
        date_time.year = full_year(date_time.year);
    }
    (scan.text.is_empty() && date_time.is_valid()).then_some(date_time)
}

impl Scan<'_> {
    /// Seconds may be missing.
    fn auto_time(&mut self, date_time: &mut DateTime) -> Option<()> {
        date_time.hour = self.one_or_two_digits()?;
        self.byte(b':')?;
        date_time.minute = self.digits(2)?;
        if self.byte(b':').is_some() {
            date_time.second = self.digits(2)?;
            date_time.micros = self.fraction()?;
        }
        Some(())
    }

    fn packed_time(&mut self, date_time: &mut DateTime) -> Option<()> {
        date_time.hour = self.digits(2)?;
        date_time.minute = self.digits(2)?;
        if self.text.first().is_some_and(u8::is_ascii_digit) {
            date_time.second = self.digits(2)?;
            date_time.micros = self.fraction()?;
        }
        Some(())
    }

    /// A date, and how many digits its year is written with.
    fn auto_date(&mut self) -> Option<(DateTime, usize)> {
        let date_time = |(year, digits), month, day| {
            let date_time = DateTime {
                year,
                month,
                day,
                ..DateTime::default()
            };
            Some((date_time, digits))
        };
        if self.text.get(1).is_some_and(u8::is_ascii_digit) && self.byte(b'J').is_some() {
            return Some((self.julian_day()?, 4));
        }
        if self.text.first()?.is_ascii_alphabetic() {
            let month = self.month_name()?;
            self.separator();
            let day = self.one_or_two_digits()?;
            self.byte(b',');
            self.separator();
            return date_time(self.year()?, month, day);
        }
        match self.leading_digits() {
            8 => date_time((self.digits(4)?, 4), self.digits(2)?, self.digits(2)?),
            6 => date_time((self.digits(2)?, 2), self.digits(2)?, self.digits(2)?),
            4 => {
                let year = self.digits(4)?;
                if self.text.first() == Some(&b'.') {
                    let rest = Scan {
                        text: &self.text[1..],
                    };
                    if rest.leading_digits() == 3 {
                        self.text = rest.text;
                        return Some((day_of_year(year, self.digits(3)?)?, 4));
                    }
                }
                self.separator().then_some(())?;
                let month = if self.text.first()?.is_ascii_alphabetic() {
                    self.month_name()?
                } else {
                    self.one_or_two_digits()?
                };
                self.separator().then_some(())?;
                date_time((year, 4), month, self.one_or_two_digits()?)
            }
            1 | 2 => {
                let first = self.one_or_two_digits()?;
                self.separator().then_some(())?;
                if self.text.first()?.is_ascii_alphabetic() {
                    let month = self.month_name()?;
                    self.separator();
                    return date_time(self.year()?, month, first);
                }
                let second = self.one_or_two_digits()?;
                self.separator().then_some(())?;
                date_time(self.year()?, first, second)
            }
            _ => None,
        }
    }

    /// The year as it is written, and with how many digits.
    fn year(&mut self) -> Option<(u32, usize)> {
        let length = if self.leading_digits() == 4 { 4 } else { 2 };
        Some((self.digits(length)?, length))
    }

    fn julian_day(&mut self) -> Option<DateTime> {
        const EPOCH: i64 = 2_440_588;
        let length = self.leading_digits();
        let (digits, rest) = self.text.split_at(length);
        let day: u32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        self.text = rest;
        from_days(i64::from(day) - EPOCH, 0)
    }

    fn separator(&mut self) -> bool {
        let found = matches!(self.text.first(), Some(b'-' | b'/' | b'.' | b' '));
        if found {
            self.text = &self.text[1..];
        }
        found
    }
}

/// The so-many-th day of a year.
fn day_of_year(year: u32, day: u32) -> Option<DateTime> {
    let first = DateTime {
        year,
        ..DateTime::default()
    };
    let date_time = from_days(first.days()? + i64::from(day) - 1, 0)?;
    (day > 0 && date_time.year == year).then_some(date_time)
}
