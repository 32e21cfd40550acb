//! `MAX` and `MIN` of all types that Redshift orders.

use diesel::sql_types::{
    BigInt, Date, Double, Float, Integer, IntoNullable, Nullable, Numeric, SingleValue, SmallInt,
    SqlType, Text, Time, Timestamp, Timestamptz, is_nullable,
};

use crate::sql_types::Timetz;

/// An SQL type that [`max`](max()) and [`min`](min()) take.
#[diagnostic::on_unimplemented(
    message = "Redshift has no `MAX` and `MIN` of the SQL type `{Self}`"
)]
pub trait Ordered: SingleValue {
    crate::seal::sealed!(required);

    /// The type of the result: `NULL` for no rows.
    type Extreme: SqlType + SingleValue;
}

macro_rules! ordered {
    ($($sql_type:ty),*) => {$(
        impl Ordered for $sql_type {
    crate::seal::sealed!();

            type Extreme = Nullable<$sql_type>;
        }
    )*};
}

ordered!(
    SmallInt,
    Integer,
    BigInt,
    Numeric,
    Float,
    Double,
    Text,
    Date,
    Time,
    Timetz,
    Timestamp,
    Timestamptz
);

impl<ST> Ordered for Nullable<ST>
where
    ST: Ordered + SqlType<IsNull = is_nullable::NotNull> + IntoNullable<Nullable = Self>,
    Self: SingleValue,
{
    crate::seal::sealed!();

    type Extreme = Self;
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// `MAX(value)`: the largest value, of `DECIMAL` too, which [`diesel::dsl::max`] does not take.
    /// An aggregate and a window function.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, functions::max};
    /// # diesel::table! { sales { id -> BigInt, city -> Text, price -> Numeric, } }
    ///
    /// let query = sales::table.group_by(sales::city).select((sales::city, max(sales::price)));
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "sales"."city", max("sales"."price") FROM "sales" GROUP BY "sales"."city" -- binds: []"#,
    /// );
    /// ```
    #[aggregate]
    #[window]
    fn max<ST: Ordered>(value: ST) -> ST::Extreme;

    /// `MIN(value)`: the smallest value, of `DECIMAL` too, which [`diesel::dsl::min`] does not
    /// take. An aggregate and a window function.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, functions::min};
    /// # diesel::table! { sales { id -> BigInt, price -> Numeric, } }
    ///
    /// let query = sales::table.select(min(sales::price));
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT min("sales"."price") FROM "sales" -- binds: []"#,
    /// );
    /// ```
    #[aggregate]
    #[window]
    fn min<ST: Ordered>(value: ST) -> ST::Extreme;
}
