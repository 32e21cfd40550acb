//! The builder of an UNLOAD.

use super::options::{Compression, Encryption, Existing, Manifest, Partitions};
use super::{
    AllowsKmsKey, BoxedFormat, CompressedFormat, DefaultFormat, FileSize, HeaderFormat, NoLocation,
    PartitionColumns, UnloadFormat, UnloadOptions,
};
#[cfg(doc)]
use super::{Csv, Delimited, FixedWidth, Json, Parquet, unload};
use crate::aws::{
    AccessKey, Authorization, BoxedAuthorization, Credentials, IamRole, IntoIamRole, IntoS3Uri,
    NoAuthorization, Region, S3Uri, or_placeholder, role_or_default,
};
use crate::error::InvalidValue;
use crate::sql::Slot;

/// An `UNLOAD` under construction; see [`unload`].
///
/// `Q` is the query, `L` the location of its result, `A` the authorization, `F` the files' format.
/// The methods of [`QueryDsl`](diesel::QueryDsl) that narrow and order a query work on it as on the
/// query.
#[derive(Debug, Clone)]
#[must_use = "an UNLOAD does nothing until `execute` sends it"]
pub struct UnloadStatement<Q, L = NoLocation, A = NoAuthorization, F = DefaultFormat> {
    pub(super) query: Q,
    pub(super) location: L,
    pub(super) authorization: A,
    pub(super) format: F,
    pub(super) options: UnloadOptions,
    /// The error of an invalid location or role.
    pub(super) invalid: Option<InvalidValue>,
}

impl<Q> UnloadStatement<Q> {
    pub(super) fn of_query(query: Q) -> Self {
        Self {
            query,
            location: NoLocation,
            authorization: NoAuthorization,
            format: DefaultFormat,
            options: UnloadOptions::default(),
            invalid: None,
        }
    }
}

impl<Q, L, A, F> UnloadStatement<Q, L, A, F> {
    /// Writes files whose names start with `location`: `TO 's3://bucket/prefix_'`.
    ///
    /// Redshift adds slice and part numbers and a suffix. By default it refuses to write where
    /// objects with the prefix exist. An access point's alias is not allowed as the bucket.
    ///
    /// It is an [`S3Uri`] or its text. An invalid text is an
    /// [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed, before
    /// anything is sent.
    pub fn to(mut self, location: impl IntoS3Uri) -> UnloadStatement<Q, S3Uri, A, F> {
        let (location, invalid) = or_placeholder(location);
        self.invalid = self.invalid.or(invalid);
        UnloadStatement {
            query: self.query,
            location,
            authorization: self.authorization,
            format: self.format,
            options: self.options,
            invalid: self.invalid,
        }
    }

    /// Authorizes the UNLOAD with a role: `IAM_ROLE default`, `IAM_ROLE 'arn'`.
    ///
    /// It is an [`IamRole`], a [`RoleArn`](crate::aws::RoleArn), a
    /// [`RoleChain`](crate::aws::RoleChain) or their text. An invalid text is an
    /// [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed.
    pub fn iam_role(
        mut self,
        role: impl IntoIamRole,
    ) -> UnloadStatement<Q, L, <A as Slot<IamRole>>::Filled, F>
    where
        A: Slot<IamRole>,
    {
        let role = role_or_default(role, &mut self.invalid);
        self.authorized_by(role)
    }

    /// Authorizes the UNLOAD with a key pair: `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…'`.
    pub fn access_key(
        self,
        key: AccessKey,
    ) -> UnloadStatement<Q, L, <A as Slot<AccessKey>>::Filled, F>
    where
        A: Slot<AccessKey>,
    {
        self.authorized_by(key)
    }

    /// Authorizes the UNLOAD with a credentials string: `CREDENTIALS '…'`.
    pub fn credentials(
        self,
        credentials: Credentials,
    ) -> UnloadStatement<Q, L, <A as Slot<Credentials>>::Filled, F>
    where
        A: Slot<Credentials>,
    {
        self.authorized_by(credentials)
    }

    fn authorized_by<A2>(self, authorization: A2) -> UnloadStatement<Q, L, A::Filled, F>
    where
        A: Slot<A2>,
    {
        UnloadStatement {
            query: self.query,
            location: self.location,
            authorization: A::fill(authorization),
            format: self.format,
            options: self.options,
            invalid: self.invalid,
        }
    }

    /// Sets the format of the files, one of the types of
    /// [`diesel_redshift::unload`](mod@crate::unload): [`Csv`], [`Delimited`], [`FixedWidth`],
    /// [`Json`], [`Parquet`].
    ///
    /// Default: text with fields separated by `|`.
    pub fn format<F2>(self, format: F2) -> UnloadStatement<Q, L, A, F::Filled>
    where
        F2: UnloadFormat,
        F: Slot<F2>,
    {
        UnloadStatement {
            query: self.query,
            location: self.location,
            authorization: self.authorization,
            format: F::fill(format),
            options: self.options,
            invalid: self.invalid,
        }
    }

