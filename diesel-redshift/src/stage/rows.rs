//! The builder of a COPY of rows.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::query_builder::ValuesClause;
use diesel::query_source::SizeRestrictedColumn;
use diesel::{Insertable, Table};

use super::folder::CleanUp;
use super::progress::{Callback, Progress};
use super::upload::Plan;
use crate::aws::{
    AccessKey, Credentials, IamRole, IntoIamRole, IntoS3Uri, Region, S3Uri, or_placeholder,
};
use crate::copy::{CompUpdate, CopyStatement, Csv, StatUpdate};
use crate::files::{Compression, FileValues};
use crate::sql::Slot;
use crate::store::Store;

/// A COPY of rows from the application; see [`CopyStatement::from_insertable`].
#[must_use = "a COPY of rows does nothing until `through` says where its files go, and `execute` sends it"]
pub struct CopyRows<T, R, V, S, A, F> {
    load: CopyStatement<T, S, A, F>,
    rows: R,
    values: PhantomData<fn() -> V>,
}

impl<T, S, A, F> CopyStatement<T, S, A, F> {
    /// Loads rows of the application, through files that are written for it: like Diesel's own
    /// `copy_from(…).from_insertable(…)`.
    ///
    /// The rows are a slice or `Vec` of structs that derive [`Insertable`], of tuples of
    /// `column.eq(value)`, or any iterator of such, which is consumed row by row;
    /// [`RedshiftCopy`](crate::RedshiftCopy) alone does not suffice. They have at most 128 columns,
    /// where Diesel's tables end. The columns of the COPY are those of the rows, whatever
    /// [`columns`](Self::columns) said; source, format and compression are those of the files that
    /// are written. Options of the load, such as [`max_error`](Self::max_error), are kept.
    ///
    /// A file cannot express `DEFAULT`, which Diesel's derive writes for `None` unless the struct
    /// says `treat_none_as_default_value = false`; without that, this does not compile. Nor does an
    /// SQL expression as a value.
    ///
    /// ```no_run
    /// use diesel::prelude::*;
    /// use diesel_redshift::store::FolderStore;
    /// use diesel_redshift::{IamRole, RedshiftConnection, copy};
    ///
    /// diesel::table! {
    ///     users {
    ///         id -> BigInt,
    ///         name -> Nullable<Text>,
    ///     }
    /// }
    ///
    /// #[derive(Insertable)]
    /// #[diesel(table_name = users, treat_none_as_default_value = false)]
    /// struct User {
    ///     id: i64,
    ///     name: Option<String>,
    /// }
    ///
    /// # fn run(conn: &mut RedshiftConnection, store: FolderStore, rows: Vec<User>) -> Result<(), diesel_redshift::Error> {
    /// let outcome = copy(users::table)
    ///     .from_insertable(&rows)
    ///     .through(&store, "s3://bucket/loads/")
    ///     .iam_role(IamRole::Default)
    ///     .execute(conn)?;
    /// println!("{} rows in {} files", outcome.rows, outcome.files);
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_insertable<R, V>(self, rows: R) -> CopyRows<T, R, V, S, A, F>
    where
        T: Table,
        R: IntoIterator,
        R::Item: Insertable<T, Values = ValuesClause<V, T>>,
        V: FileValues,
    {
        CopyRows {
            load: self,
            rows,
            values: PhantomData,
        }
    }
}

impl<T, R, V, S, A, F> CopyRows<T, R, V, S, A, F> {
    /// Writes the files below `folder`, where the cluster reads them, with the application's own
    /// access to it.
    ///
    /// Each load has its own folder there, with a random name. Only what was written is deleted
    /// afterwards. The store is cloned; put one that cannot be cloned into an [`Arc`].
    ///
    /// The folder is an [`S3Uri`] or its text. An invalid text is an
    /// [`Error::Invalid`](crate::Error::Invalid) before anything is written.
    pub fn through<W>(self, store: &W, folder: impl IntoS3Uri) -> CopyRowsThrough<T, R, V, A>
    where
        W: Store + Clone + 'static,
    {
        let (folder, invalid) = or_placeholder(folder);
        let limits = self.load.max_lengths().iter().copied().collect();
        CopyRowsThrough {
            load: self.load.into_rows(folder.clone(), invalid),
            rows: self.rows,
            values: PhantomData,
            store: Arc::new(store.clone()),
            folder,
            settings: Settings {
                limits,
                ..Settings::default()
            },
        }
    }
}

