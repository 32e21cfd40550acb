//! Numbers and booleans.

use crate::copy::fault::Fault;

pub(super) fn integer(
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

pub(super) fn float(value: &[u8], single: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
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
        let zero: &[u8] = if number.is_sign_negative() {
            b"-0"
        } else {
            b"0"
        };
        out.extend_from_slice(zero);
    } else {
        out.extend_from_slice(value);
    }
    Ok(())
}

pub(super) fn decimal(
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
    let is_wide = precision == LONG_DIGITS && !fits_long(&out[number_start..], scale);
    if length > precision - scale || is_wide {
        out.truncate(start);
        let text = String::from_utf8_lossy(value);
        return Err(Fault::new(
            1204,
            format!("Numeric overflow, Value '{text}', Type: Decimal({precision},{scale})"),
        ));
    }
    Ok(())
}

/// What has up to so many digits is kept in 64 bits, which do not hold all numbers of so many.
const LONG_DIGITS: usize = 19;

fn fits_long(number: &[u8], scale: usize) -> bool {
    let mut parts = number.split(|byte| *byte == b'.');
    let whole = parts.next().unwrap_or_default();
    let fraction = parts.next().unwrap_or_default();
    let zeros = std::iter::repeat_n(&b'0', scale - fraction.len());
    let mut digits = whole.iter().chain(fraction).chain(zeros);
    digits
        .try_fold(0_i64, |value, digit| {
            value.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
        })
        .is_some()
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

pub(super) fn boolean(value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
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

#[cfg(test)]
mod tests {
    use super::super::tests::{code, written};
    use crate::copy::column::Type;

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
        let long = Type::Numeric {
            precision: 19,
            scale: 4,
        };
        for value in [
            "922337203685477.5807",
            "-922337203685477.5807",
            "922337203685477",
        ] {
            assert!(written(&long, value.as_bytes(), "").is_ok(), "{value}");
        }
        for value in [
            "922337203685477.5808",
            "922337203685478",
            "999999999999999.9999",
        ] {
            assert_eq!(code(&long, value.as_bytes(), ""), 1204, "{value}");
        }
    }

    #[test]
    fn floats() {
        assert_eq!(
            written(&Type::Double, b"1.5e300", "").expect("valid"),
            "1.5e300"
        );
        assert_eq!(written(&Type::Double, b"NaN", "").expect("valid"), "NaN");
        assert_eq!(written(&Type::Real, b"1e-60", "").expect("valid"), "0");
        assert_eq!(written(&Type::Double, b"-0.0", "").expect("valid"), "-0");
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
}
