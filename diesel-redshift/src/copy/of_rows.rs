//! The COPY of files that were written for it.

use super::column_list::ColumnList;
use super::{CopyStatement, Csv, LoadOptions, S3Manifest};
use crate::aws::S3Uri;
use crate::error::InvalidValue;

impl<T, A> CopyStatement<T, S3Uri, A, Csv> {
    /// The COPY of the files that a manifest lists.
    pub(crate) fn of_manifest(
        self,
        columns: Vec<&'static str>,
        manifest: S3Manifest,
        format: Csv,
    ) -> CopyStatement<T, S3Manifest, A, Csv> {
        CopyStatement {
            table: self.table,
            columns: columns.into_iter().collect(),
            source: manifest,
            authorization: self.authorization,
            format,
            options: self.options,
            invalid: self.invalid,
        }
    }
}

impl<T, S, A, F> CopyStatement<T, S, A, F> {
    /// The same, into those columns of the table that the application's rows have, from files that
    /// are not written yet.
    pub(crate) fn into_rows(
        self,
        folder: S3Uri,
        invalid: Option<InvalidValue>,
    ) -> CopyStatement<T, S3Uri, A, Csv> {
        CopyStatement {
            table: self.table,
            columns: ColumnList {
                names: Vec::new(),
                ..self.columns
            },
            source: folder,
            authorization: self.authorization,
            format: Csv::new(),
            options: LoadOptions {
                compression: None,
                ..self.options
            },
            invalid: self.invalid.or(invalid),
        }
    }

    /// The byte limits of columns, as far as they are known.
    pub(crate) fn max_lengths(&self) -> &[(&'static str, usize)] {
        &self.columns.max_lengths
    }

    pub(crate) fn table(&self) -> &T {
        &self.table
    }

    /// The same into another table, whose columns have the same names.
    pub(crate) fn into_table<T2>(self, table: T2) -> CopyStatement<T2, S, A, F> {
        CopyStatement {
            table,
            columns: self.columns,
            source: self.source,
            authorization: self.authorization,
            format: self.format,
            options: self.options,
            invalid: self.invalid,
        }
    }
}
