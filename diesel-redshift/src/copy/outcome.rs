//! What a COPY did.

use crate::connection::Notice;

/// What a COPY did, as its own session and the server's notices tell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyOutcome {
    /// How many rows were loaded; with `NOLOAD`, none.
    pub rows: u64,
    /// How many bad rows were skipped because `MAXERROR` or `IGNOREALLERRORS` allowed it.
    pub skipped_rows: u64,
    /// How many rows had bytes that `ACCEPTINVCHARS` replaced.
    pub replaced_rows: u64,
    /// The query's id in the system tables, such as `sys_load_history`.
    pub query_id: Option<i64>,
    /// What the server said, oldest first.
    pub notices: Vec<Notice>,
}

impl CopyOutcome {
    pub(super) fn new(rows: i64, query_id: i64, notices: Vec<Notice>) -> Self {
        let counted = |what: &str| {
            notices
                .iter()
                .filter_map(|notice| records(notice.message(), what))
                .sum()
        };
        Self {
            rows: u64::try_from(rows).unwrap_or_default(),
            skipped_rows: counted("could not be loaded"),
            replaced_rows: counted("were loaded with replacements"),
            // -1: no COPY has run in this session.
            query_id: (query_id >= 0).then_some(query_id),
            notices,
        }
    }
}

/// The number in `Load into table 't' completed, 2 record(s) could not be loaded.`
///
/// The table's name may hold anything, so the text is read from its end.
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
