//! `DECIMAL`: decimal digits, exact to 38 of them.

use bigdecimal::BigDecimal;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Numeric;

use super::decimal;
use crate::{Redshift, backend::RedshiftValue};

/// Why a number is not sent: the server would round it, or the text of its exponent be endless.
#[derive(Debug, thiserror::Error)]
#[error(
    "a number has {digits} digits, {scale} of them after the point; DECIMAL holds 38, of which 37 may stand after the point: \
     `with_scale(n)` leaves n of them there"
)]
struct TooPrecise {
    digits: i128,
    scale: i64,
}

fn refuse_what_does_not_fit(value: &BigDecimal) -> Result<(), TooPrecise> {
    let scale = value.fractional_digit_count();
    let digits = i128::from(value.digits());
    let digits = match scale {
        0.. => digits.max(scale.into()),
        // Zeros before the point.
        _ => digits - i128::from(scale),
    };
    if digits <= 38 && scale <= 37 {
        Ok(())
    } else {
        Err(TooPrecise { digits, scale })
    }
}

impl ToSql<Numeric, Redshift> for BigDecimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        match refuse_what_does_not_fit(self) {
            Ok(()) => out.set_value(self.to_plain_string()),
            // Zeros at the end may be all that is too much.
            Err(_) => {
                let value = self.normalized();
                refuse_what_does_not_fit(&value)?;
                out.set_value(value.to_plain_string());
            }
        }
        Ok(IsNull::No)
    }
}

impl FromSql<Numeric, Redshift> for BigDecimal {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        let text = value.as_bytes();
        if let Some((digits, scale)) = decimal::read(text) {
            return Ok(Self::new(digits.into(), scale.into()));
        }
        // An intermediate result of the leader node may have more digits than a column. BigDecimal's own parser knows
        // exponents and separators too, which no server writes.
        let is_long = text.len() >= 39
            && text
                .iter()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-'));
        is_long
            .then(|| value.as_str().ok()?.parse().ok())
            .flatten()
            .ok_or_else(|| value.unreadable("a DECIMAL"))
    }
}

#[cfg(test)]
mod tests {
    use diesel::query_builder::BindCollector;
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
    use super::*;
    use crate::backend::RedshiftBindCollector;

    proptest! {
        #[test]
        fn round_trip(digits in -99_999_999_999_999_999_999_999_999_999_999_999_999_i128..=99_999_999_999_999_999_999_999_999_999_999_999_999, scale in 0..=37_i64) {
            let value = BigDecimal::new(digits.into(), scale);
            let read = value_of::<Numeric, BigDecimal>(&text_of::<Numeric, _>(&value)).expect("reads");
            prop_assert_eq!(read.as_bigint_and_exponent(), (digits.into(), scale));
        }

        #[test]
        fn any_text_is_a_value_or_an_error(text in "[-+0-9.eE_ ]{0,12}") {
            let _ = value_of::<Numeric, BigDecimal>(&text);
        }
    }

    #[test]
    fn digits_and_scale_are_kept() {
        for text in [
            "0",
            "123.4500",
            "-0.0000000000000000000000000000000000001",
            "99999999999999999999999999999999999999",
        ] {
            let value = value_of::<Numeric, BigDecimal>(text).expect("reads");
            assert_eq!(text_of::<Numeric, _>(&value), text);
        }
        for text in [
            "1e38",
            "1e-38",
            "1e1000000000",
            "123456789012345678901234567890.123456789",
        ] {
            let value: BigDecimal = text.parse().expect("a number");
            let mut binds = RedshiftBindCollector::new();
            let error = binds
                .push_bound_value::<Numeric, _>(&value, &mut ())
                .expect_err(text);
            assert!(error.to_string().contains("DECIMAL holds 38"), "{error}");
        }
        let value: BigDecimal = "1.0000000000000000000000000000000000000000"
            .parse()
            .expect("a number");
        assert_eq!(text_of::<Numeric, _>(&value), "1");
        let long = "123456789012345678901234567890123456789012.5";
        let value = value_of::<Numeric, BigDecimal>(long).expect("reads");
        assert_eq!(value.to_plain_string(), long);
        let thousand = BigDecimal::new(1.into(), -3);
        assert_eq!(text_of::<Numeric, _>(&thousand), "1000");
        for text in [
            "", "NaN", "1,5", "--1", ".", "1.", "1e5", "0e9", "1_000", "+1",
        ] {
            assert!(value_of::<Numeric, BigDecimal>(text).is_err(), "{text:?}");
        }
    }
}
