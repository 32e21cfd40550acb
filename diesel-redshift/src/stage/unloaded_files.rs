//! The files of an UNLOAD that several processes read: each reads its own, and one deletes all.

use std::collections::HashSet;
use std::sync::Arc;

use diesel::deserialize::FromSqlRow;
use diesel::expression::QueryMetadata;
use diesel::query_builder::AsQuery;
use diesel::query_dsl::CompatibleType;
use serde::{Deserialize, Serialize};

use super::folder::{CleanUp, Folder};
use super::progress::Callback;
use super::read::{self, Expected};
use super::shared::marker_of;
use super::unloaded::UnloadedRows;
use crate::Redshift;
use crate::aws::S3Uri;
use crate::error::Error;
use crate::files::{FileColumn, UnloadedFile};
use crate::store::Store;

/// The files of an UNLOAD that several processes read: each reads its own, and one deletes all.
///
/// [`UnloadThrough::unload`](super::UnloadThrough::unload) returns it; pass it to other processes,
/// for example as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnloadedFiles {
    pub(super) folder: String,
    pub(super) null_marker: String,
    pub(super) columns: Vec<Column>,
    pub(super) files: Vec<File>,
    #[serde(default)]
    pub(super) is_ordered: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) base: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct File {
    pub(super) url: String,
    pub(super) rows: u64,
}

impl UnloadedFiles {
    /// How many rows the files contain.
    pub fn rows(&self) -> u64 {
        let rows = self.files.iter().map(|file| file.rows);
        rows.fold(0, u64::saturating_add)
    }

    /// Divides the files among this many readers; those that get none have no rows.
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

    /// The files, which must be in the folder: a value from elsewhere must not cause others to be
    /// read or deleted.
    fn locations(&self, folder: &S3Uri) -> Result<Vec<S3Uri>, Error> {
        let mut locations = Vec::new();
        let mut known = HashSet::new();
        for file in &self.files {
            let location = S3Uri::parse(&file.url)?;
            // Its rows would come twice, and the count would match.
            if !known.insert(&file.url) {
                let reason = format!("{location} is given twice");
                return Err(read::manifest_error(folder, reason));
            }
            let is_below = folder.key().ends_with('/')
                && location.as_str().starts_with(folder.as_str())
                && !location.key().split('/').any(|part| part == "..");
            if !is_below {
                let reason = format!("a file is {location}, which is not below it");
                return Err(read::manifest_error(folder, reason));
            }
            locations.push(location);
        }
        Ok(locations)
    }

    /// Reads the rows of these files. `query` is that of the UNLOAD; only its type matters, and
    /// nothing is sent.
    ///
    /// # Errors
    ///
    /// If the files are not in the UNLOAD's folder, or their columns differ from those of `query`;
    /// otherwise as [`UnloadThrough::load`](super::UnloadThrough::load).
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
        let locations = self.locations(&location)?.into_iter();
        let files: Vec<_> = locations
            .zip(&self.files)
            .map(|(url, file)| UnloadedFile {
                url,
                content_length: None,
                record_count: Some(file.rows),
            })
            .collect();
        let columns = self.columns.iter();
        let columns: Vec<_> = columns
            .map(|column| FileColumn::new(&column.name, &column.base))
            .collect();
        if !files.is_empty() {
            Expected::of::<Q::SqlType>().check_columns(&columns, &location)?;
        }
        let folder = Folder::at(Arc::new(store.clone()), location, CleanUp::Never);
        Ok(UnloadedRows::start(
            folder,
            files,
            columns,
            marker,
            self.rows(),
            None,
            self.is_ordered,
            Callback::default(),
            read::build::<<Q::SqlType as CompatibleType<U, Redshift>>::SqlType, U>,
        ))
    }

    /// Deletes the files, and the manifest beside them. Call it once, when every process has read
    /// its own.
    ///
    /// # Errors
    ///
    /// Any error of the store; or if a file is not in the UNLOAD's folder, in which case nothing is
    /// deleted.
    pub fn delete(&self, store: &impl Store) -> Result<(), Error> {
        let folder = S3Uri::parse(&self.folder)?;
        let mut files = self.locations(&folder)?;
        files.push(folder.join("manifest")?);
        Ok(store.delete(&files)?)
    }
}
