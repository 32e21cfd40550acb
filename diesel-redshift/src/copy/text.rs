//! The text of a COPY.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::{QuerySource, Table};

use super::execute::CopyPlan;
use super::{CopyOutcome, CopySource, CopyStatement, LoadsFrom, LoadsWith};
use crate::aws::Authorization;
use crate::backend::Redshift;
use crate::connection::RedshiftConnection;
use crate::error::{Error, InvalidValue};
use crate::query_builder::inline::inline;
use crate::sql::{Secrets, StatementText};

/// A complete COPY, for functions and collections: `&impl CompleteCopy`, `Box<dyn CompleteCopy>`.
///
/// ```no_run
/// use diesel_redshift::copy::{CompleteCopy, Csv, Parquet};
/// use diesel_redshift::{Error, RedshiftConnection, copy};
///
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// fn run_all(loads: &[Box<dyn CompleteCopy>], conn: &mut RedshiftConnection) -> Result<u64, Error> {
///     let mut rows = 0;
///     for load in loads {
///         println!("{}", load.to_sql()?);
///         rows += load.execute(conn)?.rows;
///     }
///     Ok(rows)
/// }
///
/// # fn run(conn: &mut RedshiftConnection) -> Result<(), Error> {
/// let users = copy(users::table).iam_role("default");
/// let loads: Vec<Box<dyn CompleteCopy>> = vec![
///     Box::new(users.clone().from("s3://bucket/users/").format(Csv::new()).gzip()),
///     Box::new(users.from("s3://bucket/archive/").format(Parquet::new())),
/// ];
/// run_all(&loads, conn)?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a complete COPY",
    note = "it needs `.from(…)`, an authorization such as `.iam_role(…)`, and a format that goes with both"
)]
pub trait CompleteCopy: sealed::PlanCopy {
    /// As [`CopyStatement::to_sql`].
    ///
    /// # Errors
    ///
    /// As there.
    fn to_sql(&self) -> Result<String, Error>;

    /// As [`CopyStatement::to_sql_with_secrets`].
    ///
    /// # Errors
    ///
    /// As there.
    fn to_sql_with_secrets(&self) -> Result<String, Error>;

    /// As [`CopyStatement::execute`].
    ///
    /// # Errors
    ///
    /// As there.
    fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error>;
}

impl<T, S, A, F> CompleteCopy for CopyStatement<T, S, A, F>
where
    Self: sealed::PlanCopy,
{
    fn to_sql(&self) -> Result<String, Error> {
        sealed::PlanCopy::text(self, Secrets::Hidden)
    }

    fn to_sql_with_secrets(&self) -> Result<String, Error> {
        sealed::PlanCopy::text(self, Secrets::Written)
    }

    fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error> {
        sealed::PlanCopy::plan(self)?.execute(conn)
    }
}

/// # Printing
impl<T, S, A, F> CopyStatement<T, S, A, F> {
    /// The statement's SQL with `***` in place of secrets.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if Redshift does not accept the value of an option.
    pub fn to_sql(&self) -> Result<String, Error>
    where
        Self: CompleteCopy,
    {
        CompleteCopy::to_sql(self)
    }

    /// The statement's SQL as it is sent, with its secrets, for applications that send it
    /// themselves.
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
        CompleteCopy::to_sql_with_secrets(self)
    }
}

pub(crate) mod sealed {
    use super::*;

    pub trait PlanCopy {
        #[doc(hidden)]
        fn text(&self, secrets: Secrets) -> Result<String, Error>;

        /// What is needed to send it.
        #[doc(hidden)]
        fn plan(&self) -> Result<CopyPlan, Error>;
    }
}

impl<T, S, A, F> sealed::PlanCopy for CopyStatement<T, S, A, F>
where
    T: Table,
    <T as QuerySource>::FromClause: QueryFragment<Redshift>,
    S: CopySource,
    A: Authorization,
    F: LoadsFrom<S> + LoadsWith<A>,
{
    fn text(&self, secrets: Secrets) -> Result<String, Error> {
        if let Some(error) = &self.invalid {
            return Err(error.clone().into());
        }
        let (format, source) = (self.format.rules(), self.source.rules());
        format.check(source, &self.authorization)?;
        self.options.check(format, source)?;
        let mut text = StatementText::new(secrets);
        text.push("COPY ");
        text.push(&inline(&self.table.from_clause())?);
        self.push_columns(&mut text)?;
        text.push(" FROM ");
        text.literal("FROM", &self.source.location())?;
        self.authorization.push_authorization(&mut text)?;
        self.format.check_columns(self.columns.names.len())?;
        self.format.push_format(&mut text)?;
        self.source.push_source_options(&mut text)?;
        self.options.push_region(&mut text)?;
        self.format.push_format_options(&mut text)?;
        self.options.push(&mut text)?;
        Ok(text.finish())
    }

    fn plan(&self) -> Result<CopyPlan, Error> {
        Ok(CopyPlan {
            sql: self.text(Secrets::Written)?.into(),
            shown: self.text(Secrets::Hidden)?,
            location: self.source.location(),
            prefix: self.source.prefix(),
        })
    }
}

impl<T, S, A, F> CopyStatement<T, S, A, F> {
    fn push_columns(&self, text: &mut StatementText) -> Result<(), Error> {
        for (at, column) in self.columns.names.iter().enumerate() {
            if self.columns.names[..at].contains(column) {
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

impl<T, S, A, F> QueryFragment<Redshift> for CopyStatement<T, S, A, F>
where
    Self: CompleteCopy,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&CompleteCopy::to_sql(self)?);
        Ok(())
    }
}

impl<T, S, A, F> QueryId for CopyStatement<T, S, A, F> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
