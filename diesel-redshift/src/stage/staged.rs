//! Rows in files, and their COPY.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::StrQueryHelper;
use diesel::query_builder::{QueryFragment, ValuesClause};
use diesel::{Connection, Insertable, QuerySource, Table};

use super::folder::Folder;
use super::outcome::StagedOutcome;
use super::parts::Parts;
use super::progress::{Callback, Phase, Progress};
use super::rows::{Before, CopyRowsThrough};
use super::upload::upload;
use crate::Redshift;
use crate::aws::{Authorization, S3Uri};
use crate::connection::RedshiftConnection;
use crate::copy::{
    CompUpdate, CompleteCopy, CopyOutcome, CopyStatement, Csv, LoadsWith, PlanCopy, S3Manifest,
    StatUpdate,
};
use crate::error::{Error, RejectedRow, StageError};
use crate::files::{
    Compression, FileValues, LoadManifest, NullMarker, RowWriter, columns_of, random_name,
};
use crate::maintenance::truncate;
use crate::query_builder::inline::inline;

pub(crate) type Load<T, A> = CopyStatement<T, S3Manifest, A, Csv>;

/// Rows in files, ready for COPY; see [`CopyRowsThrough::upload`].
///
/// Dropping it deletes the files.
pub struct StagedRows<T, A> {
    pub(super) load: Load<T, A>,
    pub(super) parts: Parts,
    pub(super) before: Before,
    pub(super) folder: Folder,
    /// Whether a COPY has finished, even within a transaction that has not.
    pub(super) is_loaded: bool,
    pub(super) progress: Callback,
    pub(super) encoding: Duration,
    pub(super) upload: Duration,
}

impl<T, A> fmt::Debug for StagedRows<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StagedRows")
            .field("folder", self.folder.location())
            .field("rows", &self.parts.rows)
            .field("files", &self.parts.parts.len())
            .finish_non_exhaustive()
    }
}

impl<T, R, V, A> CopyRowsThrough<T, R, V, A>
where
    T: Table + Clone + QueryFragment<Redshift>,
    <T as QuerySource>::FromClause: QueryFragment<Redshift>,
    R: IntoIterator,
    R::Item: Insertable<T, Values = ValuesClause<V, T>>,
    V: FileValues,
    A: Authorization + Clone,
    Csv: LoadsWith<A>,
{
    /// Writes and uploads the files, then loads them, then deletes them.
    ///
    /// The COPY runs in a transaction: on its own it commits, within yours it joins. Either all
    /// rows are loaded or none is, and it is an error if COPY does not load as many as were
    /// written. Without any row there is no COPY. With
    /// [`retry_serializable`](RedshiftConnection::retry_serializable), rather
    /// [`upload`](Self::upload) before it, and [`copy`](StagedRows::copy) within.
    ///
    /// The files are deleted when the COPY has read them. Within a transaction of yours that is
    /// before its commit, which no longer needs them: a retry calls this again, and it uploads the
    /// rows again. Whether that transaction will succeed cannot be known here, so with
    /// [`CleanUp::OnSuccess`](crate::stage::CleanUp::OnSuccess) they stay then.
    ///
    /// # Errors
    ///
    /// [`Error::Stage`] if a row cannot be written or counts differ, [`Error::Store`] if the store
    /// refuses, otherwise as [`CopyStatement::execute`].
    pub fn execute(self, conn: &mut RedshiftConnection) -> Result<StagedOutcome, Error> {
        let mut staged = self.upload()?;
        let mut outcome = staged.copy(conn)?;
        outcome.warnings = staged.folder.clean_up();
        Ok(outcome)
    }

    /// Writes and uploads the files. The returned value loads them, as often as needed.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # use diesel_redshift::store::FolderStore;
    /// # use diesel_redshift::{IamRole, RedshiftConnection, S3Uri, copy};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # #[derive(Insertable)]
    /// # #[diesel(treat_none_as_default_value = false)]
    /// # struct User { id: i64, name: String }
    /// # fn run(conn: &mut RedshiftConnection, store: FolderStore, rows: Vec<User>) -> Result<(), diesel_redshift::Error> {
    /// let mut staged = copy(users::table)
    ///     .from_insertable(&rows)
    ///     .through(&store, "s3://bucket/loads/")
    ///     .iam_role(IamRole::Default)
    ///     .upload()?;
    /// conn.retry_serializable(5, |conn| {
    ///     diesel::delete(users::table.filter(users::id.lt(100))).execute(conn)?;
    ///     staged.copy(conn) // uploads nothing again
    /// })?;
    /// for warning in staged.clean_up() {
    ///     eprintln!("{warning}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute); the files that were written are deleted then.
    pub fn upload(self) -> Result<StagedRows<T, A>, Error> {
        self.upload_with(NullMarker::draw())
    }

    fn upload_with(mut self, marker: NullMarker) -> Result<StagedRows<T, A>, Error> {
        let folder = Folder::new(
            Arc::clone(&self.store),
            &self.folder,
            self.settings.clean_up,
        )?;
        let load = files_of(
            self.load.clone(),
            columns_of::<V>(),
            &folder,
            &marker,
            self.settings.plan.compression,
        )?;
        // An invalid option is reported before anything is uploaded.
        load.to_sql()?;
        let start = Instant::now();
        let before = self.settings.before;
        let mut progress = std::mem::take(&mut self.settings.progress);
        let (_, parts, encoding) = self.write_files_with(marker, &folder, false, &mut progress)?;
        if parts.rows > 0 {
            let files = parts.parts.iter().map(|part| part.url.clone());
            let manifest: LoadManifest = files.collect();
            folder.put("manifest", manifest.to_json().as_bytes())?;
        }
        Ok(StagedRows {
            load,
            parts,
            before,
            folder,
            is_loaded: false,
            progress,
            encoding,
            upload: start.elapsed(),
        })
    }
}

