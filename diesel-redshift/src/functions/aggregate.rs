//! `LISTAGG`, `MEDIAN` and `APPROXIMATE COUNT`.

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::internal::sql_functions::{
    FunctionFragment, IsWindowFunction, OverClause, WindowFunctionFragment,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, DieselNumericOps, Nullable, SqlType, Text};

use super::call::{Argument, walk_call};
use super::percentile::Percentiled;
use crate::Redshift;
use crate::sql::literal;

/// `LISTAGG(text, 'delimiter')`: concatenates the texts of a group. A result of over 65,535 bytes
/// is a server error. `NULL`s are left out. The delimiter is written as a literal, since Redshift
/// wants a constant.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::listagg};
/// # diesel::table! { users { id -> BigInt, name -> Text, city -> Text, } }
///
/// let query = users::table.group_by(users::city).select((
///     users::city,
///     listagg(users::name, ", ").distinct().within_group(users::name.desc()),
/// ));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "users"."city", LISTAGG(DISTINCT "users"."name", ', ') WITHIN GROUP (ORDER BY "users"."name" DESC) FROM "users" GROUP BY "users"."city" -- binds: []"#,
/// );
///
/// let query = users::table
///     .select(listagg(users::name, ",").within_group(users::id).partition_by(users::city));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT LISTAGG("users"."name", ',') WITHIN GROUP (ORDER BY "users"."id") OVER ( PARTITION BY "users"."city") FROM "users" -- binds: []"#,
/// );
/// ```
pub fn listagg<E, ST>(text: E, delimiter: impl Into<String>) -> ListAgg<E, ()>
where
    E: Expression<SqlType = ST>,
    ST: Argument<Text, Text>,
{
    ListAgg {
        text,
        delimiter: delimiter.into(),
        distinct: false,
        order: (),
    }
}

/// A call of [`listagg`].
#[derive(Debug, Clone)]
pub struct ListAgg<E, O> {
    text: E,
    delimiter: String,
    distinct: bool,
    order: O,
}

impl<E, O> ListAgg<E, O> {
    /// Each text once: `LISTAGG(DISTINCT …)`.
    #[must_use]
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }
}

impl<E> ListAgg<E, ()> {
    /// The order in which the texts are joined: `WITHIN GROUP (ORDER BY …)`.
    pub fn within_group<O>(self, order: O) -> ListAgg<E, O> {
        ListAgg {
            text: self.text,
            delimiter: self.delimiter,
            distinct: self.distinct,
            order,
        }
    }
}

// The delimiter is a value and not a type.
impl<E, O> QueryId for ListAgg<E, O> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<E: Expression, O> Expression for ListAgg<E, O> {
    type SqlType = Nullable<Text>;
}

impl<E, O> FunctionFragment<Redshift> for ListAgg<E, O>
where
    E: QueryFragment<Redshift>,
    O: QueryFragment<Redshift>,
{
    const FUNCTION_NAME: &'static str = "LISTAGG";

    /// The closing parenthesis comes after this, and with an order it is that of `WITHIN GROUP`.
    fn walk_arguments<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        if self.distinct {
            out.push_sql("DISTINCT ");
        }
        self.text.walk_ast(out.reborrow())?;
        let delimiter = literal::string(&self.delimiter)?;
        out.push_sql(", ");
        out.push_sql(&delimiter);
        if !self.order.is_noop(out.backend())? {
            out.push_sql(") WITHIN GROUP (ORDER BY ");
            self.order.walk_ast(out)?;
        }
        Ok(())
    }
}

impl<E, O> IsWindowFunction for ListAgg<E, O> {
    type ArgTypes = (E,);
}

/// `MEDIAN(value)`: the value in the middle, or between the two in the middle; `NULL`s are left
/// out.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::median};
/// # diesel::table! { sales { id -> BigInt, price -> Numeric, city -> Text, } }
///
/// let query = sales::table.group_by(sales::city).select((sales::city, median(sales::price)));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "sales"."city", MEDIAN("sales"."price") FROM "sales" GROUP BY "sales"."city" -- binds: []"#,
/// );
/// ```
pub fn median<E>(value: E) -> Median<E>
where
    E: Expression,
    E::SqlType: Percentiled,
{
    Median { value }
}

/// A call of [`median`].
#[derive(Debug, Clone, Copy, QueryId, DieselNumericOps)]
pub struct Median<E> {
    value: E,
}

impl<E> Expression for Median<E>
where
    E: Expression,
    E::SqlType: Percentiled,
{
    type SqlType = <E::SqlType as Percentiled>::Interpolated;
}

impl<E: QueryFragment<Redshift>> FunctionFragment<Redshift> for Median<E> {
    const FUNCTION_NAME: &'static str = "MEDIAN";

    fn walk_arguments<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.value.walk_ast(out)
    }
}

impl<E> IsWindowFunction for Median<E> {
    type ArgTypes = (E,);
}

/// `APPROXIMATE COUNT(DISTINCT value)`: the number of distinct values within about 2 %, much faster
/// than the exact one.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::approximate_count_distinct};
/// # diesel::table! { users { id -> BigInt, city -> Text, } }
///
/// let query = users::table.select(approximate_count_distinct(users::city));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT APPROXIMATE COUNT(DISTINCT "users"."city") FROM "users" -- binds: []"#,
/// );
/// ```
pub fn approximate_count_distinct<E>(value: E) -> ApproximateCountDistinct<E>
where
    E: Expression,
    E::SqlType: SqlType + TypedExpressionType,
{
    ApproximateCountDistinct { value }
}

/// A call of [`approximate_count_distinct`].
#[derive(Debug, Clone, Copy, QueryId, DieselNumericOps)]
pub struct ApproximateCountDistinct<E> {
    value: E,
}

impl<E: Expression> Expression for ApproximateCountDistinct<E> {
    type SqlType = BigInt;
}

impl<E: QueryFragment<Redshift>> QueryFragment<Redshift> for ApproximateCountDistinct<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("APPROXIMATE COUNT(DISTINCT ");
        self.value.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

macro_rules! aggregate {
    ($($name:ident<$($parameter:ident),*>($argument:ident);)*) => {$(
        impl<$($parameter,)* QS> AppearsOnTable<QS> for $name<$($parameter),*>
        where
            Self: Expression,
            $argument: AppearsOnTable<QS>,
        {
        }

        impl<$($parameter,)* QS> SelectableExpression<QS> for $name<$($parameter),*>
        where
            Self: Expression,
            $argument: SelectableExpression<QS>,
        {
        }

        impl<$($parameter,)* GB> ValidGrouping<GB> for $name<$($parameter),*> {
            type IsAggregate = is_aggregate::Yes;
        }
    )*};
}

macro_rules! window {
    ($($name:ident<$($parameter:ident),*>;)*) => {$(
        impl<$($parameter),*> QueryFragment<Redshift> for $name<$($parameter),*>
        where
            Self: FunctionFragment<Redshift>,
        {
            fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
                walk_call(self, out)
            }
        }

        // Of an OVER clause these take PARTITION BY only, so that there is none with an order or a frame.
        impl<Partition, $($parameter),*> WindowFunctionFragment<$name<$($parameter),*>, Redshift>
            for OverClause<Partition>
        {
        }
    )*};
}

aggregate! {
    ListAgg<E, O>(E);
    Median<E>(E);
    ApproximateCountDistinct<E>(E);
}

window! {
    ListAgg<E, O>;
    Median<E>;
}
