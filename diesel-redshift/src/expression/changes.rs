//! What `set` of [`update_from`](super::update_from) takes, and the clause it becomes.

use diesel::expression::{AppearsOnTable, Expression};
use diesel::insertable::ColumnInsertValue;
use diesel::internal::table_macro::{Inner, Join};
use diesel::prelude::*;
use diesel::query_builder::{AsChangeset, AstPass, QueryFragment, ValuesClause};
use diesel::query_source::QuerySource;
use diesel::result::EmptyChangeset;

use crate::Redshift;

/// What [`set`](super::UpdateFrom::set) takes to change rows of `T` by those of `F`: `column.eq(expression)`, a tuple of these, an
/// `Option` of either, or a reference to a struct that derives [`AsChangeset`](diesel::AsChangeset).
///
/// `By` tells the three apart, and the compiler finds it.
#[diagnostic::on_unimplemented(
    message = "this is nothing that `set` takes to change rows of `{T}`",
    note = "it takes `column.eq(expression)`, with a column of `{T}` and an expression of columns of both tables, and tuples of these",
    note = "a struct that derives `AsChangeset` is given by reference: `.set(&changes)`"
)]
pub trait Changes<T, F, By> {
    crate::seal::sealed!(required);

    /// The clause.
    type Clause;

    /// Makes the clause.
    fn into_clause(self) -> Self::Clause;
}

/// Changes written as `column.eq(expression)`.
#[derive(Debug, Clone, Copy)]
pub struct ByColumns;

/// Changes of a struct.
#[derive(Debug, Clone, Copy)]
pub struct ByStruct;

/// Changes that may be none.
#[derive(Debug, Clone, Copy)]
pub struct ByOption;

// `eq` makes a type of Diesel's that nobody else can name; but it is known what it inserts. A struct that can be inserted is no
// expression.
#[diagnostic::do_not_recommend]
impl<T, F, V, W> Changes<T, F, ByColumns> for V
where
    T: Table,
    F: QuerySource,
    V: Expression + Insertable<T, Values = ValuesClause<W, T>>,
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

impl<T, F, V> Changes<T, F, ByOption> for Option<V>
where
    V: Changes<T, F, ByColumns>,
{
    crate::seal::sealed!();

    type Clause = Option<V::Clause>;

    fn into_clause(self) -> Self::Clause {
        self.map(V::into_clause)
    }
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
    ([$($seen:ident)*] $next:ident $($rest:ident)*) => {
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
        tuples!([$($seen)* $next] $($rest)*);
    };
    ([$($seen:ident)*]) => {};
}

tuples! {
    []
    A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A2 B2 C2 D2 E2 F2
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
