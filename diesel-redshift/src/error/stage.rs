use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Rows could not be written to files for a COPY, or could not be read from the files of an UNLOAD.
///
/// Rows are numbered from 0, in the order given or in that of their file. No value is shown: it may
/// be personal data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// A value has no text form that Redshift can read. Nothing was loaded.
    #[error("row {row}, column \"{column}\": {source}")]
    Unwritable {
        /// The row.
        row: u64,
        /// The column.
        column: &'static str,
        /// Why.
        source: Source,
    },
    /// A value is longer than its column. Nothing was loaded.
    #[error("row {row}, column \"{column}\": {bytes} bytes; expected at most {max}")]
    TooLong {
        /// The row.
        row: u64,
        /// The column.
        column: &'static str,
        /// How many bytes the value has.
        bytes: usize,
        /// How many the column can hold.
        max: usize,
    },
    /// A row has more bytes than COPY accepts. Nothing was loaded.
    #[error(
        "row {row}: {bytes} bytes of CSV; expected at most {max}, the 4 MB that COPY reads of a row"
    )]
    RowTooLong {
        /// The row.
        row: u64,
        /// How many bytes it has.
        bytes: usize,
        /// How many COPY accepts.
        max: usize,
    },
    /// A value equals the random text that represents NULL in this load: a retry draws another.
    /// Nothing was loaded.
    #[error(
        "row {row}, column \"{column}\": the value equals the random text that represents NULL in this load; try again"
    )]
    EqualsNullMarker {
        /// The row.
        row: u64,
        /// The column.
        column: &'static str,
    },
    /// Redshift loaded a different number of rows than were written. The load was rolled back.
    #[error(
        "{written} rows were written, but COPY loaded {loaded} and rejected {rejected}; the load was rolled back"
    )]
    LoadedOtherwise {
        /// The rows in the files.
        written: u64,
        /// The rows that COPY loaded.
        loaded: u64,
        /// The rows that COPY rejected, as far as it reports them.
        rejected: u64,
    },
    /// A file has a different number of rows than its UNLOAD reported.
    #[error("{file}: {found} rows; expected {expected}, as UNLOAD counted")]
    ReadOtherwise {
        /// The file, or the manifest if all files together have too many or too few.
        file: String,
        /// The rows that were read.
        found: u64,
        /// The rows that were unloaded.
        expected: u64,
    },
    /// The files' columns differ from those of the query.
    #[error("{file}: {found}; expected {expected}")]
    Columns {
        /// The file or the manifest.
        file: String,
        /// What it has.
        found: String,
        /// What the query has.
        expected: String,
    },
    /// The manifest of an UNLOAD is invalid, or names files that are not its own.
    #[error("{file}: {reason}")]
    Manifest {
        /// The manifest.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is truncated or not CSV, or a value in it does not fit its type.
    #[error("{}: {source}", Place(file, *row, column.as_deref()))]
    Unreadable {
        /// The file.
        file: String,
        /// The row in the file, if the fault is one row's.
        row: Option<u64>,
        /// The column, if the fault is one column's.
        column: Option<String>,
        /// Why.
        source: Source,
    },
    /// The progress callback asked to stop. Nothing was loaded.
    #[error("stopped by the progress callback")]
    Stopped,
}

impl StageError {
    /// The number of the row at fault, from 0, if the fault is one row's.
    pub fn row(&self) -> Option<u64> {
        match self {
            Self::Unwritable { row, .. }
            | Self::TooLong { row, .. }
            | Self::RowTooLong { row, .. }
            | Self::EqualsNullMarker { row, .. } => Some(*row),
            Self::Unreadable { row, .. } => *row,
            _ => None,
        }
    }

    /// The name of the column at fault, if the fault is one column's.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Unwritable { column, .. }
            | Self::TooLong { column, .. }
            | Self::EqualsNullMarker { column, .. } => Some(column),
            Self::Unreadable { column, .. } => column.as_deref(),
            _ => None,
        }
    }
}

struct Place<'a>(&'a str, Option<u64>, Option<&'a str>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        if let Some(row) = self.1 {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = self.2 {
            write!(f, ", column \"{column}\"")?;
        }
        Ok(())
    }
}
