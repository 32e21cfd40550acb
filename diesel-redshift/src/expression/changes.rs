//! What `set` of [`update_from`](super::update_from) takes, and the clause it becomes.

use diesel::expression::{AppearsOnTable, Expression};
use diesel::insertable::ColumnInsertValue;
use diesel::internal::table_macro::{Inner, Join};
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, AstPass, QueryFragment, ValuesClause};
use diesel::query_source::QuerySource;
use diesel::result::EmptyChangeset;
use diesel::sql_types::BoolOrNullableBool;

use crate::Redshift;

/// What [`set`](super::UpdateFrom::set) takes to change rows of `T` by those of `F`:
/// `column.eq(expression)`, a struct that derives [`AsChangeset`](diesel::AsChangeset) or a
/// reference to one, an `Option` of these, and tuples of all these.
///
/// `By` tells them apart, and the compiler finds it.
#[diagnostic::on_unimplemented(
    message = "this is nothing that `set` takes to change rows of `{T}`",
    note = "it takes `column.eq(expression)`, with a column of `{T}` and an expression of columns of both tables, structs that derive `AsChangeset`, `Option`s and tuples of these"
)]
pub trait Changes<T, F, By> {
    crate::seal::sealed!(required);

    /// The clause.
    type Clause;

    /// Makes the clause.
    fn into_clause(self) -> Self::Clause;
}

/// A change written as `column.eq(expression)`.
#[derive(Debug, Clone, Copy)]
pub struct ByColumn;

/// Changes of a struct that is given by reference.
#[derive(Debug, Clone, Copy)]
pub struct ByStruct;

/// Changes of a struct that is given by value.
#[derive(Debug, Clone, Copy)]
pub struct ByValue;

/// Changes that may be none.
#[derive(Debug, Clone, Copy)]
pub struct ByOption<By>(By);

/// Changes in a tuple.
#[derive(Debug, Clone, Copy)]
pub struct ByTuple<By>(By);

// `eq` makes a type of Diesel's that nobody else can name; but it is known what it inserts. A struct that can be inserted is no
// expression, and a tuple is none of `BOOLEAN`.
#[diagnostic::do_not_recommend]
impl<T, F, V, W> Changes<T, F, ByColumn> for V
where
    T: Table,
    F: QuerySource,
    V: Expression<SqlType: BoolOrNullableBool> + Insertable<T, Values = ValuesClause<W, T>>,
    W: SetClause<Join<T, F, Inner>>,
{
    crate::seal::sealed!();

    type Clause = W;

    fn into_clause(self) -> W {
        self.values().values
    }
}

impl<'a, T, F, S> Changes<T, F, ByStruct> for &'a S
where
    &'a S: AsChangeset<Target = T>,
{
    crate::seal::sealed!();

    type Clause = Changeset<<&'a S as AsChangeset>::Changeset>;

    fn into_clause(self) -> Self::Clause {
        Changeset(self.as_changeset())
    }
}

// Only a struct that derives it is a changeset by reference too.
#[diagnostic::do_not_recommend]
impl<T, F, S> Changes<T, F, ByValue> for S
where
    S: AsChangeset<Target = T>,
    for<'a> &'a S: AsChangeset<Target = T>,
{
    crate::seal::sealed!();

    type Clause = Changeset<S::Changeset>;

    fn into_clause(self) -> Self::Clause {
        Changeset(self.as_changeset())
    }
}

// An `Option` of a struct is a changeset by value itself.
macro_rules! options {
    ($([$($parameter:ident)?] $by:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T, F, V $(, $parameter)?> Changes<T, F, ByOption<$by>> for Option<V>
        where
            V: Changes<T, F, $by>,
        {
            crate::seal::sealed!();

            type Clause = Option<V::Clause>;

            fn into_clause(self) -> Self::Clause {
                self.map(V::into_clause)
            }
        }
    )*};
}

options! {
    [] ByColumn;
    [] ByStruct;
    [By] ByTuple<By>;
}

/// Assignments to columns by expressions on `QS`.
pub trait SetClause<QS> {
    crate::seal::sealed!(required);

    #[doc(hidden)]
    fn walk_set<'b>(
        &'b self,
        is_first: &mut bool,
        out: AstPass<'_, 'b, Redshift>,
    ) -> QueryResult<()>;
}

/// What a struct that derives [`AsChangeset`](diesel::AsChangeset) sets.
#[derive(Debug, Clone, Copy)]
pub struct Changeset<C>(C);

fn separate(is_first: &mut bool, out: &mut AstPass<'_, '_, Redshift>) {
    if !std::mem::take(is_first) {
        out.push_sql(", ");
    }
}

impl<QS, C: QueryFragment<Redshift>> SetClause<QS> for Changeset<C> {
    crate::seal::sealed!();

    fn walk_set<'b>(
        &'b self,
        is_first: &mut bool,
        mut out: AstPass<'_, 'b, Redshift>,
    ) -> QueryResult<()> {
        if self.0.is_noop(&Redshift)? {
            return Ok(());
        }
        separate(is_first, &mut out);
        // Which fields are set is a value and not a type.
        out.unsafe_to_cache_prepared();
        self.0.walk_ast(out)
    }
}

impl<QS, W: SetClause<QS>, Tab> SetClause<QS> for ValuesClause<W, Tab> {
    crate::seal::sealed!();

