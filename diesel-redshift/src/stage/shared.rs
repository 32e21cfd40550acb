//! Loads and unloads that several processes share: each writes or reads a part, one sends the statement.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use diesel::Insertable;
use diesel::Table;
use diesel::deserialize::FromSqlRow;
use diesel::expression::QueryMetadata;
use diesel::query_builder::{AsQuery, ValuesClause};
use diesel::query_dsl::CompatibleType;
use serde::{Deserialize, Serialize};

use super::folder::{CleanUp, Folder};
use super::parts::{Part, Parts};
use super::progress::Callback;
use super::read;
use super::rows::{Before, CopyRowsThrough};
use super::staged::{StagedRows, files_of};
use super::unloaded::UnloadedRows;
use crate::Redshift;
use crate::aws::S3Uri;
use crate::copy::{ColumnsOf, CompleteCopy, CopyStatement, Csv, S3Manifest};
use crate::error::{Error, InvalidValue, StageError};
use crate::files::{Compression, FileColumn, FileValues, LoadManifest, NullMarker, UnloadedFile};
use crate::store::Store;

/// A load whose rows several processes write, on any machines: where their files go and what stands for NULL in them.
///
/// One process makes it and hands it to the others, as JSON for example. Each of them writes its rows with
/// [`CopyRowsThrough::upload_part`] and hands its [`LoadPart`] back; [`CopyStatement::from_parts`] loads all of them by one COPY.
///
/// ```no_run
/// # use diesel::prelude::*;
/// # use diesel_redshift::stage::{LoadPart, LoadPlan};
/// # use diesel_redshift::store::FolderStore;
/// # use diesel_redshift::{IamRole, RedshiftConnection, S3Uri, copy};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # #[derive(Insertable)]
/// # #[diesel(treat_none_as_default_value = false)]
/// # struct User { id: i64, name: String }
/// # fn run(conn: &mut RedshiftConnection, store: FolderStore, rows: Vec<User>) -> Result<(), diesel_redshift::Error> {
/// let plan = LoadPlan::new(&S3Uri::parse("s3://bucket/loads/")?)?;
///
/// // In each process, with the plan that it was given:
/// let part: LoadPart = copy(users::table)
///     .from_insertable(&rows)
///     .through(&store, plan.folder()?)
///     .upload_part(&plan)?;
///
/// // In one, with the parts of all:
/// let mut staged = copy(users::table)
///     .iam_role(IamRole::Default)
///     .from_parts(&store, &plan, vec![part])?;
/// let outcome = staged.copy(conn)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadPlan {
    folder: String,
    null_marker: String,
}

/// The files that one process wrote for a [`LoadPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadPart {
    columns: Vec<String>,
    /// The end of the files' names, which tells the compression.
    extension: String,
    files: Vec<String>,
    rows: u64,
    bytes: u64,
    compressed_bytes: u64,
}

impl LoadPlan {
    /// A load whose files go to a folder of its own below `within`.
    ///
    /// # Errors
    ///
    /// When that location is too long.
    pub fn new(within: &S3Uri) -> Result<Self, InvalidValue> {
        Ok(Self {
            folder: Folder::location_below(within)?.to_string(),
            null_marker: NullMarker::draw().as_str().to_owned(),
        })
    }

    /// The folder of the load.
    ///
    /// # Errors
    ///
    /// When a plan that was read from elsewhere has none.
    pub fn folder(&self) -> Result<S3Uri, InvalidValue> {
        S3Uri::parse(&self.folder)
    }

    fn marker(&self, folder: &S3Uri) -> Result<NullMarker, Error> {
        marker_of(&self.null_marker, folder)
    }
}

/// A marker that came from elsewhere: one of another form might be taken apart by CSV.
fn marker_of(text: &str, folder: &S3Uri) -> Result<NullMarker, Error> {
    NullMarker::parse(text)
        .ok_or_else(|| read::manifest_error(folder, "its plan has no text for NULL"))
}

impl LoadPart {
    /// How many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many files hold them.
    pub fn files(&self) -> usize {
        self.files.len()
    }
}

