//! What Redshift's system tables record about a load, while it runs and afterwards.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::connection::RedshiftConnection;

/// The progress of a load, or how it ended: a row of `sys_load_history`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadHistory {
    /// The query's id in the system tables.
    pub query_id: i64,
    /// The status of the load.
    pub status: LoadStatus,
    /// How many rows have been loaded so far.
    pub rows: u64,
    /// How many bytes they take in the table.
    pub bytes: u64,
    /// How many files the load reads.
    pub files: u64,
    /// How many bytes these files have; 0 while that is unknown.
    pub file_bytes: u64,
    /// How many files have been read so far.
    pub files_read: u64,
    /// How many bytes of the files have been read so far.
    pub file_bytes_read: u64,
    /// How many rows were bad.
    pub errors: u64,
    /// How long it has taken so far, if Redshift reports it.
    pub duration: Option<Duration>,
}

impl LoadHistory {
    /// The fraction of the files' bytes that has been read, from 0 to 1; `None` while their size is
    /// unknown.
    pub fn fraction(&self) -> Option<f64> {
        #[allow(
            clippy::cast_precision_loss,
            reason = "a share needs no more than 53 bits"
        )]
        (self.file_bytes > 0)
            .then(|| (self.file_bytes_read as f64 / self.file_bytes as f64).min(1.0))
    }
}

/// The status of a load in `sys_load_history`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadStatus {
    /// `running`
    Running,
    /// `completed`
    Completed,
    /// `aborted`
    Aborted,
    /// Any other status in the view.
    Other(String),
}

impl From<&str> for LoadStatus {
    fn from(status: &str) -> Self {
        match status {
            "running" => Self::Running,
            "completed" => Self::Completed,
            "aborted" => Self::Aborted,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// For serverless and provisioned clusters; it lags a little behind.
const HISTORY: &str = "SELECT query_id::bigint AS query_id, trim(status) AS status, \
     loaded_rows::bigint AS loaded_rows, loaded_bytes::bigint AS loaded_bytes, \
     source_file_count::bigint AS files, source_file_bytes::bigint AS file_bytes, \
     file_count_scanned::bigint AS files_read, file_bytes_scanned::bigint AS file_bytes_read, \
     error_count::bigint AS errors, duration::bigint AS duration \
     FROM sys_load_history WHERE session_id = {session} AND query_id {query} ORDER BY query_id DESC LIMIT 1";

/// A row for each slice while a load runs, for provisioned clusters. It does not count bad rows.
const STATE: &str = "SELECT query::bigint AS query_id, 'running'::varchar AS status, \
     sum(lines)::bigint AS loaded_rows, sum(bytes_loaded)::bigint AS loaded_bytes, \
     sum(num_files)::bigint AS files, sum(bytes_to_load)::bigint AS file_bytes, \
     sum(num_files_complete)::bigint AS files_read, sum(bytes_loaded)::bigint AS file_bytes_read, \
     0::bigint AS errors, NULL::bigint AS duration \
     FROM stv_load_state WHERE session = {session} AND query {query} GROUP BY query ORDER BY query DESC LIMIT 1";

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = BigInt)]
    query_id: i64,
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    loaded_rows: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    loaded_bytes: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    files: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    file_bytes: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    files_read: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    file_bytes_read: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    errors: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    duration: Option<i64>,
}

impl From<Recorded> for LoadHistory {
    fn from(recorded: Recorded) -> Self {
        let count = |number: Option<i64>| number.and_then(|n| u64::try_from(n).ok());
        let zero = |number| count(number).unwrap_or_default();
        Self {
            query_id: recorded.query_id,
            status: LoadStatus::from(recorded.status.as_deref().unwrap_or_default()),
            rows: zero(recorded.loaded_rows),
            bytes: zero(recorded.loaded_bytes),
            files: zero(recorded.files),
            file_bytes: zero(recorded.file_bytes),
            files_read: zero(recorded.files_read),
            file_bytes_read: zero(recorded.file_bytes_read),
            errors: zero(recorded.errors),
            duration: count(recorded.duration).map(Duration::from_micros),
        }
    }
}

fn read(
    conn: &mut RedshiftConnection,
    view: &str,
    session: i32,
    query: &str,
) -> QueryResult<Option<LoadHistory>> {
    let sql = view
        .replace("{session}", &session.to_string())
        .replace("{query}", query);
    let recorded: Option<Recorded> = diesel::sql_query(sql).get_result(conn).optional()?;
    Ok(recorded.map(LoadHistory::from))
}

/// What is recorded about the load with this query id.
pub(super) fn of_query(
    conn: &mut RedshiftConnection,
    session: i32,
    query_id: i64,
) -> QueryResult<Option<LoadHistory>> {
    read(conn, HISTORY, session, &format!("= {query_id}"))
}

/// Finds the next load that a session starts.
pub(super) struct NextLoad {
    session: i32,
    /// The latest load before it.
    earlier: i64,
    /// Serverless has no `stv_load_state`.
    has_state: bool,
}

impl NextLoad {
    /// Records which loads exist, and which views can be read.
    ///
    /// # Errors
    ///
    /// Any server error, if neither can be read.
    pub(super) fn of(session: i32, observer: &mut RedshiftConnection) -> QueryResult<Self> {
        let state = read(observer, STATE, session, "> -1");
        let history = read(observer, HISTORY, session, "> -1");
        let has_state = state.is_ok();
        let latest = match (state, history) {
            (Err(_), Err(error)) => return Err(error),
            (state, history) => [state, history]
                .into_iter()
                .filter_map(|load| load.ok().flatten())
                .map(|load| load.query_id)
                .max(),
        };
        Ok(Self {
            session,
            earlier: latest.unwrap_or(-1),
            has_state,
        })
    }

    /// The progress of the load; `None` before it has begun.
    pub(super) fn read(
        &self,
        observer: &mut RedshiftConnection,
    ) -> QueryResult<Option<LoadHistory>> {
        let later = format!("> {}", self.earlier);
        if self.has_state
            && let Some(load) = read(observer, STATE, self.session, &later)?
        {
            return Ok(Some(load));
        }
        read(observer, HISTORY, self.session, &later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_needs_a_size() {
        let mut load = LoadHistory::from(Recorded {
            query_id: 7,
            status: Some("running".to_owned()),
            loaded_rows: Some(10),
            loaded_bytes: None,
            files: Some(2),
            file_bytes: None,
            files_read: Some(1),
            file_bytes_read: Some(50),
            errors: Some(-1),
            duration: Some(1_500_000),
        });
        assert_eq!((load.rows, load.bytes, load.errors), (10, 0, 0));
        assert_eq!(load.status, LoadStatus::Running);
        assert_eq!(load.duration, Some(Duration::from_millis(1500)));
        assert_eq!(load.fraction(), None);
        load.file_bytes = 200;
        assert_eq!(load.fraction(), Some(0.25));
        load.file_bytes = 20;
        assert_eq!(load.fraction(), Some(1.0));
    }
}