/// The settings of an upload.
pub(super) struct Settings {
    pub(super) plan: Plan,
    pub(super) clean_up: CleanUp,
    pub(super) before: Before,
    /// The byte limits of columns, as far as they are known.
    pub(super) limits: HashMap<&'static str, usize>,
    pub(super) progress: Callback,
}

/// What happens to the rows that the table already has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    Append,
    Delete,
    Truncate,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            plan: Plan {
                compression: Compression::Zstd,
                files: 4,
                file_size: 16_000_000,
                name: String::new(),
            },
            clean_up: CleanUp::default(),
            before: Before::Append,
            limits: HashMap::new(),
            progress: Callback::default(),
        }
    }
}

/// A COPY of rows whose files have a place; see [`CopyRows::through`].
#[must_use = "a COPY of rows does nothing until `execute` or `upload`"]
pub struct CopyRowsThrough<T, R, V, A> {
    pub(super) load: CopyStatement<T, S3Uri, A, Csv>,
    pub(super) rows: R,
    pub(super) values: PhantomData<fn() -> V>,
    pub(super) store: Arc<dyn Store>,
    pub(super) folder: S3Uri,
    pub(super) settings: Settings,
}

impl<T, R, V, A> CopyRowsThrough<T, R, V, A> {
    fn map_load<A2>(
        self,
        map: impl FnOnce(CopyStatement<T, S3Uri, A, Csv>) -> CopyStatement<T, S3Uri, A2, Csv>,
    ) -> CopyRowsThrough<T, R, V, A2> {
        CopyRowsThrough {
            load: map(self.load),
            rows: self.rows,
            values: PhantomData,
            store: self.store,
            folder: self.folder,
            settings: self.settings,
        }
    }

    /// Authorizes reading the files with a role: `IAM_ROLE default`, `IAM_ROLE 'arn'`.
    pub fn iam_role(
        self,
        role: impl IntoIamRole,
    ) -> CopyRowsThrough<T, R, V, <A as Slot<IamRole>>::Filled>
    where
        A: Slot<IamRole>,
    {
        self.map_load(|load| load.iam_role(role))
    }

    /// Authorizes reading the files with a key pair: `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…'`.
    pub fn access_key(
        self,
        key: AccessKey,
    ) -> CopyRowsThrough<T, R, V, <A as Slot<AccessKey>>::Filled>
    where
        A: Slot<AccessKey>,
    {
        self.map_load(|load| load.access_key(key))
    }

    /// Authorizes reading the files with a credentials string: `CREDENTIALS '…'`.
    pub fn credentials(
        self,
        credentials: Credentials,
    ) -> CopyRowsThrough<T, R, V, <A as Slot<Credentials>>::Filled>
    where
        A: Slot<Credentials>,
    {
        self.map_load(|load| load.credentials(credentials))
    }

    /// `REGION '…'`: the region of the files, if it is not the cluster's.
    pub fn region(self, region: Region) -> Self {
        self.map_load(|load| load.region(region))
    }

    /// `MAXERROR n`: the load fails at this many bad rows; fewer are skipped, and reported in the
    /// outcome. 0 to 100000.
    pub fn max_error(self, errors: u32) -> Self {
        self.map_load(|load| load.max_error(errors))
    }

    /// `IGNOREALLERRORS`: skips all bad rows.
    pub fn ignore_all_errors(self) -> Self {
        self.map_load(CopyStatement::ignore_all_errors)
    }

    /// `COMPUPDATE …`: whether Redshift chooses compression encodings for the columns of an empty
    /// table.
    pub fn comp_update(self, update: CompUpdate) -> Self {
        self.map_load(|load| load.comp_update(update))
    }

    /// `STATUPDATE …`: whether the table's statistics are refreshed after the load.
    pub fn stat_update(self, update: StatUpdate) -> Self {
        self.map_load(|load| load.stat_update(update))
    }

