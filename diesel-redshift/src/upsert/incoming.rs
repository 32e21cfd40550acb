//! A column of the new row.

use std::marker::PhantomData;

use diesel::Column;
use diesel::expression::{AppearsOnTable, Expression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::STAGE;
use crate::Redshift;

/// The value of a column in the new row; see [`incoming`].
#[derive(Debug, Clone, Copy)]
pub struct Incoming<C>(C);

/// The value of `column` in the new row, for [`UpsertInto::set`](super::UpsertInto::set).
///
/// The column itself is the value in the existing row.
pub fn incoming<C: Column>(column: C) -> Incoming<C> {
    Incoming(column)
}

impl<C: Column + Expression> Expression for Incoming<C> {
    type SqlType = C::SqlType;
}

/// Where only columns of a new row of `T` are available, none of the existing row.
#[derive(Debug, Clone, Copy)]
pub struct NewRow<T>(PhantomData<T>);

/// Where the new row of a table `T` is available: with the existing row, or alone.
pub trait HasNewRow<T> {
    crate::seal::sealed!(required);
}

impl<T> HasNewRow<T> for T {
    crate::seal::sealed!();
}
impl<T> HasNewRow<T> for NewRow<T> {
    crate::seal::sealed!();
}

impl<C, Q> AppearsOnTable<Q> for Incoming<C>
where
    C: Column + Expression,
    Q: HasNewRow<C::Table>,
{
}

impl<C> ValidGrouping<()> for Incoming<C> {
    type IsAggregate = is_aggregate::No;
}

impl<C> QueryId for Incoming<C> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: Column> QueryFragment<Redshift> for Incoming<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql(STAGE);
        out.push_sql(".");
        out.push_identifier(C::NAME)
    }
}
