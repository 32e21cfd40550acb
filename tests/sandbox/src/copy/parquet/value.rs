//! Values of a file, in the text that a column of the table reads.

use std::fmt::Write;

use ::parquet::data_type::Int96;

use super::file_type::FileType;
use crate::copy::datetime::{self, MICROS_PER_DAY};

/// What a column of the table makes of texts and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Plain,
    /// A SUPER takes JSON, and texts as its strings.
    Json,
    /// A VARBYTE takes hex digits.
    Hex,
}

pub(super) fn boolean(value: bool) -> Vec<u8> {
    if value {
        b"true".to_vec()
    } else {
        b"false".to_vec()
    }
}

/// JSON has no infinities, nor what is not a number.
pub(super) fn float(value: f64, shown: String, shape: Shape) -> Option<Vec<u8>> {
    (value.is_finite() || shape != Shape::Json).then(|| shown.into_bytes())
}

/// A value of 32 or 64 bits, or none if it is out of Redshift's range.
pub(super) fn whole(value: i64, file_type: FileType) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match file_type {
        FileType::Decimal { scale } => return decimal(i128::from(value), scale),
        FileType::Date => datetime::from_days(value, 0)?.write_date(&mut out),
        FileType::Timestamp(unit) => {
            datetime::from_micros(unit.micros(value)?)?.write(&mut out, false);
        }
        FileType::Time(unit) => match unit.micros(value)? {
            MICROS_PER_DAY => out.extend_from_slice(b"24:00:00"),
            micros @ 0..MICROS_PER_DAY => {
                datetime::from_micros(micros)?.write_time(&mut out, false)
            }
            _ => return None,
        },
        _ => out = value.to_string().into_bytes(),
    }
    Some(out)
}

/// A timestamp in the form of Impala and Hive: a Julian day, and nanoseconds of it.
pub(super) fn julian(value: &Int96) -> Option<Vec<u8>> {
    const EPOCH: i64 = 2_440_588;
    let [low, high, day] = value.data()[..] else {
        return None;
    };
    let micros = (i64::from(high) << 32 | i64::from(low)) / 1000;
    if !(0..MICROS_PER_DAY).contains(&micros) {
        return None;
    }
    let mut out = Vec::new();
    datetime::from_days(i64::from(day) - EPOCH, micros)?.write(&mut out, false);
    Some(out)
}

pub(super) fn bytes(value: &[u8], file_type: FileType, shape: Shape) -> Option<Vec<u8>> {
    match (file_type, shape) {
        (FileType::Decimal { scale }, _) => number(value, scale),
        (FileType::Text, Shape::Json) => {
            let text = std::str::from_utf8(value).ok()?;
            Some(serde_json::Value::from(text).to_string().into_bytes())
        }
        (_, Shape::Hex) => {
            let mut digits = String::with_capacity(2 * value.len());
            for byte in value {
                let _ = write!(digits, "{byte:02x}");
            }
            Some(digits.into_bytes())
        }
        _ => Some(value.to_vec()),
    }
}

/// A decimal in two's complement, the first byte first.
pub(super) fn number(value: &[u8], scale: usize) -> Option<Vec<u8>> {
    let negative = value.first().is_some_and(|byte| *byte >= 0x80);
    if value.len() > 16 {
        return None;
    }
    let start = if negative { -1_i128 } else { 0 };
    let number = value
        .iter()
        .fold(start, |number, byte| number << 8 | i128::from(*byte));
    decimal(number, scale)
}

fn decimal(number: i128, scale: usize) -> Option<Vec<u8>> {
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if number < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{fraction}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::file_type::Unit;
    use super::*;

    #[test]
    fn numbers() {
        let shown = |number, scale| String::from_utf8(decimal(number, scale).expect("valid"));
        assert_eq!(shown(-5, 2).expect("UTF-8"), "-0.05");
        assert_eq!(shown(12345, 2).expect("UTF-8"), "123.45");
        assert_eq!(shown(7, 0).expect("UTF-8"), "7");
        let file_type = FileType::Decimal { scale: 1 };
        let shown = |value: &[u8], file_type, shape| bytes(value, file_type, shape).expect("valid");
        assert_eq!(shown(&[0xff, 0x85], file_type, Shape::Plain), b"-12.3");
        assert_eq!(shown(&[0xff, 0x05], FileType::Bytes, Shape::Hex), b"ff05");
        assert_eq!(shown(b"a\"", FileType::Text, Shape::Json), b"\"a\\\"\"");
        assert_eq!(shown(b"[1]", FileType::Json, Shape::Json), b"[1]");
        assert_eq!(bytes(b"a\xff", FileType::Text, Shape::Json), None);
    }

    #[test]
    fn moments() {
        let shown = |value, file_type| {
            whole(value, file_type).map(|text| String::from_utf8(text).expect("UTF-8"))
        };
        let date = |days| shown(days, FileType::Date);
        assert_eq!(date(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(date(2_932_897).as_deref(), Some("010000-01-01"));
        assert_eq!(date(-719_163).as_deref(), Some("0001-12-31 BC"));
        assert_eq!(date(i64::from(i32::MAX)), None);
        let micros = FileType::Timestamp(Unit::MICROS);
        assert_eq!(
            shown(-1, micros).as_deref(),
            Some("1969-12-31 23:59:59.999999")
        );
        let time = FileType::Time(Unit::MICROS);
        assert_eq!(
            shown(86_399_000_001, time).as_deref(),
            Some("23:59:59.000001")
        );
        assert_eq!(shown(86_400_000_000, time).as_deref(), Some("24:00:00"));
        assert_eq!(shown(-1, time), None);
    }
}
