//! A table of which only the name is known.

use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::query_builder::{
    AsQuery, AstPass, FromClause, QueryFragment, QueryId, SelectStatement,
};
use diesel::query_source::QuerySource;
use diesel::sql_types::Integer;
use diesel::{QueryResult, Table};

/// The table `schema.name`.
#[derive(Debug, Clone)]
pub(crate) struct NamedTable {
    schema: Option<String>,
    name: String,
}

/// Stands where Diesel asks for columns that nobody selects.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NoColumns;

impl NamedTable {
    pub(crate) fn new(schema: Option<String>, name: String) -> Self {
        Self { schema, name }
    }
}

impl<DB: Backend> QueryFragment<DB> for NamedTable {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        if let Some(schema) = &self.schema {
            out.push_identifier(schema)?;
            out.push_sql(".");
        }
        out.push_identifier(&self.name)
    }
}

impl QueryId for NamedTable {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QuerySource for NamedTable {
    type FromClause = Self;
    type DefaultSelection = NoColumns;

    fn from_clause(&self) -> Self {
        self.clone()
    }

    fn default_selection(&self) -> NoColumns {
        NoColumns
    }
}

impl Expression for NoColumns {
    type SqlType = Integer;
}

impl ValidGrouping<()> for NoColumns {
    type IsAggregate = is_aggregate::Never;
}

impl AppearsOnTable<NamedTable> for NoColumns {}
impl SelectableExpression<NamedTable> for NoColumns {}

impl AsQuery for NamedTable {
    type SqlType = Integer;
    type Query = SelectStatement<FromClause<Self>>;

    fn as_query(self) -> Self::Query {
        SelectStatement::simple(self)
    }
}

impl Table for NamedTable {
    type PrimaryKey = NoColumns;
    type AllColumns = NoColumns;

    fn primary_key(&self) -> NoColumns {
        NoColumns
    }

    fn all_columns() -> NoColumns {
        NoColumns
    }
}
