//! `COPY`: loads files into a table.
//!
//! [`copy`](copy()) starts the statement. Each format is a type with the options that are valid for
//! it:
//!
//! | SQL | method | formats |
//! |-----|--------|---------|
//! | `FORMAT AS CSV` | [`Csv::new`] | |
//! | `QUOTE` | [`Csv::quote`] | CSV |
//! | `DELIMITER` | [`Delimited::delimiter`], [`Csv::delimiter`] | delimited, CSV |
//! | `ESCAPE` | [`Delimited::escape`] | delimited |
//! | `REMOVEQUOTES` | [`Delimited::remove_quotes`] | delimited |
//! | `FIXEDWIDTH` | [`FixedWidth::new`], [`FixedWidth::of`] | |
//! | `FORMAT AS JSON` | [`Json::auto`], [`Json::auto_ignore_case`], [`Json::paths`], [`Json::no_shred`] | |
//! | `FORMAT AS AVRO` | [`Avro::auto`], [`Avro::auto_ignore_case`], [`Avro::paths`] | |
//! | `FORMAT AS PARQUET` | [`Parquet::new`] | |
//! | `FORMAT AS ORC` | [`Orc::new`] | |
//! | `SERIALIZETOJSON` | [`Parquet::serialize_to_json`], [`Orc::serialize_to_json`] | Parquet, ORC |
//! | `FORMAT AS SHAPEFILE` | [`Shapefile::new`] | |
//! | `SIMPLIFY` | [`Shapefile::simplify`] | shapefile |
//! | `SIMPLIFY AUTO` | [`Shapefile::simplify_auto`], [`Shapefile::simplify_auto_up_to`] | shapefile |
//! | `NULL AS` | [`Csv::null_as`] | delimited, CSV, fixed width |
//! | `ENCODING AS` | [`Csv::encoding`] | delimited, CSV |
//! | `IGNOREHEADER` | [`Csv::ignore_header`] | delimited, CSV, fixed width, JSON |
//! | `IGNOREBLANKLINES` | [`Csv::ignore_blank_lines`] | delimited, CSV, fixed width |
//! | `FILLRECORD` | [`Csv::fill_record`] | delimited, CSV, fixed width, Parquet, ORC |
//! | `ACCEPTANYDATE` | [`Csv::accept_any_date`] | all but Parquet, ORC, shapefile |
//! | `ACCEPTINVCHARS` | [`Csv::accept_inv_chars`] | all but shapefile, DynamoDB |
//! | `BLANKSASNULL` | [`Csv::blanks_as_null`] | all but Parquet, ORC |
//! | `EMPTYASNULL` | [`Csv::empty_as_null`] | all but Parquet, ORC |
//! | `DATEFORMAT` | [`Csv::date_format`] | all but Parquet, ORC |
//! | `TIMEFORMAT` | [`Csv::time_format`] | all but Parquet, ORC |
//! | `ROUNDEC` | [`Csv::round_dec`] | all but Parquet, ORC |
//! | `TRIMBLANKS` | [`Csv::trim_blanks`] | all but Parquet, ORC |
//! | `TRUNCATECOLUMNS` | [`Csv::truncate_columns`] | all but Parquet, ORC |
//!
//! The options of the load are methods of the statement:
//!
//! | SQL | method | formats |
//! |-----|--------|---------|
//! | `FROM` | [`CopyStatement::from`] with an [`S3Uri`](crate::S3Uri), [`S3Manifest`], [`DynamoDb`], [`EmrPath`], [`SshManifest`] | Parquet, ORC, shapefile: S3 |
//! | `IAM_ROLE` | [`CopyStatement::iam_role`] | all |
//! | `ACCESS_KEY_ID` | [`CopyStatement::access_key`] | all but Parquet, ORC |
//! | `SECRET_ACCESS_KEY` | [`CopyStatement::access_key`] | all but Parquet, ORC |
//! | `SESSION_TOKEN` | [`AccessKey::session_token`](crate::aws::AccessKey::session_token) | all but Parquet, ORC |
//! | `CREDENTIALS` | [`CopyStatement::credentials`] | all |
//! | `MANIFEST` | [`CopyStatement::manifest`], [`S3Manifest::at`] | all but shapefile; S3 |
//! | `SSH` | [`SshManifest::at`] | all but Parquet, ORC, shapefile |
//! | `READRATIO` | [`DynamoDb::table`] | DynamoDB |
//! | `REGION` | [`CopyStatement::region`] | all but Parquet, ORC; not EMR |
//! | `GZIP` | [`CopyStatement::gzip`] | delimited, CSV, fixed width, JSON, shapefile |
//! | `BZIP2` | [`CopyStatement::bzip2`] | delimited, CSV, fixed width, JSON |
//! | `LZOP` | [`CopyStatement::lzop`] | delimited, CSV, fixed width, JSON |
//! | `ZSTD` | [`CopyStatement::zstd`] | delimited, CSV, fixed width, JSON; S3 |
//! | `EXPLICIT_IDS` | [`CopyStatement::explicit_ids`] | all |
//! | `MAXERROR` | [`CopyStatement::max_error`] | all but Parquet, ORC |
//! | `IGNOREALLERRORS` | [`CopyStatement::ignore_all_errors`] | all but Parquet, ORC |
//! | `NOLOAD` | [`CopyStatement::no_load`] | all but Parquet, ORC |
//! | `COMPROWS` | [`CopyStatement::comp_rows`] | all but Parquet, ORC |
//! | `COMPUPDATE` | [`CopyStatement::comp_update`] | all but Parquet, ORC |
//! | `STATUPDATE` | [`CopyStatement::stat_update`] | all |
//! | `JOB CREATE` | [`CopyStatement::create_job`] | all; S3, without a manifest |
//! | others | [`CopyStatement::unchecked_option`] | |
//!
//! `ENCRYPTED` and `MASTER_SYMMETRIC_KEY` are not offered: client-side encryption ended on
//! 2026-04-30, and what S3 encrypted itself needs no option.

