//! What `#[derive(RedshiftCopy)]` implements.

use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::query_builder::QueryFragment;
use diesel::sql_types::SqlType;
use diesel::{QuerySource, Table};

use super::column_list::ColumnList;
use super::{CopyStatement, JsonPath, JsonPaths};
use crate::backend::Redshift;
use crate::error::InvalidValue;

/// A Rust type whose values a column of the SQL type `ST` can hold, as
/// [`Insertable`](diesel::Insertable) asks for.
#[diagnostic::on_unimplemented(
    message = "a column of the SQL type `{ST}` has no values of the Rust type `{Self}`",
    label = "another type than the column's",
    note = "the fields of a struct that derives `RedshiftCopy` are of their columns' types, as for `Insertable`: `i64` for `BigInt`, `i32` for `Integer`"
)]
pub trait FieldOf<ST> {
    crate::seal::sealed!(required);
}

#[diagnostic::do_not_recommend]
impl<T, ST> FieldOf<ST> for T
where
    T: AsExpression<ST>,
    ST: SqlType + TypedExpressionType,
{
    crate::seal::sealed!();
}

/// A struct whose fields are columns that COPY fills.
///
/// Derive it alongside Diesel's own derives. It reads their attributes: `#[diesel(table_name = …)]`
/// (default: the struct's name in snake case with an `s`), `#[diesel(column_name = …)]`,
/// `#[diesel(embed)]` for a struct that derives it too, and `#[diesel(skip_insertion)]` for columns
/// that Redshift fills itself.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{RedshiftCopy, IamRole, S3Uri, copy::Csv};
///
/// diesel::table! {
///     users {
///         id -> BigInt,
///         name -> Text,
///         note -> Nullable<Text>,
///     }
/// }
///
/// #[derive(Queryable, Selectable, Insertable, RedshiftCopy)]
/// #[diesel(table_name = users)]
/// struct User {
///     id: i64,
///     name: String,
/// }
///
/// let load = User::copy()
///     .from(S3Uri::parse("s3://bucket-name/file-name.csv")?)
///     .iam_role("arn:aws:iam::012345678901:role/MyRedshiftRole")
///     .format(Csv::new().ignore_header(1));
/// assert_eq!(
///     load.to_sql()?,
///     "COPY \"users\" (\"id\", \"name\") FROM 's3://bucket-name/file-name.csv' \
///      IAM_ROLE 'arn:aws:iam::012345678901:role/MyRedshiftRole' FORMAT AS CSV IGNOREHEADER 1"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
///
/// A field is of the type of its column, as Diesel's `Insertable` asks for: `i32` for a `BigInt`
/// does not compile.
///
/// A struct has up to 128 columns, as far as Diesel's features `64-column-tables` and
/// `128-column-tables` go; with the latter, `table!` itself needs `#![recursion_limit = "256"]`.
///
/// `#[redshift(…)]` sets defaults, which the statement's own methods replace:
///
/// - `location = "s3://…"` and `iam_role = "default"` (or an ARN, or a chain), both checked by the
///   compiler;
/// - `format = csv`, also `delimited`, `json`, `avro`, `parquet`, `orc`; its options are written as
///   calls: `format = csv(ignore_header = 1, delimiter = ';')`;
/// - `copy(…)` and `unload(…)` with these, for one of the two statements;
/// - `crate = redshift`: the path of this crate, if Cargo.toml renames it or another crate
///   re-exports it.
///
/// On fields, it describes how a column appears in the files, also in `copy(…)` and `unload(…)`:
///
/// - `skip`: leaves the field out;
/// - `order = 2`: the position of the column, if all fields have one; otherwise the order is that
///   of the fields;
/// - `width = 8`: its width in characters, if all fields have one; `format = fixed_width` and
///   [`FixedWidth::of`](super::FixedWidth::of) use them;
/// - `json_path = "$.user.id"`: where its value is in a document, for
///   [`json_paths`](RedshiftCopy::json_paths).
///
/// ```
/// # use diesel::prelude::*;
/// # use diesel_redshift::{RedshiftCopy, RedshiftUnload, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// #[derive(RedshiftCopy, RedshiftUnload)]
/// #[diesel(table_name = users)]
/// #[redshift(iam_role = "default", location = "s3://bucket/users/", format = csv)]
/// #[redshift(copy(format = csv(ignore_header = 1)))]
/// struct User {
///     id: i64,
///     name: String,
/// }
///
/// assert_eq!(
///     User::copy().to_sql()?,
///     r#"COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE default FORMAT AS CSV IGNOREHEADER 1"#
/// );
/// assert_eq!(
///     User::unload().filter(users::id.gt(100)).header().to_sql()?,
///     r#"UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id" > 100::bigint)') "#.to_owned()
///         + "TO 's3://bucket/users/' IAM_ROLE default FORMAT AS CSV HEADER"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `RedshiftCopy`",
    note = "add `#[derive(diesel_redshift::RedshiftCopy)]` to it"
)]
pub trait RedshiftCopy {
    /// The table that is filled.
    type Table: Table + QuerySource<FromClause: QueryFragment<Redshift>>;

