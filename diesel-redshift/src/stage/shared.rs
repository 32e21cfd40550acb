//! Loads that several processes share: each writes a part, and one sends the COPY.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use diesel::Insertable;
use diesel::Table;
use diesel::query_builder::ValuesClause;
use serde::{Deserialize, Serialize};

use super::folder::{CleanUp, Folder};
use super::parts::{Part, Parts};
use super::progress::Callback;
use super::read;
use super::rows::{Before, CopyRowsThrough};
use super::staged::{StagedRows, files_of};
use crate::aws::{IntoS3Uri, S3Uri};
use crate::copy::{ColumnsOf, CompleteCopy, CopyStatement, Csv, S3Manifest};
use crate::error::{Error, InvalidValue, StageError};
use crate::files::{Compression, FileValues, LoadManifest, NullMarker};
use crate::store::Store;

/// A load whose rows are written by several processes, on any machines: where their files go, and
/// which text represents NULL in them.
///
/// One process makes it and passes it to the others, for example as JSON. Each of them writes its
/// rows with [`CopyRowsThrough::upload_part`] and returns its [`LoadPart`];
/// [`CopyStatement::from_parts`] loads all of them with one COPY.
///
/// ```no_run
/// # use diesel::prelude::*;
/// # use diesel_redshift::stage::{LoadPart, LoadPlan};
/// # use diesel_redshift::store::FolderStore;
/// # use diesel_redshift::{IamRole, RedshiftConnection, copy};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # #[derive(Insertable)]
/// # #[diesel(treat_none_as_default_value = false)]
/// # struct User { id: i64, name: String }
/// # fn run(conn: &mut RedshiftConnection, store: FolderStore, rows: Vec<User>) -> Result<(), diesel_redshift::Error> {
/// let plan = LoadPlan::new("s3://bucket/loads/")?;
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
    #[serde(default)]
    parts: Option<usize>,
}

/// The files that one process wrote for a [`LoadPlan`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadPart {
    columns: Vec<String>,
    /// The end of the files' names, which shows the compression.
    extension: String,
    files: Vec<String>,
    rows: u64,
    bytes: u64,
    compressed_bytes: u64,
}

impl LoadPlan {
    /// A load whose files go to their own folder below `within`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] if a text is not a valid location, or too long.
    pub fn new(within: impl IntoS3Uri) -> Result<Self, InvalidValue> {
        Ok(Self {
            folder: Folder::location_below(&within.into_s3_uri()?)?.to_string(),
            null_marker: NullMarker::draw().as_str().to_owned(),
            parts: None,
        })
    }

    /// How many parts there will be: [`from_parts`](CopyStatement::from_parts) refuses fewer and
    /// more. Without this, it cannot know that one is missing.
    #[must_use = "the plan is a new one"]
    pub fn parts(mut self, parts: usize) -> Self {
        self.parts = Some(parts);
        self
    }

    /// Gives the load up: deletes everything in its folder, whoever wrote it. Call it when no
    /// process writes there any more.
    ///
    /// # Errors
    ///
    /// Any error of the store.
    pub fn abort(&self, store: &impl Store) -> Result<(), Error> {
        let folder = self.folder()?;
        let mut files = store.list(&folder)?;
        files.retain(|file| file.as_str().starts_with(folder.as_str()));
        Ok(store.delete(&files)?)
    }

    /// The folder of the load.
    ///
    /// # Errors
    ///
    /// If a plan that was read from elsewhere has no valid folder.
    pub fn folder(&self) -> Result<S3Uri, InvalidValue> {
        let folder = S3Uri::parse(&self.folder)?;
        if folder.key().is_empty() || !folder.key().ends_with('/') {
            let text = folder.as_str();
            return Err(InvalidValue::new(
                "folder of a plan",
                text,
                "one that ends in `/`",
            ));
        }
        Ok(folder)
    }

    fn marker(&self, folder: &S3Uri) -> Result<NullMarker, Error> {
        marker_of(&self.null_marker, folder)
    }
}

