//! The rows that a COPY could not load, as Redshift's system tables have them.

use std::fmt;
use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::connection::RedshiftConnection;

/// A row that a COPY could not load.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedRow {
    /// The file: `s3://bucket/users.csv`.
    pub file: String,
    /// The line in the file, from 1.
    pub line: i64,
    /// The column, if the fault is one column's.
    pub column: Option<String>,
    /// The column's type, such as `varchar`.
    pub column_type: Option<String>,
    /// The column's length as declared, such as `20`.
    pub column_length: Option<String>,
    /// The position of the fault in the line, in bytes from 0.
    pub position: i64,
    /// The code of the error, such as 1207 for invalid digits.
    pub code: i64,
    /// What is wrong.
    pub reason: String,
    pub(super) raw_value: Option<String>,
    pub(super) raw_line: Option<String>,
}

impl RejectedRow {
    /// The field at fault as it stands in the file, up to 1024 bytes; `None` where Redshift does not tell, as on
    /// serverless.
    pub fn raw_value(&self) -> Option<&str> {
        self.raw_value.as_deref()
    }

    /// The line at fault as it stands in the file, up to 1024 bytes; `None` where Redshift does not tell, as on
    /// serverless.
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
                (Some(kind), Some(length)) => write!(f, " {kind}({length})")?,
                (Some(kind), None) => write!(f, " {kind}")?,
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

/// What a load left in the system tables: the first rows at fault, by file and line.
pub(crate) struct RejectedLoad {
    pub(crate) query_id: i64,
    pub(crate) rows: Vec<RejectedRow>,
}

impl RejectedLoad {
    /// The latest load with faults of a session, if it came after the query `after`.
    pub(crate) fn latest(
        conn: &mut RedshiftConnection,
        session: i32,
        after: i64,
    ) -> QueryResult<Option<Self>> {
        Self::read(
            conn,
            session,
            &format!(
                "(SELECT max(query_id) FROM sys_load_error_detail WHERE session_id = {session} AND query_id > {after})"
            ),
            &format!(
                "(SELECT max(query) FROM stl_load_errors WHERE session = {session} AND query > {after})"
            ),
        )
    }

    /// The load with this query id.
    pub(crate) fn of(
        conn: &mut RedshiftConnection,
        session: i32,
        query_id: i64,
    ) -> QueryResult<Option<Self>> {
        let query = query_id.to_string();
        Self::read(conn, session, &query, &query)
    }

    fn read(
        conn: &mut RedshiftConnection,
        session: i32,
        in_view: &str,
        in_table: &str,
    ) -> QueryResult<Option<Self>> {
        let rows = match recorded(conn, DETAIL_VIEW, session, in_view) {
            // The view lags a little.
            Ok(rows) if rows.is_empty() => {
                thread::sleep(Duration::from_millis(500));
                recorded(conn, DETAIL_VIEW, session, in_view)
            }
            rows => rows,
        };
        let raw = recorded(conn, ERRORS_TABLE, session, in_table);
        let (mut rows, raw) = match (rows, raw) {
            (Ok(rows), Ok(raw)) if rows.is_empty() => (raw, Vec::new()),
            (Ok(rows), Ok(raw)) => (rows, raw),
            (Ok(rows), Err(_)) => (rows, Vec::new()),
            (Err(_), Ok(raw)) => (raw, Vec::new()),
            (Err(error), Err(_)) => return Err(error),
        };
        for row in &mut rows {
            let same = raw.iter().find(|raw| {
                (raw.query_id, &raw.file, raw.line) == (row.query_id, &row.file, row.line)
                    && raw.column_name == row.column_name
            });
            if let Some(same) = same {
                row.raw_value.clone_from(&same.raw_value);
                row.raw_line.clone_from(&same.raw_line);
            }
        }
        Ok(rows.first().map(|row| row.query_id).map(|query_id| Self {
            query_id,
            rows: rows.into_iter().map(RejectedRow::from).collect(),
        }))
    }
}

fn recorded(
    conn: &mut RedshiftConnection,
    sql: &str,
    session: i32,
    query: &str,
) -> QueryResult<Vec<Recorded>> {
    let sql = sql
        .replace("{session}", &session.to_string())
        .replace("{query}", query);
    diesel::sql_query(sql).load(conn)
}

/// The columns of `sys_load_error_detail`, for provisioned clusters and serverless.
const DETAIL_VIEW: &str = "SELECT query_id::bigint AS query_id, trim(file_name) AS file, line_number::bigint AS line, \
     trim(column_name) AS column_name, trim(column_type) AS column_type, trim(column_length) AS column_length, \
     position::bigint AS \"position\", error_code::bigint AS code, trim(error_message) AS reason, \
     NULL::varchar AS raw_value, NULL::varchar AS raw_line \
     FROM sys_load_error_detail WHERE session_id = {session} AND query_id = {query} \
     ORDER BY 2, 3, 7 LIMIT 100";

/// The columns of `stl_load_errors`, which has the raw texts, for the main cluster of a provisioned one.
const ERRORS_TABLE: &str = "SELECT query::bigint AS query_id, trim(filename) AS file, line_number::bigint AS line, \
     trim(colname) AS column_name, trim(type) AS column_type, trim(col_length) AS column_length, \
     position::bigint AS \"position\", err_code::bigint AS code, trim(err_reason) AS reason, \
     trim(raw_field_value) AS raw_value, trim(raw_line) AS raw_line \
     FROM stl_load_errors WHERE session = {session} AND query = {query} \
     ORDER BY 2, 3, 7 LIMIT 100";

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = BigInt)]
    query_id: i64,
    #[diesel(sql_type = Text)]
    file: String,
    #[diesel(sql_type = BigInt)]
    line: i64,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    column_type: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    column_length: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
    #[diesel(sql_type = BigInt)]
    code: i64,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    raw_value: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    raw_line: Option<String>,
}

impl From<Recorded> for RejectedRow {
    fn from(recorded: Recorded) -> Self {
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            file: recorded.file,
            line: recorded.line,
            column: filled(recorded.column_name),
            column_type: filled(recorded.column_type),
            column_length: filled(recorded.column_length).filter(|length| length != "0"),
            position: recorded.position.unwrap_or_default(),
            code: recorded.code,
            reason: recorded.reason.unwrap_or_default(),
            raw_value: recorded.raw_value,
            raw_line: recorded.raw_line,
        }
    }
}