impl<T, R, V, A> CopyRowsThrough<T, R, V, A>
where
    T: Table,
    R: IntoIterator,
    R::Item: Insertable<T, Values = ValuesClause<V, T>>,
    V: FileValues,
{
    /// Writes and uploads the rows as a part of a load that other processes write to as well; see [`LoadPlan`].
    ///
    /// The files go to the plan's folder and stay there. Settings of the COPY itself have no effect here.
    ///
    /// # Errors
    ///
    /// As [`upload`](Self::upload); the files of this part are deleted then.
    pub fn upload_part(self, plan: &LoadPlan) -> Result<LoadPart, Error> {
        let location = plan.folder()?;
        let marker = plan.marker(&location)?;
        let extension = self.settings.plan.compression.extension().to_owned();
        let folder = Folder::at(Arc::clone(&self.store), location, CleanUp::Always);
        let (columns, parts, _) =
            self.write_files(marker, &folder, true, &mut Callback::default())?;
        folder.leave();
        Ok(LoadPart {
            columns: columns.into_iter().map(str::to_owned).collect(),
            extension,
            files: parts
                .parts
                .iter()
                .map(|part| part.url.to_string())
                .collect(),
            rows: parts.rows,
            bytes: parts.bytes,
            compressed_bytes: parts.compressed_bytes(),
        })
    }
}

impl<T, S, A, F> CopyStatement<T, S, A, F> {
    /// Makes one COPY of the parts that several processes wrote; see [`LoadPlan`](crate::stage::LoadPlan). Authorization comes before.
    ///
    /// What is returned has all files in its care, and deletes them when it is dropped.
    ///
    /// # Errors
    ///
    /// When the parts do not fit together, lie elsewhere than in the plan's folder or are given twice, and when the manifest cannot be written.
    /// Their files then stay, so that the call can be made again.
    pub fn from_parts<St>(
        self,
        store: &St,
        plan: &LoadPlan,
        parts: impl IntoIterator<Item = LoadPart>,
    ) -> Result<StagedRows<T, A>, Error>
    where
        St: Store + Clone + 'static,
        T: Table,
        T::AllColumns: ColumnsOf<T>,
        CopyStatement<T, S3Manifest, A, Csv>: CompleteCopy,
    {
        let location = plan.folder()?;
        let marker = plan.marker(&location)?;
        let folder = Folder::at(Arc::new(store.clone()), location.clone(), CleanUp::Always);
        let mut all = Parts::default();
        let mut files = HashSet::new();
        let mut form: Option<(Vec<String>, String)> = None;
        for part in parts {
            for file in &part.files {
                if !file.starts_with(location.as_str()) {
                    let reason = format!("a part names {file}, which is not below it");
                    return Err(read::manifest_error(&location, reason));
                }
                // COPY would load it twice, and the count would agree.
                if !files.insert(file.clone()) {
                    let reason = format!("{file} is given twice");
                    return Err(read::manifest_error(&location, reason));
                }
                all.parts.push(Part {
                    url: S3Uri::parse(file)?,
                    compressed_bytes: 0,
                    runs: Vec::new(),
                });
            }
            all.rows += part.rows;
            all.bytes += part.bytes;
            if let Some(file) = all.parts.last_mut() {
                file.compressed_bytes += part.compressed_bytes;
            }
            let form_of_part = (part.columns, part.extension);
            let form = form.get_or_insert_with(|| form_of_part.clone());
            if *form != form_of_part {
                return Err(StageError::Columns {
                    file: location.to_string(),
                    found: format!("a part with the columns {:?}", form_of_part.0),
                    expected: format!(
                        "{:?}, and the same compression, as of the first part",
                        form.0
                    ),
                }
                .into());
            }
        }
        let (names, extension) = form.unwrap_or_default();
        let columns = names
            .iter()
            .map(|name| {
                let known = <T::AllColumns as ColumnsOf<T>>::NAMES;
                known
                    .iter()
                    .find(|known| **known == name.as_str())
                    .copied()
                    .ok_or_else(|| {
                        StageError::Columns {
                            file: location.to_string(),
                            found: format!("a column {name:?}"),
                            expected: format!("columns of the table: {known:?}"),
                        }
                        .into()
                    })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let (table, authorization) = self.into_table_and_authorization();
        let load = CopyStatement::of_files(table, authorization, location);
        let compression = Compression::of_extension(&extension).ok_or_else(|| {
            read::manifest_error(folder.location(), "a part has an unknown compression")
        })?;
        let load = files_of(load, columns, &folder, &marker, compression)?;
        if all.rows > 0 {
            load.to_sql()?;
            let urls: LoadManifest = all.parts.iter().map(|part| part.url.clone()).collect();
            folder.put("manifest", urls.to_json().as_bytes())?;
        }
        // Until here the files are the parts' own, so that the call can be made again.
        folder.adopt(all.parts.iter().map(|part| part.url.clone()));
        Ok(StagedRows {
            load,
            parts: all,
            before: Before::Append,
            folder,
            progress: Callback::default(),
            encoding: Duration::ZERO,
            upload: Duration::ZERO,
        })
    }
}

/// The files of an UNLOAD, which several processes read: each its own, and one deletes all.
///
/// [`UnloadThrough::unload`](super::UnloadThrough::unload) makes it; it goes to other processes as JSON, for example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnloadedFiles {
    pub(super) folder: String,
    pub(super) null_marker: String,
    pub(super) columns: Vec<Column>,
    pub(super) files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) is_super: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    pub(super) url: String,
    pub(super) rows: u64,
}

