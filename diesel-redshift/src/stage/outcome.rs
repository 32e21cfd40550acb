//! What a load of rows did.

use std::time::Duration;

use crate::copy::CopyOutcome;
use crate::error::Error;

/// What a COPY of rows did.
#[derive(Debug)]
#[non_exhaustive]
pub struct StagedOutcome {
    /// How many rows were loaded.
    pub rows: u64,
    /// How many rows COPY skipped because `max_error` allowed it.
    pub skipped_rows: u64,
    /// How many files were written, without the manifest.
    pub files: u64,
    /// How many bytes the rows are as CSV.
    pub bytes: u64,
    /// How many bytes the files have.
    pub compressed_bytes: u64,
    /// How long the rows took to be taken and encoded.
    pub encoding: Duration,
    /// How long it took from the first row until the manifest was written.
    pub upload: Duration,
    /// How long COPY took, with its transaction when it was alone.
    pub copy: Duration,
    /// What COPY itself tells; `None` when there was no row, and so no COPY.
    pub load: Option<CopyOutcome>,
    /// The rows that COPY skipped, by their number, from 0: of the first 100 that it tells, so there may be fewer than
    /// [`skipped_rows`](Self::skipped_rows). Those whose number is not known are in
    /// [`rejected_rows`](CopyOutcome::rejected_rows) only: the line of a row is not sure when texts before it hold line breaks.
    pub rejected: Vec<u64>,
    /// Files that could not be deleted.
    pub warnings: Vec<Error>,
}
