//! `"column" = expression`, one at a time.

use std::marker::PhantomData;

use diesel::Column;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use crate::Redshift;
use crate::expression::assign;

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