    /// Refuses an invalid text that was given as a location or a role.
    pub(crate) fn check_texts(&self) -> Result<(), InvalidValue> {
        self.invalid.clone().map_or(Ok(()), Err)
    }

    pub(super) fn map_query<Q2>(self, map: impl FnOnce(Q) -> Q2) -> UnloadStatement<Q2, L, A, F> {
        UnloadStatement {
            query: map(self.query),
            location: self.location,
            authorization: self.authorization,
            format: self.format,
            options: self.options,
            invalid: self.invalid,
        }
    }
}

#[cfg(feature = "stage")]
impl<Q, L, A, F> UnloadStatement<Q, L, A, F> {
    /// The same query, with files whose location is not known yet.
    pub(crate) fn into_files(
        self,
        folder: S3Uri,
        invalid: Option<InvalidValue>,
    ) -> UnloadStatement<Q, S3Uri, A, super::Csv> {
        UnloadStatement {
            query: self.query,
            location: folder,
            authorization: self.authorization,
            format: super::Csv::new(),
            options: UnloadOptions::default(),
            invalid: self.invalid.or(invalid),
        }
    }
}

impl<Q, A, F> UnloadStatement<Q, S3Uri, A, F> {
    #[cfg(feature = "stage")]
    pub(crate) fn location(&self) -> &S3Uri {
        &self.location
    }

    /// Where [`manifest`](UnloadStatement::manifest) puts the manifest: the location followed by
    /// `manifest`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if that key is too long.
    pub fn manifest_location(&self) -> Result<S3Uri, InvalidValue> {
        self.location.join("manifest")
    }
}

impl<Q, L, A, F> UnloadStatement<Q, L, A, F>
where
    A: Authorization + 'static,
    F: UnloadFormat + 'static,
{
    /// Removes the authorization and the format from the statement's type, so that they can be
    /// chosen at run time.
    ///
    /// What would not compile otherwise, such as GZIP with Parquet, is an
    /// [`Error::Invalid`](crate::Error::Invalid) when the statement is printed or executed, before
    /// anything is sent. The query is boxed by Diesel's
    /// [`into_boxed`](diesel::QueryDsl::into_boxed).
    ///
    /// ```
    /// use diesel_redshift::unload;
    /// use diesel_redshift::unload::{Csv, Parquet};
    ///
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # let is_csv = true;
    /// let save = unload(users::table)
    ///     .to("s3://bucket/users_")
    ///     .iam_role("default")
    ///     .boxed();
    /// let save = if is_csv { save.format(Csv::new()).gzip() } else { save.format(Parquet::new()) };
    /// assert!(save.to_sql()?.ends_with("FORMAT AS CSV GZIP"));
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    pub fn boxed(self) -> BoxedUnloadStatement<Q, L> {
        UnloadStatement {
            query: self.query,
            location: self.location,
            authorization: BoxedAuthorization::fill(self.authorization),
            format: BoxedFormat::fill(self.format),
            options: self.options,
            invalid: self.invalid,
        }
    }
}

/// An UNLOAD whose authorization and format are chosen at run time: [`UnloadStatement::boxed`].
pub type BoxedUnloadStatement<Q, L = S3Uri> =
    UnloadStatement<Q, L, BoxedAuthorization, BoxedFormat>;

/// # Options
///
/// If they are given after the authorization and the format, the compiler checks them against
/// these; otherwise they are checked when the statement is printed.
impl<Q, L, A, F> UnloadStatement<Q, L, A, F> {
    fn set(mut self, set: impl FnOnce(&mut UnloadOptions)) -> Self {
        set(&mut self.options);
        self
    }

    /// `HEADER`: every file starts with the names of the columns.
    ///
    /// For delimited text and [`Csv`]. It is an option of the statement here, and one of the format
    /// where COPY reads the files: `copy::Csv::new().ignore_header(1)`.
    pub fn header(self) -> Self
    where
        F: HeaderFormat,
    {
        self.set(|options| options.header = true)
    }

    /// `PARTITION BY ("year", "month")`: divides the files by the values of these columns, in
    /// folders `year=2026/month=1/`.
    ///
    /// The query must select them, and other columns besides, since the files do not contain them.
    /// They are Diesel columns, or names: `["year", "month"]`.
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
    pub fn partition_by<C>(self, columns: C) -> Self
    where
        C: PartitionColumns,
    {
        self.partitioned(columns, false)
    }

