//! `SUPER`: JSON text. As a parameter it stands in `JSON_PARSE($1)`, see
//! [`parameter`](super::oid::parameter).

use diesel::deserialize::{self, FromSql};

use crate::sql_types::Super;
use crate::{Redshift, backend::RedshiftValue};

/// The JSON text as the server wrote it.
impl FromSql<Super, Redshift> for String {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        let text = value
            .as_str()
            .map_err(|_| value.unreadable("a SUPER (JSON text)"))?;
        Ok(text.to_owned())
    }
}

#[cfg(feature = "serde_json")]
pub use self::json::Json;

#[cfg(feature = "serde_json")]
mod json {
    use std::fmt::Debug;

    use diesel::deserialize::{self, FromSql, FromSqlRow};
    use diesel::expression::AsExpression;
    use diesel::serialize::{self, IsNull, Output, ToSql};
    use serde::Serialize;
    use serde::de::{DeserializeOwned, IgnoredAny};
    use serde_json::Value;

    use crate::sql_types::Super;
    use crate::{Redshift, backend::RedshiftValue};

    /// Any serde type as a value of `SUPER`.
    ///
    /// Sent as `JSON_PARSE($1)`. `None` in a `Nullable<Super>` column is SQL's `NULL`, not the JSON
    /// value `null`. A value has at most 16 MB, a string in it at most 65,535 bytes.
    ///
    /// A `serde_json::Value` can be read without the wrapper, but it rounds numbers beyond `i64`,
    /// `u64` and `f64`. To keep all digits, read a `String`, which is the server's text, or use
    /// serde_json's features `raw_value` (`Json<Box<serde_json::value::RawValue>>`) or
    /// `arbitrary_precision`. To write a `Value`, wrap it: `Json(value)`, or `Json<Value>` in a
    /// struct that derives `Insertable` or `AsChangeset`.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{data_types::Json, Redshift};
    ///
    /// diesel::table! {
    ///     use diesel::sql_types::*;
    ///     use diesel_redshift::sql_types::Super;
    ///
    ///     events (id) {
    ///         id -> BigInt,
    ///         payload -> Nullable<Super>,
    ///     }
    /// }
    ///
    /// #[derive(Debug, serde::Serialize, serde::Deserialize)]
    /// struct Payload {
    ///     kind: String,
    ///     tags: Vec<String>,
    /// }
    ///
    /// #[derive(Debug, Insertable, Queryable)]
    /// #[diesel(table_name = events)]
    /// struct Event {
    ///     id: i64,
    ///     payload: Option<Json<Payload>>,
    /// }
    ///
    /// let payload = Payload { kind: "click".to_owned(), tags: Vec::new() };
    /// let event = Event { id: 1, payload: Some(Json(payload)) };
    /// let insert = diesel::insert_into(events::table).values(&event);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&insert).to_string(),
    ///     // What is sent says JSON_PARSE($2): Diesel's printing does not know the types of parameters.
    ///     r#"INSERT INTO "events" ("id", "payload") VALUES ($1, $2) -- binds: [1, Json(Payload { kind: "click", tags: [] })]"#,
    /// );
    /// ```
    #[derive(
        Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, AsExpression, FromSqlRow,
    )]
    #[diesel(sql_type = Super)]
    pub struct Json<T>(
        /// The value.
        pub T,
    );

    impl<T: Debug + Serialize> ToSql<Super, Redshift> for Json<T> {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
            out.set_value(serde_json::to_string(&self.0)?);
            Ok(IsNull::No)
        }
    }

    impl<T: DeserializeOwned> FromSql<Super, Redshift> for Json<T> {
        fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
            serde_json::from_slice(value.as_bytes())
                .map(Json)
                .map_err(|_| unreadable(&value))
        }
    }

    /// serde's own message is left out: it quotes the value.
    fn unreadable(value: &RedshiftValue<'_>) -> Box<dyn std::error::Error + Send + Sync> {
        value.unreadable(
            match serde_json::from_slice::<IgnoredAny>(value.as_bytes()) {
                Ok(_) => "a SUPER of the shape that the Rust type expects",
                Err(_) => "a SUPER (JSON text)",
            },
        )
    }

    impl ToSql<Super, Redshift> for Value {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Redshift>) -> serialize::Result {
            out.set_value(self.to_string());
            Ok(IsNull::No)
        }
    }

    impl FromSql<Super, Redshift> for Value {
        fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
            Json::from_sql(value).map(|Json(value)| value)
        }
    }

    #[cfg(test)]
    mod tests {
        use std::collections::BTreeMap;

        use proptest::prelude::*;
        use serde_json::json;

        use super::super::super::round_trip::{text_of, value_of};
        use super::*;

        #[test]
        fn values_of_any_kind() {
            for (value, text) in [
                (json!(null), "null"),
                (json!("it's \\ \"\u{0}\" 🦀"), r#""it's \\ \"\u0000\" 🦀""#),
                (json!([1, 2.5, {"a": []}]), r#"[1,2.5,{"a":[]}]"#),
                // serde_json's faster parser is off by one digit here.
                (json!(1.803_034_451_733_504_2), "1.8030344517335042"),
            ] {
                assert_eq!(text_of::<Super, _>(&value), text);
                assert_eq!(value_of::<Super, Value>(text).expect("reads"), value);
                assert_eq!(value_of::<Super, String>(text).expect("reads"), text);
            }
        }

        #[test]
        fn a_string_has_the_digits_that_a_value_has_not() {
            let exact = "123456789012345678901234567890.123456789";
            assert_eq!(value_of::<Super, String>(exact).expect("reads"), exact);
            let rounded = value_of::<Super, Value>(exact).expect("reads");
            assert_ne!(rounded.to_string(), exact, "as the documentation says");
            let integer = value_of::<Super, Value>("18446744073709551615").expect("reads");
            assert_eq!(integer, json!(u64::MAX));
        }

        #[test]
        fn what_does_not_fit_is_an_error_without_the_value() {
            let error = value_of::<Super, Value>("{secret").expect_err("no JSON");
            assert_eq!(
                error.to_string(),
                "7 bytes of text are not a SUPER (JSON text)"
            );
            let error = value_of::<Super, Json<i32>>(r#""secret""#).expect_err("no number");
            assert!(error.to_string().contains("shape"), "{error}");
            assert!(value_of::<Super, Value>("").is_err());
        }

        proptest! {
            #[test]
            fn round_trip(map: BTreeMap<String, Vec<Option<i64>>>) {
                let value = Json(map);
                let text = text_of::<Super, _>(&value);
                let read: Json<BTreeMap<String, Vec<Option<i64>>>> = value_of::<Super, _>(&text).expect("reads");
                prop_assert_eq!(read, value);
            }
        }
    }
}
