//! The files of a load, and which rows they contain.

use crate::aws::S3Uri;

/// Consecutive rows in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// The number of the first.
    pub(super) first: u64,
    pub(super) rows: u64,
    pub(super) has_line_breaks: bool,
}

/// A file that was written.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) url: S3Uri,
    pub(super) compressed_bytes: u64,
    pub(super) runs: Vec<Run>,
}

impl Part {
    /// The number of the row in a line of the file, from 1; `None` if a line break within a value
    /// may precede it.
    pub(super) fn row_in_line(&self, line: u64) -> Option<u64> {
        let mut before = line.checked_sub(1)?;
        for run in &self.runs {
            if run.has_line_breaks {
                return None;
            }
            if before < run.rows {
                return Some(run.first + before);
            }
            before -= run.rows;
        }
        None
    }
}

/// All files of a load.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Parts {
    pub(super) fn compressed_bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.compressed_bytes).sum()
    }

    /// The number of the row in a line of a file.
    pub(super) fn row_at(&self, file: &str, line: u64) -> Option<u64> {
        let part = self.parts.iter().find(|part| part.url.as_str() == file)?;
        part.row_in_line(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_row_until_a_value_breaks_lines() {
        let run = |first, rows, has_line_breaks| Run {
            first,
            rows,
            has_line_breaks,
        };
        let part = Part {
            url: S3Uri::from_static("s3://bucket/part"),
            compressed_bytes: 0,
            runs: vec![run(10, 2, false), run(100, 3, false), run(200, 1, true)],
        };
        let rows: Vec<_> = (0..7).map(|line| part.row_in_line(line)).collect();
        assert_eq!(
            rows,
            [
                None,
                Some(10),
                Some(11),
                Some(100),
                Some(101),
                Some(102),
                None
            ]
        );
    }
}
