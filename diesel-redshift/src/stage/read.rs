//! What is known about the files of an UNLOAD before they are read, and how one is read.

use std::io::{self, Read};
use std::sync::Arc;

use diesel::deserialize::{self, FromSqlRow};
use diesel::expression::QueryMetadata;
use diesel::result::DeserializeFieldError;

use crate::aws::S3Uri;
use crate::error::{Error, StageError};
use crate::files::{
    Compression, FileColumn, FileRow, NullMarker, Records, UnloadManifest, UnloadedFile, decompress,
};
use crate::store::{Store, StoreError};
use crate::types::oid;
use crate::{Redshift, backend::RedshiftTypeMetadata};

/// How many rows are handed at a time from a decoding thread to the one that takes them.
const BATCH: usize = 1024;

/// A batch is handed over early at this many bytes of text, so that waiting rows are bounded in
/// bytes too.
const BATCH_BYTES: usize = 1024 * 1024;

/// Builds a value from a row.
pub(super) type Build<U> = for<'a> fn(&FileRow<'a>) -> deserialize::Result<U>;

pub(super) fn build<ST, U>(row: &FileRow<'_>) -> deserialize::Result<U>
where
    U: FromSqlRow<ST, Redshift>,
{
    U::build_from_row(row)
}

/// The largest manifest that is read: one of some hundred thousand files.
const MAX_MANIFEST: u64 = 256 * 1024 * 1024;

/// A whole object.
pub(super) fn whole(store: &Arc<dyn Store>, location: &S3Uri) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    store
        .get(location)?
        .take(MAX_MANIFEST)
        .read_to_end(&mut body)
        .map_err(|error| StoreError::reading(location, error))?;
    Ok(body)
}

pub(super) fn manifest_error(location: &S3Uri, reason: impl Into<String>) -> Error {
    StageError::Manifest {
        file: location.to_string(),
        reason: reason.into(),
    }
    .into()
}

/// The columns of a query, as far as Diesel knows them.
pub(super) struct Expected(Vec<Option<RedshiftTypeMetadata>>);

impl Expected {
    pub(super) fn of<ST>() -> Self
    where
        Redshift: QueryMetadata<ST>,
    {
        let mut columns = Vec::new();
        <Redshift as QueryMetadata<ST>>::row_metadata(&mut (), &mut columns);
        Self(columns)
    }

    /// Checks what a manifest says against the query, and returns the columns of the files.
    pub(super) fn check(
        &self,
        manifest: &UnloadManifest,
        location: &S3Uri,
        rows: u64,
        folder: &S3Uri,
    ) -> Result<Vec<FileColumn>, Error> {
        for file in &manifest.files {
            if !file.url.as_str().starts_with(folder.as_str()) {
                return Err(manifest_error(
                    location,
                    format!("it names {}, which is not below {folder}", file.url),
                ));
            }
        }
        let mut counts = manifest.files.iter().map(|file| file.record_count);
        let told = counts.try_fold(0_u64, |sum, count| sum.checked_add(count?));
        if told != Some(rows) {
            return Err(StageError::ReadOtherwise {
                file: location.to_string(),
                found: told.unwrap_or_default(),
                expected: rows,
            }
            .into());
        }
        let columns = manifest.columns.iter();
        let columns: Vec<_> = columns
            .map(|column| FileColumn::new(&column.name, &column.base))
            .collect();
        self.check_columns(&columns, location)?;
        Ok(columns)
    }

    /// Checks the columns of files against those of the query.
    pub(super) fn check_columns(
        &self,
        found: &[FileColumn],
        location: &S3Uri,
    ) -> Result<(), Error> {
        let columns = |found: String, expected: String| {
            Error::from(StageError::Columns {
                file: location.to_string(),
                found,
                expected,
            })
        };
        // The type of an SQL text is a single unknown.
        let is_known = self.0.iter().all(Option::is_some);
        if is_known && found.len() != self.0.len() || found.is_empty() {
            return Err(columns(
                format!("{} columns", found.len()),
                format!("{}, as many as the query has", self.0.len()),
            ));
        }
        for (column, expected) in found.iter().zip(&self.0) {
            if let Some(expected) = expected
                && is_known
                && !may_be(&column.base, expected.oid())
            {
                return Err(columns(
                    format!("column \"{}\" of type {}", column.name, column.base),
                    oid::name(expected.oid())
                        .unwrap_or("another type")
                        .to_uppercase(),
                ));
            }
        }
        Ok(())
    }
}

