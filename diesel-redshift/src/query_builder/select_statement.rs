//! `SELECT` with `QUALIFY`, a clause that Diesel does not know.
//!
//! It travels in the place of the locking clause, which Redshift does not have: so every method of
//! a query but those that come before `QUALIFY` goes on working, and it is written between `HAVING`
//! and `ORDER BY`.

use std::sync::Arc;

use diesel::internal::table_macro::{BoxedSelectStatement, SelectStatement};
use diesel::query_builder::{AstPass, BoxedLimitOffsetClause, QueryFragment, QueryId};
use diesel::result::{Error, QueryResult};

use super::refused::{Distinct, RowCondition, Selected, WithoutLock};
use crate::backend::Redshift;

/// How Redshift's `SELECT` is written: as that of ANSI SQL, with `QUALIFY`.
#[derive(Debug, Clone, Copy)]
pub struct SelectWithQualify;

/// `QUALIFY condition`
#[derive(Debug, Clone, Copy)]
pub struct QualifyClause<P>(pub(crate) P);

impl<P: QueryId> QueryId for QualifyClause<P> {
    type QueryId = QualifyClause<P::QueryId>;

    const HAS_STATIC_QUERY_ID: bool = P::HAS_STATIC_QUERY_ID;
}

impl<P: QueryFragment<Redshift>> QueryFragment<Redshift> for QualifyClause<P> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql(" QUALIFY ");
        self.0.walk_ast(out)
    }
}

/// What comes behind a locking clause, and so behind `QUALIFY`: nothing.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct NoModifier;

impl QueryFragment<Redshift> for NoModifier {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        Ok(())
    }
}

type BoxedClause<'a> = Box<dyn QueryFragment<Redshift> + Send + 'a>;

/// `HAVING` and `QUALIFY` of a boxed query, which has no locking clause.
struct HavingAndQualify<'a, P> {
    having: BoxedClause<'a>,
    qualify: QualifyClause<P>,
    /// Held for as long as this is a part of the query.
    _kept: Arc<()>,
}

/// `GROUP BY` of a boxed query with `QUALIFY`. Diesel's `having` replaces the clause that holds the
/// `QUALIFY`; nothing replaces this one, and it tells that the other has gone.
struct GroupByOfQualified<'a> {
    group_by: BoxedClause<'a>,
    kept: Arc<()>,
}

#[derive(Debug, thiserror::Error)]
#[error("`having` after `qualify` has replaced the QUALIFY of a boxed query: call `having` first")]
struct QualifyReplaced;

/// The clauses of a boxed query, `GROUP BY` and `HAVING`, with a `QUALIFY` after them.
pub(crate) fn with_qualify<'a, P: QueryFragment<Redshift> + Send + 'a>(
    group_by: BoxedClause<'a>,
    having: BoxedClause<'a>,
    condition: P,
) -> (BoxedClause<'a>, BoxedClause<'a>) {
    let kept = Arc::new(());
    let having = HavingAndQualify {
        having,
        qualify: QualifyClause(condition),
        _kept: Arc::clone(&kept),
    };
    (
        Box::new(GroupByOfQualified { group_by, kept }),
        Box::new(having),
    )
}

impl QueryFragment<Redshift> for GroupByOfQualified<'_> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        if Arc::strong_count(&self.kept) == 1 {
            return Err(Error::QueryBuilderError(Box::new(QualifyReplaced)));
        }
        self.group_by.walk_ast(out)
    }
}

impl<P: QueryFragment<Redshift>> QueryFragment<Redshift> for HavingAndQualify<'_, P> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.having.walk_ast(out.reborrow())?;
        self.qualify.walk_ast(out)
    }
}

/// Right after a table without an alias the word `QUALIFY` would be read as one.
fn part_from_table(
    filters: [&dyn QueryFragment<Redshift>; 2],
    qualify: &dyn QueryFragment<Redshift>,
    out: &mut AstPass<'_, '_, Redshift>,
) -> QueryResult<()> {
    if !qualify.is_noop(&Redshift)?
        && filters[0].is_noop(&Redshift)?
        && filters[1].is_noop(&Redshift)?
    {
        out.push_sql(" WHERE TRUE");
    }
    Ok(())
}

impl<F, S, D, W, O, LOf, G, H, LC> QueryFragment<Redshift, SelectWithQualify>
    for SelectStatement<F, S, D, W, O, LOf, G, H, LC>
where
    F: QueryFragment<Redshift>,
    S: Selected,
    D: Distinct,
    W: RowCondition,
    O: QueryFragment<Redshift>,
    LOf: QueryFragment<Redshift>,
    G: QueryFragment<Redshift>,
    H: QueryFragment<Redshift>,
    LC: WithoutLock,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.distinct.walk_ast(out.reborrow())?;
        self.select.walk_ast(out.reborrow())?;
        self.from.walk_ast(out.reborrow())?;
        self.where_clause.walk_ast(out.reborrow())?;
        // Without GROUP BY there is no HAVING.
        part_from_table(
            [&self.where_clause, &self.group_by],
            &self.locking,
            &mut out,
        )?;
        self.group_by.walk_ast(out.reborrow())?;
        self.having.walk_ast(out.reborrow())?;
        self.locking.walk_ast(out.reborrow())?;
        self.order.walk_ast(out.reborrow())?;
        self.limit_offset.walk_ast(out)
    }
}

impl<'a, ST, QS, GB> QueryFragment<Redshift, SelectWithQualify>
    for BoxedSelectStatement<'a, ST, QS, Redshift, GB>
where
    QS: QueryFragment<Redshift>,
    BoxedLimitOffsetClause<'a, Redshift>: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.distinct.walk_ast(out.reborrow())?;
        self.select.walk_ast(out.reborrow())?;
        self.from.walk_ast(out.reborrow())?;
        self.where_clause.walk_ast(out.reborrow())?;
        part_from_table([&self.where_clause, &self.group_by], &self.having, &mut out)?;
        self.group_by.walk_ast(out.reborrow())?;
        self.having.walk_ast(out.reborrow())?;
        if let Some(order) = &self.order {
            out.push_sql(" ORDER BY ");
            order.walk_ast(out.reborrow())?;
        }
        self.limit_offset.walk_ast(out)
    }
}
