//! The builder of an UNLOAD whose rows are read back.

use std::ops::ControlFlow;
use std::sync::Arc;

use diesel::deserialize::FromSqlRow;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment};
use diesel::query_dsl::CompatibleType;

use super::folder::{CleanUp, Folder};
use super::progress::{Callback, Phase, Progress};
use super::read::{self, Expected};
use super::unloaded::UnloadedRows;
use super::unloaded_files::{Column, File, UnloadedFiles};
use crate::Redshift;
use crate::aws::{
    AccessKey, Authorization, Credentials, IamRole, IntoIamRole, IntoS3Uri, Region, S3Uri,
    or_placeholder,
};
use crate::connection::RedshiftConnection;
use crate::error::Error;
use crate::files::{FileColumn, NullMarker, UnloadManifest, UnloadedFile};
use crate::sql::Slot;
use crate::store::Store;
use crate::unload::{Csv, FileSize, UnloadStatement};

/// An UNLOAD whose rows are read back by the application; see [`UnloadStatement::through`].
#[must_use = "it does nothing until `load` or `load_iter`"]
pub struct UnloadThrough<Q, A> {
    statement: UnloadStatement<Q, S3Uri, A, Csv>,
    store: Arc<dyn Store>,
    region: Option<Region>,
    is_ordered: bool,
    threads: Option<usize>,
    clean_up: CleanUp,
    progress: Callback,
}

impl<Q, L, A, F> UnloadStatement<Q, L, A, F> {
    /// Lets the cluster write the result to files below `folder`, and reads them back with the
    /// application's own access: a large result comes from all slices of the cluster at once, not
    /// through its leader node.
    ///
    /// Each unload has its own folder there, with a random name, and its files are deleted
    /// afterwards. Earlier settings of the statement's format and options are replaced. The store
    /// is cloned; put one that cannot be cloned into an [`Arc`].
    ///
    /// ```no_run
    /// use diesel::prelude::*;
    /// use diesel_redshift::store::FolderStore;
    /// use diesel_redshift::{IamRole, RedshiftConnection, unload};
    ///
    /// diesel::table! {
    ///     users {
    ///         id -> BigInt,
    ///         name -> Nullable<Text>,
    ///     }
    /// }
    ///
    /// #[derive(Queryable)]
    /// struct User {
    ///     id: i64,
    ///     name: Option<String>,
    /// }
    ///
    /// # fn run(conn: &mut RedshiftConnection, store: FolderStore) -> Result<(), diesel_redshift::Error> {
    /// let users: Vec<User> = unload(users::table.filter(users::id.gt(100)))
    ///     .through(&store, "s3://bucket/unloads/")
    ///     .iam_role(IamRole::Default)
    ///     .load(conn)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn through<S>(self, store: &S, folder: impl IntoS3Uri) -> UnloadThrough<Q, A>
    where
        S: Store + Clone + 'static,
    {
        let (folder, invalid) = or_placeholder(folder);
        UnloadThrough {
            statement: self.into_files(folder, invalid),
            store: Arc::new(store.clone()),
            region: None,
            is_ordered: false,
            threads: None,
            clean_up: CleanUp::default(),
            progress: Callback::default(),
        }
    }
}

impl<Q, A> UnloadThrough<Q, A> {
    fn map_statement<A2>(
        self,
        map: impl FnOnce(UnloadStatement<Q, S3Uri, A, Csv>) -> UnloadStatement<Q, S3Uri, A2, Csv>,
    ) -> UnloadThrough<Q, A2> {
        UnloadThrough {
            statement: map(self.statement),
            store: self.store,
            region: self.region,
            is_ordered: self.is_ordered,
            threads: self.threads,
            clean_up: self.clean_up,
            progress: self.progress,
        }
    }

    /// Authorizes writing the files with a role: `IAM_ROLE default`, `IAM_ROLE 'arn'`.
    pub fn iam_role(self, role: impl IntoIamRole) -> UnloadThrough<Q, <A as Slot<IamRole>>::Filled>
    where
        A: Slot<IamRole>,
    {
        self.map_statement(|statement| statement.iam_role(role))
    }

