//! What an UNLOAD did.

use diesel::QueryResult;

use super::UnloadHistory;
use super::history;
use crate::connection::{Notice, RedshiftConnection};

/// What an UNLOAD did, as reported by its own session and the server's notices.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnloadOutcome {
    /// How many rows were written.
    pub rows: u64,
    /// The query's id in the system tables, such as `sys_unload_history` and `stl_unload_log`.
    pub query_id: Option<i64>,
    /// The server's notices, oldest first.
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

    /// How many files and bytes were written and how long it took, from `sys_unload_history`.
    ///
    /// This runs a query, which may take seconds on a cluster, and so only on request. `None` if
    /// the view has no row yet: it lags a little behind.
    ///
    /// # Errors
    ///
    /// Any server error; a transaction can only be rolled back then.
    pub fn history(&self, conn: &mut RedshiftConnection) -> QueryResult<Option<UnloadHistory>> {
        match self.query_id {
            Some(query_id) => history::of_query(conn, query_id),
            None => Ok(None),
        }
    }
}
