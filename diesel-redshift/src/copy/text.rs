//! The text of a COPY.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::{QuerySource, Table};

use super::{CopyOptions, CopySource, CopyStatement, LoadsFrom, LoadsWith};
use crate::aws::Authorization;
use crate::backend::Redshift;
use crate::error::{Error, InvalidValue, LoadError, StorageError};
use crate::query_builder::inline::inline;
use crate::sql::{Secrets, StatementText};

/// # Printing
impl<T, S, A, F, O> CopyStatement<T, S, A, F, O> {
    /// The statement's SQL with `***` in place of secrets.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when an option has a value that Redshift does not take.
    pub fn to_sql(&self) -> Result<String, Error>
    where
        Self: CompleteCopy,
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
        Self: CompleteCopy,
    {
        self.text(Secrets::Written)
    }
}

/// A [`CopyStatement`] to which nothing is missing.
pub trait CompleteCopy {
    #[doc(hidden)]
    fn text(&self, secrets: Secrets) -> Result<String, Error>;

    /// What an error of the server means for this statement.
    #[doc(hidden)]
    fn explain(&self, error: diesel::result::Error) -> Error;
}

impl<T, S, A, F, O> CompleteCopy for CopyStatement<T, S, A, F, O>
where
    T: Table,
    <T as QuerySource>::FromClause: QueryFragment<Redshift>,
    S: CopySource,
    A: Authorization,
    F: LoadsFrom<S> + LoadsWith<A>,
    O: CopyOptions,
{
    fn text(&self, secrets: Secrets) -> Result<String, Error> {
        if let Some(format) = F::NEEDS_ROLE
            && self.authorization.is_key()
        {
            return Err(InvalidValue::new(
                format,
                "read with an access key in CREDENTIALS",
                "an IAM role, by `.iam_role(…)` or `Credentials::role(…)`",
            )
            .into());
        }
        let mut text = StatementText::new(secrets);
        text.push("COPY ");
        text.push(&inline(&self.table.from_clause())?);
        self.push_columns(&mut text)?;
        text.push(" FROM ");
        text.literal("FROM", &self.source.location())?;
        self.authorization.push_authorization(&mut text)?;
        self.format.check_columns(self.columns.len())?;
        self.format.push_format(&mut text)?;
        self.source.push_source_options(&mut text)?;
        let options = self.options.load_options();
        if let Some(options) = options {
            options.push_region(&mut text)?;
        }
        self.format.push_format_options(&mut text)?;
        if let Some(options) = options {
            options.push(&mut text)?;
        }
        Ok(text.finish())
    }

    fn explain(&self, error: diesel::result::Error) -> Error {
        LoadError::read(self.source.prefix(), error)
            .map(|error| Error::Load(Box::new(error)))
            .or_else(|error| {
                StorageError::read(&self.source.location(), error)
                    .map(|error| Error::Storage(Box::new(error)))
            })
            .unwrap_or_else(Error::from)
    }
}

impl<T, S, A, F, O> CopyStatement<T, S, A, F, O> {
    fn push_columns(&self, text: &mut StatementText) -> Result<(), Error> {
        for (at, column) in self.columns.iter().enumerate() {
            if self.columns[..at].contains(column) {
                return Err(InvalidValue::new(
                    "column list",
                    format!("one with {column:?} twice"),
                    "each column once",
                )
                .into());
            }
            text.push(if at == 0 { " (" } else { ", " });
            text.identifier(column)
                .map_err(|error| error.of_text("column list", column))?;
        }
        text.push(")");
        Ok(())
    }
}

impl<T, S, A, F, O> QueryFragment<Redshift> for CopyStatement<T, S, A, F, O>
where
    Self: CompleteCopy,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&self.text(Secrets::Hidden)?);
        Ok(())
    }
}

impl<T, S, A, F, O> QueryId for CopyStatement<T, S, A, F, O> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
