//! What `'auto'` recognises.

use super::moment::Moment;
use super::scan::{Scan, full_year};

/// The shapes that `'auto'` recognises.
pub(in crate::copy) fn auto(text: &[u8]) -> Option<Moment> {
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

impl Scan<'_> {
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
