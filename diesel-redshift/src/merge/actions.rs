//! What a `MERGE` does with a row.

use std::marker::PhantomData;

use diesel::Column;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;

use super::assignment::Assignment;
use crate::Redshift;

/// `DELETE`: a matched row of the target is deleted.
#[derive(Debug, Clone, Copy)]
pub struct Delete;

impl QueryFragment<Redshift> for Delete {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("DELETE");
        Ok(())
    }
}

/// `UPDATE SET …`: a matched row of the target is changed.
#[derive(Debug, Clone, Copy)]
pub struct Update<Before, C, E>(pub(super) Assignment<Before, C, E>);

impl<Before, C, E> QueryFragment<Redshift> for Update<Before, C, E>
where
    Assignment<Before, C, E>: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("UPDATE SET ");
        self.0.walk_ast(out)
    }
}

/// A column of a new row with its value, after those before it.
#[derive(Debug, Clone, Copy)]
pub struct Insert<Before, C, E> {
    pub(super) before: Before,
    pub(super) column: PhantomData<C>,
    pub(super) value: E,
}

/// The columns of a new row with their values: one or more [`Insert`]s.
pub trait Insertion {
    crate::seal::sealed!(required);
    #[doc(hidden)]
    const COUNT: usize;

    #[doc(hidden)]
    fn walk_columns<'b>(out: &mut AstPass<'_, 'b, Redshift>) -> QueryResult<()>;

    #[doc(hidden)]
    fn walk_values<'b>(&'b self, out: &mut AstPass<'_, 'b, Redshift>) -> QueryResult<()>;
}

impl Insertion for () {
    crate::seal::sealed!();
    const COUNT: usize = 0;

    fn walk_columns<'b>(_: &mut AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        Ok(())
    }

    fn walk_values<'b>(&'b self, _: &mut AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        Ok(())
    }
}

impl<Before, C, E> Insertion for Insert<Before, C, E>
where
    Before: Insertion,
    C: Column,
    E: QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    const COUNT: usize = Before::COUNT + 1;

    fn walk_columns<'b>(out: &mut AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        Before::walk_columns(out)?;
        if Before::COUNT > 0 {
            out.push_sql(", ");
        }
        out.push_identifier(C::NAME)
    }

    fn walk_values<'b>(&'b self, out: &mut AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.before.walk_values(out)?;
        if Before::COUNT > 0 {
            out.push_sql(", ");
        }
        self.value.walk_ast(out.reborrow())
    }
}
