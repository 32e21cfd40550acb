//! What `#[derive(RedshiftUnload)]` implements.

use diesel::Table;

use super::{UnloadQuery, UnloadStatement};

/// A struct whose fields are columns that UNLOAD writes.
///
/// Derive it alongside Diesel's own derives. It reads the same attributes as
/// [`RedshiftCopy`](trait@crate::RedshiftCopy); fields with `#[diesel(skip_insertion)]` are written
/// too.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{RedshiftUnload, IamRole, S3Uri, unload::Csv};
///
/// diesel::table! {
///     users {
///         id -> BigInt,
///         name -> Text,
///         note -> Nullable<Text>,
///     }
/// }
///
/// #[derive(Queryable, Selectable, RedshiftUnload)]
/// #[diesel(table_name = users)]
/// struct User {
///     id: i64,
///     name: String,
/// }
///
/// let save = User::unload()
///     .filter(users::note.is_null())
///     .to(S3Uri::parse("s3://bucket/users_")?)
///     .iam_role(IamRole::Default)
///     .format(Csv::new());
/// assert_eq!(
///     save.to_sql()?,
///     r#"UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."note" IS NULL)') "#.to_owned()
///         + "TO 's3://bucket/users_' IAM_ROLE default FORMAT AS CSV"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `RedshiftUnload`",
    note = "add `#[derive(diesel_redshift::RedshiftUnload)]` to it"
)]
pub trait RedshiftUnload {
    /// The table that is read.
    type Table: Table;

    /// The columns, as a tuple that Diesel can select; those of an embedded struct are a nested
    /// tuple.
    type Selection;

    /// The query that selects them.
    type Query: UnloadQuery;

    /// The UNLOAD as [`unload`](RedshiftUnload::unload) starts it, with what `#[redshift(…)]` sets.
    type Statement;

    /// The columns, in the order of the fields.
    fn selection() -> Self::Selection;

    /// The query that selects them.
    fn query() -> Self::Query;

    /// Starts the same UNLOAD without what `#[redshift(…)]` sets, for code that is generic over the
    /// struct: its type is the same for all.
    ///
    /// ```no_run
    /// use diesel_redshift::unload::Parquet;
    /// use diesel_redshift::{Error, RedshiftConnection, RedshiftUnload};
    ///
    /// fn save<T: RedshiftUnload>(to: &str, conn: &mut RedshiftConnection) -> Result<Option<i64>, Error> {
    ///     let outcome = T::unload_columns()
    ///         .to(to)
    ///         .iam_role("default")
    ///         .format(Parquet::new())
    ///         .execute(conn)?;
    ///     Ok(outcome.query_id)
    /// }
    /// ```
    fn unload_columns() -> UnloadStatement<Self::Query> {
        UnloadStatement::of_query(Self::query())
    }

    /// Starts an UNLOAD of the columns of the struct, in the order of its fields.
    ///
    /// The methods of [`QueryDsl`](diesel::QueryDsl), such as `.filter(…)`, narrow its query.
    fn unload() -> Self::Statement;
}
