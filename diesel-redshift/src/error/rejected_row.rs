use std::fmt;

/// A row that a COPY could not load.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedRow {
    /// The file: `s3://bucket/users.csv`.
    pub file: String,
    /// The line in the file, from 1.
    pub line: u64,
    /// The column, if the fault is one column's.
    pub column: Option<String>,
    /// The column's type, such as `varchar`.
    pub column_type: Option<String>,
    /// The column's length as declared, such as `20`.
    pub column_length: Option<String>,
    /// The position of the fault in the line, in bytes from 0.
    pub position: u64,
    /// The code of the error, such as 1207 for invalid digits.
    pub code: i64,
    /// What is wrong.
    pub reason: String,
    pub(crate) raw_value: Option<String>,
    pub(crate) raw_line: Option<String>,
}

impl RejectedRow {
    /// The field at fault as it is in the file, up to 1024 bytes; `None` if Redshift does not
    /// report it, as on serverless.
    pub fn raw_value(&self) -> Option<&str> {
        self.raw_value.as_deref()
    }

    /// The line at fault as it is in the file, up to 1024 bytes; `None` if Redshift does not report
    /// it, as on serverless.
    pub fn raw_line(&self) -> Option<&str> {
        self.raw_line.as_deref()
    }
}

impl fmt::Display for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
            match (&self.column_type, &self.column_length) {
                (Some(kind), Some(length)) => write!(f, " of type {kind}({length})")?,
                (Some(kind), None) => write!(f, " of type {kind}")?,
                _ => {}
            }
        }
        write!(f, ": {} (error {})", self.reason, self.code)
    }
}

impl fmt::Debug for RejectedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectedRow")
            .field("file", &self.file)
            .field("line", &self.line)
            .field("column", &self.column)
            .field("column_type", &self.column_type)
            .field("column_length", &self.column_length)
            .field("position", &self.position)
            .field("code", &self.code)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
