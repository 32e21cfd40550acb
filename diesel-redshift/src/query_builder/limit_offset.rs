//! `LIMIT` and `OFFSET`, written as literals: the server refuses them as `BIGINT` parameters.

use diesel::query_builder::{
    AstPass, BoxedLimitOffsetClause, IntoBoxedClause, LimitOffsetClause, QueryBuilder,
    QueryFragment,
};
use diesel::result::QueryResult;

use super::inline::substitute;
use super::{RedshiftBindCollector, RedshiftQueryBuilder};
use crate::backend::Redshift;
use crate::error::InvalidValue;
use crate::types::oid;

/// The largest `LIMIT` and `OFFSET` that Redshift takes.
const MAX: i64 = 2_147_483_647;

fn push_literally<'b>(
    clause: &dyn QueryFragment<Redshift>,
    out: &mut AstPass<'_, 'b, Redshift>,
) -> QueryResult<()> {
    if clause.is_noop(&Redshift)? {
        return Ok(());
    }
    let mut binds = RedshiftBindCollector::new();
    clause.collect_binds(&mut binds, &mut (), &Redshift)?;
    let mut builder = RedshiftQueryBuilder::new();
    clause.to_sql(&mut builder, &Redshift)?;
    let sql = builder.finish();
    match number_of(&sql, &binds) {
        Some((keyword, number, _)) if !(0..=MAX).contains(&number) => {
            return Err(InvalidValue::new(
                keyword.trim().to_owned(),
                number.to_string(),
                format!("0 to {MAX}"),
            )
            .into());
        }
        Some((keyword, _, digits)) => {
            out.push_sql(keyword);
            out.push_sql(digits);
        }
        None => out.push_sql(&substitute(&sql, &binds)?),
    }
    // The number is no bind: with the type of the query it says which text this is.
    out.push_bind_collector_data(&binds.as_literals())
}

/// ` LIMIT ` and the number of ` LIMIT $1`, which is all that Diesel writes. Every walk through a
/// query comes here, hence no lexer.
fn number_of<'a>(
    sql: &'a str,
    binds: &'a RedshiftBindCollector,
) -> Option<(&'a str, i64, &'a str)> {
    let keyword = sql.strip_suffix("$1")?;
    let is_keyword = |byte: u8| byte == b' ' || byte.is_ascii_uppercase();
    let mut binds = binds.iter();
    match (binds.next(), binds.next()) {
        (Some((oid::BIGINT, Some(digits))), None) if keyword.bytes().all(is_keyword) => {
            let digits = std::str::from_utf8(digits).ok()?;
            Some((keyword, digits.parse().ok()?, digits))
        }
        _ => None,
    }
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