    fn walk_set<'b>(
        &'b self,
        is_first: &mut bool,
        out: AstPass<'_, 'b, Redshift>,
    ) -> QueryResult<()> {
        self.values.walk_set(is_first, out)
    }
}

impl<QS, W: SetClause<QS>> SetClause<QS> for Option<W> {
    crate::seal::sealed!();

    fn walk_set<'b>(
        &'b self,
        is_first: &mut bool,
        mut out: AstPass<'_, 'b, Redshift>,
    ) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        match self {
            Some(clause) => clause.walk_set(is_first, out),
            None => Ok(()),
        }
    }
}

impl<QS, C, E> SetClause<QS> for ColumnInsertValue<C, E>
where
    C: Column,
    E: AppearsOnTable<QS>,
    Self: QueryFragment<Redshift>,
{
    crate::seal::sealed!();

    fn walk_set<'b>(
        &'b self,
        is_first: &mut bool,
        mut out: AstPass<'_, 'b, Redshift>,
    ) -> QueryResult<()> {
        separate(is_first, &mut out);
        assign::<C, Self>(self, out)
    }
}

macro_rules! tuples {
    ([$($seen:ident $seen_by:ident)*] $next:ident $next_by:ident $($rest:ident)*) => {
        #[diagnostic::do_not_recommend]
        impl<T, F, $($seen, $seen_by,)* $next, $next_by>
            Changes<T, F, ByTuple<($($seen_by,)* $next_by,)>> for ($($seen,)* $next,)
        where
            $($seen: Changes<T, F, $seen_by>,)*
            $next: Changes<T, F, $next_by>,
        {
            crate::seal::sealed!();

            type Clause = ($($seen::Clause,)* $next::Clause,);

            #[allow(non_snake_case)]
            fn into_clause(self) -> Self::Clause {
                let ($($seen,)* $next,) = self;
                ($($seen.into_clause(),)* $next.into_clause(),)
            }
        }

        impl<QS, $($seen,)* $next> SetClause<QS> for ($($seen,)* $next,)
        where
            $($seen: SetClause<QS>,)*
            $next: SetClause<QS>,
        {
    crate::seal::sealed!();

            #[allow(non_snake_case)]
            fn walk_set<'b>(
                &'b self,
                is_first: &mut bool,
                mut out: AstPass<'_, 'b, Redshift>,
            ) -> QueryResult<()> {
                let ($($seen,)* $next,) = self;
                $($seen.walk_set(is_first, out.reborrow())?;)*
                $next.walk_set(is_first, out.reborrow())
            }
        }
        tuples!([$($seen $seen_by)* $next $next_by] $($rest)*);
    };
    ([$($seen:ident $seen_by:ident)*]) => {};
}

tuples! {
    []
    C1 B1 C2 B2 C3 B3 C4 B4 C5 B5 C6 B6 C7 B7 C8 B8
    C9 B9 C10 B10 C11 B11 C12 B12 C13 B13 C14 B14 C15 B15 C16 B16
    C17 B17 C18 B18 C19 B19 C20 B20 C21 B21 C22 B22 C23 B23 C24 B24
    C25 B25 C26 B26 C27 B27 C28 B28 C29 B29 C30 B30 C31 B31 C32 B32
}

/// The column is written without its table, which Redshift refuses there.
pub(crate) fn assign<'b, C, E>(
    expression: &'b E,
    mut out: AstPass<'_, 'b, Redshift>,
) -> QueryResult<()>
where
    C: Column,
    E: QueryFragment<Redshift>,
{
    out.push_identifier(C::NAME)?;
    out.push_sql(" = ");
    expression.walk_ast(out)
}

/// Before the first `set`.
#[derive(Debug, Clone, Copy)]
pub struct NothingSet;

/// What `set` was given.
#[derive(Debug, Clone, Copy)]
pub struct Set<W>(W);

/// What an [`update_from`](super::update_from) sets so far, and one change more.
pub trait AndSet<W> {
    crate::seal::sealed!(required);

    /// All of it.
    type Output;

    #[doc(hidden)]
    fn and_set(self, clause: W) -> Self::Output;
}

impl<W> AndSet<W> for NothingSet {
    crate::seal::sealed!();

    type Output = Set<W>;

    fn and_set(self, clause: W) -> Set<W> {
        Set(clause)
    }
}

impl<Before, W> AndSet<W> for Set<Before> {
    crate::seal::sealed!();

    type Output = Set<(Before, W)>;

    fn and_set(self, clause: W) -> Self::Output {
        Set((self.0, clause))
    }
}

/// Says what an [`update_from`](super::update_from) sets.
#[diagnostic::on_unimplemented(
    message = "this `UPDATE … FROM` sets nothing",
    note = "say what it sets: `.set(users::name.eq(staging::name))`"
)]
pub trait SetsSomething<QS> {
    crate::seal::sealed!(required);

    #[doc(hidden)]
    fn walk_changes<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()>;
}

impl<QS, W: SetClause<QS>> SetsSomething<QS> for Set<W> {
    crate::seal::sealed!();

    fn walk_changes<'b>(&'b self, out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        let mut is_first = true;
        self.0.walk_set(&mut is_first, out)?;
        if is_first {
            return Err(diesel::result::Error::QueryBuilderError(Box::new(
                EmptyChangeset,
            )));
        }
        Ok(())
    }
}