impl UnloadedFiles {
    /// How many rows the files hold.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Shares the files out to so many readers; those for whom there is none have no rows.
    pub fn split(&self, readers: usize) -> Vec<Self> {
        let readers = readers.max(1);
        (0..readers)
            .map(|reader| Self {
                files: self
                    .files
                    .iter()
                    .skip(reader)
                    .step_by(readers)
                    .cloned()
                    .collect(),
                ..self.clone()
            })
            .collect()
    }

    /// Gives the rows of these files. `query` is that of the UNLOAD; only its type matters, and none is sent.
    ///
    /// # Errors
    ///
    /// As [`UnloadThrough::load`](super::UnloadThrough::load).
    pub fn load<U, Q>(
        &self,
        store: &(impl Store + Clone + 'static),
        query: Q,
    ) -> Result<UnloadedRows<U>, Error>
    where
        Q: AsQuery,
        Redshift: QueryMetadata<Q::SqlType>,
        Q::SqlType: CompatibleType<U, Redshift>,
        U: FromSqlRow<<Q::SqlType as CompatibleType<U, Redshift>>::SqlType, Redshift>
            + Send
            + 'static,
    {
        drop(query);
        let location = S3Uri::parse(&self.folder)?;
        let marker = marker_of(&self.null_marker, &location)?;
        let mut files = Vec::new();
        for file in &self.files {
            files.push(UnloadedFile {
                url: S3Uri::parse(&file.url)?,
                content_length: None,
                record_count: Some(file.rows),
            });
        }
        let columns = self.columns.iter().map(|column| FileColumn {
            name: column.name.clone(),
            is_super: column.is_super,
        });
        let folder = Folder::at(Arc::new(store.clone()), location, CleanUp::Never);
        Ok(UnloadedRows::start(
            folder,
            files,
            columns.collect(),
            marker,
            self.rows(),
            None,
            Callback::default(),
            read::build::<<Q::SqlType as CompatibleType<U, Redshift>>::SqlType, U>,
        ))
    }

    /// Deletes the files, and the manifest beside them. To be called once for all, when every process has read its own.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn delete(&self, store: &impl Store) -> Result<(), Error> {
        let mut files = vec![S3Uri::parse(&self.folder)?.join("manifest")?];
        for file in &self.files {
            files.push(S3Uri::parse(&file.url)?);
        }
        Ok(store.delete(&files)?)
    }
}
