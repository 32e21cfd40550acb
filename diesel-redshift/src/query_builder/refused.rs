//! What Diesel writes for PostgreSQL and Redshift does not have. The traits are the places of the
//! compiler's messages.

use diesel::backend::sql_dialect::on_conflict_clause::{
    PgLikeOnConflictClause, SupportsOnConflictClause, SupportsOnConflictClauseWhere,
};
use diesel::query_builder::{AstPass, QueryFragment, ReturningClause};
use diesel::result::QueryResult;

use crate::backend::Redshift;

macro_rules! clauses {
    ($($(#[$meta:meta])* $name:ident;)*) => {$(
        $(#[$meta])*
        pub trait $name: QueryFragment<Redshift> {
            crate::seal::sealed!(required);
        }

        #[diagnostic::do_not_recommend]
        impl<C: QueryFragment<Redshift>> $name for C {
            crate::seal::sealed!();
        }
    )*};
}

clauses! {
    /// The expressions of a `SELECT` that Redshift computes.
    #[diagnostic::on_unimplemented(
        message = "this query selects what is PostgreSQL's and not Redshift's",
        label = "not as Redshift writes it",
        note = "`lag` and `lead` take no default: `nvl(lag(…), default)`; a frame is one of `Rows`, without EXCLUDE",
        note = "an aggregate has no FILTER: `count(case_when(condition, 1))`",
        note = "functions of `diesel_redshift::dsl` stand for methods: `convert_timezone(zone, time)` for `time.at_time_zone(zone)`, `ilike(text, …)` for `text.ilike(…)`",
        note = "the guide's page “From PostgreSQL to Redshift” has the others"
    )]
    Selected;

    /// A condition on rows that Redshift computes.
    #[diagnostic::on_unimplemented(
        message = "this condition is PostgreSQL's and not Redshift's",
        label = "not as Redshift writes it",
        note = "functions of `diesel_redshift::dsl` stand for methods: `ilike(text, …)` for `text.ilike(…)`, `convert_timezone(zone, time)` for `time.at_time_zone(zone)`",
        note = "`x.ne(y).or(x.is_null().ne(y.is_null()))` is `x.is_distinct_from(y)`; `eq_any` takes the place of arrays",
        note = "the guide's page “From PostgreSQL to Redshift” has the others"
    )]
    RowCondition;

    /// `DISTINCT`, or nothing.
    #[diagnostic::on_unimplemented(
        message = "Redshift has no DISTINCT ON",
        label = "has a DISTINCT ON",
        note = "`.qualify(row_number().partition_by(users::name).window_order(users::id.desc()).eq(1))` keeps the first row of each; `qualify` is in `diesel_redshift::prelude`"
    )]
    Distinct;

    /// No locking clause; `QUALIFY` travels in its place.
    #[diagnostic::on_unimplemented(
        message = "Redshift has no FOR UPDATE, and no other lock of rows",
        label = "has a locking clause",
        note = "`diesel_redshift::maintenance::lock(users::table)` locks the table until the transaction ends"
    )]
    WithoutLock;
}

/// There is no `RETURNING`.
#[derive(Debug, Clone, Copy)]
pub struct NoReturning;

/// Nothing implements this: it is the place of the message.
#[diagnostic::on_unimplemented(
    message = "Redshift has no RETURNING",
    label = "would return what it has written",
    note = "send it by `execute`, and look the rows up by what you wrote: by keys that the application makes",
    note = "a key that is an IDENTITY is found only by the row's other columns"
)]
pub trait Returned {
    crate::seal::sealed!(required);
}

impl<E: Returned> QueryFragment<Redshift, NoReturning> for ReturningClause<E> {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        Ok(())
    }
}

/// There is no `ON CONFLICT`; the parameter is there for the compiler, which would otherwise refuse
/// the bound at once.
#[derive(Debug, Clone, Copy)]
pub struct NoOnConflict<T = ()>(T);

/// Nothing implements this: it is the place of the message.
#[diagnostic::on_unimplemented(
    message = "Redshift has no ON CONFLICT, and no key that could be in conflict",
    label = "has an ON CONFLICT",
    note = "`diesel_redshift::upsert::upsert(&rows).into(users::table).key((users::id,))` updates and inserts, or inserts new keys only",
    note = "`diesel_redshift::merge::merge_into` is MERGE, of a table or query that is there"
)]
pub trait OnConflict {
    crate::seal::sealed!(required);
}

impl<T> SupportsOnConflictClause for NoOnConflict<T> {}
impl<T: OnConflict> PgLikeOnConflictClause for NoOnConflict<T> {}
impl<T: OnConflict> SupportsOnConflictClauseWhere for NoOnConflict<T> {}