/// Whether a type in a manifest can be that of a column; an unknown name can be any.
fn may_be(base: &str, oid: u32) -> bool {
    const NUMBERS: [u32; 6] = [
        oid::SMALLINT,
        oid::INTEGER,
        oid::BIGINT,
        oid::REAL,
        oid::DOUBLE_PRECISION,
        oid::DECIMAL,
    ];
    let base = base.to_ascii_lowercase();
    let group: &[u32] = match base.split(['(', ' ']).next().unwrap_or_default() {
        "smallint" | "integer" | "bigint" | "int2" | "int4" | "int8" | "real" | "double"
        | "float4" | "float8" | "numeric" | "decimal" => &NUMBERS,
        "boolean" | "bool" => &[oid::BOOLEAN],
        "date" => &[oid::DATE],
        "super" => &[oid::SUPER],
        // Much is stored as text, but none of these.
        "character" | "varchar" | "char" | "bpchar" | "text" => {
            return !NUMBERS.contains(&oid) && ![oid::BOOLEAN, oid::DATE].contains(&oid);
        }
        _ => return true,
    };
    group.contains(&oid)
}

/// What is needed to read a file.
pub(super) struct Reader<U> {
    pub(super) store: Arc<dyn Store>,
    pub(super) columns: Vec<FileColumn>,
    pub(super) marker: NullMarker,
    pub(super) build: Build<U>,
}

impl<U> Reader<U> {
    /// Reads a file, and hands its rows over in batches until `take` wants no more.
    pub(super) fn read(
        &self,
        file: &UnloadedFile,
        mut take: impl FnMut(Vec<U>, u64) -> bool,
    ) -> Result<(), Error> {
        let location = &file.url;
        let body = self.store.get(location)?;
        let body = decompress(Compression::Zstd, body)
            .map_err(|error| unreadable(location, None, error))?;
        let mut records = Records::new(body, self.marker.clone());
        let mut batch = Vec::with_capacity(BATCH);
        let mut bytes = 0;
        let mut row = 0_u64;
        loop {
            let record = records
                .next()
                .map_err(|error| unreadable(location, Some(row), error))?;
            let Some(record) = record else { break };
            if record.len() != self.columns.len() {
                return Err(StageError::Columns {
                    file: format!("{location}, row {row}"),
                    found: format!("{} fields", record.len()),
                    expected: self.columns.len().to_string(),
                }
                .into());
            }
            bytes += record.size();
            let value = (self.build)(&FileRow::new(record, &self.columns))
                .map_err(|error| undecodable(location, row, error))?;
            batch.push(value);
            row += 1;
            if batch.len() == BATCH || bytes >= BATCH_BYTES {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                if !take(full, std::mem::take(&mut bytes) as u64) {
                    return Ok(());
                }
            }
        }
        if let Some(expected) = file.record_count
            && expected != row
        {
            return Err(StageError::ReadOtherwise {
                file: location.to_string(),
                found: row,
                expected,
            }
            .into());
        }
        if !batch.is_empty() {
            take(batch, bytes as u64);
        }
        Ok(())
    }
}

/// The store's own error, or what is wrong with the file.
fn unreadable(location: &S3Uri, row: Option<u64>, error: io::Error) -> Error {
    match error.downcast::<StoreError>() {
        Ok(error) => error.into(),
        Err(error) => StageError::Unreadable {
            file: location.to_string(),
            row: row.filter(|_| error.kind() == io::ErrorKind::InvalidData),
            column: None,
            source: error.into(),
        }
        .into(),
    }
}

fn undecodable(
    location: &S3Uri,
    row: u64,
    error: Box<dyn std::error::Error + Send + Sync>,
) -> Error {
    let field = error.downcast_ref::<DeserializeFieldError>();
    let column = field.and_then(|error| error.field_name.clone());
    let source = match error.downcast::<DeserializeFieldError>() {
        Ok(error) => error.error,
        Err(error) => error,
    };
    StageError::Unreadable {
        file: location.to_string(),
        row: Some(row),
        column,
        source,
    }
    .into()
}
