//! What became of the files.

use std::fmt;

use diesel_redshift::S3Uri;
use diesel_redshift::error::RejectedRow;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is in the table now.
    Loaded {
        /// How many rows went in.
        rows: u64,
        /// The bad rows that were left out.
        left_out: Vec<String>,
    },
    /// It has been in the table since an earlier run.
    LoadedBefore,
    /// Nothing of it is in the table, because of these rows.
    Rejected(Vec<String>),
}

impl Fate {
    pub(crate) fn bad_rows(&self) -> &[String] {
        match self {
            Self::Loaded { left_out, .. } => left_out,
            Self::LoadedBefore => &[],
            Self::Rejected(rows) => rows,
        }
    }
}

/// What became of all files.
#[derive(Debug, Default)]
pub struct Report {
    /// The files, in their order.
    pub files: Vec<(S3Uri, Fate)>,
}

impl Report {
    /// Whether a file was refused.
    pub fn has_rejected(&self) -> bool {
        self.files
            .iter()
            .any(|(_, fate)| matches!(fate, Fate::Rejected(_)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, fate) in &self.files {
            match fate {
                Fate::Loaded { rows, .. } => writeln!(f, "{file}: {rows} rows")?,
                Fate::LoadedBefore => writeln!(f, "{file}: loaded before")?,
                Fate::Rejected(_) => writeln!(f, "{file}: rejected")?,
            }
            for row in fate.bad_rows() {
                writeln!(f, "  {row}")?;
            }
        }
        Ok(())
    }
}

/// Each with file, line, column and reason; the text at fault, which may be personal data, stays out.
pub(crate) fn lines(rows: &[RejectedRow]) -> Vec<String> {
    rows.iter().map(ToString::to_string).collect()
}
