//! `DECIMAL`: decimal digits, exact to 38 of them.

use std::str::FromStr;

use bigdecimal::BigDecimal;
use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Numeric;

use crate::{Redshift, RedshiftValue};

impl ToSql<Numeric, Redshift> for BigDecimal {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(self.to_plain_string());
        Ok(IsNull::No)
    }
}

impl FromSql<Numeric, Redshift> for BigDecimal {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        value
            .as_str()
            .ok()
            .and_then(|text| BigDecimal::from_str(text).ok())
            .ok_or_else(|| value.unreadable("a DECIMAL"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::round_trip::{text_of, value_of};
    use super::*;

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
        let thousand = BigDecimal::new(1.into(), -3);
        assert_eq!(text_of::<Numeric, _>(&thousand), "1000");
        for text in ["", "NaN", "1,5", "--1"] {
            assert!(value_of::<Numeric, BigDecimal>(text).is_err(), "{text:?}");
        }
    }
}