    /// Authorizes writing the files with a key pair: `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…'`.
    pub fn access_key(self, key: AccessKey) -> UnloadThrough<Q, <A as Slot<AccessKey>>::Filled>
    where
        A: Slot<AccessKey>,
    {
        self.map_statement(|statement| statement.access_key(key))
    }

    /// Authorizes writing the files with a credentials string: `CREDENTIALS '…'`.
    pub fn credentials(
        self,
        credentials: Credentials,
    ) -> UnloadThrough<Q, <A as Slot<Credentials>>::Filled>
    where
        A: Slot<Credentials>,
    {
        self.map_statement(|statement| statement.credentials(credentials))
    }

    /// `REGION '…'`: the region of the bucket, if it is not the cluster's.
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// `PARALLEL OFF`: returns the rows in the order of the query's `ORDER BY`. One slice then
    /// writes all files, which takes longer.
    ///
    /// Default: all slices write, and the order of the rows is undefined.
    pub fn ordered(mut self) -> Self {
        self.is_ordered = true;
        self
    }

    /// How many threads download and decode, 1 to 64; a number outside of the range counts as its
    /// nearest end. Default: the number of processors, at most 8.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads.clamp(1, 64));
        self
    }

    /// When the files are deleted. Default: always.
    pub fn clean_up(mut self, clean_up: CleanUp) -> Self {
        self.clean_up = clean_up;
        self
    }

    /// Calls `progress` from time to time: on the thread that takes the rows, and on a separate one
    /// while the server unloads. [`ControlFlow::Break`] ends in
    /// [`StageError::Stopped`](crate::error::StageError::Stopped), and cancels a running UNLOAD; a
    /// panic of `progress` stops in the same way, and then goes on in this thread.
    pub fn on_progress(
        mut self,
        progress: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'static,
    ) -> Self {
        self.progress = Callback::new(progress);
        self
    }
}