impl<T, R, V, A> CopyRowsThrough<T, R, V, A>
where
    R: IntoIterator,
    R::Item: Insertable<T, Values = ValuesClause<V, T>>,
    V: FileValues,
{
    pub(super) fn write_files(
        mut self,
        marker: NullMarker,
        folder: &Folder,
        is_part: bool,
    ) -> Result<(Vec<&'static str>, Parts, Duration), Error> {
        let mut progress = std::mem::take(&mut self.settings.progress);
        self.write_files_with(marker, folder, is_part, &mut progress)
    }

    /// Writes the files, and returns their columns and how long encoding the rows took.
    fn write_files_with(
        self,
        marker: NullMarker,
        folder: &Folder,
        is_part: bool,
        progress: &mut Callback,
    ) -> Result<(Vec<&'static str>, Parts, Duration), Error> {
        let mut plan = self.settings.plan;
        if is_part {
            // Other processes write to the same folder.
            plan.name = format!("{}-", random_name());
        }
        let limits = self.settings.limits;
        let mut writer = RowWriter::new::<V>(marker, |column| limits.get(column).copied());
        let rows = self.rows.into_iter().map(|row| row.values().values);
        let (parts, encoding) = upload(rows, &mut writer, folder, &plan, |progressed| {
            progress.call(&Progress {
                phase: Phase::Upload,
                rows: progressed.rows,
                bytes: progressed.bytes,
                uploaded_bytes: progressed.uploaded,
            })
        })?;
        Ok((writer.columns().to_vec(), parts, encoding))
    }
}

/// The COPY of the files in a folder, as they are written.
pub(super) fn files_of<T, A>(
    load: CopyStatement<T, S3Uri, A, Csv>,
    columns: Vec<&'static str>,
    folder: &Folder,
    marker: &NullMarker,
    compression: Compression,
) -> Result<Load<T, A>, Error> {
    let manifest = S3Manifest::at(folder.location().join("manifest")?);
    // `'auto'` reads dates and times of any year as this crate writes them.
    let format = Csv::new()
        .null_as(marker.as_str())
        .date_format("auto")
        .time_format("auto");
    let load = load.of_manifest(columns, manifest, format);
    Ok(match compression {
        Compression::Zstd => load.zstd(),
        Compression::Gzip => load.gzip(),
        Compression::None => load,
    })
}

impl<T, A> StagedRows<T, A> {
    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.parts.rows
    }

    /// How many files contain them.
    pub fn files(&self) -> usize {
        self.parts.parts.len()
    }

    /// The number of a row, from 0, that COPY rejected; `None` if it is not in these files, or if
    /// line breaks in earlier values make its line uncertain.
    pub fn row_of(&self, rejected: &RejectedRow) -> Option<u64> {
        self.parts.row_at(&rejected.file, rejected.line)
    }

    /// Deletes the files now, and returns the errors of those that could not be deleted. Call it
    /// when the transaction of [`copy`](Self::copy) has committed; a load in it counts as the
    /// success that [`CleanUp::OnSuccess`](crate::stage::CleanUp::OnSuccess) asks for.
    pub fn clean_up(self) -> Vec<Error> {
        if self.is_loaded {
            self.folder.succeed();
        }
        self.folder.clean_up()
    }

    /// Replaces all rows of the table; as [`CopyRowsThrough::replace`].
    #[must_use = "nothing is loaded until `copy`"]
    pub fn replace(mut self) -> Self {
        self.before = Before::Delete;
        self
    }

    /// Empties the table before the COPY, **which commits**; as [`CopyRowsThrough::truncate`].
    #[must_use = "nothing is loaded until `copy`"]
    pub fn truncate(mut self) -> Self {
        self.before = Before::Truncate;
        self
    }

    /// Calls `progress` from time to time while the server loads; as
    /// [`CopyRowsThrough::on_progress`].
    #[must_use = "nothing is loaded until `copy`"]
    pub fn on_progress(
        mut self,
        progress: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'static,
    ) -> Self {
        self.progress = Callback::new(progress);
        self
    }
}

