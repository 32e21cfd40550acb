//! `VARBYTE`: hex digits without a prefix. As a parameter they stand in `FROM_HEX($1)`, see
//! [`parameter`](super::oid::parameter).

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Binary;

use super::hex;
use crate::{Redshift, backend::RedshiftValue};

impl ToSql<Binary, Redshift> for [u8] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(self);
        Ok(IsNull::No)
    }
}

impl FromSql<Binary, Redshift> for Vec<u8> {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        hex::decode(value.as_bytes())
            .ok_or_else(|| value.unreadable("a VARBYTE (pairs of hex digits)"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn round_trip() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = text_of::<Binary, _>(&bytes);
        assert!(text.starts_with("000102"), "{text}");
        assert_eq!(value_of::<Binary, Vec<u8>>(&text).expect("reads"), bytes);
        for text in ["0", "0g", "\\x00", "é"] {
            assert!(value_of::<Binary, Vec<u8>>(text).is_err(), "{text:?}");
        }
    }
}
