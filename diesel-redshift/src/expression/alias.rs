//! Names of a query's columns.

use std::borrow::Cow;

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use crate::Redshift;

/// Adds [`alias`](Self::alias) to expressions.
pub trait AliasExpressionMethods: Expression + Sized {
    crate::seal::sealed!(required);

    /// `expression AS "name"`: what the column of the result is called.
    ///
    /// A query loads by position and needs no names; they are what UNLOAD writes to Parquet and
    /// JSON, where each has to be another, and to the header of CSV, what `CREATE TABLE AS` and
    /// views call their columns, and what [`QueryableByName`](diesel::QueryableByName) looks for.
    ///
    /// ```
    /// use diesel::dsl::sum;
    /// use diesel::prelude::*;
    /// use diesel_redshift::{expression::AliasExpressionMethods, unload};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # diesel::table! { orders { id -> BigInt, user -> BigInt, name -> Text, cents -> BigInt, } }
    /// # diesel::joinable!(orders -> users (user));
    /// # diesel::allow_tables_to_appear_in_same_query!(users, orders);
    ///
    /// let by_user = users::table
    ///     .inner_join(orders::table)
    ///     .select((users::name.alias("user"), orders::name.alias("order"), orders::cents));
    /// assert_eq!(
    ///     unload(by_user)
    ///         .to("s3://bucket/by_user/")
    ///         .iam_role("default")
    ///         .format(unload::Parquet::new())
    ///         .to_sql()?,
    ///     r#"UNLOAD ('SELECT "users"."name" AS "user", "orders"."name" AS "order", "orders"."cents" "#.to_owned()
    ///         + r#"FROM ("users" INNER JOIN "orders" ON ("orders"."user" = "users"."id"))') "#
    ///         + "TO 's3://bucket/by_user/' IAM_ROLE default FORMAT AS PARQUET"
    /// );
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    ///
    /// It belongs to `select` and nowhere else, which Diesel's bounds cannot tell: in `filter`,
    /// `group_by` and `order` write the expression without it, or the server refuses the query.
    fn alias(self, name: impl Into<Cow<'static, str>>) -> Aliased<Self> {
        Aliased {
            expression: self,
            name: name.into(),
        }
    }
}

impl<E: Expression> AliasExpressionMethods for E {
    crate::seal::sealed!();
}

/// An expression with a name, made by [`alias`](AliasExpressionMethods::alias).
#[derive(Debug, Clone)]
pub struct Aliased<E> {
    expression: E,
    name: Cow<'static, str>,
}

impl<E: Expression> Expression for Aliased<E> {
    type SqlType = E::SqlType;
}

impl<E: QueryFragment<Redshift>> QueryFragment<Redshift> for Aliased<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.expression.walk_ast(out.reborrow())?;
        out.push_sql(" AS ");
        out.push_identifier(&self.name)
    }
}

impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for Aliased<E> {}

impl<E: SelectableExpression<QS>, QS> SelectableExpression<QS> for Aliased<E> {}

impl<E: ValidGrouping<GB>, GB> ValidGrouping<GB> for Aliased<E> {
    type IsAggregate = E::IsAggregate;
}

// The name is a value and not a type.
impl<E> QueryId for Aliased<E> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
