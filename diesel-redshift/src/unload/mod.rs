//! `UNLOAD`: writes the result of a query to files.
//!
//! [`unload`](unload()) starts the statement. Each format is a type with the options that are valid
//! for it:
//!
//! | SQL | method | formats |
//! |-----|--------|---------|
//! | `FORMAT AS CSV` | [`Csv::new`] | |
//! | `FORMAT AS JSON` | [`Json::new`] | |
//! | `FORMAT AS PARQUET` | [`Parquet::new`] | |
//! | `ROWGROUPSIZE` | [`Parquet::row_group_size`] | Parquet |
//! | `FIXEDWIDTH` | [`FixedWidth::new`], [`FixedWidth::of`] | |
//! | `DELIMITER` | [`Delimited::delimiter`], [`Csv::delimiter`] | delimited, CSV |
//! | `ADDQUOTES` | [`Delimited::add_quotes`] | delimited |
//! | `ESCAPE` | [`Delimited::escape`] | delimited |
//! | `NULL AS` | [`Csv::null_as`] | delimited, CSV, fixed width |
//!
//! The options of the files are methods of the statement:
//!
//! | SQL | method | formats |
//! |-----|--------|---------|
//! | `TO` | [`UnloadStatement::to`] | all |
//! | `IAM_ROLE` | [`UnloadStatement::iam_role`] | all |
//! | `ACCESS_KEY_ID` | [`UnloadStatement::access_key`] | all |
//! | `SECRET_ACCESS_KEY` | [`UnloadStatement::access_key`] | all |
//! | `KMS_KEY_ID` | [`UnloadStatement::kms_key_id`] | all; not with a credentials string |
//! | `ENCRYPTED` | [`UnloadStatement::kms_key_id`] | all |
//! | `ENCRYPTED AUTO` | [`UnloadStatement::encrypted_auto`] | all |
//! | `PARTITION BY` | [`UnloadStatement::partition_by`] | all |
//! | `INCLUDE` | [`UnloadStatement::partition_by_include`] | all |
//! | `MANIFEST` | [`UnloadStatement::manifest`] | all |
//! | `VERBOSE` | [`UnloadStatement::manifest_verbose`] | all |
//! | `REGION` | [`UnloadStatement::region`] | all |
//! | `HEADER` | [`UnloadStatement::header`] | delimited, CSV |
//! | `GZIP` | [`UnloadStatement::gzip`] | all but Parquet |
//! | `BZIP2` | [`UnloadStatement::bzip2`] | all but Parquet |
//! | `ZSTD` | [`UnloadStatement::zstd`] | all but Parquet |
//! | `EXTENSION` | [`UnloadStatement::extension`] | all |
//! | `ALLOWOVERWRITE` | [`UnloadStatement::allow_overwrite`] | all |
//! | `CLEANPATH` | [`UnloadStatement::clean_path`] | all |
//! | `PARALLEL` | [`UnloadStatement::parallel_on`], [`UnloadStatement::parallel_off`] | all |
//! | `MAXFILESIZE` | [`UnloadStatement::max_file_size`] | all |
//! | others | [`UnloadStatement::unchecked_option`] | |
//!
//! `MASTER_SYMMETRIC_KEY` is not offered: client-side encryption ended on 2026-04-30.

mod derive;
mod execute;
mod format;
mod history;
mod location;
mod options;
mod outcome;
mod query_dsl;
mod statement;
mod text;

use diesel::query_builder::AsQuery;

pub use self::derive::RedshiftUnload;
pub use self::format::{
    BoxedFormat, CompressedFormat, Csv, DefaultFormat, Delimited, FixedWidth, FixedWidthColumns,
    HeaderFormat, Json, Parquet, UnloadFormat,
};
pub use self::history::UnloadHistory;
pub use self::location::{NoLocation, UnloadLocation};
use self::options::UnloadOptions;
pub use self::options::{AllowsKmsKey, FileSize, PartitionColumns, PartitionType};
pub use self::outcome::UnloadOutcome;
pub use self::statement::{BoxedUnloadStatement, UnloadStatement};
pub use self::text::{CompleteUnload, UnloadQuery};
#[cfg(feature = "serde_json")]
pub use crate::files::{UnloadManifest, UnloadedColumn, UnloadedFile};
pub use crate::sql::Slot;

/// Writes the result of a query to files in S3: `UNLOAD ('SELECT …') TO 's3://…'`.
///
/// The query is any that Diesel can build for Redshift: tables, joins, unions, boxed queries,
/// [`sql_query`](diesel::sql_query). UNLOAD takes no parameters, so its binds are written as
/// literals. A `LIMIT` or `OFFSET`, which UNLOAD refuses in the outermost SELECT, is moved into a
/// subquery.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::unload::Csv;
/// use diesel_redshift::{unload, IamRole, S3Uri};
///
/// diesel::table! {
///     users {
///         id -> BigInt,
///         name -> Text,
///     }
/// }
///
/// let save = unload(users::table.filter(users::name.eq("O'Brien")))
///     .to(S3Uri::parse("s3://bucket/users_")?)
///     .iam_role(IamRole::Default)
///     .format(Csv::new())
///     .header();
/// assert_eq!(
///     save.to_sql()?,
///     r#"UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."name" = ''O''''Brien'')') "#
///         .to_owned()
///         + "TO 's3://bucket/users_' IAM_ROLE default FORMAT AS CSV HEADER"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
///
/// What Redshift would refuse does not compile: an UNLOAD without a location or an authorization,
/// an option that the format does not have. A value out of range is an
/// [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed, before
/// anything is sent.
pub fn unload<Q>(query: Q) -> UnloadStatement<Q::Query>
where
    Q: AsQuery,
{
    UnloadStatement::of_query(query.as_query())
}
