//! Checks fields against the types of their columns and writes them for PostgreSQL.

use super::column::Type;
use super::datetime::{self, DateFormat, Moment, TimeFormat};
use super::fault::Fault;
use super::options::Options;

/// Writes a field's value in the text format of PostgreSQL's COPY. `replaced` counts bytes that ACCEPTINVCHARS replaced.
pub(super) fn write(
    column: &Type,
    value: &[u8],
    options: &Options,
    out: &mut Vec<u8>,
    replaced: &mut u64,
) -> Result<(), Fault> {
    match column {
        Type::SmallInt => integer(
            value,
            i64::from(i16::MIN),
            i64::from(i16::MAX),
            "Short",
            out,
        ),
        Type::Integer => integer(
            value,
            i64::from(i32::MIN),
            i64::from(i32::MAX),
            "Integer",
            out,
        ),
        Type::BigInt => integer(value, i64::MIN, i64::MAX, "Long", out),
        Type::Real => float(value, true, out),
        Type::Double => float(value, false, out),
        Type::Numeric { precision, scale } => {
            decimal(value, *precision, *scale, options.round_decimals, out)
        }
        Type::Boolean => boolean(value, out),
        Type::Date => date(value, options, out),
        Type::Timestamp => timestamp(value, options, false, out),
        Type::TimestampTz => timestamp(value, options, true, out),
        Type::Time => time(value, false, out),
        Type::TimeTz => time(value, true, out),
        Type::Char(length) => char(value, *length, options, out),
        Type::Varchar(length) => varchar(value, *length, options, out, replaced),
        Type::Super => json(value, out),
        Type::Varbyte(length) => hex(value, *length, options, out),
    }
}

fn integer(
    value: &[u8],
    least: i64,
    most: i64,
    type_name: &str,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let (negative, digits) = sign(value);
    let first = value.len() - digits.len();
    let mut number: i128 = 0;
    if digits.is_empty() {
        return Err(Fault::invalid_digit(value, value.len(), type_name));
    }
    for (at, digit) in digits.iter().enumerate() {
        if !digit.is_ascii_digit() {
            return Err(Fault::invalid_digit(value, first + at, type_name));
        }
        if at < 30 {
            number = number * 10 + i128::from(digit - b'0');
        }
    }
    if negative {
        number = -number;
    }
    let leading_zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    if number < i128::from(least) || number > i128::from(most) || digits.len() - leading_zeros > 29
    {
        return Err(Fault::overflow(value, type_name));
    }
    if negative {
        out.push(b'-');
    }
    out.extend_from_slice(digits);
    Ok(())
}

/// Whether there is a minus, and what follows the sign.
fn sign(value: &[u8]) -> (bool, &[u8]) {
    match value {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    }
}

fn float(value: &[u8], single: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
    let type_name = if single { "Float4" } else { "Float8" };
    let text = std::str::from_utf8(value).unwrap_or_default();
    let plain = value
        .iter()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !plain {
        let (_, word) = sign(value);
        if [&b"nan"[..], b"infinity", b"inf"]
            .iter()
            .any(|special| word.eq_ignore_ascii_case(special))
        {
            out.extend_from_slice(value);
            return Ok(());
        }
        let bad = value
            .iter()
            .position(|byte| !(byte.is_ascii_digit() || b".-+eE".contains(byte)))
            .unwrap_or(0);
        let found = String::from_utf8_lossy(&value[bad..])
            .chars()
            .next()
            .unwrap_or(' ');
        return Err(Fault::new(
            1208,
            format!("Invalid digit, Value '{found}', Pos {bad}, Type: {type_name}"),
        ));
    }
    let Ok(number) = text.parse::<f64>() else {
        return Err(Fault::new(
            1208,
            format!("Invalid digit, Value '{text}', Pos 0, Type: {type_name}"),
        ));
    };
    let in_range = if single {
        (number as f32).is_finite()
    } else {
        number.is_finite()
    };
    if !in_range {
        return Err(Fault::new(
            1208,
            format!("Overflow, Value '{text}', Type: {type_name}"),
        ));
    }
    // PostgreSQL refuses what is too small to be told from zero; Redshift's files may hold it.
    let vanishes = if single {
        number as f32 == 0.0
    } else {
        number == 0.0
    };
    if vanishes {
        out.push(b'0');
    } else {
        out.extend_from_slice(value);
    }
    Ok(())
}

