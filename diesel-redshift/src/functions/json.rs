//! Functions of JSON in text, and of `SUPER`.

use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Integer, Nullable, Text};

use super::call::{Argument, Call, name};
use crate::Redshift;
use crate::error::InvalidValue;
use crate::sql_types::Super;

macro_rules! json_functions {
    ($($(#[$meta:meta])* $function:ident => $name:ident, $takes:ty => $returns:ty;)*) => {$(
        $(#[$meta])*
        pub fn $function<J, ST>(json: J) -> Call<name::$name, (J,), ST::Returns>
        where
            J: Expression<SqlType = ST>,
            ST: Argument<$takes, $returns>,
        {
            Call::new((json,))
        }
    )*};
}

json_functions! {
    /// `JSON_PARSE(text)`: the `SUPER` that JSON text stands for; text that is not JSON is a server
    /// error.
    ///
    /// A Rust text is given as `text.into_sql::<Text>()`, see
    /// [`into_sql`](diesel::IntoSql::into_sql).
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::json_parse};
    /// # diesel::table! { events { id -> BigInt, body -> Text, } }
    ///
    /// let query = events::table.select(json_parse(events::body));
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT JSON_PARSE("events"."body") FROM "events" -- binds: []"#,
    /// );
    /// ```
    json_parse => JsonParse, Text => Super;

    /// `CAN_JSON_PARSE(text)`: whether `JSON_PARSE` takes the text.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::can_json_parse};
    /// # diesel::table! { events { id -> BigInt, body -> Text, } }
    ///
    /// let query = events::table.filter(can_json_parse(events::body)).select(events::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "events"."id" FROM "events" WHERE CAN_JSON_PARSE("events"."body") -- binds: []"#,
    /// );
    /// ```
    can_json_parse => CanJsonParse, Text => Bool;

    /// `JSON_SERIALIZE(super)`: the JSON text of a `SUPER`, at most 65,535 bytes.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::json_serialize};
    /// # diesel::table! { use diesel::sql_types::*; use diesel_redshift::sql_types::*; events { id -> BigInt, body -> Super, } }
    ///
    /// let query = events::table.select(json_serialize(events::body));
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT JSON_SERIALIZE("events"."body") FROM "events" -- binds: []"#,
    /// );
    /// ```
    json_serialize => JsonSerialize, Super => Text;

    /// `JSON_TYPEOF(super)`: `boolean`, `number`, `string`, `object`, `array` or `null`.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::json_typeof};
    /// # diesel::table! { use diesel::sql_types::*; use diesel_redshift::sql_types::*; events { id -> BigInt, body -> Super, } }
    ///
    /// let query = events::table.filter(json_typeof(events::body).eq("array")).select(events::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "events"."id" FROM "events" WHERE (JSON_TYPEOF("events"."body") = $1) -- binds: ["array"]"#,
    /// );
    /// ```
    json_typeof => JsonTypeof, Super => Text;

    /// `IS_VALID_JSON(text)`: whether the text is a JSON object; for arrays see
    /// [`is_valid_json_array`].
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::is_valid_json};
    /// # diesel::table! { events { id -> BigInt, body -> Text, } }
    ///
    /// let query = events::table.filter(is_valid_json(events::body)).select(events::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "events"."id" FROM "events" WHERE IS_VALID_JSON("events"."body") -- binds: []"#,
    /// );
    /// ```
    is_valid_json => IsValidJson, Text => Bool;

    /// `IS_VALID_JSON_ARRAY(text)`: whether the text is a JSON array.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::is_valid_json_array};
    /// # diesel::table! { events { id -> BigInt, body -> Text, } }
    ///
    /// let query = events::table.filter(is_valid_json_array(events::body)).select(events::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "events"."id" FROM "events" WHERE IS_VALID_JSON_ARRAY("events"."body") -- binds: []"#,
    /// );
    /// ```
    is_valid_json_array => IsValidJsonArray, Text => Bool;
}

/// `JSON_ARRAY_LENGTH(text)`: how many elements a JSON array in text has. Text that is not an array
/// is a server error.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::json_array_length};
/// # diesel::table! { events { id -> BigInt, body -> Text, } }
///
/// let query = events::table.select(json_array_length(events::body));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT JSON_ARRAY_LENGTH("events"."body") FROM "events" -- binds: []"#,
/// );
/// ```
pub fn json_array_length<J, ST>(json: J) -> Call<name::JsonArrayLength, (J,), ST::Returns>
where
    J: Expression<SqlType = ST>,
    ST: Argument<Text, Integer>,
{
    Call::new((json,))
}

