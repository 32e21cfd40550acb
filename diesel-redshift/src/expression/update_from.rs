//! `UPDATE … FROM`: rows of one table changed by those of another.

use std::marker::PhantomData;

use diesel::expression::{AppearsOnTable, AsExpression, Expression, TypedExpressionType};
use diesel::internal::table_macro::{Inner, Join};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::QuerySource;
use diesel::sql_types::{BoolOrNullableBool, SqlType};

use crate::Redshift;

/// `UPDATE target SET … FROM source WHERE …`: changes rows of the target by those of the source, which is a table or an inner join.
///
/// Columns are set one at a time, by `set(column, value)`; conditions on the source stand in `filter`, with the one that joins the
/// two, which it needs. A row of the target that meets several of the source is changed by one of them, nobody knows
/// which; Redshift refuses that only where `error_on_nondeterministic_update` is set.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::update_from};
/// # diesel::table! { users { id -> BigInt, name -> Text, seen -> Nullable<Timestamp>, } }
/// # diesel::table! { staging { id -> BigInt, name -> Text, } }
/// # diesel::allow_tables_to_appear_in_same_query!(users, staging);
///
/// let query = update_from(users::table, staging::table)
///     .set(users::name, staging::name)
///     .set(users::seen, diesel::dsl::now)
///     .filter(users::id.eq(staging::id));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"UPDATE "users" SET "name" = "staging"."name", "seen" = SYSDATE FROM "staging" WHERE ("users"."id" = "staging"."id") -- binds: []"#,
/// );
/// ```
pub fn update_from<T: Table, F: QuerySource>(target: T, source: F) -> UpdateFromStart<T, F, ()> {
    UpdateFromStart {
        target: target.from_clause(),
        source: source.from_clause(),
        assignments: (),
    }
}

/// An [`update_from`] without its condition.
#[must_use = "an UPDATE … FROM needs a condition that joins the tables: call `filter`"]
pub struct UpdateFromStart<T: QuerySource, F: QuerySource, A> {
    target: T::FromClause,
    source: F::FromClause,
    assignments: A,
}

/// `"column" = expression`, after those before it.
#[derive(Debug, Clone, Copy)]
pub struct Assignment<Before, C, E> {
    before: Before,
    column: PhantomData<C>,
    expression: E,
}

impl<C, E> Assignment<(), C, E> {
    pub(crate) fn first(column: C, expression: E) -> Self {
        Self::after((), column, expression)
    }
}

impl<Before, C, E> Assignment<Before, C, E> {
    pub(crate) fn after(before: Before, _column: C, expression: E) -> Self {
        Self {
            before,
            column: PhantomData,
            expression,
        }
    }
}

impl<T: QuerySource, F: QuerySource, A> UpdateFromStart<T, F, A> {
    /// What a column of the target is set to: a value, or an expression of columns of both.
    pub fn set<C, E>(
        self,
        column: C,
        value: E,
    ) -> UpdateFromStart<T, F, Assignment<A, C, E::Expression>>
    where
        C: Column<Table = T> + Expression,
        C::SqlType: SqlType + TypedExpressionType,
        E: AsExpression<C::SqlType>,
        E::Expression: AppearsOnTable<Join<T, F, Inner>>,
    {
        UpdateFromStart {
            target: self.target,
            source: self.source,
            assignments: Assignment::after(self.assignments, column, value.as_expression()),
        }
    }

    /// Which rows belong together.
    pub fn filter<P>(self, condition: P) -> UpdateFrom<T, F, A, P>
    where
        P: AppearsOnTable<Join<T, F, Inner>>,
        P::SqlType: BoolOrNullableBool,
    {
        UpdateFrom {
            statement: self,
            condition,
        }
    }
}

/// A complete [`update_from`].
#[must_use = "queries are only executed when calling `execute`"]
pub struct UpdateFrom<T: QuerySource, F: QuerySource, A, P> {
    statement: UpdateFromStart<T, F, A>,
    condition: P,
}

impl<T: QuerySource, F: QuerySource, A, P> QueryId for UpdateFrom<T, F, A, P> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: QuerySource, F: QuerySource, A, P, Conn> RunQueryDsl<Conn> for UpdateFrom<T, F, A, P> {}

impl<C, E> QueryFragment<Redshift> for Assignment<(), C, E>
where
    C: Column,
    E: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        assign::<C, E>(&self.expression, out)
    }
}

impl<Before, C2, E2, C, E> QueryFragment<Redshift> for Assignment<Assignment<Before, C2, E2>, C, E>
where
    Assignment<Before, C2, E2>: QueryFragment<Redshift>,
    C: Column,
    E: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        assign::<C, E>(&self.expression, out)
    }
}

/// The column is written without its table, which Redshift refuses there.
fn assign<'b, C, E>(expression: &'b E, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()>
where
    C: Column,
    E: QueryFragment<Redshift>,
{
    out.push_identifier(C::NAME)?;
    out.push_sql(" = ");
    expression.walk_ast(out)
}

impl<T, F, A, P> QueryFragment<Redshift> for UpdateFrom<T, F, A, P>
where
    T: QuerySource,
    T::FromClause: QueryFragment<Redshift>,
    F: QuerySource,
    F::FromClause: QueryFragment<Redshift>,
    A: QueryFragment<Redshift>,
    P: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.statement.target.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.statement.assignments.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        self.statement.source.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out)
    }
}

crate::sql::debug_name! {
    UpdateFromStart<T: QuerySource, F: QuerySource, A>
    UpdateFrom<T: QuerySource, F: QuerySource, A, P>
}

#[cfg(test)]
mod tests {
    use super::*;

    diesel::table! {
        users (id) {
            id -> Integer,
            name -> Text,
        }
    }

    diesel::table! {
        staging (id) {
            id -> Integer,
            city -> Integer,
        }
    }

    diesel::table! {
        cities (id) {
            id -> Integer,
            name -> Text,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(users, staging, cities);

    #[test]
    fn the_source_can_be_a_join() {
        let query = update_from(
            users::table,
            staging::table.inner_join(cities::table.on(cities::id.eq(staging::city))),
        )
        .set(users::name, cities::name.concat("!"))
        .filter(users::id.eq(staging::id).and(users::name.ne("x")));
        assert_eq!(
            diesel::debug_query::<Redshift, _>(&query).to_string(),
            r#"UPDATE "users" SET "name" = (("cities"."name" || $1)) FROM ("staging" INNER JOIN "cities" ON ("cities"."id" = "staging"."city")) WHERE (("users"."id" = "staging"."id") AND ("users"."name" != $2)) -- binds: ["!", "x"]"#
        );
    }
}
