//! The builder of a COPY.

use super::column_list::ColumnList;
use super::load_options::Compression;
#[cfg(doc)]
use super::{
    Avro, Csv, Delimited, DynamoDb, DynamoDbItems, EmrPath, FixedWidth, Json, Orc, Parquet,
    Shapefile, SshManifest, copy,
};
use super::{
    BoxedFormat, BoxedSource, ColumnsOf, CompUpdate, CompressedFormat, CopyFormat, CopySource,
    DefaultFormat, FileSource, GzipFormat, IntoCopySource, LoadOptions, NoSource, RegionalSource,
    RowFormat, S3Manifest, S3Source, StatUpdate,
};
use crate::aws::{
    AccessKey, Authorization, BoxedAuthorization, Credentials, IamRole, IntoIamRole,
    NoAuthorization, Region, S3Uri, role_or_default,
};
use crate::error::InvalidValue;
use crate::sql::Slot;

/// A `COPY` under construction; see [`copy`].
///
/// `S` is its source, `A` its authorization, `F` the data's format.
#[derive(Debug, Clone)]
#[must_use = "a COPY does nothing until `execute` sends it"]
pub struct CopyStatement<T, S = NoSource, A = NoAuthorization, F = DefaultFormat> {
    pub(super) table: T,
    pub(super) columns: ColumnList,
    pub(super) source: S,
    pub(super) authorization: A,
    pub(super) format: F,
    pub(super) options: LoadOptions,
    /// The error of an invalid location or role.
    pub(super) invalid: Option<InvalidValue>,
}

impl<T> CopyStatement<T> {
    /// Of columns that are the table's.
    pub(super) fn with_columns(table: T, columns: ColumnList) -> Self {
        Self {
            table,
            columns,
            source: NoSource,
            authorization: NoAuthorization,
            format: DefaultFormat,
            options: LoadOptions::default(),
            invalid: None,
        }
    }
}

impl<T, S, A, F> CopyStatement<T, S, A, F> {
    /// Fills only these columns, in this order: `("id", "name")`.
    ///
    /// Omitted columns get their default, else NULL. Default: all columns that the `table!` macro
    /// declares.
    ///
    /// ```
    /// # use diesel_redshift::{copy, IamRole, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// let load = copy(users::table)
    ///     .columns((users::name, users::id))
    ///     .from(S3Uri::parse("s3://bucket/users/")?)
    ///     .iam_role(IamRole::Default);
    /// assert!(load.to_sql()?.starts_with(r#"COPY "users" ("name", "id") FROM"#));
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    pub fn columns<C>(mut self, columns: C) -> Self
    where
        C: ColumnsOf<T>,
    {
        // Columns are types; their values carry no information.
        let _ = columns;
        self.columns.names = C::NAMES.iter().copied().map(Into::into).collect();
        self
    }

    /// Reads from `source`: `FROM '…'`.
    ///
    /// It is an [`S3Uri`] or its text, which names all objects whose key starts with it, an
    /// [`S3Manifest`], a [`DynamoDb`] table, an [`EmrPath`] or an [`SshManifest`]. An invalid text
    /// is an [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed,
    /// before anything is sent.
    pub fn from<S2>(mut self, source: S2) -> CopyStatement<T, <S as Slot<S2::Source>>::Filled, A, F>
    where
        S2: IntoCopySource,
        S: Slot<S2::Source>,
    {
        let (source, invalid) = source.into_copy_source();
        self.invalid = self.invalid.or(invalid);
        CopyStatement {
            table: self.table,
            columns: self.columns,
            source: S::fill(source),
            authorization: self.authorization,
            format: self.format,
            options: self.options,
            invalid: self.invalid,
        }
    }

    /// Authorizes the COPY with a role: `IAM_ROLE default`, `IAM_ROLE 'arn'`.
    ///
    /// It is an [`IamRole`], a [`RoleArn`](crate::aws::RoleArn), a
    /// [`RoleChain`](crate::aws::RoleChain) or their text. An invalid text is an
    /// [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed.
    pub fn iam_role(
        mut self,
        role: impl IntoIamRole,
    ) -> CopyStatement<T, S, <A as Slot<IamRole>>::Filled, F>
    where
        A: Slot<IamRole>,
    {
        let role = role_or_default(role, &mut self.invalid);
        self.authorized_by(role)
    }

