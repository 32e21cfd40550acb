//! How relations are printed in Rust.

use std::collections::BTreeMap;

/// How [`Schema::to_rust`](crate::reflection::Schema::to_rust) prints: the settings of
/// `[print_schema]` in `diesel.toml`.
#[derive(Debug, Clone, Default)]
pub struct RustOptions {
    pub(super) docs: Docs,
    pub(super) same_query: SameQuery,
    pub(super) column_sorting: ColumnSorting,
    pub(super) import_types: Vec<String>,
    pub(super) include_views: bool,
    pub(super) primary_keys: BTreeMap<String, Vec<String>>,
}

/// Which documentation comments are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Docs {
    /// None.
    #[default]
    None,
    /// The comments of the database.
    OnlyDatabaseComments,
    /// The comments of the database, or names and types if it has none.
    DatabaseCommentsOrGenerated,
}

/// Which tables `allow_tables_to_appear_in_same_query!` is printed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SameQuery {
    /// All of them together. Each pair costs compile time, and more than about 120 tables need a
    /// higher `recursion_limit`.
    #[default]
    AllTables,
    /// Those connected by foreign keys.
    ForeignKeyRelatedTables,
    /// None.
    None,
}

/// The order in which columns are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ColumnSorting {
    /// As in the table.
    #[default]
    OrdinalPosition,
    /// By name.
    Name,
}

impl RustOptions {
    /// No documentation, all tables in one query, columns as in the table, no views.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which documentation comments are printed.
    pub fn docs(mut self, docs: Docs) -> Self {
        self.docs = docs;
        self
    }

    /// Which tables may appear in the same query.
    pub fn same_query(mut self, same_query: SameQuery) -> Self {
        self.same_query = same_query;
        self
    }

    /// The order of columns.
    pub fn column_sorting(mut self, sorting: ColumnSorting) -> Self {
        self.column_sorting = sorting;
        self
    }

    /// What each table imports: `use diesel::sql_types::*`, without `use`. This replaces the
    /// default imports.
    pub fn import_types<S: Into<String>>(mut self, types: impl IntoIterator<Item = S>) -> Self {
        self.import_types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Also prints views as `table!`: bound, late-binding and materialized ones.
    pub fn include_views(mut self) -> Self {
        self.include_views = true;
        self
    }

    /// The columns of a relation's primary key in `table!`, whatever the database says; `relation`
    /// is its name, or `schema.name`.
    pub fn primary_key<S: Into<String>>(
        mut self,
        relation: impl Into<String>,
        columns: impl IntoIterator<Item = S>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        self.primary_keys.insert(relation.into(), columns);
        self
    }
}
