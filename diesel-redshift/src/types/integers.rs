//! `SMALLINT`, `INTEGER` and `BIGINT`: decimal digits.

use std::fmt::Write;

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Integer, SmallInt};

use crate::query_builder::InlineText;
use crate::{Redshift, backend::RedshiftValue};

/// Parses what the server writes: digits with an optional minus.
fn parse(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    // 18 digits cannot overflow; longer ones take the checked way.
    if digits.is_empty() || digits.len() > 18 {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    let mut value = 0i64;
    let mut rest = digits;
    while let Some((chunk, tail)) = rest.split_first_chunk() {
        value = value * 100_000_000 + eight_digits(*chunk)?;
        rest = tail;
    }
    if let Some((chunk, tail)) = rest.split_first_chunk() {
        value = value * 10_000 + four_digits(*chunk)?;
        rest = tail;
    }
    for digit in rest {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

/// Eight digits at once, in one register: pairs, then fours, then all of them.
fn eight_digits(text: [u8; 8]) -> Option<i64> {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    let text = u64::from_le_bytes(text);
    // A digit keeps its upper half when 6 is added to it, any other byte has or gets another one.
    if text & HIGH != ZEROS || text.wrapping_add(SIXES) & HIGH != ZEROS {
        return None;
    }
    let ones = text - ZEROS;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let eight = (fours * 10_000 + (fours >> 32)) & 0xffff_ffff;
    i64::try_from(eight).ok()
}

/// The same of four.
fn four_digits(text: [u8; 4]) -> Option<i64> {
    const HIGH: u32 = 0xf0f0_f0f0;
    const ZEROS: u32 = 0x3030_3030;
    const SIXES: u32 = 0x0606_0606;
    let text = u32::from_le_bytes(text);
    if text & HIGH != ZEROS || text.wrapping_add(SIXES) & HIGH != ZEROS {
        return None;
    }
    let ones = text - ZEROS;
    let pairs = (ones * 10 + (ones >> 8)) & 0x00ff_00ff;
    let four = (pairs * 100 + (pairs >> 16)) & 0xffff;
    Some(i64::from(four))
}

macro_rules! integer {
    ($($rust:ty, $sql_type:ty, $expected:literal;)*) => {$(
        impl ToSql<$sql_type, Redshift> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
                let mut text = InlineText::new();
                text.write_str(itoa::Buffer::new().format(*self))?;
                out.set_value(text);
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql_type, Redshift> for $rust {
            #[inline]
            fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
                let number = if value.is_binary() {
                    value.fixed().map(Self::from_be_bytes)
                } else {
                    parse(value.as_bytes()).and_then(|value| value.try_into().ok())
                };
                number.ok_or_else(|| value.unreadable($expected))
            }
        }
    )*};
}

integer! {
    i16, SmallInt, "a SMALLINT (-32768 to 32767)";
    i32, Integer, "an INTEGER (-2147483648 to 2147483647)";
    i64, BigInt, "a BIGINT (-9223372036854775808 to 9223372036854775807)";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn limits() {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            let text = text_of::<BigInt, _>(&value);
            assert_eq!(text, value.to_string());
            assert_eq!(value_of::<BigInt, i64>(&text).expect("reads"), value);
        }
        assert!(value_of::<SmallInt, i16>("32768").is_err());
        assert!(value_of::<BigInt, i64>("9223372036854775808").is_err());
        for text in [
            "",
            "-",
            "1a",
            " 1",
            "1 ",
            "+-1",
            "1.0",
            "1234567:",
            "1234567/",
            "12345678a",
            "1234\u{df}67",
            "123:",
            "123/",
            "12\u{df}",
            "123456789012/",
        ] {
            assert!(value_of::<Integer, i32>(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(value: i64) {
            let text = text_of::<BigInt, _>(&value);
            prop_assert_eq!(value_of::<BigInt, i64>(&text).expect("reads"), value);
        }

        #[test]
        fn any_text_is_a_value_or_an_error(text: String) {
            let _ = value_of::<BigInt, i64>(&text);
        }
    }
}
