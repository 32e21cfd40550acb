//! A point in time, and how PostgreSQL reads it.

/// A date with a time of day, and perhaps an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::copy) struct DateTime {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    pub(super) micros: u32,
    pub(super) before_christ: bool,
    /// Minutes east of UTC.
    pub(super) offset: Option<i32>,
}

/// Redshift's range: 4713 BC to 294276 AD.
const FIRST_YEAR: u32 = 4713;
const LAST_YEAR: u32 = 294_276;

impl Default for DateTime {
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

impl DateTime {
    pub(super) fn is_valid(&self) -> bool {
        // The year before 1 AD is 1 BC; it is a leap year.
        let counted = if self.before_christ {
            self.year.wrapping_sub(1)
        } else {
            self.year
        };
        let leap = counted.is_multiple_of(4)
            && (!counted.is_multiple_of(100) || counted.is_multiple_of(400));
        let last = if self.before_christ {
            FIRST_YEAR
        } else {
            LAST_YEAR
        };
        let days = match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return false,
        };
        let midnight = self.hour == 24 && self.minute == 0 && self.second == 0 && self.micros == 0;
        (1..=days).contains(&self.day)
            && (1..=last).contains(&self.year)
            && (self.hour < 24 || midnight)
            && self.minute < 60
            && self.second < 60
    }

    /// Days since 1970, after Howard Hinnant's `days_from_civil`.
    pub(super) fn days(&self) -> Option<i64> {
        if !self.is_valid() {
            return None;
        }
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let year = if self.before_christ { 1 - year } else { year };
        let year = if month <= 2 { year - 1 } else { year };
        let shifted_month = (month + 9) % 12;
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(self.day) - 1;
        let year_of_era = year.rem_euclid(400);
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(year.div_euclid(400) * 146_097 + day_of_era - 719_468)
    }

    /// Makes an hour of a clock with twelve one of a clock with twenty-four.
    pub(super) fn half_day(&mut self, afternoon: bool) -> Option<()> {
        if !(1..=12).contains(&self.hour) {
            return None;
        }
        self.hour = self.hour % 12 + if afternoon { 12 } else { 0 };
        Some(())
    }

    pub(in crate::copy) fn write_date(&self, out: &mut Vec<u8>) {
        self.write_day(out);
        if self.before_christ {
            out.extend_from_slice(b" BC");
        }
    }

    fn write_day(&self, out: &mut Vec<u8>) {
        digits(out, self.year, if self.year > 9999 { 6 } else { 4 });
        out.push(b'-');
        digits(out, self.month, 2);
        out.push(b'-');
        digits(out, self.day, 2);
    }

    pub(in crate::copy) fn write(&self, out: &mut Vec<u8>, with_offset: bool) {
        self.write_day(out);
        out.push(b' ');
        self.write_time(out, with_offset);
        if self.before_christ {
            out.extend_from_slice(b" BC");
        }
    }

    pub(in crate::copy) fn write_time(&self, out: &mut Vec<u8>, with_offset: bool) {
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

pub(in crate::copy) const MICROS_PER_DAY: i64 = 86_400_000_000;

pub(in crate::copy) fn from_micros(micros: i64) -> Option<DateTime> {
    from_days(
        micros.div_euclid(MICROS_PER_DAY),
        micros.rem_euclid(MICROS_PER_DAY),
    )
}

/// From days since 1970 and microseconds of the day, after Howard Hinnant's `civil_from_days`. The last years of
/// Redshift's range are too far for a number of microseconds.
pub(in crate::copy) fn from_days(days: i64, time: i64) -> Option<DateTime> {
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
    let before_christ = year < 1;
    let year = if before_christ { 1 - year } else { year };
    let date_time = DateTime {
        before_christ,
        year: u32::try_from(year).ok()?,
        month: u32::try_from(month).ok()?,
        day: u32::try_from(day).ok()?,
        hour: part(3_600_000_000, 24)?,
        minute: part(60_000_000, 60)?,
        second: part(1_000_000, 60)?,
        micros: part(1, 1_000_000)?,
        ..DateTime::default()
    };
    date_time.is_valid().then_some(date_time)
}
