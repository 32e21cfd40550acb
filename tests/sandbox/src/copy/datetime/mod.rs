//! Dates and times in files.

mod auto;
mod pattern;
mod scan;
mod value;

use crate::protocol::SqlResult;
pub(super) use auto::auto;
pub(super) use pattern::Pattern;
use scan::Scan;
pub(super) use value::{DateTime, MICROS_PER_DAY, from_days, from_micros};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DateFormat {
    /// `YYYY-MM-DD`
    Default,
    Auto,
    Pattern(Pattern),
    /// As [`DateTime`] writes it, out of a file that holds numbers.
    Written,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TimeFormat {
    /// `YYYY-MM-DD HH:MI:SS`
    Default,
    Auto,
    EpochSeconds,
    EpochMilliseconds,
    Pattern(Pattern),
    /// As [`DateTime`] writes it, out of a file that holds numbers.
    Written,
}

impl DateFormat {
    pub(super) fn parse(format: &str) -> SqlResult<Self> {
        match format {
            "auto" => Ok(Self::Auto),
            _ if format.eq_ignore_ascii_case("YYYY-MM-DD") => Ok(Self::Default),
            _ => Pattern::parse(format).map(Self::Pattern),
        }
    }
}

impl TimeFormat {
    pub(super) fn parse(format: &str) -> SqlResult<Self> {
        match format {
            "auto" => Ok(Self::Auto),
            "epochsecs" => Ok(Self::EpochSeconds),
            "epochmillisecs" => Ok(Self::EpochMilliseconds),
            _ if format.eq_ignore_ascii_case("YYYY-MM-DD HH:MI:SS") => Ok(Self::Default),
            _ => Pattern::parse(format).map(Self::Pattern),
        }
    }
}

impl TimeFormat {
    /// As errors show it.
    pub(super) fn shown(&self, zone: bool) -> &str {
        match self {
            Self::Auto => "auto",
            Self::EpochSeconds => "epochsecs",
            Self::EpochMilliseconds => "epochmillisecs",
            Self::Pattern(pattern) => &pattern.format,
            Self::Default | Self::Written if zone => "YYYY-MM-DD HH24:MI:SSOF",
            Self::Default | Self::Written => "YYYY-MM-DD HH24:MI:SS",
        }
    }
}

/// `YYYY-MM-DD`, without the time of day that may follow.
pub(super) fn default_date(text: &[u8]) -> Option<DateTime> {
    let mut scan = Scan { text };
    let date_time = scan.iso_date()?;
    if !scan.text.is_empty() {
        scan.byte(b' ').or_else(|| scan.byte(b'T'))?;
        scan.time(&mut DateTime::default())?;
        scan.offset()?;
    }
    (scan.text.is_empty() && date_time.is_valid()).then_some(date_time)
}

/// `YYYY-MM-DD HH:MI:SS[.FFFFFF]`, with an offset if there may be one.
pub(super) fn default_timestamp(text: &[u8], with_offset: bool) -> Option<DateTime> {
    let mut scan = Scan { text };
    let mut date_time = scan.iso_date()?;
    scan.byte(b' ')?;
    scan.time(&mut date_time)?;
    if with_offset {
        date_time.offset = scan.offset()?;
    }
    (scan.text.is_empty() && date_time.is_valid()).then_some(date_time)
}

/// `HH:MI:SS[.FFFFFF]`, with an offset if there may be one.
pub(super) fn time_of_day(text: &[u8], with_offset: bool) -> Option<DateTime> {
    let mut scan = Scan { text };
    let mut date_time = DateTime {
        year: 2000,
        ..DateTime::default()
    };
    scan.time(&mut date_time)?;
    if with_offset {
        date_time.offset = scan.offset()?;
    }
    (scan.text.is_empty() && date_time.is_valid()).then_some(date_time)
}

/// Seconds or milliseconds since 1970; what is finer than a microsecond is cut off.
pub(super) fn epoch(text: &[u8], per_second: i64) -> Option<DateTime> {
    let text = std::str::from_utf8(text).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micros_per_unit = i128::from(1_000_000 / per_second);
    let digits = micros_per_unit.ilog10() as usize;
    let part: i128 = format!("{fraction:0<6}")[..digits].parse().ok()?;
    let part = if whole.starts_with('-') { -part } else { part };
    let micros = i128::from(whole.parse::<i64>().ok()?) * micros_per_unit + part;
    let per_day = i128::from(MICROS_PER_DAY);
    let mut date_time = from_days(
        i64::try_from(micros.div_euclid(per_day)).ok()?,
        i64::try_from(micros.rem_euclid(per_day)).ok()?,
    )?;
    date_time.offset = Some(0);
    Some(date_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(date_time: Option<DateTime>) -> String {
        let mut out = Vec::new();
        match date_time {
            Some(date_time) => date_time.write(&mut out, true),
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
            "2024-01-01 x",
            "0044-03-15 BC",
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
            ("0005-02-29 BC", "0005-02-29 00:00:00 BC"),
            ("0004-02-29 BC", "invalid"),
            ("nonsense", "invalid"),
            ("2024-01-32", "invalid"),
            ("J2451187", "1999-01-08 00:00:00"),
            ("j2451187 04:05:06", "1999-01-08 04:05:06"),
            ("J1721426", "0001-01-01 00:00:00"),
            ("J0", "invalid"),
            ("J99999999999", "invalid"),
            ("J2451187x", "invalid"),
            ("1999.008", "1999-01-08 00:00:00"),
            ("2000.366 04:05", "2000-12-31 04:05:00"),
            ("1999.366", "invalid"),
            ("1999.000", "invalid"),
            ("1999.0081", "invalid"),
            ("1999.01.08", "1999-01-08 00:00:00"),
            ("January 8, 99 BC", "0099-01-08 00:00:00 BC"),
            ("January 8, 99", "1999-01-08 00:00:00"),
            ("8-Jan-05 BC", "0005-01-08 00:00:00 BC"),
            ("Jun 8, 1999", "1999-06-08 00:00:00"),
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
        assert_eq!(
            read("MM/DD/YYYY HH:MI:SS", "2/18/2008 2:36:48"),
            "2008-02-18 02:36:48"
        );
        assert_eq!(read("YYYYMMDD", "2008218"), "invalid");
        assert_eq!(read("MM/DD/YYYY", "13/02/2024"), "invalid");
        assert_eq!(read("MM/DD/YYYY", "01/02/2024 "), "invalid");
        for format in ["YYYY-MM-DD TZ", "AUTO", "", "hello"] {
            assert!(Pattern::parse(format).is_err(), "{format}");
        }
    }

    #[test]
    fn epochs() {
        assert_eq!(shown(epoch(b"0", 1)), "1970-01-01 00:00:00+00:00");
        assert_eq!(shown(epoch(b"951782400", 1)), "2000-02-29 00:00:00+00:00");
        assert_eq!(shown(epoch(b"-1", 1)), "1969-12-31 23:59:59+00:00");
        assert_eq!(
            shown(epoch(b"1700000000123", 1000)),
            "2023-11-14 22:13:20.123000+00:00"
        );
        assert_eq!(
            shown(epoch(b"0.0000299", 1)),
            "1970-01-01 00:00:00.000029+00:00"
        );
        assert_eq!(shown(epoch(b"-0.5", 1)), "1969-12-31 23:59:59.500000+00:00");
        assert_eq!(
            shown(epoch(b"1.0019999", 1000)),
            "1970-01-01 00:00:00.001001+00:00"
        );
        assert_eq!(
            shown(epoch(b"9224318015999", 1)),
            "294276-12-31 23:59:59+00:00"
        );
        for text in [
            "x",
            "",
            ".5",
            "1.5x",
            "1e3",
            "9224318016000",
            "9223372036854775807",
        ] {
            assert_eq!(shown(epoch(text.as_bytes(), 1)), "invalid", "{text}");
        }
    }
}