fn decimal(
    value: &[u8],
    precision: usize,
    scale: usize,
    round: bool,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let (negative, digits) = sign(value);
    let first = value.len() - digits.len();
    let mut point = None;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'.' if point.is_none() => point = Some(at),
            _ => return Err(Fault::invalid_digit(value, first + at, "Decimal")),
        }
    }
    let (whole, fraction) = match point {
        Some(at) => (&digits[..at], &digits[at + 1..]),
        None => (digits, &digits[..0]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(Fault::invalid_digit(value, value.len(), "Decimal"));
    }
    let whole = &whole[whole.iter().take_while(|digit| **digit == b'0').count()..];
    let (kept, cut) = fraction.split_at(fraction.len().min(scale));
    let start = out.len();
    if negative {
        out.push(b'-');
    }
    let number_start = out.len();
    out.push(b'0');
    out.extend_from_slice(whole);
    if !kept.is_empty() {
        out.push(b'.');
        out.extend_from_slice(kept);
    }
    let mut length = whole.len();
    if round && cut.first().is_some_and(|digit| *digit >= b'5') {
        increment(&mut out[number_start..]);
        // The zero in front has become a digit of its own.
        length += usize::from(out[number_start] != b'0');
    }
    if length > precision - scale {
        out.truncate(start);
        let text = String::from_utf8_lossy(value);
        return Err(Fault::new(
            1204,
            format!("Numeric overflow, Value '{text}', Type: Decimal({precision},{scale})"),
        ));
    }
    Ok(())
}

/// Adds one to the last digit.
fn increment(number: &mut [u8]) {
    for digit in number.iter_mut().rev().filter(|byte| **byte != b'.') {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return;
        }
    }
}

fn boolean(value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let is = |words: &[&str]| {
        words
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
    };
    let byte = if is(&["t", "true", "y", "yes", "1"]) {
        b't'
    } else if is(&["f", "false", "n", "no", "0"]) {
        b'f'
    } else {
        return Err(Fault::new(
            1210,
            format!(
                "Unknown boolean format, Value '{}'",
                String::from_utf8_lossy(value)
            ),
        ));
    };
    out.push(byte);
    Ok(())
}

/// What ACCEPTANYDATE makes of a date that is none.
fn null_or(options: &Options, out: &mut Vec<u8>, fault: Fault) -> Result<(), Fault> {
    if options.accept_any_date {
        out.extend_from_slice(b"\\N");
        return Ok(());
    }
    Err(fault)
}