    /// The columns, as a tuple that Diesel can select; those of an embedded struct are a nested
    /// tuple.
    type Columns;

    /// The COPY as [`copy`](RedshiftCopy::copy) starts it, with what `#[redshift(…)]` sets.
    type Statement;

    /// The columns, in the order of the fields.
    fn columns() -> Self::Columns;

    /// Starts a COPY into the columns of the struct, in the order of its fields.
    fn copy() -> Self::Statement;

    /// Starts the same COPY without what `#[redshift(…)]` sets, for code that is generic over the
    /// struct: its type is the same for all.
    ///
    /// ```no_run
    /// use diesel_redshift::copy::Csv;
    /// use diesel_redshift::{Error, RedshiftConnection, RedshiftCopy};
    ///
    /// fn load<T: RedshiftCopy>(at: &str, conn: &mut RedshiftConnection) -> Result<u64, Error> {
    ///     let outcome = T::copy_columns()
    ///         .from(at)
    ///         .iam_role("default")
    ///         .format(Csv::new())
    ///         .execute(conn)?;
    ///     Ok(outcome.rows)
    /// }
    /// ```
    fn copy_columns() -> CopyStatement<Self::Table> {
        let mut columns: ColumnList = Self::column_names().into_iter().collect();
        Self::push_max_lengths(&mut columns.max_lengths);
        CopyStatement::with_columns(Self::table(), columns)
    }

    /// The names of the columns, including those of embedded structs.
    fn column_names() -> Vec<&'static str> {
        let mut names = Vec::new();
        Self::push_column_names(&mut names);
        names
    }

    /// The JSONPaths file of the struct: for each column the path that `#[redshift(json_path = …)]`
    /// sets, else the member with the column's name.
    ///
    /// ```
    /// # use diesel_redshift::RedshiftCopy;
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// #[derive(RedshiftCopy)]
    /// #[diesel(table_name = users)]
    /// struct User {
    ///     id: i64,
    ///     #[redshift(json_path = "$.names[0].full")]
    ///     name: String,
    /// }
    ///
    /// assert_eq!(
    ///     User::json_paths()?.to_json(),
    ///     r#"{"jsonpaths":["$['id']","$['names'][0]['full']"]}"#
    /// );
    /// # Ok::<(), diesel_redshift::error::InvalidValue>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if the name of a column contains a quote, for which there is no path.
    fn json_paths() -> Result<JsonPaths, InvalidValue> {
        let mut paths = Vec::new();
        Self::push_json_paths(&mut paths)?;
        Ok(JsonPaths::new(paths))
    }

    #[doc(hidden)]
    fn table() -> Self::Table;

    #[doc(hidden)]
    fn push_column_names(names: &mut Vec<&'static str>);

    #[doc(hidden)]
    fn push_max_lengths(_lengths: &mut Vec<(&'static str, usize)>) {}

    #[doc(hidden)]
    fn push_json_paths(paths: &mut Vec<JsonPath>) -> Result<(), InvalidValue>;
}