impl<Q, A> UnloadThrough<Q, A>
where
    Q: Query + QueryFragment<Redshift>,
    Redshift: QueryMetadata<Q::SqlType>,
    A: Authorization,
{
    /// Runs the query and returns its rows, as any type that `RunQueryDsl::load` returns.
    ///
    /// The UNLOAD runs in a transaction: on its own it commits, within yours it joins and sees what
    /// you have written there. The files are then read and deleted. Files that cannot be deleted
    /// are only reported by [`UnloadedRows::warnings`], that is with
    /// [`load_iter`](Self::load_iter).
    ///
    /// # Errors
    ///
    /// [`Error::Stage`] if a file is not what the UNLOAD reported or a value does not fit its type,
    /// [`Error::Store`] if the store refuses, otherwise as [`UnloadStatement::execute`].
    pub fn load<U>(self, conn: &mut RedshiftConnection) -> Result<Vec<U>, Error>
    where
        Q::SqlType: CompatibleType<U, Redshift>,
        U: FromSqlRow<<Q::SqlType as CompatibleType<U, Redshift>>::SqlType, Redshift>
            + Send
            + 'static,
    {
        self.load_iter(conn)?.into_vec()
    }

    /// Runs the query and returns an iterator over its rows, with memory for a few thousand at a
    /// time.
    ///
    /// The connection is free again when this returns. Dropping the iterator ends the download.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), also while iterating.
    pub fn load_iter<U>(self, conn: &mut RedshiftConnection) -> Result<UnloadedRows<U>, Error>
    where
        Q::SqlType: CompatibleType<U, Redshift>,
        U: FromSqlRow<<Q::SqlType as CompatibleType<U, Redshift>>::SqlType, Redshift>
            + Send
            + 'static,
    {
        self.load_with(conn, NullMarker::draw())
    }

    fn load_with<U>(
        self,
        conn: &mut RedshiftConnection,
        marker: NullMarker,
    ) -> Result<UnloadedRows<U>, Error>
    where
        Q::SqlType: CompatibleType<U, Redshift>,
        U: FromSqlRow<<Q::SqlType as CompatibleType<U, Redshift>>::SqlType, Redshift>
            + Send
            + 'static,
    {
        let (threads, is_ordered) = (self.threads, self.is_ordered);
        let mut unloaded = self.unload_files(conn, marker)?;
        let Some(found) = unloaded.found.take() else {
            unloaded.folder.succeed();
            return Ok(UnloadedRows::none(unloaded.folder));
        };
        Ok(UnloadedRows::start(
            unloaded.folder,
            found.files,
            found.columns,
            unloaded.marker,
            unloaded.rows,
            threads,
            is_ordered,
            unloaded.progress,
            read::build::<<Q::SqlType as CompatibleType<U, Redshift>>::SqlType, U>,
        ))
    }

    /// Runs the query, and returns the files that were written, for several processes to read.
    ///
    /// Only [`UnloadedFiles::delete`] deletes the files.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn unload(self, conn: &mut RedshiftConnection) -> Result<UnloadedFiles, Error> {
        let is_ordered = self.is_ordered;
        let unloaded = self.unload_files(conn, NullMarker::draw())?;
        let location = unloaded.folder.location().to_string();
        let mut files = UnloadedFiles {
            folder: location,
            null_marker: unloaded.marker.as_str().to_owned(),
            columns: Vec::new(),
            files: Vec::new(),
            is_ordered,
        };
        if let Some(found) = &unloaded.found {
            files.columns = found.columns.iter().map(Column::from).collect();
            files.files = found.files.iter().map(File::from).collect();
            unloaded.folder.disown();
        }
        Ok(files)
    }

    fn unload_files(
        self,
        conn: &mut RedshiftConnection,
        marker: NullMarker,
    ) -> Result<Unloaded, Error> {
        self.statement.check_texts()?;
        let mut progress = self.progress;
        let folder = Folder::new(self.store, self.statement.location(), self.clean_up)?;
        let mut statement = self
            .statement
            .to(folder.location().clone())
            .format(Csv::new().null_as(marker.as_str()))
            .manifest_verbose()
            .zstd()
            // Several files per slice, so that several threads have something to read.
            .max_file_size(FileSize::megabytes(64));
        statement = if self.is_ordered {
            statement.parallel_off()
        } else {
            statement.parallel_on()
        };
        if let Some(region) = self.region {
            statement = statement.region(region);
        }
        let manifest_location = statement.manifest_location()?;
        let at = Progress {
            phase: Phase::Unload,
            rows: 0,
            bytes: 0,
            uploaded_bytes: 0,
        };
        let outcome = progress.during(conn, &at, |conn| {
            // Until the manifest is read: an UNLOAD that breaks off leaves files behind.
            folder.set_may_have_others(true);
            statement.execute(conn)
        })?;
        if outcome.rows == 0 {
            // No file was written, or empty ones, which the clean-up finds.
            return Ok(Unloaded {
                folder,
                marker,
                rows: 0,
                found: None,
                progress,
            });
        }
        let json = read::whole(folder.store(), &manifest_location)?;
        let manifest = UnloadManifest::parse(&json)
            .map_err(|error| read::manifest_error(&manifest_location, error.to_string()))?;
        let expected = Expected::of::<Q::SqlType>();
        let columns = expected.check(
            &manifest,
            &manifest_location,
            outcome.rows,
            folder.location(),
        )?;
        folder.adopt(manifest.files.iter().map(|file| file.url.clone()));
        folder.adopt([manifest_location]);
        folder.set_may_have_others(false);
        Ok(Unloaded {
            folder,
            marker,
            rows: outcome.rows,
            found: Some(Found {
                files: manifest.files,
                columns,
            }),
            progress,
        })
    }
}

/// An UNLOAD that has run.
struct Unloaded {
    folder: Folder,
    marker: NullMarker,
    rows: u64,
    /// `None` when there is no row.
    found: Option<Found>,
    progress: Callback,
}

/// What its manifest says.
struct Found {
    files: Vec<UnloadedFile>,
    columns: Vec<FileColumn>,
}

impl From<&FileColumn> for Column {
    fn from(column: &FileColumn) -> Self {
        Self {
            name: column.name.clone(),
            base: column.base.clone(),
        }
    }
}

impl From<&UnloadedFile> for File {
    fn from(file: &UnloadedFile) -> Self {
        Self {
            url: file.url.to_string(),
            rows: file.record_count.unwrap_or_default(),
        }
    }
}

crate::sql::debug_name! { UnloadThrough<Q, A> }
