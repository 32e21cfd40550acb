//! Tables and views, as plain data.

use super::column::Column;

/// The relations of the selected schemas.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Schema {
    /// Tables and views, ordered by schema and name.
    pub relations: Vec<Relation>,
    /// The schema whose names need no qualification: the connection's current one. Empty if there
    /// is none.
    pub current_schema: String,
    /// Whether the filter was the current schema, whichever that is.
    pub(super) is_of_current_schema: bool,
}

/// A table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relation {
    /// Its schema.
    pub schema: String,
    /// Its name as in the catalog, without quotes.
    pub name: String,
    /// Its kind.
    pub kind: RelationKind,
    /// Its comment, from `COMMENT ON`.
    pub comment: Option<String>,
    /// Its columns, in order.
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
    /// The query of a view, or the statement that created it, as in the catalog.
    pub definition: Option<String>,
    /// The location of an external table's files.
    pub external: Option<ExternalLocation>,
}

/// The kind of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RelationKind {
    /// A table.
    Table,
    /// A view that is bound to its tables.
    View,
    /// A view `WITH NO SCHEMA BINDING`. Whether its columns can be NULL is unknown.
    LateBindingView,
    /// A materialized view.
    MaterializedView,
    /// A table in an external schema. It has no keys, and all its columns can be NULL.
    ExternalTable,
}

impl RelationKind {
    /// Whether it is defined by a query and has no rows of its own to write.
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
    /// `DISTSTYLE AUTO`: Redshift chooses, and may change its choice.
    Auto,
    /// `DISTSTYLE EVEN`.
    Even,
    /// `DISTSTYLE ALL`.
    All,
    /// `DISTSTYLE KEY`, by the column with [`is_distribution_key`](Column::is_distribution_key).
    Key,
}

/// What the rows of a table are sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SortKey {
    /// `COMPOUND SORTKEY`: the names of the columns, the most significant first.
    Compound(Vec<String>),
    /// `INTERLEAVED SORTKEY`: the names of the columns, all with equal weight.
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
    /// The relation with this name; `schema` and `name` are without quotes.
    pub fn relation(&self, schema: &str, name: &str) -> Option<&Relation> {
        self.relations
            .iter()
            .find(|relation| relation.schema == schema && relation.name == name)
    }
}
