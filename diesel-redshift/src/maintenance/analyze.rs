//! `ANALYZE` and `ANALYZE COMPRESSION`.

use diesel::Queryable;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::query_source::Table;
use diesel::result::QueryResult;
use diesel::sql_types::Text;

use super::send;
use crate::error::{Error, InvalidValue};
use crate::query_builder::ColumnsOf;
use crate::{Redshift, RedshiftConnection};

#[derive(Debug, Clone, Copy)]
enum Scope {
    Predicate,
    All,
}

/// `ANALYZE` of a table; see [`analyze`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct Analyze<T> {
    table: T,
    columns: &'static [&'static str],
    scope: Option<Scope>,
    verbose: bool,
}

/// `ANALYZE "table"`: updates the statistics that the planner uses.
///
/// It runs in a transaction or on its own.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # use diesel_redshift::Redshift;
/// use diesel_redshift::maintenance::analyze;
///
/// let statement = analyze(users::table).columns((users::id, users::name));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&statement).to_string(),
///     r#"ANALYZE "users" ("id", "name") -- binds: []"#
/// );
/// ```
pub fn analyze<T: Table>(table: T) -> Analyze<T> {
    Analyze {
        table,
        columns: &[],
        scope: None,
        verbose: false,
    }
}

impl<T> Analyze<T> {
    /// Only these columns of the table.
    pub fn columns<C: ColumnsOf<T>>(mut self, _columns: C) -> Self {
        self.columns = C::NAMES;
        self
    }

    /// `PREDICATE COLUMNS`: those that queries have filtered, joined or grouped by.
    pub fn predicate_columns(mut self) -> Self {
        self.scope = Some(Scope::Predicate);
        self
    }

    /// `ALL COLUMNS`, the default.
    pub fn all_columns(mut self) -> Self {
        self.scope = Some(Scope::All);
        self
    }

    /// `VERBOSE`: the server reports progress in notices.
    pub fn verbose(mut self) -> Self {
        self.verbose = true;
        self
    }

    super::to_sql!();

    /// Runs it.
    ///
    /// # Errors
    ///
    /// Any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<(), Error>
    where
        Self: QueryFragment<Redshift>,
    {
        send(self, conn)
    }
}

fn push_columns(out: &mut AstPass<'_, '_, Redshift>, columns: &[&'static str]) -> QueryResult<()> {
    for (at, column) in columns.iter().enumerate() {
        out.push_sql(if at == 0 { " (" } else { ", " });
        out.push_identifier(column)?;
    }
    if !columns.is_empty() {
        out.push_sql(")");
    }
    Ok(())
}

impl<T: QueryFragment<Redshift>> QueryFragment<Redshift> for Analyze<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("ANALYZE ");
        if self.verbose {
            out.push_sql("VERBOSE ");
        }
        self.table.walk_ast(out.reborrow())?;
        push_columns(&mut out, self.columns)?;
        out.push_sql(match self.scope {
            None => "",
            Some(Scope::Predicate) => " PREDICATE COLUMNS",
            Some(Scope::All) => " ALL COLUMNS",
        });
        Ok(())
    }
}

impl<T> QueryId for Analyze<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// A recommendation of [`analyze_compression`].
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[non_exhaustive]
pub struct ColumnEncoding {
    /// The table, without its schema.
    pub table: String,
    /// The column.
    pub column: String,
    /// The encoding that would compress it best, such as `zstd`; `raw` is no compression.
    pub encoding: String,
    /// By how many percent the column is estimated to shrink, as the server writes it: `0.00`,
    /// `56.70`.
    pub estimated_reduction: String,
}

/// `ANALYZE COMPRESSION` of a table; see [`analyze_compression`].
#[derive(Debug, Clone)]
#[must_use = "a query runs with .load(…)"]
pub struct AnalyzeCompression<T> {
    table: T,
    columns: &'static [&'static str],
    comp_rows: Option<u32>,
}

/// `ANALYZE COMPRESSION "table"`: recommends an encoding for each column, from a sample of the
/// rows.
///
/// It locks the table exclusively while it runs. Load it as [`ColumnEncoding`]s:
///
/// ```no_run
/// # use diesel::prelude::*;
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> QueryResult<()> {
/// use diesel_redshift::maintenance::{ColumnEncoding, analyze_compression};
///
/// for found in analyze_compression(users::table).load::<ColumnEncoding>(conn)? {
///     println!("{}: {}", found.column, found.encoding);
/// }
/// # Ok(())
/// # }
/// ```
pub fn analyze_compression<T: Table>(table: T) -> AnalyzeCompression<T> {
    AnalyzeCompression {
        table,
        columns: &[],
        comp_rows: None,
    }
}

impl<T> AnalyzeCompression<T> {
    /// Only these columns of the table.
    pub fn columns<C: ColumnsOf<T>>(mut self, _columns: C) -> Self {
        self.columns = C::NAMES;
        self
    }

    /// `COMPROWS <rows>`: how many rows to sample for each slice, 1,000 to 1,000,000,000; the
    /// server's default is 100,000. Another number is an error when it runs.
    pub fn comp_rows(mut self, rows: u32) -> Self {
        self.comp_rows = Some(rows);
        self
    }
}

impl<T: QueryFragment<Redshift>> QueryFragment<Redshift> for AnalyzeCompression<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("ANALYZE COMPRESSION ");
        self.table.walk_ast(out.reborrow())?;
        push_columns(&mut out, self.columns)?;
        if let Some(rows) = self.comp_rows {
            if !(1_000..=1_000_000_000).contains(&rows) {
                return Err(InvalidValue::new(
                    "COMPROWS",
                    rows.to_string(),
                    "1000 to 1000000000 rows",
                )
                .into());
            }
            out.push_sql(" COMPROWS ");
            out.push_sql(itoa::Buffer::new().format(rows));
        }
        Ok(())
    }
}

impl<T> QueryId for AnalyzeCompression<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T> Query for AnalyzeCompression<T> {
    type SqlType = (Text, Text, Text, Text);
}

impl<T> RunQueryDsl<RedshiftConnection> for AnalyzeCompression<T> {}
