//! The rows that a COPY could not load, as recorded in Redshift's system tables.

use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::connection::RedshiftConnection;
use crate::error::{Error, LoadError, RejectedRow};

/// What a load left in the system tables: the first rejected rows, by file and line.
pub(crate) struct RejectedLoad {
    pub(crate) query_id: i64,
    pub(crate) rows: Vec<RejectedRow>,
}

impl RejectedLoad {
    /// The latest load of a session with rejected rows, if it came after the query `after`.
    pub(crate) fn latest(
        conn: &mut RedshiftConnection,
        session: i32,
        after: i64,
    ) -> QueryResult<Option<Self>> {
        Self::read(
            conn,
            Some(session),
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
        Self::read(conn, Some(session), &query, &query)
    }

    /// The load with this query id, or the latest one with rejected rows, of any session.
    fn of_any_session(
        conn: &mut RedshiftConnection,
        query_id: Option<i64>,
    ) -> QueryResult<Option<Self>> {
        let query = |latest: &str| query_id.map_or(latest.to_owned(), |id| id.to_string());
        Self::read(
            conn,
            None,
            &query("(SELECT max(query_id) FROM sys_load_error_detail)"),
            &query("(SELECT max(query) FROM stl_load_errors)"),
        )
    }

    fn read(
        conn: &mut RedshiftConnection,
        session: Option<i32>,
        in_view: &str,
        in_table: &str,
    ) -> QueryResult<Option<Self>> {
        let rows = match recorded(conn, DETAIL_VIEW, session, in_view) {
            // The view lags a little behind.
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

impl LoadError {
    /// Queries the server for the rejected rows, on the connection on which the COPY failed.
    ///
    /// [`execute`](crate::copy::CopyStatement::execute) has done so itself if it could: call this
    /// if [`rows`](LoadError::rows) is empty, after the end of the transaction and before the next
    /// COPY. Known rows are kept.
    ///
    /// # Errors
    ///
    /// Any server error, if neither `sys_load_error_detail` nor `stl_load_errors` can be read; the
    /// rows are then unchanged.
    pub fn fetch_rows(&mut self, conn: &mut RedshiftConnection) -> QueryResult<&[RejectedRow]> {
        let session = conn.backend_pid();
        self.fetch_rows_of(session, conn)
    }

    /// Queries on a connection for the rejected rows of another session's load, or of its own.
    pub(crate) fn fetch_rows_of(
        &mut self,
        session: i32,
        conn: &mut RedshiftConnection,
    ) -> QueryResult<&[RejectedRow]> {
        let load = match self.query_id() {
            Some(query_id) => RejectedLoad::of(conn, session, query_id)?,
            None => RejectedLoad::latest(conn, session, self.earlier())?,
        };
        if let Some(load) = load {
            self.set_rows(load.query_id, load.rows);
        }
        Ok(self.rows())
    }
}

impl RedshiftConnection {
    /// The rejected rows of the latest COPY of this session that had any, at most the first 100, by
    /// file and line.
    ///
    /// Use it for a COPY that was sent as SQL, whose error only says where to look:
    /// `sql_query("COPY …")`, `batch_execute`. A COPY built by [`copy`](crate::copy()) has the rows
    /// in its [`LoadError`], a migration in its
    /// [`MigrationFailed`](crate::migration::MigrationFailed).
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> QueryResult<()> {
    /// let copy = "COPY users FROM 's3://bucket/users.csv' IAM_ROLE default CSV";
    /// if let Err(error) = diesel::sql_query(copy).execute(conn) {
    ///     for row in conn.load_errors()? {
    ///         eprintln!("{row}");
    ///     }
    ///     return Err(error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// They are read from `sys_load_error_detail` and `stl_load_errors`, which may lag behind by
    /// seconds on a cluster. If a transaction is open, which can only be rolled back after such an
    /// error, they are read on another connection with the same parameters.
    ///
    /// # Errors
    ///
    /// Any server error, if neither can be read; an error of the other connection, as a
    /// [`QueryBuilderError`](diesel::result::Error::QueryBuilderError).
    pub fn load_errors(&mut self) -> QueryResult<Vec<RejectedRow>> {
        let session = self.backend_pid();
        let load = if self.is_in_transaction() {
            let sibling = self.sibling();
            let mut sibling =
                sibling.map_err(|error| DieselError::QueryBuilderError(Box::new(error)))?;
            RejectedLoad::latest(&mut sibling, session, -1)?
        } else {
            RejectedLoad::latest(self, session, -1)?
        };
        Ok(load.map(|load| load.rows).unwrap_or_default())
    }

    /// The rejected rows of a load of any session, or of the latest one that had any; at most the
    /// first 100, by file and line.
    ///
    /// A user sees their own loads, a superuser those of all users. Call it outside of
    /// transactions: one of the two tables that it reads may be refused.
    ///
    /// # Errors
    ///
    /// Any server error, if neither `sys_load_error_detail` nor `stl_load_errors` can be read.
    pub fn load_errors_of(&mut self, query_id: Option<i64>) -> QueryResult<Vec<RejectedRow>> {
        let load = RejectedLoad::of_any_session(self, query_id)?;
        Ok(load.map(|load| load.rows).unwrap_or_default())
    }

    /// Queries the rejected rows of a load that has just failed. If nothing more than the server's
    /// message can be found, that is not an error.
    pub(crate) fn find_rows(&mut self, error: &mut LoadError) {
        error.set_earlier(self.last_load());
        if !self.is_in_transaction() {
            let _ = error.fetch_rows(self);
        } else if let Ok(mut sibling) = self.sibling() {
            let _ = error.fetch_rows_of(self.backend_pid(), &mut sibling);
        }
        self.set_last_load(error.query_id());
    }

    /// Interprets the error of statements that may have been a COPY.
    pub(crate) fn explain_load(&mut self, error: DieselError) -> Error {
        let mut error = Error::of_copy(None, None, error);
        if let Error::Load(load) = &mut error {
            self.find_rows(load);
        }
        error
    }
}

fn recorded(
    conn: &mut RedshiftConnection,
    sql: &str,
    session: Option<i32>,
    query: &str,
) -> QueryResult<Vec<Recorded>> {
    let sql = match session {
        Some(session) => sql.replace("{session}", &session.to_string()),
        None => sql
            .replace("session_id = {session} AND ", "")
            .replace("session = {session} AND ", ""),
    };
    diesel::sql_query(sql.replace("{query}", query)).load(conn)
}

/// The columns of `sys_load_error_detail`, for provisioned clusters and serverless.
const DETAIL_VIEW: &str = "SELECT query_id::bigint AS query_id, trim(file_name) AS file, line_number::bigint AS line, \
     trim(column_name) AS column_name, trim(column_type) AS column_type, trim(column_length) AS column_length, \
     position::bigint AS \"position\", error_code::bigint AS code, trim(error_message) AS reason, \
     NULL::varchar AS raw_value, NULL::varchar AS raw_line \
     FROM sys_load_error_detail WHERE session_id = {session} AND query_id = {query} \
     ORDER BY 2, 3, 7 LIMIT 100";

/// The columns of `stl_load_errors`, which has the raw texts, for the main cluster of a provisioned
/// one.
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
            line: u64::try_from(recorded.line).unwrap_or_default(),
            column: filled(recorded.column_name),
            column_type: filled(recorded.column_type),
            column_length: filled(recorded.column_length).filter(|length| length != "0"),
            position: recorded
                .position
                .and_then(|position| u64::try_from(position).ok())
                .unwrap_or_default(),
            code: recorded.code,
            reason: recorded.reason.unwrap_or_default(),
            raw_value: recorded.raw_value,
            raw_line: recorded.raw_line,
        }
    }
}
