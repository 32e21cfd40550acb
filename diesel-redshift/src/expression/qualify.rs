//! `QUALIFY`: a condition on window functions.

use diesel::expression::AppearsOnTable;
use diesel::internal::table_macro::{FromClause, SelectStatement};
use diesel::prelude::*;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_source::QuerySource;
use diesel::sql_types::BoolOrNullableBool;

use crate::Redshift;

/// Adds `QUALIFY` to a query.
pub trait QualifyDsl<P>: Sized {
    /// `QUALIFY condition`: keeps the rows for which the condition on window functions holds.
    ///
    /// It comes last, after `filter`, `order` and `limit`; the clause is written where it belongs. This is how Redshift does what
    /// PostgreSQL does with `DISTINCT ON`:
    ///
    /// ```
    /// use diesel::dsl::row_number;
    /// use diesel::prelude::*;
    /// use diesel_redshift::{QualifyDsl, Redshift};
    /// # diesel::table! { visits { id -> BigInt, who -> BigInt, at -> Timestamp, } }
    ///
    /// // The last visit of everybody.
    /// let query = visits::table
    ///     .select((visits::who, visits::at))
    ///     .filter(visits::id.gt(7))
    ///     .order(visits::who)
    ///     .qualify(row_number().partition_by(visits::who).window_order(visits::at.desc()).eq(1));
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "visits"."who", "visits"."at" FROM "visits" WHERE ("visits"."id" > $1) QUALIFY (row_number() OVER ( PARTITION BY "visits"."who" ORDER BY "visits"."at" DESC) = $2) ORDER BY "visits"."who" -- binds: [7, 1]"#,
    /// );
    /// ```
    ///
    /// A boxed query cannot take it: box the parts of the condition instead.
    fn qualify(self, condition: P) -> Qualified<Self::Query, P>
    where
        Self: AsQuery;
}

impl<Q, P> QualifyDsl<P> for Q
where
    Q: AsQuery,
    Q::Query: Qualify<P>,
{
    fn qualify(self, condition: P) -> Qualified<Q::Query, P> {
        Qualified {
            query: self.as_query(),
            condition,
        }
    }
}

/// A query that can take this condition: a select statement from tables that the condition speaks of.
#[diagnostic::on_unimplemented(
    message = "this query cannot take this `QUALIFY`",
    note = "it has to be a query that is neither boxed nor a set operation, and the condition one on its tables"
)]
pub trait Qualify<P> {}

impl<F, S, D, W, O, LOf, G, H, LC, P> Qualify<P>
    for SelectStatement<FromClause<F>, S, D, W, O, LOf, G, H, LC>
where
    F: QuerySource,
    P: AppearsOnTable<F>,
    P::SqlType: BoolOrNullableBool,
{
}

/// A query with `QUALIFY`.
#[derive(Debug, Clone, Copy)]
#[must_use = "queries are only executed when calling `load`, `get_result` or similar"]
pub struct Qualified<Q, P> {
    query: Q,
    condition: P,
}

impl<Q: QueryId, P: QueryId> QueryId for Qualified<Q, P> {
    type QueryId = Qualified<Q::QueryId, P::QueryId>;

    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID && P::HAS_STATIC_QUERY_ID;
}

impl<Q: Query, P> Query for Qualified<Q, P> {
    type SqlType = Q::SqlType;
}

impl<Q, P, Conn> RunQueryDsl<Conn> for Qualified<Q, P> {}

impl<F, S, D, W, O, LOf, G, H, LC, P> QueryFragment<Redshift>
    for Qualified<SelectStatement<F, S, D, W, O, LOf, G, H, LC>, P>
where
    F: QueryFragment<Redshift>,
    S: QueryFragment<Redshift>,
    D: QueryFragment<Redshift>,
    W: QueryFragment<Redshift>,
    O: QueryFragment<Redshift>,
    LOf: QueryFragment<Redshift>,
    G: QueryFragment<Redshift>,
    H: QueryFragment<Redshift>,
    LC: QueryFragment<Redshift>,
    P: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        let query = &self.query;
        out.push_sql("SELECT ");
        query.distinct.walk_ast(out.reborrow())?;
        query.select.walk_ast(out.reborrow())?;
        query.from.walk_ast(out.reborrow())?;
        query.where_clause.walk_ast(out.reborrow())?;
        query.group_by.walk_ast(out.reborrow())?;
        query.having.walk_ast(out.reborrow())?;
        // Right after a table without an alias QUALIFY would be read as one.
        if query.where_clause.is_noop(out.backend())?
            && query.group_by.is_noop(out.backend())?
            && query.having.is_noop(out.backend())?
        {
            out.push_sql(" WHERE TRUE");
        }
        out.push_sql(" QUALIFY ");
        self.condition.walk_ast(out.reborrow())?;
        query.order.walk_ast(out.reborrow())?;
        query.limit_offset.walk_ast(out.reborrow())?;
        query.locking.walk_ast(out)
    }
}

#[cfg(test)]
mod tests {
    use diesel::dsl::count_star;

    use super::*;

    diesel::table! {
        visits (id) {
            id -> Integer,
            who -> Integer,
        }
    }

    #[test]
    fn a_table_alone_gets_a_condition_first() {
        let query = visits::table
            .limit(3)
            .qualify(count_star().partition_by(visits::who).gt(1));
        assert_eq!(
            diesel::debug_query::<Redshift, _>(&query).to_string(),
            r#"SELECT "visits"."id", "visits"."who" FROM "visits" WHERE TRUE QUALIFY (COUNT(*) OVER ( PARTITION BY "visits"."who") > $1) LIMIT 3 -- binds: [1]"#
        );
        let query = visits::table.qualify(count_star().partition_by(visits::who).gt(1));
        assert!(
            diesel::debug_query::<Redshift, _>(&query)
                .to_string()
                .contains("WHERE TRUE QUALIFY")
        );
    }
}
