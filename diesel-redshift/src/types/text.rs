//! `CHAR` and `VARCHAR`: UTF-8 text. `CHAR` values arrive padded with blanks to their length in
//! bytes.

use std::str;

use diesel::deserialize::{self, FromSql, FromSqlRef, Queryable};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;

use crate::{Redshift, backend::RedshiftValue};

impl ToSql<Text, Redshift> for str {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(self);
        Ok(IsNull::No)
    }
}

fn utf8<'a>(value: &RedshiftValue<'a>) -> deserialize::Result<&'a str> {
    value.as_str().map_err(|_| value.unreadable("UTF-8 text"))
}

impl<'a> FromSqlRef<'a, Text, Redshift> for &'a str {
    fn from_sql(value: &'a mut RedshiftValue<'_>) -> deserialize::Result<Self> {
        utf8(value)
    }
}

/// Diesel reads `Cow<str>` and its like through this pointer; it lives as long as the row it points
/// into.
impl FromSql<Text, Redshift> for *const str {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        utf8(&value).map(|text| text as *const str)
    }
}

impl Queryable<Text, Redshift> for *const str {
    type Row = Self;

    fn build(row: Self::Row) -> deserialize::Result<Self> {
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn round_trip() {
        for text in ["", "plain", "it's a \\ 🦀\n\t"] {
            assert_eq!(text_of::<Text, _>(&text), text);
            assert_eq!(value_of::<Text, String>(text).expect("reads"), text);
        }
    }

    #[test]
    fn other_bytes_are_an_error() {
        let value = RedshiftValue::new(b"caf\xe9");
        let error = <String as FromSql<Text, Redshift>>::from_sql(value).expect_err("latin-1");
        assert_eq!(error.to_string(), "4 bytes of text are not UTF-8 text");
    }
}
