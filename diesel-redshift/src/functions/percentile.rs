//! `PERCENTILE_CONT`, `PERCENTILE_DISC` and `APPROXIMATE PERCENTILE_DISC`.

use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::internal::sql_functions::{
    FunctionFragment, IsWindowFunction, OverClause, WindowFunctionFragment,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{
    BigInt, Date, DieselNumericOps, Double, Float, Integer, IntoNullable, Nullable, Numeric,
    SmallInt, SqlType, Timestamp, Timestamptz, is_nullable,
};

use super::call::walk_call;
use crate::Redshift;
use crate::error::InvalidValue;

/// `PERCENTILE_CONT(fraction)`: the value at that fraction of the ordered values, interpolated if
/// necessary. [`within_group`](PercentileFraction::within_group) sets the values.
///
/// The fraction, 0 to 1, is written as a literal: Redshift takes no parameter there.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::percentile_cont};
/// # diesel::table! { sales { id -> BigInt, price -> Numeric, city -> Text, } }
///
/// let query = sales::table
///     .group_by(sales::city)
///     .select((sales::city, percentile_cont(0.95).within_group(sales::price)));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "sales"."city", PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY "sales"."price") FROM "sales" GROUP BY "sales"."city" -- binds: []"#,
/// );
///
/// let query = sales::table
///     .select(percentile_cont(0.5).within_group_desc(sales::price).partition_by(sales::city));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY "sales"."price" DESC) OVER ( PARTITION BY "sales"."city") FROM "sales" -- binds: []"#,
/// );
/// ```
///
/// # Errors
///
/// A fraction that is not between 0 and 1 is an error when the query is run, before anything is
/// sent.
pub fn percentile_cont(fraction: f64) -> PercentileFraction<Continuous> {
    PercentileFraction::new(fraction)
}

/// `PERCENTILE_DISC(fraction)`: the first value with at least that fraction of the values at or
/// before it. [`within_group`](PercentileFraction::within_group) says of what.
///
/// Redshift has it as a window function only; [`approximate_percentile_disc`] is the aggregate.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::percentile_disc};
/// # diesel::table! { sales { id -> BigInt, day -> Date, city -> Text, } }
///
/// let query = sales::table
///     .select(percentile_disc(0.5).within_group(sales::day).partition_by(sales::city));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY "sales"."day") OVER ( PARTITION BY "sales"."city") FROM "sales" -- binds: []"#,
/// );
/// ```
///
/// # Errors
///
/// As [`percentile_cont`].
pub fn percentile_disc(fraction: f64) -> PercentileFraction<Discrete> {
    PercentileFraction::new(fraction)
}

/// `APPROXIMATE PERCENTILE_DISC(fraction)`: about the first value with at least that fraction of
/// the values at or before it, within some 0.5 %.
/// [`within_group`](PercentileFraction::within_group) says of what. An aggregate, and no window
/// function.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::approximate_percentile_disc};
/// # diesel::table! { sales { id -> BigInt, day -> Date, city -> Text, } }
///
/// let query = sales::table
///     .group_by(sales::city)
///     .select((sales::city, approximate_percentile_disc(0.5).within_group(sales::day)));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "sales"."city", APPROXIMATE PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY "sales"."day") FROM "sales" GROUP BY "sales"."city" -- binds: []"#,
/// );
/// ```
///
/// # Errors
///
/// As [`percentile_cont`].
pub fn approximate_percentile_disc(fraction: f64) -> PercentileFraction<ApproximateDiscrete> {
    PercentileFraction::new(fraction)
}

/// Which percentile.
pub trait PercentileKind {
    crate::seal::sealed!(required);
    /// What stands before the parenthesis.
    const SQL: &'static str;
}

macro_rules! kinds {
    ($($name:ident => $sql:literal,)*) => {$(
        #[doc = concat!("`", $sql, "`")]
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl PercentileKind for $name { crate::seal::sealed!();
            const SQL: &'static str = $sql;
        }
    )*};
}

kinds! {
    Continuous => "PERCENTILE_CONT",
    Discrete => "PERCENTILE_DISC",
    ApproximateDiscrete => "APPROXIMATE PERCENTILE_DISC",
}

/// A percentile of what is not said yet.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct PercentileFraction<Kind> {
    fraction: f64,
    kind: PhantomData<Kind>,
}

impl<Kind> PercentileFraction<Kind> {
    fn new(fraction: f64) -> Self {
        Self {
            fraction,
            kind: PhantomData,
        }
    }

    /// `WITHIN GROUP (ORDER BY value)`: the values, the smallest first.
    pub fn within_group<E>(self, value: E) -> Percentile<E, Kind>
    where
        E: Expression,
        E::SqlType: Percentiled,
    {
        Percentile {
            fraction: self.fraction,
            value,
            descending: false,
            kind: PhantomData,
        }
    }

    /// `WITHIN GROUP (ORDER BY value DESC)`: the values, the largest first.
    pub fn within_group_desc<E>(self, value: E) -> Percentile<E, Kind>
    where
        E: Expression,
        E::SqlType: Percentiled,
    {
        Percentile {
            descending: true,
            ..self.within_group(value)
        }
    }
}