mod column_list;
mod derive;
mod execute;
mod format;
mod history;
mod job;
mod load_options;
#[cfg(feature = "stage")]
mod of_rows;
mod outcome;
mod source;
mod statement;
mod text;
mod watch;

use std::borrow::Cow;

use diesel::query_builder::QueryFragment;
use diesel::{QuerySource, Table};

use crate::Redshift;
use crate::error::InvalidValue;

#[doc(hidden)]
pub use self::column_list::{Limited, MaxLength, Unlimited};
pub use self::derive::{FieldOf, RedshiftCopy};
pub use self::format::{
    Avro, BoxedFormat, CompressedFormat, CopyFormat, Csv, DateFormat, DefaultFormat, Delimited,
    DynamoDbItems, Encoding, FixedWidth, FixedWidthColumns, GzipFormat, Json, LoadsFrom, LoadsWith,
    Orc, Parquet, RowFormat, Shapefile, TimeFormat,
};
pub use self::history::{LoadHistory, LoadStatus};
pub use self::job::{CopyJob, CreateJob, JobCommand, JobName, copy_job, list_copy_jobs};
use self::load_options::LoadOptions;
pub use self::load_options::{CompUpdate, StatUpdate};
pub use self::outcome::CopyOutcome;
pub use self::source::{
    BoxedSource, CopySource, DynamoDb, EmrPath, FileSource, IntoCopySource, NoSource,
    RegionalSource, S3Manifest, S3Source, SshManifest,
};
pub use self::statement::{BoxedCopyStatement, CopyStatement};
pub use self::text::CompleteCopy;
#[cfg(feature = "stage")]
pub(crate) use self::text::sealed::PlanCopy;
pub use self::watch::WatchedCopy;
pub use crate::files::{JsonPath, JsonPaths, LoadManifest, ManifestEntry};
pub use crate::query_builder::{ColumnOf, ColumnsOf};
pub use crate::sql::Slot;

/// Loads files into a table: `COPY "users" ("id", "name") FROM …`.
///
/// The statement is built step by step: the table, its columns (all of them unless
/// [`columns`](CopyStatement::columns) names some), where the data is, how it is authorized, its
/// format, and then the options of the load.
///
/// ```
/// use diesel_redshift::copy::Csv;
/// use diesel_redshift::{copy, S3Uri};
///
/// diesel::table! {
///     users {
///         id -> BigInt,
///         name -> Text,
///     }
/// }
///
/// let load = copy(users::table)
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
/// What Redshift would refuse does not compile: a COPY without a source or an authorization, an
/// option that the format does not have, a column of another table. A value out of range is an
/// [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed, before
/// anything is sent.
pub fn copy<T>(table: T) -> CopyStatement<T>
where
    T: Table,
    T::AllColumns: ColumnsOf<T>,
{
    let names = T::AllColumns::NAMES.iter().copied();
    CopyStatement::with_columns(table, names.collect())
}

/// Loads rows into a table that is only known at run time: `COPY table ("a", "b") FROM …`.
///
/// The table is anything that Diesel can write as one. Its columns are names, which are quoted;
/// they are not checked, so the server refuses one that the table does not have.
///
/// ```
/// use diesel_redshift::copy::{Csv, copy_into};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
///
/// let header = "id,name";
/// let load = copy_into(users::table, header.split(',').map(String::from))
///     .from("s3://bucket/users.csv")
///     .iam_role("default")
///     .format(Csv::new().ignore_header(1));
/// assert_eq!(
///     load.to_sql()?,
///     "COPY \"users\" (\"id\", \"name\") FROM 's3://bucket/users.csv' IAM_ROLE default FORMAT AS CSV IGNOREHEADER 1"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
///
/// No column, or one that is named twice, is an [`Error::Invalid`](crate::Error::Invalid) when the
/// statement is printed or executed.
pub fn copy_into<T, C>(table: T, columns: impl IntoIterator<Item = C>) -> CopyStatement<T>
where
    T: QuerySource<FromClause: QueryFragment<Redshift>>,
    C: Into<Cow<'static, str>>,
{
    let mut statement = CopyStatement::with_columns(table, columns.into_iter().collect());
    if statement.columns.names.is_empty() {
        statement.invalid = Some(InvalidValue::new(
            "column list",
            "no column",
            "one column or more",
        ));
    }
    statement
}