    /// `PARTITION BY (…) INCLUDE`: like [`partition_by`](Self::partition_by), but the files contain
    /// the columns too.
    pub fn partition_by_include<C>(self, columns: C) -> Self
    where
        C: PartitionColumns,
    {
        self.partitioned(columns, true)
    }

    fn partitioned<C>(self, columns: C, include: bool) -> Self
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
    pub fn manifest(self) -> Self {
        self.set(|options| options.manifest = Some(Manifest::Plain))
    }

    /// `MANIFEST VERBOSE`: like [`manifest`](Self::manifest), with the columns, row counts and
    /// sizes.
    pub fn manifest_verbose(self) -> Self {
        self.set(|options| options.manifest = Some(Manifest::Verbose))
    }

    /// `REGION '…'`: the region of the bucket, if it is not the cluster's.
    pub fn region(self, region: Region) -> Self {
        self.set(|options| options.region = Some(region))
    }

    /// `GZIP`: compresses the files with gzip; their names end in `.gz`.
    ///
    /// Only one compression can be named: the last call counts. Not for [`Parquet`].
    pub fn gzip(self) -> Self
    where
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Gzip))
    }

    /// `BZIP2`: compresses the files with bzip2; their names end in `.bz2`. Like
    /// [`gzip`](Self::gzip).
    pub fn bzip2(self) -> Self
    where
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Bzip2))
    }

    /// `ZSTD`: compresses the files with Zstandard; their names end in `.zst`. Like
    /// [`gzip`](Self::gzip).
    pub fn zstd(self) -> Self
    where
        F: CompressedFormat,
    {
        self.set(|options| options.compression = Some(Compression::Zstd))
    }

    /// `EXTENSION '…'`: the end of the files' names, instead of the compression's.
    ///
    /// No dot is added: `"csv.gz"` makes `…_part_00csv.gz`, `".csv.gz"` makes `…_part_00.csv.gz`.
    pub fn extension(self, extension: impl Into<String>) -> Self {
        self.set(|options| options.extension = Some(extension.into()))
    }

    /// `ENCRYPTED AUTO`: encrypts with the bucket's default KMS key.
    ///
    /// Without it, or [`kms_key_id`](Self::kms_key_id), S3 encrypts with a key of its own. The last
    /// call of the two counts. Client-side encryption ended on 2026-04-30 and is not offered.
    pub fn encrypted_auto(self) -> Self {
        self.set(|options| options.encryption = Some(Encryption::Auto))
    }

    /// `KMS_KEY_ID '…' ENCRYPTED`: encrypts with this KMS key.
    ///
    /// Not with a credentials string. An id has letters, digits and `-_:/`.
    pub fn kms_key_id(self, id: impl Into<String>) -> Self
    where
        A: AllowsKmsKey,
    {
        self.set(|options| options.encryption = Some(Encryption::KmsKey(id.into())))
    }

    /// `ALLOWOVERWRITE`: also writes where objects with the prefix exist, replacing those with the
    /// same names.
    ///
    /// It excludes [`clean_path`](Self::clean_path): the last call counts.
    pub fn allow_overwrite(self) -> Self {
        self.set(|options| options.existing = Some(Existing::AllowOverwrite))
    }

    /// `CLEANPATH`: **deletes** all objects with the prefix before it writes.
    ///
    /// With [`partition_by`](Self::partition_by), it deletes only those of the partitions that are
    /// written. It excludes [`allow_overwrite`](Self::allow_overwrite): the last call counts.
    pub fn clean_path(self) -> Self {
        self.set(|options| options.existing = Some(Existing::CleanPath))
    }

    /// `PARALLEL ON`: all slices write at the same time, each its own files. This is Redshift's
    /// default.
    pub fn parallel_on(self) -> Self {
        self.set(|options| options.parallel = Some(true))
    }

    /// `PARALLEL OFF`: one file is written after the other, in the query's order.
    pub fn parallel_off(self) -> Self {
        self.set(|options| options.parallel = Some(false))
    }

    /// `MAXFILESIZE …`: how large a file gets before the next one is started.
    ///
    /// 5 MB to 6.2 GB. Default: 6.2 GB. Parquet rounds it down to a multiple of 32 MB.
    pub fn max_file_size(self, size: FileSize) -> Self {
        self.set(|options| options.max_file_size = Some(size))
    }

    /// Adds an option as unchecked SQL, for what this library does not support yet.
    ///
    /// `sql` is appended to the statement as it is: **never put a value into it that comes from
    /// outside**. It is refused if the statement already has the same option, if it contains
    /// comments, `;` or an open quote, or if it names an authorization, whose secret would show.
    pub fn unchecked_option(self, sql: impl Into<String>) -> Self {
        self.set(|options| options.unchecked.add(sql.into()))
    }
}
