//! The builder of an upsert.

use std::marker::PhantomData;

use diesel::Table;
use diesel::expression::{AppearsOnTable, Expression, NonAggregate};
use diesel::query_builder::{AsChangeset, AsQuery, QueryFragment};
use diesel::sql_types::{BoolOrNullableBool, SqlOrd};

use super::action::{DeleteWhen, KeepExisting, Replace, Set, UpdateAll};
use super::incoming::NewRow;
use super::key::UpsertKey;
use super::source::{OfQuery, Rows};
use crate::Redshift;
use crate::query_builder::ColumnOf;

/// Starts an upsert of rows that are [`Insertable`](diesel::Insertable) into a table; see [the
/// module](super).
///
/// A field that is `None` is `NULL`, even if the column has a default. If there are no rows,
/// nothing is sent. They are sent as parameters of `INSERT`, in as many statements as needed: one
/// has at most 32,767 of them and 16 MB. Many rows are faster [through files](Upsert::through).
pub fn upsert<R>(rows: &[R]) -> UpsertStart<Rows<'_, R>> {
    UpsertStart { source: Rows(rows) }
}

/// Starts an upsert of the rows that a query returns into a table; the columns are given in the
/// order of the query's.
///
/// ```no_run
/// # use diesel::prelude::*;
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # diesel::table! { arrivals { id -> BigInt, name -> Text, } }
/// # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> Result<(), diesel_redshift::Error> {
/// use diesel_redshift::upsert::upsert_from;
///
/// let named = arrivals::table.filter(arrivals::name.ne("")).select((arrivals::id, arrivals::name));
/// upsert_from(named, (users::id, users::name))
///     .into(users::table)
///     .key((users::id,))
///     .update_all()
///     .execute(conn)?;
/// # Ok(())
/// # }
/// ```
pub fn upsert_from<Q, C>(query: Q, _columns: C) -> UpsertStart<OfQuery<Q::Query, C>>
where
    C: Expression,
    Q: AsQuery<SqlType = C::SqlType, Query: QueryFragment<Redshift>>,
{
    UpsertStart {
        source: OfQuery {
            query: query.as_query(),
            columns: PhantomData,
        },
    }
}

/// An upsert without its target.
#[must_use = "an upsert needs a table: call `into`"]
#[derive(Debug, Clone, Copy)]
pub struct UpsertStart<S> {
    source: S,
}

impl<S> UpsertStart<S> {
    /// The table that the rows are merged into.
    pub fn into<T: Table>(self, table: T) -> UpsertTarget<S, T> {
        UpsertTarget {
            source: self.source,
            table,
        }
    }
}

/// An upsert without its key.
#[must_use = "an upsert needs a key: call `key`"]
#[derive(Debug, Clone, Copy)]
pub struct UpsertTarget<S, T> {
    source: S,
    table: T,
}

impl<S, T: Table> UpsertTarget<S, T> {
    /// The columns that identify rows, as a tuple: `(users::id,)`. The first becomes the `DISTKEY`
    /// of the temporary table, so that its rows are on the same slices as the target's if that is
    /// distributed by it.
    pub fn key<K: UpsertKey<T>>(self, _key: K) -> UpsertInto<S, T, K> {
        UpsertInto {
            source: self.source,
            table: self.table,
            key: PhantomData,
        }
    }
}

/// An upsert without its action for existing rows.
#[must_use = "say what happens to existing rows: call `update_all`, `set` or `keep_existing`"]
#[derive(Debug, Clone, Copy)]
pub struct UpsertInto<S, T, K> {
    source: S,
    table: T,
    key: PhantomData<K>,
}

impl<S, T: Table, K> UpsertInto<S, T, K> {
    fn action<A>(self, action: A) -> Upsert<S, T, K, A> {
        Upsert {
            source: self.source,
            table: self.table,
            key: PhantomData,
            action,
            latest: None,
            lock: false,
        }
    }

    /// The columns of the new rows replace those of the existing ones; columns that they do not
    /// have stay.
    pub fn update_all(self) -> Upsert<S, T, K, UpdateAll> {
        self.action(UpdateAll)
    }

    /// Sets these columns: `users::name.eq(incoming(users::name))`, or a tuple of such.
    ///
    /// [`incoming`](super::incoming()) is the new row, a column itself the existing one. Empty
    /// changes, such as a struct whose fields are all `None`, keep the existing rows.
    pub fn set<U>(self, changes: U) -> Upsert<S, T, K, Set<U::Changeset>>
    where
        U: AsChangeset<Target = T>,
    {
        self.action(Set(changes.as_changeset()))
    }

    /// Deletes the existing rows and inserts the new ones: columns that these do not have get their
    /// default. It uses `DELETE` and `INSERT` instead of `MERGE`.
    pub fn replace(self) -> Upsert<S, T, K, Replace> {
        self.action(Replace)
    }

    /// Existing rows stay as they are: only new keys are inserted.
    pub fn keep_existing(self) -> Upsert<S, T, K, KeepExisting> {
        self.action(KeepExisting)
    }
}

/// A complete upsert.
#[must_use = "an upsert runs with .execute(…)"]
#[derive(Debug, Clone, Copy)]
pub struct Upsert<S, T, K, A> {
    pub(super) source: S,
    pub(super) table: T,
    pub(super) key: PhantomData<K>,
    pub(super) action: A,
    pub(super) latest: Option<&'static str>,
    pub(super) lock: bool,
}

impl<S, T: Table, K, A> Upsert<S, T, K, A> {
    /// Of rows with the same key, only the one with the greatest value in `column` is used, `NULL`
    /// being the least; and a row of the target with a greater value stays as it is.
    ///
    /// If values are equal, which row is used is undefined. Without this, a key that two rows have
    /// is an error.
    pub fn latest_by<C>(mut self, _column: C) -> Self
    where
        C: ColumnOf<T> + Expression<SqlType: SqlOrd>,
    {
        self.latest = Some(C::NAME);
        self
    }

    /// A new row that meets `condition` deletes the existing row, and is not merged itself:
    /// `incoming(users::is_deleted)`, `incoming(users::op).eq("D")`.
    ///
    /// The condition uses columns of the new rows, all through [`incoming`](super::incoming()); if
    /// it is `NULL`, the row is merged.
    pub fn delete_when<P>(self, condition: P) -> Upsert<S, T, K, DeleteWhen<P, A>>
    where
        P: AppearsOnTable<NewRow<T>> + Expression<SqlType: BoolOrNullableBool> + NonAggregate,
    {
        Upsert {
            source: self.source,
            table: self.table,
            key: PhantomData,
            action: DeleteWhen {
                condition,
                otherwise: self.action,
            },
            latest: self.latest,
            lock: self.lock,
        }
    }

    /// Sends `LOCK "table"` first: others wait until the transaction ends, instead of failing with
    /// a serializable isolation violation.
    pub fn lock(mut self) -> Self {
        self.lock = true;
        self
    }
}
