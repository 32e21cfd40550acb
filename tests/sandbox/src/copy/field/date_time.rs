//! Dates and times.

use crate::copy::datetime::{self, DateFormat, DateTime, TimeFormat};
use crate::copy::fault::Fault;
use crate::copy::interval::Fields;
use crate::copy::options::Options;

/// What ACCEPTANYDATE makes of a date that is none.
fn null_or(options: &Options, out: &mut Vec<u8>, fault: Fault) -> Result<(), Fault> {
    if options.accept_any_date {
        out.extend_from_slice(b"\\N");
        return Ok(());
    }
    Err(fault)
}

pub(super) fn date(value: &[u8], options: &Options, out: &mut Vec<u8>) -> Result<(), Fault> {
    let date_time = match &options.date_format {
        DateFormat::Written => {
            out.extend_from_slice(value);
            return Ok(());
        }
        DateFormat::Default => datetime::default_date(value),
        DateFormat::Auto => datetime::auto(value),
        DateFormat::Pattern(pattern) => pattern.read_date(value),
    };
    match date_time {
        Some(date_time) => {
            date_time.write_date(out);
            Ok(())
        }
        None => {
            let short = options.date_format == DateFormat::Default && value.len() < 10;
            let reason = if short {
                "Invalid Date Format - length must be 10 or more"
            } else {
                "Invalid Date Format"
            };
            null_or(options, out, Fault::new(1205, reason))
        }
    }
}

pub(super) fn timestamp(
    value: &[u8],
    options: &Options,
    zone: bool,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let date_time: Option<DateTime> = match &options.time_format {
        TimeFormat::Written => {
            // Such files count from an instant in UTC, wherever the session is.
            let (date_time, era) = match value.strip_suffix(b" BC") {
                Some(date_time) => (date_time, &b" BC"[..]),
                None => (value, &b""[..]),
            };
            out.extend_from_slice(date_time);
            if zone {
                out.extend_from_slice(b"+00:00");
            }
            out.extend_from_slice(era);
            return Ok(());
        }
        TimeFormat::Default => datetime::default_timestamp(value, zone),
        TimeFormat::Auto => datetime::auto(value),
        TimeFormat::EpochSeconds => datetime::epoch(value, 1),
        TimeFormat::EpochMilliseconds => datetime::epoch(value, 1000),
        TimeFormat::Pattern(pattern) => pattern.read(value),
    };
    match date_time {
        Some(date_time) => {
            date_time.write(out, zone);
            Ok(())
        }
        None => {
            let format = options.time_format.shown(zone);
            let reason = format!("Invalid timestamp format or value [{format}]");
            null_or(options, out, Fault::new(1206, reason))
        }
    }
}

pub(super) fn time(value: &[u8], zone: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
    // A day ends where it begins.
    let midnight = value
        .strip_prefix(b"24:00:00")
        .map(|rest| [b"00:00:00", rest].concat());
    match datetime::time_of_day(midnight.as_deref().unwrap_or(value), zone) {
        Some(date_time) => {
            date_time.write_time(out, zone);
            Ok(())
        }
        None => Err(Fault::new(
            1206,
            "Invalid time format or value [HH24:MI:SS]",
        )),
    }
}

pub(super) fn interval(value: &[u8], fields: Fields, out: &mut Vec<u8>) -> Result<(), Fault> {
    let shown = fields.shown(value);
    let shown = shown.ok_or_else(|| Fault::new(1206, "Invalid interval format or value"))?;
    out.extend_from_slice(shown.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{code, written};
    use crate::copy::column::Type;

    #[test]
    fn dates() {
        assert_eq!(code(&Type::Date, b"2024-1-1", ""), 1205);
        assert_eq!(
            written(&Type::Date, b"nonsense", "acceptanydate").expect("valid"),
            "\\N"
        );
        assert_eq!(
            written(&Type::Date, b"01/02/2024", "dateformat 'MM/DD/YYYY'").expect("valid"),
            "2024-01-02"
        );
        assert_eq!(code(&Type::Timestamp, b"2024-01-01", ""), 1206);
        let with_time = "dateformat 'YYYY-MM-DD HH:MI:SS'";
        for value in ["2024-01-02", "2024-01-02 03:04:05"] {
            let date = written(&Type::Date, value.as_bytes(), with_time).expect(value);
            assert_eq!(date, "2024-01-02");
        }
        for value in ["2024-01-02 ", "2024-01-02 x", "2024-01-02 03:04"] {
            assert_eq!(
                code(&Type::Date, value.as_bytes(), with_time),
                1205,
                "{value}"
            );
        }
        for (sql, value) in [
            ("dateformat 'yyyy-mm-dd'", "2024-01-02 03:04:05"),
            ("dateformat 'YYYY-MM-DD'", "2024-01-02"),
        ] {
            let date = written(&Type::Date, value.as_bytes(), sql).expect(value);
            assert_eq!(date, "2024-01-02", "{sql}");
        }
        let default = "timeformat 'YYYY-MM-DD HH:MI:SS'";
        assert_eq!(
            written(&Type::TimestampTz, b"2024-01-02 03:04:05+01", default).expect("valid"),
            "2024-01-02 03:04:05+01:00"
        );
        assert_eq!(
            written(&Type::Timestamp, b"0", "timeformat 'epochsecs'").expect("valid"),
            "1970-01-01 00:00:00"
        );
    }
}
