//! What an UNLOAD did.

use crate::connection::Notice;

/// What an UNLOAD did, as its own session and the server's notices tell.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnloadOutcome {
    /// How many rows were written.
    pub rows: u64,
    /// The query's id in the system tables, such as `sys_unload_history` and `stl_unload_log`.
    pub query_id: Option<i64>,
    /// What the server said, oldest first.
    pub notices: Vec<Notice>,
}

impl UnloadOutcome {
    pub(super) fn new(rows: i64, query_id: i64, notices: Vec<Notice>) -> Self {
        Self {
            rows: u64::try_from(rows).unwrap_or_default(),
            // -1: no UNLOAD has run in this session.
            query_id: (query_id >= 0).then_some(query_id),
            notices,
        }
    }
}