fn date(value: &[u8], options: &Options, out: &mut Vec<u8>) -> Result<(), Fault> {
    let moment = match &options.date_format {
        DateFormat::Default => datetime::default_date(value),
        DateFormat::Auto => datetime::auto(value),
        DateFormat::Pattern(pattern) => pattern.read(value),
    };
    match moment {
        Some(moment) => {
            moment.write_date(out);
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

fn timestamp(value: &[u8], options: &Options, zone: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
    let moment: Option<Moment> = match &options.time_format {
        TimeFormat::Default => datetime::default_timestamp(value, zone),
        TimeFormat::Auto => datetime::auto(value),
        TimeFormat::EpochSeconds => datetime::epoch(value, 1),
        TimeFormat::EpochMilliseconds => datetime::epoch(value, 1000),
        TimeFormat::Pattern(pattern) => pattern.read(value),
    };
    match moment {
        Some(moment) => {
            moment.write(out, zone);
            Ok(())
        }
        None => {
            let reason = "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]";
            null_or(options, out, Fault::new(1206, reason))
        }
    }
}

fn time(value: &[u8], zone: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
    match datetime::time_of_day(value, zone) {
        Some(moment) => {
            moment.write_time(out, zone);
            Ok(())
        }
        None => Err(Fault::new(
            1206,
            "Invalid time format or value [HH24:MI:SS]",
        )),
    }
}

fn char(value: &[u8], length: usize, options: &Options, out: &mut Vec<u8>) -> Result<(), Fault> {
    if let Some(bad) = value.iter().position(|byte| !byte.is_ascii() || *byte == 0) {
        let bytes: Vec<_> = value[bad..]
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        return Err(Fault::new(
            1220,
            format!(
                "Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: {}",
                bytes.join(" ")
            ),
        ));
    }
    let value = match value.get(..length) {
        Some(cut) if value.len() > length => {
            if !options.truncate_columns {
                return Err(Fault::new(1204, "Char length exceeds DDL length"));
            }
            cut
        }
        _ => value,
    };
    escape(value, out);
    Ok(())
}

fn varchar(
    value: &[u8],
    length: usize,
    options: &Options,
    out: &mut Vec<u8>,
    replaced: &mut u64,
) -> Result<(), Fault> {
    let mut value = if options.trim_blanks {
        value.trim_ascii_end()
    } else {
        value
    };
    let repaired;
    if let Err(bad) = valid_text(value) {
        let Some(replacement) = options.replacement else {
            return Err(Fault::invalid_text(value, bad));
        };
        repaired = repair(value, replacement);
        *replaced += 1;
        value = &repaired;
    }
    if value.len() > length {
        if !options.truncate_columns {
            return Err(Fault::new(1204, "String length exceeds DDL length"));
        }
        let text = std::str::from_utf8(value).unwrap_or_default();
        let cut = (0..=length)
            .rev()
            .find(|at| text.is_char_boundary(*at))
            .unwrap_or(0);
        value = &value[..cut];
    }
    escape(value, out);
    Ok(())
}

fn json(value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    if !super::json::is_valid(value) {
        return Err(Fault::new(
            1224,
            "The value is not well-formed JSON for a SUPER column",
        ));
    }
    escape(value, out);
    Ok(())
}

fn hex(value: &[u8], length: usize, options: &Options, out: &mut Vec<u8>) -> Result<(), Fault> {
    if let Some(bad) = value.iter().position(|digit| !digit.is_ascii_hexdigit()) {
        return Err(Fault::invalid_digit(value, bad, "Varbyte"));
    }
    if !value.len().is_multiple_of(2) {
        return Err(Fault::invalid_digit(value, value.len(), "Varbyte"));
    }
    let value = match value.get(..2 * length) {
        Some(cut) if value.len() > 2 * length => {
            if !options.truncate_columns {
                return Err(Fault::new(1204, "Varbyte length exceeds DDL length"));
            }
            cut
        }
        _ => value,
    };
    out.extend(value.iter().map(u8::to_ascii_lowercase));
    Ok(())
}

/// Or where it is no UTF-8, or holds a zero byte.
fn valid_text(value: &[u8]) -> Result<(), usize> {
    if !value.is_ascii()
        && let Err(error) = std::str::from_utf8(value)
    {
        return Err(error.valid_up_to());
    }
    memchr::memchr(0, value).map_or(Ok(()), Err)
}

/// Every invalid byte becomes the replacement; the length stays.
fn repair(value: &[u8], replacement: u8) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        repaired.extend(
            chunk
                .valid()
                .bytes()
                .map(|byte| if byte == 0 { replacement } else { byte }),
        );
        repaired.resize(repaired.len() + chunk.invalid().len(), replacement);
    }
    repaired
}

/// Writes text as PostgreSQL's COPY reads it.
fn escape(value: &[u8], out: &mut Vec<u8>) {
    let special = value.iter().fold(false, |special, byte| {
        special | (*byte == b'\\') | (*byte < b' ')
    });
    if !special {
        out.extend_from_slice(value);
        return;
    }
    for byte in value {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Cursor;
    use crate::sql::lexer::tokens;

    fn options(sql: &str) -> Options {
        let sql = format!("{sql} IAM_ROLE default");
        let tokens = tokens(&sql).expect("tokens");
        super::super::options::parse(&mut Cursor::new(&sql, &tokens)).expect("options")
    }

    fn written(column: &Type, value: &[u8], sql: &str) -> Result<String, Fault> {
        let mut out = Vec::new();
        write(column, value, &options(sql), &mut out, &mut 0)?;
        Ok(String::from_utf8(out).expect("UTF-8"))
    }

    fn code(column: &Type, value: &[u8], sql: &str) -> i32 {
        written(column, value, sql).expect_err("a fault").code
    }

    #[test]
    fn integers() {
        assert_eq!(
            written(&Type::Integer, b"-2147483648", "").expect("valid"),
            "-2147483648"
        );
        assert_eq!(
            written(&Type::BigInt, b"+0009223372036854775807", "").expect("valid"),
            "0009223372036854775807"
        );
        let fault = written(&Type::Integer, b"12a", "").expect_err("a fault");
        assert_eq!(
            (fault.code, &*fault.reason),
            (1207, "Invalid digit, Value 'a', Pos 2, Type: Integer")
        );
        assert_eq!(code(&Type::Integer, b"2147483648", ""), 1222);
        assert_eq!(code(&Type::SmallInt, b"-32769", ""), 1222);
        assert_eq!(code(&Type::BigInt, &[b'9'; 60], ""), 1222);
        assert_eq!(code(&Type::Integer, b"1.5", ""), 1207);
        assert_eq!(code(&Type::Integer, b" 1", ""), 1207);
        assert_eq!(code(&Type::Integer, b"-", ""), 1207);
    }

    #[test]
    fn decimals_truncate_or_round() {
        let price = Type::Numeric {
            precision: 8,
            scale: 2,
        };
        assert_eq!(written(&price, b"20.259", "").expect("valid"), "020.25");
        assert_eq!(
            written(&price, b"20.259", "roundec").expect("valid"),
            "020.26"
        );
        assert_eq!(
            written(&price, b"-.995", "roundec").expect("valid"),
            "-1.00"
        );
        assert_eq!(
            written(&price, b"999999.99", "").expect("valid"),
            "0999999.99"
        );
        assert_eq!(code(&price, b"999999.995", "roundec"), 1204);
        assert_eq!(code(&price, b"1000000", ""), 1204);
        assert_eq!(code(&price, b"1e5", ""), 1207);
        assert_eq!(code(&price, b".", ""), 1207);
        let whole = Type::Numeric {
            precision: 3,
            scale: 0,
        };
        assert_eq!(written(&whole, b"99.5", "roundec").expect("valid"), "100");
        assert_eq!(code(&whole, b"999.5", "roundec"), 1204);
    }

    #[test]
    fn floats() {
        assert_eq!(
            written(&Type::Double, b"1.5e300", "").expect("valid"),
            "1.5e300"
        );
        assert_eq!(written(&Type::Double, b"NaN", "").expect("valid"), "NaN");
        assert_eq!(written(&Type::Real, b"1e-60", "").expect("valid"), "0");
        assert_eq!(code(&Type::Real, b"1e60", ""), 1208);
        assert_eq!(code(&Type::Double, b"x", ""), 1208);
        assert_eq!(code(&Type::Double, b"1e", ""), 1208);
    }

    #[test]
    fn booleans() {
        for (value, expected) in [("TRUE", "t"), ("y", "t"), ("0", "f"), ("No", "f")] {
            assert_eq!(
                written(&Type::Boolean, value.as_bytes(), "").expect("valid"),
                expected
            );
        }
        assert_eq!(code(&Type::Boolean, b"2", ""), 1210);
    }

    #[test]
    fn text_is_measured_in_bytes() {
        assert_eq!(
            written(&Type::Varchar(4), "äö".as_bytes(), "").expect("valid"),
            "äö"
        );
        assert_eq!(code(&Type::Varchar(3), "äö".as_bytes(), ""), 1204);
        assert_eq!(
            written(&Type::Varchar(3), "äö".as_bytes(), "truncatecolumns").expect("valid"),
            "ä"
        );
        assert_eq!(
            written(&Type::Varchar(9), b"a\\b\tc\nd", "").expect("valid"),
            "a\\\\b\\tc\\nd"
        );
        assert_eq!(
            written(&Type::Varchar(9), b"a  ", "trimblanks").expect("valid"),
            "a"
        );
        assert_eq!(code(&Type::Varchar(9), b"a\xffb", ""), 1220);
        assert_eq!(
            written(&Type::Varchar(9), b"a\xff\xfeb", "acceptinvchars").expect("valid"),
            "a??b"
        );
        assert_eq!(
            written(&Type::Varchar(9), b"a\xffb", "acceptinvchars '^'").expect("valid"),
            "a^b"
        );
        assert_eq!(code(&Type::Char(9), "ä".as_bytes(), ""), 1220);
        assert_eq!(code(&Type::Char(1), b"ab", ""), 1204);
    }

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
        assert_eq!(
            written(&Type::Timestamp, b"0", "timeformat 'epochsecs'").expect("valid"),
            "1970-01-01 00:00:00"
        );
    }
}