impl<T, A> StagedRows<T, A>
where
    T: Table + Clone + QueryFragment<Redshift>,
    Load<T, A>: CompleteCopy,
{
    /// Loads the rows. It can be called again, in a transaction that is retried: the files stay
    /// until this is dropped.
    ///
    /// # Errors
    ///
    /// As [`CopyRowsThrough::execute`].
    pub fn copy(&mut self, conn: &mut RedshiftConnection) -> Result<StagedOutcome, Error> {
        let start = Instant::now();
        self.is_loaded = false;
        let at = Progress {
            phase: Phase::Copy,
            rows: self.parts.rows,
            bytes: self.parts.bytes,
            uploaded_bytes: self.parts.compressed_bytes(),
        };
        let mut progress = std::mem::take(&mut self.progress);
        let load = progress.during(conn, &at, |conn| self.load_all(conn));
        self.progress = progress;
        let load = load?;
        self.is_loaded = true;
        if !conn.is_in_transaction() {
            self.folder.succeed();
        }
        let rejected_rows = load.iter().flat_map(|load| &load.rejected_rows);
        let rejected = rejected_rows
            .filter_map(|row| self.parts.row_at(&row.file, row.line))
            .collect();
        Ok(StagedOutcome {
            rows: load.as_ref().map_or(0, |load| load.rows),
            skipped_rows: load.as_ref().map_or(0, |load| load.skipped_rows),
            files: self.parts.parts.len() as u64,
            bytes: self.parts.bytes,
            compressed_bytes: self.parts.compressed_bytes(),
            encoding: self.encoding,
            upload: self.upload,
            copy: start.elapsed(),
            load,
            rejected,
            warnings: Vec::new(),
        })
    }

    fn load_all(&self, conn: &mut RedshiftConnection) -> Result<Option<CopyOutcome>, Error> {
        match self.before {
            Before::Append => self.copy_checked(conn),
            Before::Delete => conn.transaction(|conn| {
                let delete = format!("DELETE FROM {}", inline(self.load.table())?);
                conn.execute_utility(&delete, &StrQueryHelper::new(&delete))?;
                self.copy_checked(conn)
            }),
            Before::Truncate => {
                truncate(self.load.table().clone()).execute(conn)?;
                self.copy_checked(conn)
            }
        }
    }

    fn copy_checked(&self, conn: &mut RedshiftConnection) -> Result<Option<CopyOutcome>, Error> {
        copy_checked(&self.load, self.parts.rows, conn)
    }
}

impl<T, A> StagedRows<T, A>
where
    T: Clone,
    A: Clone,
{
    /// Loads the rows into another table, whose columns have the same names, and leaves its
    /// statistics and encodings as they are.
    pub(crate) fn copy_into<U>(&self, table: U, conn: &mut RedshiftConnection) -> Result<(), Error>
    where
        Load<U, A>: CompleteCopy,
    {
        let load = self.load.clone().into_table(table);
        let load = load
            .comp_update(CompUpdate::Off)
            .stat_update(StatUpdate::Off);
        copy_checked(&load, self.parts.rows, conn)?;
        self.folder.succeed();
        Ok(())
    }
}

fn copy_checked<T, A>(
    load: &Load<T, A>,
    written: u64,
    conn: &mut RedshiftConnection,
) -> Result<Option<CopyOutcome>, Error>
where
    Load<T, A>: CompleteCopy,
{
    if written == 0 {
        return Ok(None);
    }
    let outcome = load.plan()?.execute_checked(conn, |outcome| {
        let (loaded, rejected) = (outcome.rows, outcome.skipped_rows);
        if loaded + rejected == written {
            return Ok(());
        }
        Err(StageError::LoadedOtherwise {
            written,
            loaded,
            rejected,
        }
        .into())
    })?;
    Ok(Some(outcome))
}
