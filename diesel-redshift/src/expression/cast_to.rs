//! Casts between Redshift's types.

use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, KnownCastSqlTypeName, SelectableExpression, TypedExpressionType,
    ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{
    BigInt, Bool, Date, DieselNumericOps, Double, Float, Integer, Nullable, Numeric, SingleValue,
    SmallInt, SqlType, Text, Time, Timestamp, Timestamptz, is_nullable,
};

use crate::Redshift;
use crate::sql_types::Timetz;

/// Adds [`cast_to`](Self::cast_to) to expressions.
pub trait CastExpressionMethods: Expression + Sized {
    crate::seal::sealed!(required);

    /// `CAST(expression AS type)`, between all the types that Redshift casts. It is nullable where
    /// the expression is.
    ///
    /// Diesel's own [`cast`](diesel::ExpressionMethods::cast) is for those that every database
    /// casts.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel::sql_types::{Date, Double};
    /// use diesel_redshift::{Redshift, expression::CastExpressionMethods};
    /// # diesel::table! { visits { id -> BigInt, at -> Timestamp, price -> Nullable<Numeric>, } }
    ///
    /// let query = visits::table
    ///     .filter(visits::at.cast_to::<Date>().eq(diesel::dsl::today))
    ///     .select(visits::price.cast_to::<Double>());
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT CAST("visits"."price" AS DOUBLE PRECISION) FROM "visits" WHERE (CAST("visits"."at" AS DATE) = CURRENT_DATE) -- binds: []"#,
    /// );
    /// ```
    ///
    /// A number that the type has no room for and a text that is none of its values are errors of
    /// the server. A number that loses digits after the point is rounded; one of more than 18 is
    /// when it becomes `Numeric`, which is written `DECIMAL(38, 18)`.
    fn cast_to<ST>(self) -> CastTo<Self, ST>
    where
        Self::SqlType: Castable<ST>,
    {
        CastTo {
            expression: self,
            sql_type: PhantomData,
        }
    }
}

impl<E: Expression> CastExpressionMethods for E {
    crate::seal::sealed!();
}

/// An SQL type whose values Redshift casts to `ST`.
#[diagnostic::on_unimplemented(
    message = "Redshift has no cast of the SQL type `{Self}` to `{ST}`",
    note = "the type is named without `Nullable`: the cast is nullable where the expression is"
)]
pub trait Castable<ST>: SqlType {
    crate::seal::sealed!(required);

    /// `ST`, or `Nullable<ST>`.
    type Returns: SqlType + SingleValue + TypedExpressionType;
}

impl<T, ST> Castable<ST> for Nullable<T>
where
    T: SqlType<IsNull = is_nullable::NotNull> + Castable<ST, Returns = ST>,
    ST: SqlType<IsNull = is_nullable::NotNull> + SingleValue,
    Nullable<ST>: TypedExpressionType,
{
    crate::seal::sealed!();

    type Returns = Nullable<ST>;
}

macro_rules! casts {
    ($($from:ty => $($to:ty),*;)*) => {$($(
        impl Castable<$to> for $from {
    crate::seal::sealed!();

            type Returns = $to;
        }
    )*)*};
}

casts! {
    SmallInt => SmallInt, Integer, BigInt, Numeric, Float, Double, Text, Bool;
    Integer => SmallInt, Integer, BigInt, Numeric, Float, Double, Text, Bool;
    BigInt => SmallInt, Integer, BigInt, Numeric, Float, Double, Text, Bool;
    Numeric => SmallInt, Integer, BigInt, Numeric, Float, Double, Text;
    Float => SmallInt, Integer, BigInt, Numeric, Float, Double, Text;
    Double => SmallInt, Integer, BigInt, Numeric, Float, Double, Text;
    Bool => SmallInt, Integer, BigInt;
    Text => SmallInt, Integer, BigInt, Numeric, Float, Double, Text, Date, Time, Timetz, Timestamp, Timestamptz;
    Date => Text, Date, Timestamp, Timestamptz;
    Time => Text, Time, Timetz;
    Timetz => Text, Time, Timetz;
    Timestamp => Text, Date, Time, Timestamp, Timestamptz;
    Timestamptz => Text, Date, Time, Timetz, Timestamp, Timestamptz;
}

/// A cast made by [`cast_to`](CastExpressionMethods::cast_to).
#[derive(Debug, Clone, Copy, QueryId, DieselNumericOps)]
pub struct CastTo<E, ST> {
    expression: E,
    sql_type: PhantomData<ST>,
}

impl<E, ST> Expression for CastTo<E, ST>
where
    E: Expression,
    E::SqlType: Castable<ST>,
{
    type SqlType = <E::SqlType as Castable<ST>>::Returns;
}

impl<E, ST> QueryFragment<Redshift> for CastTo<E, ST>
where
    E: QueryFragment<Redshift>,
    ST: KnownCastSqlTypeName<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("CAST(");
        self.expression.walk_ast(out.reborrow())?;
        out.push_sql(" AS ");
        out.push_sql(ST::SQL_TYPE_NAME);
        out.push_sql(")");
        Ok(())
    }
}

impl<E: AppearsOnTable<QS>, ST, QS> AppearsOnTable<QS> for CastTo<E, ST> where Self: Expression {}

impl<E, ST, QS> SelectableExpression<QS> for CastTo<E, ST>
where
    E: SelectableExpression<QS>,
    Self: AppearsOnTable<QS>,
{
}

impl<E: ValidGrouping<GB>, ST, GB> ValidGrouping<GB> for CastTo<E, ST> {
    type IsAggregate = E::IsAggregate;
}