    /// Authorizes the COPY with a key pair: `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…'`.
    ///
    /// Not for [`Parquet`] and [`Orc`].
    pub fn access_key(
        self,
        key: AccessKey,
    ) -> CopyStatement<T, S, <A as Slot<AccessKey>>::Filled, F>
    where
        A: Slot<AccessKey>,
    {
        self.authorized_by(key)
    }

    /// Authorizes the COPY with a credentials string: `CREDENTIALS '…'`.
    pub fn credentials(
        self,
        credentials: Credentials,
    ) -> CopyStatement<T, S, <A as Slot<Credentials>>::Filled, F>
    where
        A: Slot<Credentials>,
    {
        self.authorized_by(credentials)
    }

    pub(crate) fn authorized_by<A2>(self, authorization: A2) -> CopyStatement<T, S, A::Filled, F>
    where
        A: Slot<A2>,
    {
        CopyStatement {
            table: self.table,
            columns: self.columns,
            source: self.source,
            authorization: A::fill(authorization),
            format: self.format,
            options: self.options,
            invalid: self.invalid,
        }
    }

    /// Sets the format of the data, one of the types of [`diesel_redshift::copy`](mod@crate::copy):
    /// [`Csv`], [`Delimited`], [`FixedWidth`], [`Json`], [`Avro`], [`Parquet`], [`Orc`],
    /// [`Shapefile`], [`DynamoDbItems`].
    ///
    /// Default: text with fields separated by `|`.
    pub fn format<F2>(self, format: F2) -> CopyStatement<T, S, A, F::Filled>
    where
        F2: CopyFormat,
        F: Slot<F2>,
    {
        CopyStatement {
            table: self.table,
            columns: self.columns,
            source: self.source,
            authorization: self.authorization,
            format: F::fill(format),
            options: self.options,
            invalid: self.invalid,
        }
    }
}

impl<T, A, F> CopyStatement<T, S3Uri, A, F> {
    /// Reads the objects that are listed by a manifest at the location: `MANIFEST`.
    ///
    /// The location is then the manifest's exact key. It is the same as `.from(S3Manifest::at(…))`.
    pub fn manifest(self) -> CopyStatement<T, S3Manifest, A, F> {
        CopyStatement {
            table: self.table,
            columns: self.columns,
            source: S3Manifest::at(self.source),
            authorization: self.authorization,
            format: self.format,
            options: self.options,
            invalid: self.invalid,
        }
    }
}

impl<T, S, A, F> CopyStatement<T, S, A, F>
where
    S: CopySource + 'static,
    A: Authorization + 'static,
    F: CopyFormat + 'static,
{
    /// Removes the source, the authorization and the format from the statement's type, so that they
    /// can be chosen at run time.
    ///
    /// What would not compile otherwise, such as GZIP with Parquet, is an
    /// [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed, before
    /// anything is sent.
    ///
    /// ```
    /// use diesel_redshift::copy::{Csv, Json};
    /// use diesel_redshift::copy;
    ///
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # let (is_json, is_gzip) = (true, true);
    /// let mut load = copy(users::table)
    ///     .from("s3://bucket/users/")
    ///     .iam_role("default")
    ///     .boxed();
    /// load = if is_json { load.format(Json::auto()) } else { load.format(Csv::new()) };
    /// if is_gzip {
    ///     load = load.gzip();
    /// }
    /// assert!(load.to_sql()?.ends_with("FORMAT AS JSON 'auto' GZIP"));
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    pub fn boxed(self) -> BoxedCopyStatement<T> {
        CopyStatement {
            table: self.table,
            columns: self.columns,
            source: BoxedSource::fill(self.source),
            authorization: BoxedAuthorization::fill(self.authorization),
            format: BoxedFormat::fill(self.format),
            options: self.options,
            invalid: self.invalid,
        }
    }
}

/// A COPY whose source, authorization and format are chosen at run time: [`CopyStatement::boxed`].
pub type BoxedCopyStatement<T> = CopyStatement<T, BoxedSource, BoxedAuthorization, BoxedFormat>;

/// # Load options
///
/// If they are given after the source and the format, the compiler checks them against these;
/// otherwise they are checked when the statement is printed.
impl<T, S, A, F> CopyStatement<T, S, A, F> {
    fn set(mut self, set: impl FnOnce(&mut LoadOptions)) -> Self {
        set(&mut self.options);
        self
    }

    /// `REGION '…'`: the region of the data, if it is not the cluster's.
    ///
    /// Not for [`Parquet`], [`Orc`] and [`EmrPath`].
    pub fn region(self, region: Region) -> Self
    where
        S: RegionalSource,
        F: RowFormat,
    {
        self.set(|options| options.region = Some(region))
    }

