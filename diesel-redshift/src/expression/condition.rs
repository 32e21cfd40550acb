//! The `WHERE` of statements that bring two tables together.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use crate::Redshift;

/// Before the first `filter`.
#[derive(Debug, Clone, Copy)]
pub struct NoCondition;

/// `WHERE condition`
#[derive(Debug, Clone, Copy)]
pub struct Condition<P>(P);

/// Two conditions, both of which hold.
#[derive(Debug, Clone, Copy)]
pub struct Both<L, R>(L, R);

/// The conditions of a statement so far, and one more.
pub trait AndWhere<P> {
    crate::seal::sealed!(required);

    /// All of them.
    type Output;

    #[doc(hidden)]
    fn and_where(self, condition: P) -> Self::Output;
}

impl<P> AndWhere<P> for NoCondition {
    crate::seal::sealed!();

    type Output = Condition<P>;

    fn and_where(self, condition: P) -> Condition<P> {
        Condition(condition)
    }
}

impl<L, P> AndWhere<P> for Condition<L> {
    crate::seal::sealed!();

    type Output = Condition<Both<L, P>>;

    fn and_where(self, condition: P) -> Self::Output {
        Condition(Both(self.0, condition))
    }
}

impl<L: QueryFragment<Redshift>, R: QueryFragment<Redshift>> QueryFragment<Redshift>
    for Both<L, R>
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" AND ");
        self.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// Says which rows of two tables belong together.
#[diagnostic::on_unimplemented(
    message = "this statement does not say which rows of its tables belong together",
    note = "add the condition that joins them: `.filter(users::id.eq(staging::id))`"
)]
pub trait JoinsTables {
    crate::seal::sealed!(required);

    #[doc(hidden)]
    fn walk_where<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()>;
}

impl<P: QueryFragment<Redshift>> JoinsTables for Condition<P> {
    crate::seal::sealed!();

    fn walk_where<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql(" WHERE ");
        self.0.walk_ast(out)
    }
}
