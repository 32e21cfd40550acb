//! The text of an UNLOAD.

use diesel::expression::QueryMetadata;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::options::Partitions;
use super::{Options, UnloadFormat, UnloadLocation, UnloadStatement};
use crate::aws::Authorization;
use crate::backend::Redshift;
use crate::error::{Error, InvalidValue, StorageError};
use crate::query_builder::inline::inline;
use crate::sql::{ColumnName, OuterSelect, Secrets, StatementText};
use crate::types::oid;

/// # Printing
impl<Q, L, A, F, O> UnloadStatement<Q, L, A, F, O> {
    /// The statement's SQL with `***` in place of secrets.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when an option has a value that Redshift does not take; [`Error::Database`] when Diesel
    /// cannot print the query.
    pub fn to_sql(&self) -> Result<String, Error>
    where
        Self: CompleteUnload,
    {
        self.text(Secrets::Hidden)
    }

    /// The statement's SQL as it is sent, with its secrets, for applications that send it themselves.
    ///
    /// Keep it out of logs.
    ///
    /// # Errors
    ///
    /// As [`to_sql`](Self::to_sql).
    pub fn to_sql_with_secrets(&self) -> Result<String, Error>
    where
        Self: CompleteUnload,
    {
        self.text(Secrets::Written)
    }
}

/// An [`UnloadStatement`] to which nothing is missing.
pub trait CompleteUnload {
    #[doc(hidden)]
    fn text(&self, secrets: Secrets) -> Result<String, Error>;

    /// What an error of the server means for this statement.
    #[doc(hidden)]
    fn explain(&self, error: diesel::result::Error) -> Error;
}

impl<Q, L, A, F, O> CompleteUnload for UnloadStatement<Q, L, A, F, O>
where
    Q: Query + QueryFragment<Redshift>,
    Redshift: QueryMetadata<Q::SqlType>,
    L: UnloadLocation,
    A: Authorization,
    F: UnloadFormat,
    O: Options,
{
    fn text(&self, secrets: Secrets) -> Result<String, Error> {
        check_types::<Q::SqlType, F>()?;
        let query = OuterSelect::read(&inline(&self.query)?)?;
        let options = self.options.options();
        if let Some(columns) = &query.columns {
            let partitions = options.and_then(|options| options.partitions.as_ref());
            check_columns(columns, F::NAMES_ARE_KEYS, partitions)?;
            // The columns of the folders are not in the files.
            let outside = partitions
                .filter(|partitions| !partitions.include)
                .map_or(0, |partitions| partitions.columns.len());
            self.format
                .check_columns(columns.len().saturating_sub(outside))?;
        }
        let mut text = StatementText::new(secrets);
        text.push("UNLOAD (");
        text.literal("UNLOAD query", &query.sql)?;
        text.push(") TO ");
        self.location.push_location(&mut text)?;
        self.authorization.push_authorization(&mut text)?;
        if let Some(options) = options {
            options.push_encryption(&mut text)?;
        }
        self.format.push_format(&mut text)?;
        if let Some(options) = options {
            options.push_layout(&mut text)?;
        }
        self.format.push_format_options(&mut text)?;
        if let Some(options) = options {
            options.push(&mut text)?;
        }
        Ok(text.finish())
    }

    fn explain(&self, error: diesel::result::Error) -> Error {
        match StorageError::read(self.location.as_str(), error) {
            Ok(error) => Error::Storage(Box::new(error)),
            Err(error) => error.into(),
        }
    }
}

impl<Q, L, A, F, O> QueryFragment<Redshift> for UnloadStatement<Q, L, A, F, O>
where
    Self: CompleteUnload,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.text(Secrets::Hidden)?);
        Ok(())
    }
}

impl<Q, L, A, F, O> QueryId for UnloadStatement<Q, L, A, F, O> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Refuses types that the format cannot hold, as far as Diesel knows the query's.
fn check_types<SqlType, F>() -> Result<(), InvalidValue>
where
    F: UnloadFormat,
    Redshift: QueryMetadata<SqlType>,
{
    let mut columns = Vec::new();
    <Redshift as QueryMetadata<SqlType>>::row_metadata(&mut (), &mut columns);
    let text_only = columns
        .into_iter()
        .flatten()
        .map(|column| column.oid())
        .find(|column| TEXT_ONLY.contains(column));
    match (F::NOT_FOR_TEXT_ONLY_TYPES, text_only) {
        (Some(option), Some(column)) => Err(InvalidValue::new(
            option,
            format!(
                "a query with a column of type {}",
                oid::name(column).unwrap_or_default().to_uppercase()
            ),
            "queries without GEOMETRY, GEOGRAPHY, HLLSKETCH and VARBYTE, which go to delimited text and CSV only",
        )),
        _ => Ok(()),
    }
}

const TEXT_ONLY: [u32; 4] = [oid::GEOMETRY, oid::GEOGRAPHY, oid::HLLSKETCH, oid::VARBYTE];

/// Refuses what the names of the columns rule out.
fn check_columns(
    columns: &[ColumnName],
    names_are_keys: bool,
    partitions: Option<&Partitions>,
) -> Result<(), InvalidValue> {
    if names_are_keys {
        for (at, column) in columns.iter().enumerate() {
            if let ColumnName::Known(name) = column
                && columns[..at].contains(column)
            {
                return Err(InvalidValue::new(
                    "FORMAT AS JSON",
                    format!("a query with two columns {name:?}"),
                    "a query whose columns have different names, which become its keys",
                ));
            }
        }
    }
    let Some(partitions) = partitions else {
        return Ok(());
    };
    let may_have = |name: &str| {
        let name = name.to_lowercase();
        columns.iter().any(|column| match column {
            ColumnName::Known(column) => *column == name,
            ColumnName::Expression => !partitions.are_diesel_columns,
            ColumnName::Unknown => true,
        })
    };
    if let Some(missing) = partitions.columns.iter().find(|name| !may_have(name)) {
        return Err(InvalidValue::new(
            "PARTITION BY",
            format!("{missing:?}"),
            "columns that the query selects",
        ));
    }
    if !partitions.include && partitions.columns.len() >= columns.len() {
        return Err(InvalidValue::new(
            "PARTITION BY",
            "all columns of the query",
            "fewer, so that some are left for the files; or use `partition_by_include`",
        ));
    }
    Ok(())
}
