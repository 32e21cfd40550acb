use std::fmt;

use diesel::prelude::*;
use diesel::result::{DatabaseErrorInformation, Error as DieselError};
use diesel::sql_types::{BigInt, Nullable, Text};

use crate::connection::RedshiftConnection;

/// A COPY failed because of its data.
///
/// It holds the rows at fault, as Redshift recorded them. [`Display`](fmt::Display) shows the first; the raw
/// texts, which may hold personal data, are shown by neither `Display` nor `Debug`.
#[derive(Debug)]
pub struct LoadError {
    text: String,
    rows: Vec<RejectedRow>,
    query_id: Option<i64>,
    /// What the names of the files start with, if that is known.
    prefix: Option<String>,
    server: Box<dyn DatabaseErrorInformation + Send + Sync>,
}

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
    raw_value: Option<String>,
    raw_line: Option<String>,
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

impl LoadError {
    /// Takes an error of the server that refers to the rows at fault; gives any other back.
    pub(crate) fn read(prefix: Option<String>, error: DieselError) -> Result<Self, DieselError> {
        match error {
            DieselError::DatabaseError(_, server)
                if server.message().contains("stl_load_errors")
                    || server.message().contains("sys_load_error_detail")
                    || server.message().starts_with("Load into table") =>
            {
                Ok(Self {
                    text: server.message().trim().to_owned(),
                    rows: Vec::new(),
                    query_id: None,
                    prefix,
                    server,
                })
            }
            error => Err(error),
        }
    }

    /// The rows at fault, at most the first 100, by file and line.
    ///
    /// They are fetched by another connection with the same parameters when the COPY ran in a transaction of yours,
    /// since that can only be rolled back now. They are empty when no such connection could be made, as with temporary
    /// credentials that have expired: call [`fetch_rows`](LoadError::fetch_rows) after the end of the transaction.
    pub fn rows(&self) -> &[RejectedRow] {
        &self.rows
    }

    /// The query's id in the system tables.
    pub fn query_id(&self) -> Option<i64> {
        self.query_id
    }

    /// What the server said.
    pub fn server_error(&self) -> &(dyn DatabaseErrorInformation + Send + Sync) {
        &*self.server
    }

    /// Asks the server for the rows at fault, on the connection on which the COPY failed.
    ///
    /// [`execute`](crate::CopyStatement::execute) has done so itself where it could: call this when
    /// [`rows`](LoadError::rows) are empty, after the end of the transaction and before the next COPY.
    ///
    /// # Errors
    ///
    /// The server's, when neither `sys_load_error_detail` nor `stl_load_errors` can be read; the rows are then as
    /// they were.
    pub fn fetch_rows(&mut self, conn: &mut RedshiftConnection) -> QueryResult<&[RejectedRow]> {
        let session = conn.backend_pid();
        self.fetch_rows_of(session, conn)
    }

    /// Asks on a connection for the rows at fault in the load of another session, or its own.
    pub(crate) fn fetch_rows_of(
        &mut self,
        session: i32,
        conn: &mut RedshiftConnection,
    ) -> QueryResult<&[RejectedRow]> {
        let rows = match rows_of_latest(conn, session, DETAIL_VIEW) {
            // The view lags a little.
            Ok(rows) if rows.is_empty() => {
                std::thread::sleep(std::time::Duration::from_millis(500));
                rows_of_latest(conn, session, DETAIL_VIEW)
            }
            rows => rows,
        };
        let raw = rows_of_latest(conn, session, ERRORS_TABLE);
        let (mut rows, raw) = match (rows, raw) {
            (Ok(rows), Ok(raw)) if rows.is_empty() => (raw, Vec::new()),
            (Ok(rows), Ok(raw)) => (rows, raw),
            (Ok(rows), Err(_)) => (rows, Vec::new()),
            (Err(_), Ok(raw)) => (raw, Vec::new()),
            (Err(error), Err(_)) => return Err(error),
        };
        let query_id = rows.first().map(|row| row.query_id);
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
        // The views lag behind, and then show an earlier load of the session.
        let is_ours = |row: &Recorded| match &self.prefix {
            Some(prefix) => row.file.starts_with(&**prefix) || prefix.starts_with(&row.file),
            None => true,
        };
        if rows.first().is_some_and(is_ours) {
            self.query_id = query_id;
            self.rows = rows.into_iter().map(RejectedRow::from).collect();
            self.text = self.describe();
        }
        Ok(&self.rows)
    }

