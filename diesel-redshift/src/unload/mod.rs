//! `UNLOAD`: writes the result of a query to files.

mod derive;
mod execute;
mod format;
mod options;
mod outcome;
mod outer_select;
mod query_dsl;

use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

use self::options::{Compression, Encryption, Existing, Manifest, Partitions};
use self::outer_select::{ColumnName, OuterSelect};
use crate::authorization::{AccessKey, Authorization, Credentials, IamRole, NoAuthorization};
use crate::backend::Redshift;
use crate::error::{Error, OptionError, StorageError};
use crate::query_builder::inline::inline;
use crate::statement::{Secrets, StatementText};
use crate::storage::{Region, S3Uri};

pub use self::derive::RedshiftUnload;
pub use self::format::{
    CompressedFormat, Csv, DefaultFormat, Delimited, FixedWidth, HeaderFormat, Json, Parquet,
    UnloadFormat,
};
pub use self::options::{
    AllowsKmsKey, FileSize, NoOptions, NoOptionsYet, Options, PartitionColumns, PartitionType,
    UnloadOptions,
};
pub use self::outcome::UnloadOutcome;

/// Writes the result of a query to files in S3: `UNLOAD ('SELECT …') TO 's3://…'`.
///
/// The query is any that Diesel can build for Redshift: tables, joins, unions, boxed queries,
/// [`sql_query`](diesel::sql_query). UNLOAD takes no parameters, so its binds are written as literals. A `LIMIT`
/// or `OFFSET` of the query, which UNLOAD refuses in the outermost SELECT, is moved into a subquery.
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
/// What Redshift would refuse does not compile: an UNLOAD without a location or an authorization, an option that
/// the format does not know. A value that is out of range is an [`Error::Option`] when the statement is printed
/// or executed, before anything is sent.
pub fn unload<Q>(query: Q) -> UnloadStatement<Q::Query>
where
    Q: AsQuery,
{
    UnloadStatement {
        query: query.as_query(),
        location: NoLocation,
        authorization: NoAuthorization,
        format: DefaultFormat,
        options: NoOptions,
    }
}

/// An `UNLOAD` under construction; see [`unload`].
///
/// `Q` is the query, `L` where its result goes, `A` the authorization, `F` the files' format, `O` the options.
/// The methods of [`QueryDsl`](diesel::QueryDsl) that narrow and order a query work on it as on the query.
#[derive(Debug, Clone)]
#[must_use = "an UNLOAD does nothing until `execute` sends it"]
pub struct UnloadStatement<Q, L = NoLocation, A = NoAuthorization, F = DefaultFormat, O = NoOptions>
{
    query: Q,
    location: L,
    authorization: A,
    format: F,
    options: O,
}

/// An UNLOAD that does not say yet where its files go.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLocation;

/// Where the files of an UNLOAD go: an [`S3Uri`].
#[diagnostic::on_unimplemented(
    message = "the UNLOAD does not say where its files go",
    label = "no location yet",
    note = "call `.to(S3Uri::parse(\"s3://bucket/prefix_\")?)` first"
)]
pub trait UnloadLocation: sealed::UnloadLocation {}

impl UnloadLocation for S3Uri {}

impl<Q, L, A, F, O> UnloadStatement<Q, L, A, F, O> {
    /// Writes files whose names start with `location`: `TO 's3://bucket/prefix_'`.
    ///
    /// Redshift adds slice and part numbers and a suffix. Unless told otherwise it refuses to write where objects
    /// with the prefix exist. An access point's alias is not allowed as the bucket.
    pub fn to(self, location: S3Uri) -> UnloadStatement<Q, S3Uri, A, F, O> {
        UnloadStatement {
            query: self.query,
            location,
            authorization: self.authorization,
            format: self.format,
            options: self.options,
        }
    }

    /// Writes with the rights of a role: `IAM_ROLE default`, `IAM_ROLE 'arn'`.
    pub fn iam_role(self, role: IamRole) -> UnloadStatement<Q, L, IamRole, F, O>
    where
        O: NoOptionsYet,
    {
        self.authorized_by(role)
    }

    /// Writes with a key pair: `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…'`.
    pub fn access_key(self, key: AccessKey) -> UnloadStatement<Q, L, AccessKey, F, O>
    where
        O: NoOptionsYet,
    {
        self.authorized_by(key)
    }

    /// Writes with a credentials string: `CREDENTIALS '…'`.
    pub fn credentials(self, credentials: Credentials) -> UnloadStatement<Q, L, Credentials, F, O>
    where
        O: NoOptionsYet,
    {
        self.authorized_by(credentials)
    }

    fn authorized_by<A2>(self, authorization: A2) -> UnloadStatement<Q, L, A2, F, O> {
        UnloadStatement {
            query: self.query,
            location: self.location,
            authorization,
            format: self.format,
            options: self.options,
        }
    }