/// A call of [`percentile_cont`], [`percentile_disc`] or [`approximate_percentile_disc`].
#[derive(Debug, Clone, Copy, DieselNumericOps)]
pub struct Percentile<E, Kind> {
    fraction: f64,
    value: E,
    descending: bool,
    kind: PhantomData<Kind>,
}

/// What percentiles and `MEDIAN` take, numbers, dates and timestamps, and what `PERCENTILE_CONT`
/// and `MEDIAN` make of it.
#[diagnostic::on_unimplemented(
    message = "percentiles are taken of numbers, dates and timestamps, and this is of the SQL type `{Self}`"
)]
pub trait Percentiled: SqlType {
    crate::seal::sealed!(required);
    /// `DECIMAL` for integers, `DOUBLE PRECISION` for floats; `NULL` for a group without values.
    type Interpolated: SqlType + TypedExpressionType;
}

macro_rules! percentiled {
    ($($sql_type:ty => $interpolated:ty,)*) => {$(
        impl Percentiled for $sql_type { crate::seal::sealed!();
            type Interpolated = Nullable<$interpolated>;
        }
    )*};
}

percentiled! {
    SmallInt => Numeric,
    Integer => Numeric,
    BigInt => Numeric,
    Numeric => Numeric,
    Float => Double,
    Double => Double,
    Date => Date,
    Timestamp => Timestamp,
    Timestamptz => Timestamptz,
}

impl<ST> Percentiled for Nullable<ST>
where
    ST: Percentiled + SqlType<IsNull = is_nullable::NotNull>,
{
    crate::seal::sealed!();
    type Interpolated = ST::Interpolated;
}

impl<E> Expression for Percentile<E, Continuous>
where
    E: Expression,
    E::SqlType: Percentiled,
{
    type SqlType = <E::SqlType as Percentiled>::Interpolated;
}

macro_rules! discrete {
    ($($kind:ty,)*) => {$(
        impl<E> Expression for Percentile<E, $kind>
        where
            E: Expression,
            E::SqlType: Percentiled + IntoNullable<Nullable: SqlType + TypedExpressionType>,
        {
            type SqlType = <E::SqlType as IntoNullable>::Nullable;
        }
    )*};
}

discrete! {
    Discrete,
    ApproximateDiscrete,
}

// The fraction is a value and not a type.
impl<E, Kind> QueryId for Percentile<E, Kind> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<E, Kind> FunctionFragment<Redshift> for Percentile<E, Kind>
where
    E: QueryFragment<Redshift>,
    Kind: PercentileKind,
{
    const FUNCTION_NAME: &'static str = Kind::SQL;

    /// The closing parenthesis, that of `WITHIN GROUP`, comes after this.
    fn walk_arguments<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        let fraction = self.fraction;
        if !(0.0..=1.0).contains(&fraction) {
            return Err(InvalidValue::new(
                Kind::SQL,
                fraction.to_string(),
                "a fraction from 0 to 1",
            )
            .into());
        }
        out.push_sql(&format!("{fraction}) WITHIN GROUP (ORDER BY "));
        self.value.walk_ast(out.reborrow())?;
        if self.descending {
            out.push_sql(" DESC");
        }
        Ok(())
    }
}

impl<E, Kind, QS> AppearsOnTable<QS> for Percentile<E, Kind>
where
    Self: Expression,
    E: AppearsOnTable<QS>,
{
}

impl<E, Kind, QS> SelectableExpression<QS> for Percentile<E, Kind>
where
    Self: Expression,
    E: SelectableExpression<QS>,
{
}

/// The percentiles that are aggregates. The others stand with `OVER` only, and without these they
/// cannot be selected alone.
macro_rules! aggregates {
    ($($kind:ty,)*) => {$(
        impl<E, GB> ValidGrouping<GB> for Percentile<E, $kind> {
            type IsAggregate = is_aggregate::Yes;
        }

        impl<E> QueryFragment<Redshift> for Percentile<E, $kind>
        where
            Self: FunctionFragment<Redshift>,
        {
            fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
                walk_call(self, out)
            }
        }
    )*};
}

aggregates! {
    Continuous,
    ApproximateDiscrete,
}

/// The percentiles that are window functions.
macro_rules! windows {
    ($($kind:ty,)*) => {$(
        impl<E> IsWindowFunction for Percentile<E, $kind> {
            type ArgTypes = (E,);
        }

        // Of an OVER clause these take PARTITION BY only, so that there is none with an order or a frame.
        impl<Partition, E> WindowFunctionFragment<Percentile<E, $kind>, Redshift>
            for OverClause<Partition>
        {
        }
    )*};
}

windows! {
    Continuous,
    Discrete,
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::*;

    diesel::table! {
        sales (id) {
            id -> Integer,
        }
    }

    #[test]
    fn only_fractions_are_taken() {
        for fraction in [-0.1, 1.1, f64::NAN] {
            let query = sales::table.select(percentile_cont(fraction).within_group(sales::id));
            let error = crate::query_builder::inline::inline(&query).expect_err("refused");
            assert!(error.to_string().contains("from 0 to 1"), "{error}");
        }
    }
}
