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
    /// How many bytes the rows have as CSV.
    pub bytes: u64,
    /// How many bytes the files have.
    pub compressed_bytes: u64,
    /// How long it took to take the rows and encode them.
    pub encoding: Duration,
    /// How long it took from the first row until the manifest was written.
    pub upload: Duration,
    /// How long COPY took, including its transaction if it ran on its own.
    pub copy: Duration,
    /// The outcome of COPY itself; `None` if there was no row, and so no COPY.
    pub load: Option<CopyOutcome>,
    /// The rows that COPY skipped, by their number, from 0: of the first 100 that it reports, so
    /// there may be fewer than [`skipped_rows`](Self::skipped_rows). Those whose number is unknown
    /// are only in [`rejected_rows`](CopyOutcome::rejected_rows): the line of a row is uncertain if
    /// earlier texts contain line breaks.
    pub rejected: Vec<u64>,
    /// Files that could not be deleted.
    pub warnings: Vec<Error>,
}