    /// Says how the files are written, by one of the types of [`diesel_redshift::unload`](crate::unload):
    /// [`Csv`], [`Delimited`], [`FixedWidth`], [`Json`], [`Parquet`].
    ///
    /// Default: text whose fields `|` separates.
    pub fn format<F2>(self, format: F2) -> UnloadStatement<Q, L, A, F2, O>
    where
        F2: UnloadFormat,
        O: NoOptionsYet,
    {
        UnloadStatement {
            query: self.query,
            location: self.location,
            authorization: self.authorization,
            format,
            options: self.options,
        }
    }

    fn map_query<Q2>(self, map: impl FnOnce(Q) -> Q2) -> UnloadStatement<Q2, L, A, F, O> {
        UnloadStatement {
            query: map(self.query),
            location: self.location,
            authorization: self.authorization,
            format: self.format,
            options: self.options,
        }
    }
}

/// An UNLOAD with options.
type WithOptions<Q, L, A, F> = UnloadStatement<Q, L, A, F, UnloadOptions>;

/// # Options
///
/// They come after the authorization and the format, against which they are checked.
impl<Q, L, A, F, O> UnloadStatement<Q, L, A, F, O>
where
    O: Options,
{
    fn set(self, set: impl FnOnce(&mut UnloadOptions)) -> WithOptions<Q, L, A, F> {
        let mut options = self.options.into_options();
        set(&mut options);
        UnloadStatement {
            query: self.query,
            location: self.location,
            authorization: self.authorization,
            format: self.format,
            options,
        }
    }

    /// `HEADER`: every file starts with the names of the columns.
    ///
    /// For delimited text and [`Csv`].
    pub fn header(self) -> WithOptions<Q, L, A, F>
    where
        F: HeaderFormat,
    {
        self.set(|options| options.header = true)
    }

    /// `PARTITION BY ("year", "month")`: divides the files by the values of these columns, in folders
    /// `year=2026/month=1/`.
    ///
    /// The query has to select them, and other columns besides, since the files do not hold them. They are Diesel
    /// columns, or names: `["year", "month"]`.
    ///
    /// ```
    /// # use diesel_redshift::{unload, IamRole, S3Uri};
    /// # diesel::table! { users { id -> BigInt, country -> Text, } }
    /// let save = unload(users::table)
    ///     .to(S3Uri::parse("s3://bucket/users/")?)
    ///     .iam_role(IamRole::Default)
    ///     .format(unload::Parquet::new())
    ///     .partition_by((users::country,));
    /// assert!(save.to_sql()?.ends_with(r#"FORMAT AS PARQUET PARTITION BY ("country")"#));
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    pub fn partition_by<C>(self, columns: C) -> WithOptions<Q, L, A, F>
    where
        C: PartitionColumns,
    {
        self.partitioned(columns, false)
    }

    /// `PARTITION BY (…) INCLUDE`: as [`partition_by`](Self::partition_by), and the files hold the columns too.
    pub fn partition_by_include<C>(self, columns: C) -> WithOptions<Q, L, A, F>
    where
        C: PartitionColumns,
    {
        self.partitioned(columns, true)
    }

    fn partitioned<C>(self, columns: C, include: bool) -> WithOptions<Q, L, A, F>
    where
        C: PartitionColumns,
    {
        self.set(|options| {
            options.partitions = Some(Partitions {
                columns: columns.names(),
                are_diesel_columns: C::ARE_DIESEL_COLUMNS,
                include,
            });
        })
    }

    /// `MANIFEST`: writes a file `<prefix>manifest` that lists the others.
    pub fn manifest(self) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.manifest = Some(Manifest::Plain))
    }

    /// `MANIFEST VERBOSE`: as [`manifest`](Self::manifest), with the columns, row counts and sizes.
    pub fn manifest_verbose(self) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.manifest = Some(Manifest::Verbose))
    }

    /// `REGION '…'`: the region of the bucket, when it is not the cluster's.
    pub fn region(self, region: Region) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.region = Some(region))
    }

    /// `GZIP`: compresses the files with gzip; their names end in `.gz`.
    ///
    /// One of the compressions can be named, the last call counts. Not for [`Parquet`].
    pub fn gzip(self) -> WithOptions<Q, L, A, F>
    where
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Gzip))
    }

    /// `BZIP2`: compresses the files with bzip2; their names end in `.bz2`. As [`gzip`](Self::gzip).
    pub fn bzip2(self) -> WithOptions<Q, L, A, F>
    where
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Bzip2))
    }

    /// `ZSTD`: compresses the files with Zstandard; their names end in `.zst`. As [`gzip`](Self::gzip).
    pub fn zstd(self) -> WithOptions<Q, L, A, F>
    where
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Zstd))
    }

    /// `EXTENSION '…'`: the end of the files' names, in place of the compression's.
    ///
    /// No dot is added: `"csv.gz"` makes `…_part_00csv.gz`, `".csv.gz"` makes `…_part_00.csv.gz`.
    pub fn extension(self, extension: impl Into<String>) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.extension = Some(extension.into()))
    }

    /// `ENCRYPTED AUTO`: encrypts with the bucket's default KMS key.
    ///
    /// Without it, or [`kms_key_id`](Self::kms_key_id), S3 encrypts with a key of its own. The last call of the
    /// two counts. Encryption by the client ended on 2026-04-30 and is not offered.
    pub fn encrypted_auto(self) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.encryption = Some(Encryption::Auto))
    }

    /// `KMS_KEY_ID '…' ENCRYPTED`: encrypts with this KMS key.
    ///
    /// Not with a credentials string. An id has letters, digits and `-_:/`.
    pub fn kms_key_id(self, id: impl Into<String>) -> WithOptions<Q, L, A, F>
    where
        A: AllowsKmsKey,
    {
        self.set(|options| options.encryption = Some(Encryption::KmsKey(id.into())))
    }

    /// `ALLOWOVERWRITE`: writes also where objects with the prefix exist, over those with the same names.
    ///
    /// It and [`clean_path`](Self::clean_path) exclude each other, the last call counts.
    pub fn allow_overwrite(self) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.existing = Some(Existing::AllowOverwrite))
    }

    /// `CLEANPATH`: **deletes** all objects with the prefix before it writes.
    ///
    /// With [`partition_by`](Self::partition_by) only those of the partitions that are written. It and
    /// [`allow_overwrite`](Self::allow_overwrite) exclude each other, the last call counts.
    pub fn clean_path(self) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.existing = Some(Existing::CleanPath))
    }

    /// `PARALLEL ON` or `OFF`: whether all slices write at the same time, each its own files.
    ///
    /// `OFF` writes one file after the other, in the query's order. Default: on.
    pub fn parallel(self, parallel: bool) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.parallel = Some(parallel))
    }

    /// `MAXFILESIZE …`: how large a file gets before the next one is started.
    ///
    /// 5 MB to 6.2 GB. Default: 6.2 GB. Parquet rounds it down to a multiple of 32 MB.
    pub fn max_file_size(self, size: FileSize) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.max_file_size = Some(size))
    }

    /// Adds an option as SQL, unchecked, for what this library does not know yet.
    ///
    /// `sql` is written at the end of the statement as it is: **never put a value into it that comes from
    /// outside**. It is refused when the statement has the same option already, when it holds comments, `;` or
    /// an open quote, and when it names an authorization, whose secret would show.
    pub fn unchecked_option(self, sql: impl Into<String>) -> WithOptions<Q, L, A, F> {
        self.set(|options| options.unchecked.add(sql.into()))
    }
}

