//! `NVL`, `COALESCE`, `NVL2` and `DECODE`.

#![expect(
    clippy::type_complexity,
    reason = "the type of an expression spells it out, as Diesel's do"
)]

use std::marker::PhantomData;

use diesel::expression::{AsExpression, Expression, TypedExpressionType};
use diesel::sql_types::{IntoNullable, Nullable, SingleValue, SqlType, is_nullable};

use super::call::{Call, name};

/// `NVL(value, default)`: the value, or the default where it is `NULL`. For a default that may be
/// `NULL` too see [`coalesce`].
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::nvl};
/// # diesel::table! { users { id -> BigInt, name -> Nullable<Text>, } }
///
/// let query = users::table.select(nvl(users::name, "nobody"));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT NVL("users"."name", $1) FROM "users" -- binds: ["nobody"]"#,
/// );
/// ```
pub fn nvl<V, D, ST>(value: V, default: D) -> Call<name::Nvl, (V, D::Expression), ST>
where
    V: Expression<SqlType = Nullable<ST>>,
    D: AsExpression<ST>,
    ST: SqlType<IsNull = is_nullable::NotNull> + SingleValue + TypedExpressionType,
{
    Call::new((value, default.as_expression()))
}

/// `COALESCE(value, other)`: the value, or the other one where it is `NULL`; both may be `NULL`.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::{coalesce, nvl}};
/// # diesel::table! { users { id -> BigInt, nick -> Nullable<Text>, name -> Nullable<Text>, } }
///
/// let query = users::table.select(nvl(coalesce(users::nick, users::name), "nobody"));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT NVL(COALESCE("users"."nick", "users"."name"), $1) FROM "users" -- binds: ["nobody"]"#,
/// );
/// ```
pub fn coalesce<V, D, ST>(
    value: V,
    other: D,
) -> Call<name::Coalesce, (V, D::Expression), Nullable<ST>>
where
    V: Expression<SqlType = Nullable<ST>>,
    D: AsExpression<Nullable<ST>>,
    ST: SqlType<IsNull = is_nullable::NotNull> + SingleValue,
    Nullable<ST>: TypedExpressionType,
{
    Call::new((value, other.as_expression()))
}

/// `NVL2(value, not_null, null)`: the second where the value is not `NULL`, else the third.
///
/// Where both are Rust values, say which SQL type is meant with
/// [`into_sql`](diesel::IntoSql::into_sql).
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::nvl2};
/// # diesel::table! { users { id -> BigInt, name -> Nullable<Text>, } }
///
/// let query = users::table.select(nvl2(users::name, users::id, -1_i64));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT NVL2("users"."name", "users"."id", $1) FROM "users" -- binds: [-1]"#,
/// );
/// ```
pub fn nvl2<V, A, B, ST>(
    value: V,
    not_null: A,
    null: B,
) -> Call<name::Nvl2, (V, A, B::Expression), ST>
where
    V: Expression,
    A: Expression<SqlType = ST>,
    B: AsExpression<ST>,
    ST: SqlType + SingleValue + TypedExpressionType,
{
    Call::new((value, not_null, null.as_expression()))
}

/// `DECODE(value, search, result, …, default)`: the result of the first search that equals the
/// value. Two `NULL`s are equal here, unlike in `CASE`.
///
/// ```
/// use diesel::prelude::*;
/// use diesel::sql_types::Text;
/// use diesel_redshift::{Redshift, dsl::decode};
/// # diesel::table! { users { id -> BigInt, name -> Nullable<Text>, } }
///
/// let query = users::table.select(
///     decode(users::name)
///         .when(None::<&str>, "unknown".into_sql::<Text>())
///         .when(Some("root"), "the boss")
///         .otherwise("a user"),
/// );
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT DECODE("users"."name", $1, $2, $3, $4, $5) FROM "users" -- binds: [None, "unknown", Some("root"), "the boss", "a user"]"#,
/// );
/// ```
pub fn decode<V: Expression>(value: V) -> DecodeStart<V> {
    DecodeStart { value }
}

/// A [`decode`] without a pair yet.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct DecodeStart<V> {
    value: V,
}

impl<V> DecodeStart<V>
where
    V: Expression,
    V::SqlType: SqlType + TypedExpressionType,
{
    /// The first pair: what to look for and what then to return.
    pub fn when<S, R>(
        self,
        search: S,
        result: R,
    ) -> Decode<V::SqlType, (V, S::Expression, R), R::SqlType>
    where
        S: AsExpression<V::SqlType>,
        R: Expression,
        R::SqlType: SqlType + SingleValue,
    {
        Decode {
            arguments: (self.value, search.as_expression(), result),
            types: PhantomData,
        }
    }
}

/// A [`decode`] with at least one pair; [`otherwise`](Self::otherwise) or
/// [`or_null`](Self::or_null) makes an expression of it.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Decode<Value, Arguments, ST> {
    arguments: Arguments,
    types: PhantomData<(Value, ST)>,
}

impl<Value, Arguments, ST> Decode<Value, Arguments, ST>
where
    Value: SqlType + TypedExpressionType,
    ST: SqlType + SingleValue + TypedExpressionType,
{
    /// A further pair: what to look for and what then to return.
    pub fn when<S, R>(
        self,
        search: S,
        result: R,
    ) -> Decode<Value, (Arguments, (S::Expression, R::Expression)), ST>
    where
        S: AsExpression<Value>,
        R: AsExpression<ST>,
    {
        Decode {
            arguments: (
                self.arguments,
                (search.as_expression(), result.as_expression()),
            ),
            types: PhantomData,
        }
    }

    /// What to return when nothing was found.
    pub fn otherwise<D>(self, default: D) -> Call<name::Decode, (Arguments, D::Expression), ST>
    where
        D: AsExpression<ST>,
    {
        Call::new((self.arguments, default.as_expression()))
    }

    /// Returns `NULL` when nothing was found.
    pub fn or_null(self) -> Call<name::Decode, Arguments, ST::Nullable>
    where
        ST: IntoNullable,
    {
        Call::new(self.arguments)
    }
}
