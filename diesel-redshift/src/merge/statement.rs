//! The builder of a `MERGE`, a type for each step.

use std::marker::PhantomData;

use diesel::expression::{AppearsOnTable, AsExpression, Expression, TypedExpressionType};
use diesel::internal::table_macro::{Inner, Join};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::{QuerySource, TableNotEqual};
use diesel::sql_types::SqlType;

use super::actions::{Delete, Insert, Insertion, Update};
use super::assignment::Assignment;
use super::key::{KeyPair, KeyPairs, MergeKey};
use crate::Redshift;
use crate::error::Error;
use crate::query_builder::ColumnOf;
use crate::query_builder::inline::inline;

/// `MERGE INTO "target"`: starts a statement that merges the rows of a source into a table; see
/// [the module](super).
///
/// It requires `SELECT` on both tables, and `UPDATE`, `DELETE` and `INSERT` on the target as far as
/// used. It is fast if the key is the `DISTKEY` of both.
pub fn merge_into<T: Table>(target: T) -> MergeInto<T> {
    MergeInto {
        target: target.from_clause(),
    }
}

/// A [`merge_into`] without its source.
#[must_use = "a MERGE needs a source: call `using`"]
pub struct MergeInto<T: QuerySource> {
    target: T::FromClause,
}

impl<T: Table> MergeInto<T> {
    /// `USING "source"`: the table whose rows are merged, other than the target.
    ///
    /// Declare the two together: `diesel::allow_tables_to_appear_in_same_query!(target, source)`.
    /// Redshift does not accept a view, a query or a WITH as the source: create a temporary table
    /// from it.
    pub fn using<S>(self, source: S) -> MergeUsing<T, S>
    where
        S: Table + TableNotEqual<T>,
    {
        MergeUsing {
            target: self.target,
            source: source.from_clause(),
        }
    }
}

/// A [`merge_into`] without its key.
#[must_use = "a MERGE needs a key: call `on`"]
pub struct MergeUsing<T: QuerySource, S: QuerySource> {
    target: T::FromClause,
    source: S::FromClause,
}

impl<T: Table, S: Table> MergeUsing<T, S> {
    /// `ON "target"."a" = "source"."b"`: which rows match. For a longer key, call `on` again.
    ///
    /// Both columns have the same type, one that can be a key: [`MergeKey`]. If several rows of the
    /// source match one of the target, the server returns an error: `Found multiple matches to
    /// update the same tuple.`
    pub fn on<A, B>(self, (target, source): (A, B)) -> MergeOn<T, S, KeyPair<A, B>>
    where
        A: ColumnOf<T> + Expression,
        A::SqlType: MergeKey,
        B: ColumnOf<S> + Expression<SqlType = A::SqlType>,
    {
        MergeOn {
            target: self.target,
            source: self.source,
            key: KeyPair { target, source },
        }
    }
}

/// A [`merge_into`] with its key, but without its actions.
#[must_use = "a MERGE needs its actions: call `when_matched` or `remove_duplicates`"]
pub struct MergeOn<T: QuerySource, S: QuerySource, K> {
    target: T::FromClause,
    source: S::FromClause,
    key: K,
}

impl<T: Table, S: Table, K> MergeOn<T, S, K> {
    /// `AND "target"."a" = "source"."b"`: another pair of the key.
    pub fn on<A, B>(self, (target, source): (A, B)) -> MergeOn<T, S, KeyPairs<K, KeyPair<A, B>>>
    where
        A: ColumnOf<T> + Expression,
        A::SqlType: MergeKey,
        B: ColumnOf<S> + Expression<SqlType = A::SqlType>,
    {
        MergeOn {
            target: self.target,
            source: self.source,
            key: KeyPairs {
                before: self.key,
                pair: KeyPair { target, source },
            },
        }
    }

    /// `WHEN MATCHED THEN`: what happens to rows of the target that the source has too.
    pub fn when_matched(self) -> WhenMatched<T, S, K> {
        WhenMatched { merge: self }
    }
}

/// A [`merge_into`] without its action for matched rows.
#[must_use = "say what happens to matched rows: call `set` or `delete`"]
pub struct WhenMatched<T: QuerySource, S: QuerySource, K> {
    merge: MergeOn<T, S, K>,
}

impl<T: Table, S: Table, K> WhenMatched<T, S, K> {
    /// `DELETE`: they are deleted.
    pub fn delete(self) -> Matched<T, S, K, Delete> {
        Matched {
            merge: self.merge,
            matched: Delete,
        }
    }

    /// `UPDATE SET "column" = value`: they are changed. Call `set` again for more columns.
    ///
    /// The value is an expression of columns of both tables, or a value.
    pub fn set<C, E>(self, column: C, value: E) -> Matched<T, S, K, Update<(), C, E::Expression>>
    where
        C: ColumnOf<T> + Expression,
        C::SqlType: SqlType + TypedExpressionType,
        E: AsExpression<C::SqlType>,
        E::Expression: AppearsOnTable<Join<T, S, Inner>>,
    {
        Matched {
            merge: self.merge,
            matched: Update(Assignment::first(column, value.as_expression())),
        }
    }
}

type MatchedBySet<T, S, K, A, C, E> = Matched<T, S, K, Update<A, C, E>>;

/// A [`merge_into`] with its first branch.
#[must_use = "Redshift refuses a MERGE with one branch: call `when_not_matched`"]
pub struct Matched<T: QuerySource, S: QuerySource, K, M> {
    merge: MergeOn<T, S, K>,
    matched: M,
}