/// # Printing
impl<Q, L, A, F, O> UnloadStatement<Q, L, A, F, O> {
    /// The statement's SQL with `***` in place of secrets.
    ///
    /// # Errors
    ///
    /// [`Error::Option`] when an option has a value that Redshift does not take; [`Error::Database`] when Diesel
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
    L: UnloadLocation,
    A: Authorization,
    F: UnloadFormat,
    O: Options,
{
    fn text(&self, secrets: Secrets) -> Result<String, Error> {
        let query = OuterSelect::read(&inline(&self.query)?)?;
        let options = self.options.options();
        if let Some(columns) = &query.columns {
            self.format.check_columns(columns.len())?;
            check_columns(
                columns,
                F::NAMES_ARE_KEYS,
                options.and_then(|options| options.partitions.as_ref()),
            )?;
        }
        let mut text = StatementText::new(secrets);
        text.push("UNLOAD (");
        text.literal("the query of an UNLOAD", &query.sql)?;
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
            Err(error) => Error::Database(error),
        }
    }
}

/// Refuses what the names of the columns rule out.
fn check_columns(
    columns: &[ColumnName],
    names_are_keys: bool,
    partitions: Option<&Partitions>,
) -> Result<(), OptionError> {
    if names_are_keys {
        for (at, column) in columns.iter().enumerate() {
            if let ColumnName::Known(name) = column
                && columns[..at].contains(column)
            {
                return Err(OptionError::new(
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
        return Err(OptionError::new(
            "PARTITION BY",
            format!("{missing:?}"),
            "columns that the query selects",
        ));
    }
    if !partitions.include && partitions.columns.len() >= columns.len() {
        return Err(OptionError::new(
            "PARTITION BY",
            "all columns of the query",
            "fewer, so that some are left for the files; or use `partition_by_include`",
        ));
    }
    Ok(())
}

mod sealed {
    use super::*;

    pub trait UnloadLocation {
        #[doc(hidden)]
        fn as_str(&self) -> &str;

        #[doc(hidden)]
        fn push_location(&self, text: &mut StatementText) -> Result<(), OptionError>;
    }

    impl UnloadLocation for S3Uri {
        fn as_str(&self) -> &str {
            self.as_str()
        }

        fn push_location(&self, text: &mut StatementText) -> Result<(), OptionError> {
            if self.bucket().ends_with("-s3alias") {
                return Err(OptionError::new(
                    "TO",
                    format!("{:?}", self.as_str()),
                    "a bucket by its own name, not the alias of an access point",
                ));
            }
            text.literal("TO", self.as_str())
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