    /// `EXPLICIT_IDS`: the rows contain the values of the IDENTITY column.
    pub fn explicit_ids(self) -> Self {
        self.map_load(CopyStatement::explicit_ids)
    }

    /// Compresses the files with gzip, which takes more time and space than the default, Zstandard.
    pub fn gzip(mut self) -> Self {
        self.settings.plan.compression = Compression::Gzip;
        self
    }

    /// Does not compress the files.
    pub fn uncompressed(mut self) -> Self {
        self.settings.plan.compression = Compression::None;
        self
    }

    /// How many files are written at the same time, 1 to 64: best the number of slices of the
    /// cluster ([`RedshiftConnection::slices`](crate::RedshiftConnection::slices)), or a fraction
    /// of it.
    ///
    /// Default: 4. Few rows make fewer files. Each uses up to [`file_size`](Self::file_size) of
    /// memory. A number outside of the range counts as its nearest end.
    pub fn files_at_once(mut self, files: usize) -> Self {
        self.settings.plan.files = files.clamp(1, 64);
        self
    }

    /// How many bytes a file has after compression before the next one is started, 1 MB to 60 MB.
    ///
    /// Default: 16 MB. Redshift reads files of 1 MB to 1 GB well. A size outside of the range counts
    /// as its nearest end.
    pub fn file_size(mut self, bytes: usize) -> Self {
        self.settings.plan.file_size = bytes.clamp(1_000_000, 60_000_000);
        self
    }

    /// When the files are deleted. Default: always.
    pub fn clean_up(mut self, clean_up: CleanUp) -> Self {
        self.settings.clean_up = clean_up;
        self
    }

    /// Replaces all rows of the table: `DELETE` and `COPY` in one transaction, so that others see
    /// either the old rows or the new ones. Default: rows are added.
    pub fn replace(mut self) -> Self {
        self.settings.before = Before::Delete;
        self
    }

    /// Empties the table with `TRUNCATE` before the COPY, **which commits**: others see an empty
    /// table meanwhile, and it stays empty if the COPY fails. Faster than
    /// [`replace`](Self::replace); refused within a transaction.
    pub fn truncate(mut self) -> Self {
        self.settings.before = Before::Truncate;
        self
    }

    /// Refuses texts of a column that are longer than its `#[max_length = …]`, in bytes as Redshift
    /// counts: before anything is loaded, and with the number of the row.
    ///
    /// The COPY that [`RedshiftCopy`](crate::RedshiftCopy) starts, `User::copy()`, does so by
    /// itself for each column of the struct. For a table alone, generic code cannot find out which
    /// of its columns have one.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # use diesel_redshift::store::FolderStore;
    /// # use diesel_redshift::{IamRole, RedshiftConnection, copy};
    /// diesel::table! {
    ///     users {
    ///         id -> BigInt,
    ///         #[max_length = 20]
    ///         name -> Varchar,
    ///     }
    /// }
    ///
    /// # fn run(conn: &mut RedshiftConnection, store: FolderStore) -> Result<(), diesel_redshift::Error> {
    /// copy(users::table)
    ///     .from_insertable(vec![(users::id.eq(1), users::name.eq("Ada"))])
    ///     .through(&store, "s3://bucket/loads/")
    ///     .check_length(users::name)
    ///     .iam_role(IamRole::Default)
    ///     .execute(conn)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_length<C>(mut self, column: C) -> Self
    where
        T: Table,
        C: SizeRestrictedColumn<Table = T>,
    {
        let _ = column;
        self.settings.limits.insert(C::NAME, C::MAX_LENGTH);
        self
    }

    /// Calls `progress` from time to time: on the thread that takes the rows, and on a separate one
    /// while the server loads.
    ///
    /// [`ControlFlow::Break`] ends in [`StageError::Stopped`](crate::error::StageError::Stopped),
    /// and nothing is loaded: a running COPY is cancelled. One that finishes before the request
    /// arrives is not undone. A panic of `progress` stops in the same way, and then goes on in this
    /// thread.
    pub fn on_progress(
        mut self,
        progress: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'static,
    ) -> Self {
        self.settings.progress = Callback::new(progress);
        self
    }
}

crate::sql::debug_name! {
    CopyRows<T, R, V, S, A, F>
    CopyRowsThrough<T, R, V, A>
}
