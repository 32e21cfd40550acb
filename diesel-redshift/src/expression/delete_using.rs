//! `DELETE … USING`: rows of one table deleted by those of another.

use diesel::expression::AppearsOnTable;
use diesel::internal::table_macro::{Inner, Join};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::QuerySource;
use diesel::sql_types::BoolOrNullableBool;

use super::condition::{AndWhere, JoinsTables, NoCondition};
use crate::Redshift;

/// `DELETE FROM target USING source WHERE …`: deletes rows of the target by those of the source,
/// which is a table or an inner join.
///
/// It reads like [`diesel::delete`]: `filter` may be called again. One condition has to join the
/// two tables, so without any it does not run.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::delete_using};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # diesel::table! { staging { id -> BigInt, name -> Text, } }
/// # diesel::allow_tables_to_appear_in_same_query!(users, staging);
///
/// let query = delete_using(users::table, staging::table).filter(users::id.eq(staging::id));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"DELETE FROM "users" USING "staging" WHERE ("users"."id" = "staging"."id") -- binds: []"#,
/// );
/// ```
pub fn delete_using<T: Table, F: QuerySource>(
    target: T,
    source: F,
) -> DeleteUsing<T, F, NoCondition> {
    DeleteUsing {
        target: target.from_clause(),
        source: source.from_clause(),
        condition: NoCondition,
    }
}

/// A [`delete_using`].
#[must_use = "queries are only executed when calling `execute`"]
pub struct DeleteUsing<T: QuerySource, F: QuerySource, P> {
    target: T::FromClause,
    source: F::FromClause,
    condition: P,
}

impl<T: QuerySource, F: QuerySource, P> DeleteUsing<T, F, P> {
    /// A condition on rows of both, beside those it has already.
    pub fn filter<C>(self, condition: C) -> DeleteUsing<T, F, P::Output>
    where
        C: AppearsOnTable<Join<T, F, Inner>>,
        C::SqlType: BoolOrNullableBool,
        P: AndWhere<C>,
    {
        DeleteUsing {
            target: self.target,
            source: self.source,
            condition: self.condition.and_where(condition),
        }
    }
}

impl<T: QuerySource, F: QuerySource, P> QueryId for DeleteUsing<T, F, P> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: QuerySource, F: QuerySource, P, Conn> RunQueryDsl<Conn> for DeleteUsing<T, F, P> {}

impl<T, F, P> QueryFragment<Redshift> for DeleteUsing<T, F, P>
where
    T: QuerySource,
    T::FromClause: QueryFragment<Redshift>,
    F: QuerySource,
    F::FromClause: QueryFragment<Redshift>,
    P: JoinsTables,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("DELETE FROM ");
        self.target.walk_ast(out.reborrow())?;
        out.push_sql(" USING ");
        self.source.walk_ast(out.reborrow())?;
        self.condition.walk_where(out)
    }
}

crate::sql::debug_name! {
    DeleteUsing<T: QuerySource, F: QuerySource, P>
}
