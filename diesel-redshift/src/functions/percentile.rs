//! `PERCENTILE_CONT` and `PERCENTILE_DISC`.

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::internal::sql_functions::{
    FunctionFragment, IsWindowFunction, OverClause, WindowFunctionFragment,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};
use diesel::sql_types::{
    BigInt, Date, Double, Float, Integer, IntoNullable, Nullable, Numeric, SmallInt, SqlOrd,
    SqlType, Timestamp, is_nullable,
};

use super::aggregate::{aggregate, window};
use crate::Redshift;

/// `PERCENTILE_CONT(fraction)`: the value below which that fraction of the values lies, found between two of them if need be.
/// [`within_group`](PercentileFraction::within_group) says of what.
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
/// A fraction that is not between 0 and 1 is an error when the query is run, before anything is sent.
pub fn percentile_cont(fraction: f64) -> PercentileFraction<true> {
    PercentileFraction(fraction)
}

/// `PERCENTILE_DISC(fraction)`: the first value with at least that fraction of the values at or before it.
/// [`within_group`](PercentileFraction::within_group) says of what.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::percentile_disc};
/// # diesel::table! { sales { id -> BigInt, day -> Date, } }
///
/// let query = sales::table.select(percentile_disc(0.5).within_group(sales::day));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY "sales"."day") FROM "sales" -- binds: []"#,
/// );
/// ```
///
/// # Errors
///
/// As [`percentile_cont`].
pub fn percentile_disc(fraction: f64) -> PercentileFraction<false> {
    PercentileFraction(fraction)
}

/// A percentile of what is not said yet.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct PercentileFraction<const CONTINUOUS: bool>(f64);

impl<const CONTINUOUS: bool> PercentileFraction<CONTINUOUS> {
    /// `WITHIN GROUP (ORDER BY value)`: the values, the smallest first.
    pub fn within_group<E: Expression>(self, value: E) -> Percentile<E, CONTINUOUS> {
        Percentile {
            fraction: self.0,
            value,
            descending: false,
        }
    }

    /// `WITHIN GROUP (ORDER BY value DESC)`: the values, the largest first.
    pub fn within_group_desc<E: Expression>(self, value: E) -> Percentile<E, CONTINUOUS> {
        Percentile {
            descending: true,
            ..self.within_group(value)
        }
    }
}

/// A call of [`percentile_cont`] or [`percentile_disc`].
#[derive(Debug, Clone, Copy)]
pub struct Percentile<E, const CONTINUOUS: bool> {
    fraction: f64,
    value: E,
    descending: bool,
}

/// What `PERCENTILE_CONT` and `MEDIAN` take, and what they make of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no values in between; `percentile_disc` takes it"
)]
pub trait Percentiled: SqlType {
    /// `DECIMAL` for integers, `DOUBLE PRECISION` for floats; `NULL` for a group without values.
    type Interpolated: SqlType + TypedExpressionType;
}

macro_rules! percentiled {
    ($($sql_type:ty => $interpolated:ty,)*) => {$(
        impl Percentiled for $sql_type {
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
}

impl<ST> Percentiled for Nullable<ST>
where
    ST: Percentiled + SqlType<IsNull = is_nullable::NotNull>,
{
    type Interpolated = ST::Interpolated;
}

impl<E> Expression for Percentile<E, true>
where
    E: Expression,
    E::SqlType: Percentiled,
{
    type SqlType = <E::SqlType as Percentiled>::Interpolated;
}

impl<E> Expression for Percentile<E, false>
where
    E: Expression,
    E::SqlType: SqlOrd + IntoNullable<Nullable: SqlType + TypedExpressionType>,
{
    type SqlType = <E::SqlType as IntoNullable>::Nullable;
}

// The fraction is a value and not a type.
impl<E, const CONTINUOUS: bool> QueryId for Percentile<E, CONTINUOUS> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

#[derive(Debug, thiserror::Error)]
#[error("a percentile was to be taken at {fraction}; it takes a fraction from 0 to 1")]
struct NoFraction {
    fraction: f64,
}

impl<E, const CONTINUOUS: bool> FunctionFragment<Redshift> for Percentile<E, CONTINUOUS>
where
    E: QueryFragment<Redshift>,
{
    const FUNCTION_NAME: &'static str = if CONTINUOUS {
        "PERCENTILE_CONT"
    } else {
        "PERCENTILE_DISC"
    };

    /// The closing parenthesis, that of `WITHIN GROUP`, comes after this.
    fn walk_arguments<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        let fraction = self.fraction;
        if !(0.0..=1.0).contains(&fraction) {
            return Err(Error::QueryBuilderError(Box::new(NoFraction { fraction })));
        }
        out.push_sql(&format!("{fraction}) WITHIN GROUP (ORDER BY "));
        self.value.walk_ast(out.reborrow())?;
        if self.descending {
            out.push_sql(" DESC");
        }
        Ok(())
    }
}

impl<E, const CONTINUOUS: bool> IsWindowFunction for Percentile<E, CONTINUOUS> {
    type ArgTypes = (E,);
}

macro_rules! both {
    ($($continuous:literal)*) => {$(
        const _: () = {
            type Percentile<E> = super::percentile::Percentile<E, $continuous>;
            aggregate!(Percentile<E>(E););
            window!(Percentile<E>;);
        };
    )*};
}

both!(true false);

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
