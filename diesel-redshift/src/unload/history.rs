//! What Redshift's system tables record about an UNLOAD.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use crate::connection::RedshiftConnection;

/// What an UNLOAD wrote: a row of `sys_unload_history`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnloadHistory {
    /// The query's id in the system tables.
    pub query_id: i64,
    /// How many rows were written.
    pub rows: u64,
    /// How many files were written.
    pub files: u64,
    /// How many bytes these files have.
    pub bytes: u64,
    /// How long it took, if Redshift reports it.
    pub duration: Option<Duration>,
}

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = BigInt)]
    query_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    unloaded_rows: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    files: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    bytes: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    duration: Option<i64>,
}

pub(super) fn of_query(
    conn: &mut RedshiftConnection,
    query_id: i64,
) -> QueryResult<Option<UnloadHistory>> {
    let recorded: Option<Recorded> = diesel::sql_query(format!(
        "SELECT query_id::bigint AS query_id, unloaded_rows::bigint AS unloaded_rows, \
         unloaded_files_count::bigint AS files, unloaded_files_size::bigint AS bytes, duration::bigint AS duration \
         FROM sys_unload_history WHERE query_id = {query_id} LIMIT 1"
    ))
    .get_result(conn)
    .optional()?;
    let count = |number: Option<i64>| number.and_then(|n| u64::try_from(n).ok());
    Ok(recorded.map(|recorded| UnloadHistory {
        query_id: recorded.query_id,
        rows: count(recorded.unloaded_rows).unwrap_or_default(),
        files: count(recorded.files).unwrap_or_default(),
        bytes: count(recorded.bytes).unwrap_or_default(),
        duration: count(recorded.duration).map(Duration::from_micros),
    }))
}
