//! Tables and views, as plain data.

use super::column::Column;

/// The relations of the chosen schemas, by schema and name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Schema {
    /// Tables and views, ordered by schema and name.
    pub relations: Vec<Relation>,
    /// The schema whose names need none before them: the connection's current one. Empty if there is none.
    pub current_schema: String,
    /// Whether it is the current schema, whichever that is, that was asked for.
    pub(super) is_of_current_schema: bool,
}

/// A table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relation {
    /// The schema it stands in.
    pub schema: String,
    /// Its name, as the catalog has it: without quotes.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// What `COMMENT ON` says of it.
    pub comment: Option<String>,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// Its primary key, which Redshift does not enforce.
    pub primary_key: Option<Key>,
    /// Its unique keys, by name.
    pub unique_keys: Vec<Key>,
    /// Its foreign keys, by name.
    pub foreign_keys: Vec<ForeignKey>,
    /// How its rows are distributed; `None` for views and external tables.
    pub distribution: Option<Distribution>,
    /// What its rows are sorted by; `None` also for a table whose sort key Redshift chooses.
    pub sort_key: Option<SortKey>,
    /// The query of a view, or the statement that created it, as the catalog tells it.
    pub definition: Option<String>,
    /// Where the files of an external table are.
    pub external: Option<ExternalLocation>,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelationKind {
    /// A table.
    Table,
    /// A view that is bound to the tables in it.
    View,
    /// A view `WITH NO SCHEMA BINDING`. Nobody knows whether its columns can be NULL.
    LateBindingView,
    /// A materialized view.
    MaterializedView,
    /// A table of an external schema. It has no keys, and all its columns can be NULL.
    ExternalTable,
}

impl RelationKind {
    /// Whether it holds a query and no rows of its own to write.
    pub fn is_view(self) -> bool {
        matches!(
            self,
            Self::View | Self::LateBindingView | Self::MaterializedView
        )
    }
}

/// A primary or unique key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Key {
    /// The constraint's name.
    pub name: String,
    /// The names of its columns, in the key's order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: String,
    /// The names of its columns, in the key's order.
    pub columns: Vec<String>,
    /// The schema of the table that it refers to.
    pub foreign_schema: String,
    /// The name of the table that it refers to.
    pub foreign_table: String,
    /// The columns that it refers to, one for each of `columns`.
    pub foreign_columns: Vec<String>,
}

/// How the rows of a table are distributed over the slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Distribution {
    /// `DISTSTYLE AUTO`: Redshift chooses, and may choose anew.
    Auto,
    /// `DISTSTYLE EVEN`.
    Even,
    /// `DISTSTYLE ALL`.
    All,
    /// `DISTSTYLE KEY`, by the column that [`is_distribution_key`](Column::is_distribution_key).
    Key,
}

/// What the rows of a table are sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SortKey {
    /// `COMPOUND SORTKEY`: the columns' names, the first one first.
    Compound(Vec<String>),
    /// `INTERLEAVED SORTKEY`: the columns' names, all of one weight.
    Interleaved(Vec<String>),
}

/// Where an external table's files are, and how they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExternalLocation {
    /// The folder or manifest in S3; empty for tables of other databases.
    pub location: String,
    /// The Hive class that reads the files.
    pub input_format: String,
}

impl Relation {
    pub(super) fn new(schema: String, name: String, kind: RelationKind) -> Self {
        Self {
            schema,
            name,
            kind,
            comment: None,
            columns: Vec::new(),
            primary_key: None,
            unique_keys: Vec::new(),
            foreign_keys: Vec::new(),
            distribution: None,
            sort_key: None,
            definition: None,
            external: None,
        }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Schema {
    /// The relation of this name, `schema` without quotes as `name` is.
    pub fn relation(&self, schema: &str, name: &str) -> Option<&Relation> {
        self.relations
            .iter()
            .find(|relation| relation.schema == schema && relation.name == name)
    }
}
