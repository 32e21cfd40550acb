//! What a COPY did.

use diesel::QueryResult;

use super::LoadHistory;
use super::history;
use crate::connection::{Notice, RedshiftConnection};
use crate::error::RejectedRow;
use crate::system::RejectedLoad;

/// What a COPY did, as reported by its own session and the server's notices.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyOutcome {
    /// How many rows were loaded; none with `NOLOAD`.
    pub rows: u64,
    /// How many bad rows were skipped because `MAXERROR` or `IGNOREALLERRORS` allowed it.
    pub skipped_rows: u64,
    /// The rows that were skipped and why, at most the first 100, by file and line.
    ///
    /// They are queried if there are any: after the commit, or, within a transaction of yours, on
    /// another connection with the same parameters, since a query that fails would end the
    /// transaction. Also empty if the query failed.
    pub rejected_rows: Vec<RejectedRow>,
    /// How many rows had bytes that `ACCEPTINVCHARS` replaced.
    pub replaced_rows: u64,
    /// The query's id in the system tables, such as `sys_load_history`.
    pub query_id: Option<i64>,
    /// The server's notices, oldest first.
    pub notices: Vec<Notice>,
}

impl CopyOutcome {
    pub(super) fn new(rows: i64, query_id: i64, notices: Vec<Notice>) -> Self {
        let reported = |what: &str| {
            notices
                .iter()
                .filter_map(|notice| records(notice.message(), what))
                .sum()
        };
        Self {
            rows: u64::try_from(rows).unwrap_or_default(),
            skipped_rows: reported("could not be loaded"),
            rejected_rows: Vec::new(),
            replaced_rows: reported("were loaded with replacements"),
            // -1: no COPY has run in this session.
            query_id: (query_id >= 0).then_some(query_id),
            notices,
        }
    }

    /// Looks up the skipped rows if there are any.
    pub(super) fn fetch_rejected_rows(&mut self, conn: &mut RedshiftConnection) {
        let (Some(query_id), 1..) = (self.query_id, self.skipped_rows) else {
            return;
        };
        let session = conn.backend_pid();
        let load = if conn.is_in_transaction() {
            conn.sibling()
                .ok()
                .and_then(|mut sibling| RejectedLoad::of(&mut sibling, session, query_id).ok())
        } else {
            RejectedLoad::of(conn, session, query_id).ok()
        };
        // The rows are loaded, whether or not it is known which were not.
        self.rejected_rows = load.flatten().map(|load| load.rows).unwrap_or_default();
    }

    /// How many files and bytes were read and how long it took, from `sys_load_history`.
    ///
    /// `conn` is the connection that loaded. This runs a query, which may take seconds on a
    /// cluster, and so only on request. `None` if the view has no row yet: it lags a little behind.
    ///
    /// ```no_run
    /// # use diesel_redshift::{copy::CopyOutcome, RedshiftConnection};
    /// # fn run(outcome: CopyOutcome, conn: &mut RedshiftConnection) -> diesel::QueryResult<()> {
    /// if let Some(history) = outcome.history(conn)? {
    ///     println!("{} files, {} bytes", history.files, history.file_bytes);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Any server error; a transaction can only be rolled back then.
    pub fn history(&self, conn: &mut RedshiftConnection) -> QueryResult<Option<LoadHistory>> {
        match self.query_id {
            Some(query_id) => history::of_query(conn, conn.backend_pid(), query_id),
            None => Ok(None),
        }
    }
}

/// The number in `Load into table 't' completed, 2 record(s) could not be loaded.`
///
/// The table's name may contain anything, so the text is read from its end.
fn records(message: &str, what: &str) -> Option<u64> {
    let (before, _) = message.rsplit_once(what)?;
    let before = before.trim_end().strip_suffix("record(s)")?;
    let digits = before.trim_end().rsplit([' ', ',']).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_the_notices() {
        let notice = |message: &str| {
            Notice::new(
                Some("INFO".to_owned()),
                None,
                Some(message.to_owned()),
                None,
                None,
            )
        };
        let outcome = CopyOutcome::new(
            98,
            7,
            vec![
                notice(
                    "Load into table 'a, 9 record(s) could not be loaded' completed, 2 record(s) could not be \
                     loaded.  Check 'stl_load_errors' system table for details.",
                ),
                notice(
                    "Load into table 'a' completed, 3 record(s) were loaded with replacements made for \
                     ACCEPTINVCHARS. Check 'stl_replacements' system table for details.",
                ),
                notice("Load into table 'a' completed, 98 record(s) loaded successfully."),
            ],
        );
        assert_eq!(
            (outcome.rows, outcome.skipped_rows, outcome.replaced_rows),
            (98, 2, 3)
        );
        assert_eq!(outcome.query_id, Some(7));
        assert_eq!(CopyOutcome::new(0, -1, Vec::new()).query_id, None);
    }
}
