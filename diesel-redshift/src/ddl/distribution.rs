//! How the rows of a new table are distributed and sorted.

use std::marker::PhantomData;

use diesel::Table;
use diesel::expression::Expression;

use super::definition::{push_identifier, push_names};
use super::keys::{InterleavedKey, KeyColumns, KeyType};
use crate::error::InvalidValue;
use crate::query_builder::ColumnOf;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Auto,
    Even,
    All,
    Key(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Auto,
    Compound(&'static [&'static str]),
    Interleaved(&'static [&'static str]),
}

/// `BACKUP`, `DISTSTYLE`, `DISTKEY` and `SORTKEY` of a table `T`.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<T> {
    no_backup: bool,
    style: Option<Style>,
    sort: Option<Sort>,
    table: PhantomData<T>,
}

impl<T> Default for Distribution<T> {
    fn default() -> Self {
        Self {
            no_backup: false,
            style: None,
            sort: None,
            table: PhantomData,
        }
    }
}

impl<T> Distribution<T> {
    pub(super) fn push(&self, sql: &mut String) -> Result<(), InvalidValue> {
        if self.no_backup {
            sql.push_str(" BACKUP NO");
        }
        match self.style {
            None => {}
            Some(Style::Auto) => sql.push_str(" DISTSTYLE AUTO"),
            Some(Style::Even) => sql.push_str(" DISTSTYLE EVEN"),
            Some(Style::All) => sql.push_str(" DISTSTYLE ALL"),
            Some(Style::Key(column)) => {
                sql.push_str(" DISTSTYLE KEY DISTKEY(");
                push_identifier(sql, column)?;
                sql.push(')');
            }
        }
        let (words, names) = match self.sort {
            None => return Ok(()),
            Some(Sort::Auto) => {
                sql.push_str(" SORTKEY AUTO");
                return Ok(());
            }
            Some(Sort::Compound(names)) => (" COMPOUND SORTKEY", names),
            Some(Sort::Interleaved(names)) => (" INTERLEAVED SORTKEY", names),
        };
        sql.push_str(words);
        push_names(sql, names)
    }
}

/// A new table that can have any distribution and order, which a materialized view cannot.
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes no AUTO and no INTERLEAVED",
    note = "a materialized view has DISTSTYLE EVEN, ALL or KEY and a compound SORTKEY: `dist_even`, `dist_all`, `dist_key`, `sort_key`"
)]
pub trait AnyDistribution: Distributed {
    crate::seal::sealed!(required);
}

/// A new table whose distribution and order can be set.
///
/// If set twice, the last call counts. If not set, Redshift chooses, and adapts the choice as the
/// table grows.
pub trait Distributed: Sized {
    crate::seal::sealed!(required);
    /// The table.
    type Table: Table;

    #[doc(hidden)]
    fn distribution(&mut self) -> &mut Distribution<Self::Table>;

    /// `BACKUP NO`: excluded from snapshots. Newer kinds of clusters ignore it.
    fn no_backup(mut self) -> Self {
        self.distribution().no_backup = true;
        self
    }

    /// `DISTSTYLE AUTO`: Redshift chooses.
    fn dist_auto(mut self) -> Self
    where
        Self: AnyDistribution,
    {
        self.distribution().style = Some(Style::Auto);
        self
    }

    /// `DISTSTYLE EVEN`: rows go to the slices in turn.
    fn dist_even(mut self) -> Self {
        self.distribution().style = Some(Style::Even);
        self
    }

    /// `DISTSTYLE ALL`: each node has the whole table.
    fn dist_all(mut self) -> Self {
        self.distribution().style = Some(Style::All);
        self
    }

    /// `DISTSTYLE KEY DISTKEY("column")`: rows with the same value are on the same slice.
    fn dist_key<C>(mut self, _column: C) -> Self
    where
        C: ColumnOf<Self::Table> + Expression<SqlType: KeyType>,
    {
        self.distribution().style = Some(Style::Key(C::NAME));
        self
    }

    /// `SORTKEY AUTO`: Redshift chooses.
    fn sort_auto(mut self) -> Self
    where
        Self: AnyDistribution,
    {
        self.distribution().sort = Some(Sort::Auto);
        self
    }

    /// `COMPOUND SORTKEY("a", "b")`: sorted by the first column, then by the next.
    fn sort_key<C>(mut self, _columns: C) -> Self
    where
        C: KeyColumns<Self::Table>,
    {
        self.distribution().sort = Some(Sort::Compound(C::NAMES));
        self
    }

    /// `INTERLEAVED SORTKEY("a", "b")`: sorted by each column equally. At most 8; avoid columns
    /// that grow, such as an identity or a time.
    fn interleaved_sort_key<C>(mut self, _columns: C) -> Self
    where
        Self: AnyDistribution,
        C: KeyColumns<Self::Table> + InterleavedKey,
    {
        self.distribution().sort = Some(Sort::Interleaved(C::NAMES));
        self
    }
}
