//! `VARBYTE`: hex digits without a prefix.

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Binary;

use crate::{Redshift, RedshiftValue};

impl ToSql<Binary, Redshift> for [u8] {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(self);
        Ok(IsNull::No)
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

impl FromSql<Binary, Redshift> for Vec<u8> {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        let text = value.as_bytes();
        let unreadable = || value.unreadable("a VARBYTE (pairs of hex digits)");
        if !text.len().is_multiple_of(2) {
            return Err(unreadable());
        }
        text.chunks_exact(2)
            .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
            .collect::<Option<_>>()
            .ok_or_else(unreadable)
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
