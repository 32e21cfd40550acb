//! `GEOMETRY` and `GEOGRAPHY`: extended well-known binary (EWKB) in hex digits.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};

use super::hex;
use crate::sql_types::{Geography, Geometry};
use crate::{Redshift, backend::RedshiftValue};

/// A value of `GEOMETRY` or `GEOGRAPHY` in extended well-known binary (EWKB), as it is: the crates
/// `wkb`, `geozero` and others read and write it.
///
/// It goes in through `ST_GeomFromEWKB` or `ST_GeogFromWKB`. A value has at most 1,048,447 bytes.
///
/// ```
/// use diesel_redshift::data_types::Ewkb;
///
/// // POINT(0 0), little endian
/// let origin = Ewkb::new(vec![
///     1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
/// ]);
/// assert_eq!(origin.as_bytes().len(), 21);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Geometry)]
#[diesel(sql_type = Geography)]
pub struct Ewkb(Vec<u8>);

impl Ewkb {
    /// A value of these bytes. They are not read: the server refuses what is no EWKB.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl From<Vec<u8>> for Ewkb {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl AsRef<[u8]> for Ewkb {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

macro_rules! ewkb {
    ($($sql_type:ty, $expected:literal;)*) => {$(
        impl ToSql<$sql_type, Redshift> for Ewkb {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
                out.set_value(&*self.0);
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql_type, Redshift> for Ewkb {
            fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
                match hex::decode(value.as_bytes()) {
                    Some(bytes) if !bytes.is_empty() => Ok(Self(bytes)),
                    _ => Err(value.unreadable($expected)),
                }
            }
        }
    )*};
}

ewkb! {
    Geometry, "a GEOMETRY (EWKB in pairs of hex digits)";
    Geography, "a GEOGRAPHY (EWKB in pairs of hex digits)";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn other_text_is_an_error() {
        for text in ["", "01010", "POINT(0 0)", "\\x01"] {
            assert!(value_of::<Geometry, Ewkb>(text).is_err(), "{text:?}");
        }
        assert_eq!(
            value_of::<Geography, Ewkb>("0aFF").expect("reads"),
            Ewkb(vec![10, 255])
        );
    }

    proptest! {
        #[test]
        fn round_trip(bytes in proptest::collection::vec(any::<u8>(), 1..100)) {
            let value = Ewkb(bytes);
            let text = text_of::<Geometry, _>(&value);
            prop_assert_eq!(value_of::<Geometry, Ewkb>(&text).expect("reads"), value);
        }
    }
}