    /// `GZIP`: the files are compressed with gzip.
    ///
    /// Only one compression can be named: the last call counts. Not for [`Parquet`], [`Orc`] and
    /// [`Avro`], whose files are compressed internally, and not for [`DynamoDb`].
    pub fn gzip(self) -> Self
    where
        S: FileSource,
        F: GzipFormat,
    {
        self.set(|options| options.compression = Some(Compression::Gzip))
    }

    /// `BZIP2`: the files are compressed with bzip2. Like [`gzip`](Self::gzip), and not for
    /// [`Shapefile`].
    pub fn bzip2(self) -> Self
    where
        S: FileSource,
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Bzip2))
    }

    /// `LZOP`: the files are compressed with lzop, without its `--filter`. Like
    /// [`bzip2`](Self::bzip2).
    pub fn lzop(self) -> Self
    where
        S: FileSource,
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Lzop))
    }

    /// `ZSTD`: the files are compressed with Zstandard. Like [`bzip2`](Self::bzip2), and from S3
    /// only.
    pub fn zstd(self) -> Self
    where
        S: S3Source,
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Zstd))
    }

    /// `EXPLICIT_IDS`: the files contain the values of the IDENTITY column.
    ///
    /// The columns must include it.
    pub fn explicit_ids(self) -> Self {
        self.set(|options| options.explicit_ids = true)
    }

    /// `MAXERROR n`: the load fails at this many bad rows; fewer are skipped.
    ///
    /// 0 to 100000; 0 and 1 both fail at the first. Default: 0. Not for [`Parquet`] and [`Orc`],
    /// not together with [`ignore_all_errors`](Self::ignore_all_errors).
    pub fn max_error(self, errors: u32) -> Self
    where
        F: RowFormat,
    {
        self.set(|options| options.max_error = Some(errors))
    }

    /// `IGNOREALLERRORS`: skips all bad rows.
    ///
    /// Not for [`Parquet`] and [`Orc`], not together with [`max_error`](Self::max_error).
    pub fn ignore_all_errors(self) -> Self
    where
        F: RowFormat,
    {
        self.set(|options| options.ignore_all_errors = true)
    }

    /// `NOLOAD`: checks the files without loading them.
    ///
    /// Not for [`Parquet`] and [`Orc`].
    pub fn no_load(self) -> Self
    where
        F: RowFormat,
    {
        self.set(|options| options.no_load = true)
    }

    /// `COMPROWS n`: how many rows [`CompUpdate::On`] samples.
    ///
    /// 1000 to 2147483647. Default: 100000 a slice. Not for [`Parquet`] and [`Orc`].
    pub fn comp_rows(self, rows: u32) -> Self
    where
        F: RowFormat,
    {
        self.set(|options| options.comp_rows = Some(rows))
    }

    /// `COMPUPDATE …`: whether Redshift chooses compression encodings for the columns of an empty
    /// table.
    ///
    /// Default: it does, by their types, if no column has one. Not for [`Parquet`] and [`Orc`].
    pub fn comp_update(self, update: CompUpdate) -> Self
    where
        F: RowFormat,
    {
        self.set(|options| options.comp_update = Some(update))
    }

    /// `STATUPDATE …`: whether the table's statistics are refreshed after the load.
    ///
    /// Default: if the table was empty. It requires the table's owner or a superuser.
    pub fn stat_update(self, update: StatUpdate) -> Self {
        self.set(|options| options.stat_update = Some(update))
    }

    /// Adds an option as unchecked SQL, for what this library does not support yet.
    ///
    /// `sql` is appended to the statement as it is: **never put a value into it that comes from
    /// outside**. It is refused if the statement already has the same option, if it contains
    /// comments, `;` or an open quote, or if it names an authorization, whose secret would show.
    ///
    /// ```
    /// # use diesel_redshift::{copy, copy::Csv, IamRole, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// let load = copy(users::table)
    ///     .from(S3Uri::parse("s3://bucket/users/")?)
    ///     .iam_role(IamRole::Default)
    ///     .format(Csv::new())
    ///     .unchecked_option("BRANDNEW 'option'");
    /// assert!(load.to_sql()?.ends_with("FORMAT AS CSV BRANDNEW 'option'"));
    ///
    /// assert!(load.max_error(5).unchecked_option("MAXERROR 9").to_sql().is_err());
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    pub fn unchecked_option(self, sql: impl Into<String>) -> Self {
        self.set(|options| options.unchecked.add(sql.into()))
    }
}
