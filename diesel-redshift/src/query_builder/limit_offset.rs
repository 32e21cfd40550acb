//! `LIMIT` and `OFFSET`, written as literals: the server refuses them as `BIGINT` parameters.

use diesel::query_builder::{
    AstPass, BoxedLimitOffsetClause, IntoBoxedClause, LimitOffsetClause, QueryFragment,
};
use diesel::result::{Error, QueryResult};

use super::inline::inline;
use crate::backend::Redshift;

/// The largest `LIMIT` and `OFFSET` that Redshift takes.
const MAX: i64 = 2_147_483_647;

#[derive(Debug, thiserror::Error)]
#[error("{clause}: Redshift takes 0 to {MAX}")]
struct OutOfRange {
    clause: String,
}

fn push_literally<'b>(
    clause: &dyn QueryFragment<Redshift>,
    out: &mut AstPass<'_, 'b, Redshift>,
) -> QueryResult<()> {
    let sql = inline(clause)?;
    if sql.is_empty() {
        return Ok(());
    }
    if let Some((_, number)) = sql.trim().split_once(' ')
        && let Ok(number) = number.trim_matches(['(', ')']).parse::<i128>()
        && !(0..=i128::from(MAX)).contains(&number)
    {
        return Err(Error::QueryBuilderError(Box::new(OutOfRange {
            clause: sql.trim().to_owned(),
        })));
    }
    // The cache's key is the type of the query, and the number is no longer a bind: a cached statement
    // would replay another query's limit.
    out.unsafe_to_cache_prepared();
    out.push_sql(&sql);
    Ok(())
}

impl<L, O> QueryFragment<Redshift> for LimitOffsetClause<L, O>
where
    L: QueryFragment<Redshift>,
    O: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        push_literally(&self.limit_clause, &mut out)?;
        push_literally(&self.offset_clause, &mut out)
    }
}

impl QueryFragment<Redshift> for BoxedLimitOffsetClause<'_, Redshift> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        for clause in [&self.limit, &self.offset].into_iter().flatten() {
            push_literally(clause, &mut out)?;
        }
        Ok(())
    }
}

impl<'a, L, O> IntoBoxedClause<'a, Redshift> for LimitOffsetClause<L, O>
where
    L: QueryFragment<Redshift> + Send + 'a,
    O: QueryFragment<Redshift> + Send + 'a,
{
    type BoxedClause = BoxedLimitOffsetClause<'a, Redshift>;

    fn into_boxed(self) -> Self::BoxedClause {
        BoxedLimitOffsetClause {
            limit: Some(Box::new(self.limit_clause)),
            offset: Some(Box::new(self.offset_clause)),
        }
    }
}
