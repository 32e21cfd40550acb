//! `UNION`, `INTERSECT` and `EXCEPT`: Redshift has `ALL` for `UNION` only.

use diesel::query_builder::{
    All, AstPass, Distinct, Except, Intersect, ParenthesisWrapper, QueryFragment,
    SupportsCombinationClause, Union,
};
use diesel::result::QueryResult;

use crate::backend::Redshift;

impl SupportsCombinationClause<Union, Distinct> for Redshift {}
impl SupportsCombinationClause<Union, All> for Redshift {}
impl SupportsCombinationClause<Intersect, Distinct> for Redshift {}
impl SupportsCombinationClause<Except, Distinct> for Redshift {}

impl<T: QueryFragment<Redshift>> QueryFragment<Redshift> for ParenthesisWrapper<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("(");
        self.inner.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
