//! The spellings of intervals: `IntervalStyle` can be `postgres` (`1 year 2 mons 3 days 04:05:06`),
//! `postgres_verbose` (`@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs ago`), `sql_standard` (`1-2 3
//! 4:05:06`) or `iso_8601` (`P1Y2M3DT4H5M6S`).

/// An interval in the units that do not convert into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Parts {
    pub(super) months: i32,
    pub(super) days: i32,
    pub(super) micros: i64,
}

/// Sums before it is known that they fit: a number of a text has at most 19 digits.
#[derive(Default)]
struct Sums {
    months: i128,
    days: i128,
    micros: i128,
}

impl Parts {
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let sums = match text.strip_prefix('P') {
            Some(iso) => Sums::read_iso(iso)?,
            None => Sums::read_words(text)?,
        };
        Some(Self {
            months: sums.months.try_into().ok()?,
            days: sums.days.try_into().ok()?,
            micros: sums.micros.try_into().ok()?,
        })
    }
}

impl Sums {
    fn read_words(text: &str) -> Option<Self> {
        let mut sums = Self::default();
        let text = text.strip_prefix("@ ").unwrap_or(text);
        let (text, ago) = match text.strip_suffix(" ago") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let words: Vec<&str> = text.split(' ').collect();
        let has_units = words
            .iter()
            .any(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
        // Without units, a sign at the front and at no other place holds for all that follows.
        let negates_all = !has_units
            && words[0].starts_with('-')
            && !words[1..].iter().any(|word| word.starts_with(['-', '+']));
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let (negative, unsigned) = sign(word);
            let negative = negative || (negates_all && at > 0);
            let next = words.get(at + 1);
            at += 1;
            if let Some((years, months)) = unsigned.split_once('-') {
                sums.months += signed(negative, whole(years)? * 12 + whole(months)?);
            } else if unsigned.contains(':') {
                sums.micros += signed(negative, clock(unsigned)?);
            } else if let Some(unit) = next.filter(|_| has_units) {
                at += 1;
                sums.add(negative, unsigned, unit)?;
            } else if next.is_some_and(|next| next.contains(':')) {
                sums.days += signed(negative, whole(unsigned)?);
            } else if unsigned != "0" {
                return None;
            }
        }
        if ago {
            sums = Self {
                months: -sums.months,
                days: -sums.days,
                micros: -sums.micros,
            };
        }
        Some(sums)
    }

    fn add(&mut self, negative: bool, number: &str, unit: &str) -> Option<()> {
        let unit = match unit.strip_suffix('s') {
            Some(singular) if singular.len() > 1 => singular,
            _ => unit,
        };
        let is_fraction = number.contains('.');
        match unit {
            "sec" | "second" | "s" => self.micros += signed(negative, micros(number)?),
            _ if is_fraction => return None,
            "year" | "yr" | "y" => self.months += signed(negative, whole(number)? * 12),
            "mon" | "month" => self.months += signed(negative, whole(number)?),
            "week" | "w" => self.days += signed(negative, whole(number)? * 7),
            "day" | "d" => self.days += signed(negative, whole(number)?),
            "hour" | "hr" | "h" => self.micros += signed(negative, whole(number)? * 3_600_000_000),
            "min" | "minute" | "m" => self.micros += signed(negative, whole(number)? * 60_000_000),
            "msec" | "millisecond" | "ms" => self.micros += signed(negative, whole(number)? * 1000),
            "usec" | "microsecond" | "us" => self.micros += signed(negative, whole(number)?),
            _ => return None,
        }
        Some(())
    }

    fn read_iso(text: &str) -> Option<Self> {
        let mut sums = Self::default();
        let mut rest = text;
        let mut is_time = false;
        while !rest.is_empty() {
            if let Some(time) = rest.strip_prefix('T').filter(|_| !is_time) {
                is_time = true;
                rest = time;
            }
            let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
            let (negative, number) = sign(&rest[..end]);
            let unit = match (&rest[end..=end], is_time) {
                ("Y", false) => "y",
                ("M", false) => "mon",
                ("W", false) => "w",
                ("D", false) => "d",
                ("H", true) => "h",
                ("M", true) => "m",
                ("S", true) => "s",
                _ => return None,
            };
            sums.add(negative, number, unit)?;
            rest = &rest[end + 1..];
        }
        (!text.is_empty()).then_some(sums)
    }
}

fn sign(word: &str) -> (bool, &str) {
    match word.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, word.strip_prefix('+').unwrap_or(word)),
    }
}

fn signed(negative: bool, value: i128) -> i128 {
    if negative { -value } else { value }
}

fn whole(digits: &str) -> Option<i128> {
    let is_number =
        (1..=19).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// Seconds with up to six digits after the point, in microseconds.
fn micros(seconds: &str) -> Option<i128> {
    let (seconds, fraction) = match seconds.split_once('.') {
        Some((seconds, fraction)) => (seconds, fraction),
        None => (seconds, "0"),
    };
    let width = u32::try_from(fraction.len())
        .ok()
        .filter(|width| (1..=6).contains(width))?;
    Some(whole(seconds)? * 1_000_000 + whole(fraction)? * 10_i128.pow(6 - width))
}

/// `H:MM`, `H:MM:SS` or `H:MM:SS.ffffff`, in microseconds.
fn clock(text: &str) -> Option<i128> {
    let mut fields = text.split(':');
    let hours = whole(fields.next()?)?;
    let minutes = whole(fields.next()?)?;
    let seconds = fields.next().map_or(Some(0), micros)?;
    let is_real = minutes < 60 && seconds < 60_000_000 && fields.next().is_none();
    is_real.then_some((hours * 60 + minutes) * 60_000_000 + seconds)
}
