//! `DECIMAL` as [`rust_decimal::Decimal`], which holds 28 digits: more are an error on reading, not
//! a rounded value.

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Numeric;
use rust_decimal::Decimal;

use super::decimal;
use crate::{Redshift, backend::RedshiftValue};

impl ToSql<Numeric, Redshift> for Decimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl FromSql<Numeric, Redshift> for Decimal {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        decimal::read(value.as_bytes())
            .and_then(|(digits, scale)| Self::try_from_i128_with_scale(digits, scale).ok())
            .ok_or_else(|| value.unreadable("a DECIMAL that rust_decimal can hold (28 digits)"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn what_would_be_rounded_is_an_error() {
        for text in [
            "",
            "NaN",
            "1,5",
            "1_000",
            "1e5",
            "0.00000000000000000000000000001",
            "79228162514264337593543950336",
        ] {
            assert!(value_of::<Numeric, Decimal>(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(mantissa in -79_228_162_514_264_337_593_543_950_335_i128..=79_228_162_514_264_337_593_543_950_335, scale in 0..=28_u32) {
            let value = Decimal::from_i128_with_scale(mantissa, scale);
            let text = text_of::<Numeric, _>(&value);
            let read = value_of::<Numeric, Decimal>(&text).expect("reads");
            prop_assert_eq!((read, read.scale()), (value, value.scale()));
        }
    }
}
