//! The text of an UNLOAD.

use diesel::expression::QueryMetadata;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::execute::UnloadPlan;
use super::format::FormatRules;
use super::options::Partitions;
use super::{UnloadFormat, UnloadLocation, UnloadOutcome, UnloadStatement};
use crate::aws::Authorization;
use crate::backend::{Redshift, RedshiftTypeMetadata};
use crate::connection::RedshiftConnection;
use crate::error::{Error, InvalidValue};
use crate::query_builder::inline::inline;
use crate::sql::{ColumnName, OuterSelect, Secrets, StatementText};
use crate::types::oid;

/// A complete UNLOAD, for functions and collections: `&impl CompleteUnload`, `Box<dyn
/// CompleteUnload>`.
///
/// ```no_run
/// use diesel_redshift::unload::{CompleteUnload, Parquet};
/// use diesel_redshift::{Error, RedshiftConnection, unload};
///
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// fn run(save: &impl CompleteUnload, conn: &mut RedshiftConnection) -> Result<(), Error> {
///     println!("{}", save.to_sql()?);
///     println!("{} rows", save.execute(conn)?.rows);
///     Ok(())
/// }
///
/// # fn all(conn: &mut RedshiftConnection) -> Result<(), Error> {
/// let save = unload(users::table).to("s3://bucket/users_").iam_role("default");
/// run(&save.format(Parquet::new()), conn)?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a complete UNLOAD",
    note = "it needs `.to(…)`, an authorization such as `.iam_role(…)`, and a query that Diesel can print for Redshift"
)]
pub trait CompleteUnload: sealed::PlanUnload {
    /// As [`UnloadStatement::to_sql`].
    ///
    /// # Errors
    ///
    /// As there.
    fn to_sql(&self) -> Result<String, Error>;

    /// As [`UnloadStatement::to_sql_with_secrets`].
    ///
    /// # Errors
    ///
    /// As there.
    fn to_sql_with_secrets(&self) -> Result<String, Error>;

    /// As [`UnloadStatement::execute`].
    ///
    /// # Errors
    ///
    /// As there.
    fn execute(&self, conn: &mut RedshiftConnection) -> Result<UnloadOutcome, Error>;
}

impl<Q, L, A, F> CompleteUnload for UnloadStatement<Q, L, A, F>
where
    Self: sealed::PlanUnload,
{
    fn to_sql(&self) -> Result<String, Error> {
        sealed::PlanUnload::text(self, Secrets::Hidden)
    }

    fn to_sql_with_secrets(&self) -> Result<String, Error> {
        sealed::PlanUnload::text(self, Secrets::Written)
    }

    fn execute(&self, conn: &mut RedshiftConnection) -> Result<UnloadOutcome, Error> {
        sealed::PlanUnload::plan(self)?.execute(conn)
    }
}

/// # Printing
impl<Q, L, A, F> UnloadStatement<Q, L, A, F> {
    /// The statement's SQL with `***` in place of secrets.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if Redshift does not accept the value of an option; [`Error::Database`]
    /// if Diesel cannot print the query.
    pub fn to_sql(&self) -> Result<String, Error>
    where
        Self: CompleteUnload,
    {
        CompleteUnload::to_sql(self)
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
        Self: CompleteUnload,
    {
        CompleteUnload::to_sql_with_secrets(self)
    }
}

/// A query whose result UNLOAD can write: any that Diesel can print for Redshift.
pub trait UnloadQuery: Query + QueryFragment<Redshift> {
    crate::seal::sealed!(required);

    /// The types of its columns, as far as Diesel knows them.
    #[doc(hidden)]
    fn column_types() -> Vec<Option<RedshiftTypeMetadata>>;
}

impl<Q> UnloadQuery for Q
where
    Q: Query + QueryFragment<Redshift>,
    Redshift: QueryMetadata<Q::SqlType>,
{
    crate::seal::sealed!();

    fn column_types() -> Vec<Option<RedshiftTypeMetadata>> {
        let mut columns = Vec::new();
        <Redshift as QueryMetadata<Q::SqlType>>::row_metadata(&mut (), &mut columns);
        columns
    }
}

pub(crate) mod sealed {
    use super::*;

    pub trait PlanUnload {
        #[doc(hidden)]
        fn text(&self, secrets: Secrets) -> Result<String, Error>;

        /// What is needed to send it.
        #[doc(hidden)]
        fn plan(&self) -> Result<UnloadPlan, Error>;
    }
}

impl<Q, L, A, F> sealed::PlanUnload for UnloadStatement<Q, L, A, F>
where
    Q: UnloadQuery,
    L: UnloadLocation,
    A: Authorization,
    F: UnloadFormat,
{
    fn text(&self, secrets: Secrets) -> Result<String, Error> {
        self.check_texts()?;
        let rules = self.format.rules();
        self.options.check(rules, &self.authorization)?;
        check_types(&Q::column_types(), rules)?;
        let query = OuterSelect::read(&inline(&self.query)?)?;
        let options = &self.options;
        if let Some(columns) = &query.columns {
            let partitions = options.partitions.as_ref();
            check_columns(columns, rules.names_are_keys(), partitions)?;
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
        options.push_encryption(&mut text)?;
        self.format.push_format(&mut text)?;
        options.push_layout(&mut text)?;
        self.format.push_format_options(&mut text)?;
        options.push(&mut text)?;
        Ok(text.finish())
    }

    fn plan(&self) -> Result<UnloadPlan, Error> {
        Ok(UnloadPlan {
            sql: self.text(Secrets::Written)?.into(),
            shown: self.text(Secrets::Hidden)?,
            location: self.location.as_str().to_owned(),
        })
    }
}

impl<Q, L, A, F> QueryFragment<Redshift> for UnloadStatement<Q, L, A, F>
where
    Self: CompleteUnload,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(&CompleteUnload::to_sql(self)?);
        Ok(())
    }
}

impl<Q, L, A, F> QueryId for UnloadStatement<Q, L, A, F> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

/// Refuses types that the format cannot hold, as far as Diesel knows those of the query.
fn check_types(
    columns: &[Option<RedshiftTypeMetadata>],
    format: &FormatRules,
) -> Result<(), InvalidValue> {
    let text_only = columns
        .iter()
        .flatten()
        .map(|column| column.oid())
        .find(|column| TEXT_ONLY.contains(column));
    match text_only {
        Some(column) if !format.holds_text_only_types() => Err(InvalidValue::new(
            format.name,
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
