//! The digits of a `DECIMAL`, which every Rust type for it goes through.

/// The digits as one number, and how many of them stand after the point; `None` for what is no
/// decimal number, and for one of more than 38 digits, which no `DECIMAL` holds.
pub(super) fn read(text: &[u8]) -> Option<(i128, u32)> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, fraction) = match unsigned.iter().position(|byte| *byte == b'.') {
        Some(point) => (&unsigned[..point], &unsigned[point + 1..]),
        None => (unsigned, &unsigned[unsigned.len()..]),
    };
    let has_point = whole.len() < unsigned.len();
    if whole.is_empty() || (has_point && fraction.is_empty()) {
        return None;
    }
    // 38 digits and a zero before the point.
    if whole.len() + fraction.len() > 39 {
        return None;
    }
    let number = append(append(0, whole)?, fraction)?;
    let number = i128::try_from(number).ok()?;
    let negative = unsigned.len() < text.len();
    Some((
        if negative { -number } else { number },
        u32::try_from(fraction.len()).ok()?,
    ))
}

/// 19 digits at a time fit in 64 bits, whose arithmetic is the faster one.
fn append(number: u128, digits: &[u8]) -> Option<u128> {
    digits.chunks(19).try_fold(number, |number, digits| {
        let mut chunk = 0_u64;
        for digit in digits {
            let digit = digit.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            chunk = chunk * 10 + u64::from(digit);
        }
        let power = 10_u128.pow(u32::try_from(digits.len()).ok()?);
        number.checked_mul(power)?.checked_add(chunk.into())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_numbers() {
        for (text, number) in [
            ("0", Some((0, 0))),
            ("-0.05", Some((-5, 2))),
            ("9999999999999999999", Some((9_999_999_999_999_999_999, 0))),
            (
                "99999999999999999999999999999999999999",
                Some((99_999_999_999_999_999_999_999_999_999_999_999_999, 0)),
            ),
            (
                "0.99999999999999999999999999999999999999",
                Some((99_999_999_999_999_999_999_999_999_999_999_999_999, 38)),
            ),
            ("9999999999999999999999999999999999999999", None),
            ("999999999999999999999999999999999999999", None),
            ("", None),
            ("-", None),
            (".5", None),
            ("5.", None),
            ("1.5.5", None),
            ("1e5", None),
            ("1_000", None),
            ("+1", None),
            ("--1", None),
            ("NaN", None),
        ] {
            assert_eq!(read(text.as_bytes()), number, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_number_is_read(number in -99_999_999_999_999_999_999_999_999_999_999_999_999_i128..=99_999_999_999_999_999_999_999_999_999_999_999_999) {
            prop_assert_eq!(read(number.to_string().as_bytes()), Some((number, 0)));
        }
    }
}