/// `GET_ARRAY_LENGTH(super)`: how many elements the array in a `SUPER` has; `NULL` when it is no
/// array.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::get_array_length};
/// # diesel::table! { use diesel::sql_types::*; use diesel_redshift::sql_types::*; events { id -> BigInt, tags -> Super, } }
///
/// let query = events::table.select(get_array_length(events::tags));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT GET_ARRAY_LENGTH("events"."tags") FROM "events" -- binds: []"#,
/// );
/// ```
pub fn get_array_length<J, ST>(json: J) -> Call<name::GetArrayLength, (J,), Nullable<Integer>>
where
    J: Expression<SqlType = ST>,
    ST: Argument<Super, Integer>,
{
    Call::new((json,))
}

/// `JSON_EXTRACT_ARRAY_ELEMENT_TEXT(text, position)`: an element of a JSON array in text, counted
/// from 0; `NULL` beyond the end.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::json_extract_array_element_text};
/// # diesel::table! { events { id -> BigInt, body -> Text, } }
///
/// let query = events::table.select(json_extract_array_element_text(events::body, 0));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT JSON_EXTRACT_ARRAY_ELEMENT_TEXT("events"."body", $1) FROM "events" -- binds: [0]"#,
/// );
/// ```
pub fn json_extract_array_element_text<J, P, ST>(
    json: J,
    position: P,
) -> Call<name::JsonExtractArrayElementText, (J, P::Expression), Nullable<Text>>
where
    J: Expression<SqlType = ST>,
    P: AsExpression<Integer>,
    ST: Argument<Text, Text>,
{
    Call::new((json, position.as_expression()))
}

/// `JSON_EXTRACT_PATH_TEXT(text, 'key', …)`: what stands under the keys, from the outside in, as
/// text; `NULL` or empty when nothing does. Redshift follows at most five keys.
///
/// Text that is not JSON is a server error, unless
/// [`null_if_invalid`](JsonExtractPathText::null_if_invalid) is set.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::json_extract_path_text};
/// # diesel::table! { events { id -> BigInt, body -> Text, } }
///
/// let query = events::table
///     .select(json_extract_path_text(events::body, ["user", "name"]).null_if_invalid());
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT JSON_EXTRACT_PATH_TEXT("events"."body", $1, $2, TRUE) FROM "events" -- binds: ["user", "name"]"#,
/// );
/// ```
pub fn json_extract_path_text<J, K, ST>(
    json: J,
    path: impl IntoIterator<Item = K>,
) -> JsonExtractPathText<J>
where
    J: Expression<SqlType = ST>,
    K: Into<String>,
    ST: Argument<Text, Text>,
{
    JsonExtractPathText {
        json,
        path: path.into_iter().map(Into::into).collect(),
        null_if_invalid: false,
    }
}

/// A call of [`json_extract_path_text`].
#[derive(Debug, Clone)]
pub struct JsonExtractPathText<J> {
    json: J,
    path: Vec<String>,
    null_if_invalid: bool,
}

impl<J> JsonExtractPathText<J> {
    /// Text that is not JSON gives `NULL` instead of an error.
    #[must_use]
    pub fn null_if_invalid(mut self) -> Self {
        self.null_if_invalid = true;
        self
    }
}

impl<J> QueryId for JsonExtractPathText<J> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<J: Expression> Expression for JsonExtractPathText<J> {
    type SqlType = Nullable<Text>;
}

impl<J: QueryFragment<Redshift>> QueryFragment<Redshift> for JsonExtractPathText<J> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        let keys = self.path.len();
        if !(1..=5).contains(&keys) {
            return Err(InvalidValue::new(
                "JSON_EXTRACT_PATH_TEXT",
                format!("{keys} keys"),
                "1 to 5 keys",
            )
            .into());
        }
        out.push_sql("JSON_EXTRACT_PATH_TEXT(");
        self.json.walk_ast(out.reborrow())?;
        for key in &self.path {
            out.push_sql(", ");
            out.push_bind_param::<Text, String>(key)?;
        }
        if self.null_if_invalid {
            out.push_sql(", TRUE");
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<J, QS> AppearsOnTable<QS> for JsonExtractPathText<J> where J: AppearsOnTable<QS> {}

impl<J, QS> SelectableExpression<QS> for JsonExtractPathText<J> where J: SelectableExpression<QS> {}

impl<J: ValidGrouping<GB>, GB> ValidGrouping<GB> for JsonExtractPathText<J> {
    type IsAggregate = J::IsAggregate;
}