    fn describe(&self) -> String {
        let said = self.server.message().trim();
        let Some(first) = self.rows.first() else {
            return said.to_owned();
        };
        // The server's text ends in where to look, which has been done.
        let said = said
            .split_once("Check '")
            .map_or(said, |(before, _)| before);
        let said = said.trim_end().trim_end_matches('.');
        match self.rows.len() - 1 {
            0 => format!("{said}: {first}"),
            more => format!("{said}: {first}, and {more} more"),
        }
    }
}

/// The columns of `sys_load_error_detail`, for provisioned clusters and serverless.
const DETAIL_VIEW: &str = "SELECT query_id::bigint AS query_id, trim(file_name) AS file, line_number::bigint AS line, \
     trim(column_name) AS column_name, trim(column_type) AS column_type, trim(column_length) AS column_length, \
     position::bigint AS \"position\", error_code::bigint AS code, trim(error_message) AS reason, \
     NULL::varchar AS raw_value, NULL::varchar AS raw_line \
     FROM sys_load_error_detail WHERE session_id = {session} AND query_id = \
     (SELECT max(query_id) FROM sys_load_error_detail WHERE session_id = {session}) \
     ORDER BY 2, 3, 7 LIMIT 100";

/// The columns of `stl_load_errors`, which has the raw texts, for the main cluster of a provisioned one.
const ERRORS_TABLE: &str = "SELECT query::bigint AS query_id, trim(filename) AS file, line_number::bigint AS line, \
     trim(colname) AS column_name, trim(type) AS column_type, trim(col_length) AS column_length, \
     position::bigint AS \"position\", err_code::bigint AS code, trim(err_reason) AS reason, \
     trim(raw_field_value) AS raw_value, trim(raw_line) AS raw_line \
     FROM stl_load_errors WHERE session = {session} AND query = \
     (SELECT max(query) FROM stl_load_errors WHERE session = {session}) \
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

/// The rows that the session's latest load with faults left there.
fn rows_of_latest(
    conn: &mut RedshiftConnection,
    session: i32,
    query: &str,
) -> QueryResult<Vec<Recorded>> {
    diesel::sql_query(query.replace("{session}", &session.to_string())).load(conn)
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

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for LoadError {}

impl DatabaseErrorInformation for LoadError {
    fn message(&self) -> &str {
        &self.text
    }

    fn details(&self) -> Option<&str> {
        self.server.details()
    }

    fn hint(&self) -> Option<&str> {
        self.server.hint()
    }

    fn table_name(&self) -> Option<&str> {
        self.server.table_name()
    }

    fn column_name(&self) -> Option<&str> {
        self.rows.first().and_then(|row| row.column.as_deref())
    }

    fn constraint_name(&self) -> Option<&str> {
        self.server.constraint_name()
    }

    fn statement_position(&self) -> Option<i32> {
        self.server.statement_position()
    }
}

#[cfg(test)]
mod tests {
    use diesel::result::DatabaseErrorKind;

    use super::*;

    fn error(message: &str) -> DieselError {
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
    }

    #[test]
    fn the_first_row_is_told_and_no_raw_text() {
        let mut load = LoadError::read(None, error(
            "Load into table 'users' failed.  Check 'stl_load_errors' system table for details.",
        ))
        .expect("refers to the rows");
        let row = RejectedRow {
            file: "s3://bucket/users.csv".to_owned(),
            line: 3,
            column: Some("id".to_owned()),
            column_type: Some("int8".to_owned()),
            column_length: None,
            position: 0,
            code: 1207,
            reason: "Invalid digit".to_owned(),
            raw_value: Some("secret value".to_owned()),
            raw_line: Some("secret value,line".to_owned()),
        };
        load.rows = vec![row.clone(), row.clone()];
        load.text = load.describe();
        assert_eq!(
            load.to_string(),
            "Load into table 'users' failed: s3://bucket/users.csv, line 3, column id int8: Invalid digit (error \
             1207), and 1 more"
        );
        assert!(!format!("{load:?}").contains("secret"), "{load:?}");
        assert_eq!(row.raw_value(), Some("secret value"));
    }

    #[test]
    fn other_errors_are_given_back() {
        assert!(LoadError::read(None, error("Cannot COPY into nonexistent table t")).is_err());
        assert!(LoadError::read(None, DieselError::NotFound).is_err());
    }
}
