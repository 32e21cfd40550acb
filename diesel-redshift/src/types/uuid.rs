//! A UUID, which Redshift has no type for: it is kept as text in a `VARCHAR(36)`, hyphens and lower
//! case.
//!
//! In `table!` the column is Diesel's `Uuid`, so that a schema written for PostgreSQL stays as it
//! is. Values of a column that other programs filled must be in lower case to be found by
//! comparison.

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Text, Uuid as UuidType};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use std::fmt::Write;

use crate::query_builder::InlineText;
use crate::{Redshift, backend::RedshiftValue};

macro_rules! uuid {
    ($($sql_type:ty),*) => {$(
        impl ToSql<$sql_type, Redshift> for Uuid {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
                let mut text = InlineText::new();
                text.write_str(self.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]))?;
                out.set_value(text);
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql_type, Redshift> for Uuid {
            fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
                Uuid::try_parse_ascii(value.as_bytes())
                    .map_err(|_| value.unreadable("a UUID (32 hex digits with hyphens)"))
            }
        }
    )*};
}

uuid!(UuidType, Text);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::round_trip::{text_of, value_of};
    use super::*;

    #[test]
    fn other_text_is_an_error() {
        for text in ["", "67e55044-10b1-426f-9247-bb680e5fe0c", "not a UUID"] {
            assert!(value_of::<UuidType, Uuid>(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(number: u128) {
            let value = Uuid::from_u128(number);
            let text = text_of::<UuidType, _>(&value);
            prop_assert_eq!(text.len(), 36);
            prop_assert_eq!(value_of::<UuidType, Uuid>(&text).expect("reads"), value);
            prop_assert_eq!(value_of::<Text, Uuid>(&text.to_uppercase()).expect("reads"), value);
        }
    }
}
