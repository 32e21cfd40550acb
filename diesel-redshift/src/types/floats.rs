//! `REAL` and `DOUBLE PRECISION`: the shortest digits that read back as the same value.

use std::fmt::Write;

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Double, Float};

use crate::query_builder::InlineText;
use crate::{Redshift, backend::RedshiftValue};

macro_rules! float {
    ($($rust:ty, $sql_type:ty, $expected:literal;)*) => {$(
        impl ToSql<$sql_type, Redshift> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
                if self.is_finite() {
                    let mut text = InlineText::new();
                    text.write_str(zmij::Buffer::new().format_finite(*self))?;
                    out.set_value(text);
                } else if self.is_nan() {
                    out.set_value("NaN");
                } else if self.is_sign_positive() {
                    out.set_value("Infinity");
                } else {
                    out.set_value("-Infinity");
                }
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql_type, Redshift> for $rust {
            #[inline]
            fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
                let number = if value.is_binary() {
                    value.fixed().map(Self::from_be_bytes)
                } else {
                    fast_float2::parse(value.as_bytes()).ok()
                };
                number.ok_or_else(|| value.unreadable($expected))
            }
        }
    )*};
}

float! {
    f32, Float, "a REAL";
    f64, Double, "a DOUBLE PRECISION";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn what_is_not_a_number_has_a_name() {
        for (value, text) in [
            (f64::NAN, "NaN"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(text_of::<Double, _>(&value), text);
            let read = value_of::<Double, f64>(text).expect("reads");
            assert_eq!(read.to_string(), value.to_string());
        }
        for text in ["", "1,5", "abc", "1e", "0x10"] {
            assert!(value_of::<Double, f64>(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn double_round_trip(value in proptest::num::f64::ANY) {
            let read = value_of::<Double, f64>(&text_of::<Double, _>(&value)).expect("reads");
            prop_assert!(read == value || (read.is_nan() && value.is_nan()));
        }

        #[test]
        fn real_round_trip(value in proptest::num::f32::ANY) {
            let read = value_of::<Float, f32>(&text_of::<Float, _>(&value)).expect("reads");
            prop_assert!(read == value || (read.is_nan() && value.is_nan()));
        }
    }
}
