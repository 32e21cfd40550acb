//! `COPY`: loads files into a table.

mod columns;
mod derive;
mod execute;
mod format;
mod job;
mod json_paths;
mod load_options;
mod manifest;
mod outcome;
mod source;
mod statement;
mod text;

use diesel::Table;

pub use self::columns::ColumnsOf;
pub use self::derive::RedshiftCopy;
pub use self::format::{
    Avro, CompressedFormat, CopyFormat, Csv, DateFormat, DefaultFormat, Delimited, DynamoDbItems,
    Encoding, FixedWidth, FixedWidthColumns, GzipFormat, Json, LoadsFrom, LoadsWith, Orc, Parquet,
    RowFormat, Shapefile, TimeFormat,
};
pub use self::job::{CopyJob, CreateJob, JobCommand, JobName, copy_job, list_copy_jobs};
pub use self::json_paths::{JsonPath, JsonPaths};
pub use self::load_options::{CompUpdate, CopyOptions, LoadOptions, NoOptions, NoOptionsYet};
pub use self::manifest::{LoadManifest, ManifestEntry};
pub use self::outcome::CopyOutcome;
pub use self::source::{
    CopySource, DynamoDb, EmrPath, FileSource, NoSource, RegionalSource, S3Manifest, S3Source,
    SshManifest,
};
pub use self::statement::CopyStatement;
pub use self::text::CompleteCopy;

/// Loads files into a table: `COPY "users" ("id", "name") FROM …`.
///
/// The statement is built step by step: the table, its columns (all of them unless
/// [`columns`](CopyStatement::columns) names some), where the data is, with whose rights it is read, its format,
/// and then the options of the load.
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
///     .iam_role("arn:aws:iam::0123456789012:role/MyRedshiftRole".parse()?)
///     .format(Csv::new().ignore_header(1));
/// assert_eq!(
///     load.to_sql()?,
///     "COPY \"users\" (\"id\", \"name\") FROM 's3://bucket-name/file-name.csv' \
///      IAM_ROLE 'arn:aws:iam::0123456789012:role/MyRedshiftRole' FORMAT AS CSV IGNOREHEADER 1"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
///
/// What Redshift would refuse does not compile: a COPY without a source or an authorization, an option that the
/// format does not know, a column of another table. A value that is out of range is an
/// [`Error::Option`](crate::Error::Option) when the statement is printed or executed, before anything is sent.
pub fn copy<T>(table: T) -> CopyStatement<T>
where
    T: Table,
    T::AllColumns: ColumnsOf<T>,
{
    CopyStatement::with_columns(table, T::AllColumns::NAMES.to_vec())
}
