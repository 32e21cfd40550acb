//! Reads parts of dates and times from the front of a text.

use super::value::DateTime;

/// What is left of a text.
pub(super) struct Scan<'a> {
    pub(super) text: &'a [u8],
}

impl Scan<'_> {
    pub(super) fn byte(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.text.split_first()?;
        if !first.eq_ignore_ascii_case(&byte) {
            return None;
        }
        self.text = rest;
        Some(())
    }

    pub(super) fn blanks(&mut self) -> bool {
        let before = self.text.len();
        self.text = self.text.trim_ascii_start();
        before != self.text.len()
    }

    /// Exactly so many digits.
    pub(super) fn digits(&mut self, length: usize) -> Option<u32> {
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
    pub(super) fn one_or_two_digits(&mut self) -> Option<u32> {
        self.digits(2).or_else(|| self.digits(1))
    }

    pub(super) fn leading_digits(&self) -> usize {
        self.text
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    }

    pub(super) fn word(&mut self, word: &[u8]) -> bool {
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
    pub(super) fn fraction(&mut self) -> Option<u32> {
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

    pub(super) fn iso_date(&mut self) -> Option<DateTime> {
        let year = self.digits(4)?;
        self.byte(b'-')?;
        let month = self.digits(2)?;
        self.byte(b'-')?;
        let day = self.digits(2)?;
        Some(DateTime {
            year,
            month,
            day,
            ..DateTime::default()
        })
    }

    pub(super) fn time(&mut self, date_time: &mut DateTime) -> Option<()> {
        date_time.hour = self.digits(2)?;
        self.byte(b':')?;
        date_time.minute = self.digits(2)?;
        self.byte(b':')?;
        date_time.second = self.digits(2)?;
        date_time.micros = self.fraction()?;
        Some(())
    }

    /// `Z`, `+HH`, `+HHMM`, `+HH:MM`, `UTC`, or nothing.
    pub(super) fn offset(&mut self) -> Option<Option<i32>> {
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

    pub(super) fn half_day(&mut self) -> Option<bool> {
        if self.word(b"AM") {
            Some(false)
        } else if self.word(b"PM") {
            Some(true)
        } else {
            None
        }
    }

    pub(super) fn month_name(&mut self) -> Option<u32> {
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
}

/// The year that two digits mean.
pub(super) fn full_year(short: u32) -> u32 {
    if short < 70 {
        2000 + short
    } else {
        1900 + short
    }
}