impl<T: Table, S: Table, K, A, C1, E1> Matched<T, S, K, Update<A, C1, E1>> {
    /// `, "column" = value`: another column of matched rows.
    pub fn set<C, E>(
        self,
        column: C,
        value: E,
    ) -> MatchedBySet<T, S, K, Assignment<A, C1, E1>, C, E::Expression>
    where
        C: ColumnOf<T> + Expression,
        C::SqlType: SqlType + TypedExpressionType,
        E: AsExpression<C::SqlType>,
        E::Expression: AppearsOnTable<Join<T, S, Inner>>,
    {
        Matched {
            merge: self.merge,
            matched: Update(Assignment::after(
                self.matched.0,
                column,
                value.as_expression(),
            )),
        }
    }
}

impl<T: Table, S: Table, K, M> Matched<T, S, K, M> {
    /// `WHEN NOT MATCHED THEN`: what happens to rows that only the source has.
    pub fn when_not_matched(self) -> WhenNotMatched<T, S, K, M> {
        WhenNotMatched {
            merge: self.merge,
            matched: self.matched,
        }
    }
}

/// A [`merge_into`] without its action for rows that only the source has.
#[must_use = "say what happens to new rows: call `insert`"]
pub struct WhenNotMatched<T: QuerySource, S: QuerySource, K, M> {
    merge: MergeOn<T, S, K>,
    matched: M,
}

impl<T: Table, S: Table, K, M> WhenNotMatched<T, S, K, M> {
    /// `INSERT ("column") VALUES (value)`: they are added. Call `insert` again for more columns;
    /// the others get their default.
    ///
    /// The value is an expression of columns of the source, or a value.
    pub fn insert<C, E>(
        self,
        column: C,
        value: E,
    ) -> Merge<T, S, K, M, Insert<(), C, E::Expression>>
    where
        C: ColumnOf<T> + Expression,
        C::SqlType: SqlType + TypedExpressionType,
        E: AsExpression<C::SqlType>,
        E::Expression: AppearsOnTable<S>,
    {
        Merge {
            merge: self.merge,
            matched: self.matched,
            not_matched: (),
        }
        .insert(column, value)
    }
}

/// A complete [`merge_into`].
#[must_use = "queries are only executed when calling `execute`"]
pub struct Merge<T: QuerySource, S: QuerySource, K, M, I> {
    merge: MergeOn<T, S, K>,
    matched: M,
    not_matched: I,
}

impl<T: Table, S: Table, K, M, I> Merge<T, S, K, M, I> {
    /// Another column of new rows.
    pub fn insert<C, E>(
        self,
        _column: C,
        value: E,
    ) -> Merge<T, S, K, M, Insert<I, C, E::Expression>>
    where
        C: ColumnOf<T> + Expression,
        C::SqlType: SqlType + TypedExpressionType,
        E: AsExpression<C::SqlType>,
        E::Expression: AppearsOnTable<S>,
    {
        Merge {
            merge: self.merge,
            matched: self.matched,
            not_matched: Insert {
                before: self.not_matched,
                column: PhantomData,
                value: value.as_expression(),
            },
        }
    }
}

impl<T, S, K, M, I> Merge<T, S, K, M, I>
where
    T: QuerySource,
    S: QuerySource,
    Self: QueryFragment<Redshift>,
{
    /// The statement's SQL, with its values as literals.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if Diesel cannot print it.
    pub fn to_sql(&self) -> Result<String, Error> {
        Ok(inline(self)?)
    }
}

impl<T, S, K> QueryFragment<Redshift> for MergeOn<T, S, K>
where
    T: QuerySource,
    T::FromClause: QueryFragment<Redshift>,
    S: QuerySource,
    S::FromClause: QueryFragment<Redshift>,
    K: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("MERGE INTO ");
        self.target.walk_ast(out.reborrow())?;
        out.push_sql(" USING ");
        self.source.walk_ast(out.reborrow())?;
        out.push_sql(" ON ");
        self.key.walk_ast(out)
    }
}

impl<T, S, K, M, I> QueryFragment<Redshift> for Merge<T, S, K, M, I>
where
    T: QuerySource,
    S: QuerySource,
    MergeOn<T, S, K>: QueryFragment<Redshift>,
    M: QueryFragment<Redshift>,
    I: Insertion,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.merge.walk_ast(out.reborrow())?;
        out.push_sql(" WHEN MATCHED THEN ");
        self.matched.walk_ast(out.reborrow())?;
        out.push_sql(" WHEN NOT MATCHED THEN INSERT (");
        I::walk_columns(&mut out)?;
        out.push_sql(") VALUES (");
        self.not_matched.walk_values(&mut out)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<T: QuerySource, S: QuerySource, K, M, I> QueryId for Merge<T, S, K, M, I> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: QuerySource, S: QuerySource, K, M, I, Conn> RunQueryDsl<Conn> for Merge<T, S, K, M, I> {}

crate::sql::debug_name! {
    MergeInto<T: QuerySource>
    MergeUsing<T: QuerySource, S: QuerySource>
    MergeOn<T: QuerySource, S: QuerySource, K>
    WhenMatched<T: QuerySource, S: QuerySource, K>
    Matched<T: QuerySource, S: QuerySource, K, M>
    WhenNotMatched<T: QuerySource, S: QuerySource, K, M>
    Merge<T: QuerySource, S: QuerySource, K, M, I>
}