/// Takes a marker from elsewhere: CSV might take one of another form apart.
pub(super) fn marker_of(text: &str, folder: &S3Uri) -> Result<NullMarker, Error> {
    NullMarker::parse(text)
        .ok_or_else(|| read::manifest_error(folder, "its plan has no text for NULL"))
}

impl LoadPart {
    /// How many rows were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many files contain them.
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
    /// Writes and uploads the rows as a part of a load that other processes write to as well; see
    /// [`LoadPlan`].
    ///
    /// The files go to the plan's folder and stay there. Settings of the COPY itself have no effect
    /// here.
    ///
    /// # Errors
    ///
    /// As [`upload`](Self::upload); the files of this part are then deleted, if
    /// [`clean_up`](Self::clean_up) says always.
    pub fn upload_part(self, plan: &LoadPlan) -> Result<LoadPart, Error> {
        let location = plan.folder()?;
        let marker = plan.marker(&location)?;
        let extension = self.settings.plan.compression.extension().to_owned();
        let clean_up = self.settings.clean_up;
        let folder = Folder::at(Arc::clone(&self.store), location, clean_up);
        let (columns, parts, _) = self.write_files(marker, &folder, true)?;
        folder.disown();
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
    /// Makes one COPY of the parts that several processes wrote; see
    /// [`LoadPlan`](crate::stage::LoadPlan). Set the authorization before.
    ///
    /// The returned value owns all files, and deletes them when it is dropped.
    ///
    /// # Errors
    ///
    /// If the parts do not fit together, differ in number from the plan, are outside of its folder
    /// or are given twice, or if the manifest cannot be written. Their files then stay, so that the
    /// call can be repeated.
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
        let mut compressed_bytes = 0_u64;
        let mut form: Option<(Vec<String>, String)> = None;
        let parts: Vec<_> = parts.into_iter().collect();
        if let Some(expected) = plan.parts
            && expected != parts.len()
        {
            let reason = format!(
                "{} parts; expected {expected}, as its plan says",
                parts.len()
            );
            return Err(read::manifest_error(&location, reason));
        }
        for part in parts {
            if (part.rows == 0) != part.files.is_empty() {
                let (rows, files) = (part.rows, part.files.len());
                let reason = format!("a part of {rows} rows names {files} files");
                return Err(read::manifest_error(&location, reason));
            }
            for file in &part.files {
                if !file.starts_with(location.as_str()) {
                    let reason = format!("a part names {file}, which is not below it");
                    return Err(read::manifest_error(&location, reason));
                }
                // COPY would load it twice, and the count would match.
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
            // COPY counts the rows; sums that are too large to be true must only not panic.
            all.rows = all.rows.saturating_add(part.rows);
            all.bytes = all.bytes.saturating_add(part.bytes);
            compressed_bytes = compressed_bytes.saturating_add(part.compressed_bytes);
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
        if let Some(file) = all.parts.first_mut() {
            // That of a single file is not known, and only their sum is told.
            file.compressed_bytes = compressed_bytes;
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
        let load = self.into_rows(location, None);
        let compression = Compression::of_extension(&extension).ok_or_else(|| {
            read::manifest_error(folder.location(), "a part has an unknown compression")
        })?;
        let load = files_of(load, columns, &folder, &marker, compression)?;
        if all.rows > 0 {
            load.to_sql()?;
            let urls: LoadManifest = all.parts.iter().map(|part| part.url.clone()).collect();
            folder.put("manifest", urls.to_json().as_bytes())?;
        }
        // Until here the files belong to the parts, so that the call can be repeated.
        folder.adopt(all.parts.iter().map(|part| part.url.clone()));
        Ok(StagedRows {
            load,
            parts: all,
            before: Before::Append,
            folder,
            is_loaded: false,
            progress: Callback::default(),
            encoding: Duration::ZERO,
            upload: Duration::ZERO,
        })
    }
}
