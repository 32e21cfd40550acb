//! `BOOLEAN`: `t` and `f`.

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Bool;

use crate::{Redshift, backend::RedshiftValue};

impl ToSql<Bool, Redshift> for bool {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        out.set_value(if *self { "t" } else { "f" });
        Ok(IsNull::No)
    }
}

impl FromSql<Bool, Redshift> for bool {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            b"t" | b"true" => Ok(true),
            b"f" | b"false" => Ok(false),
            [byte @ (0 | 1)] if value.is_binary() => Ok(*byte == 1),
            _ => Err(value.unreadable("a BOOLEAN (t or f)")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn round_trip() {
        assert_eq!(text_of::<Bool, _>(&true), "t");
        assert!(value_of::<Bool, bool>("t").expect("t"));
        assert!(!value_of::<Bool, bool>("f").expect("f"));
        assert!(value_of::<Bool, bool>("").is_err());
        assert!(value_of::<Bool, bool>("yes").is_err());
    }
}
