use std::fmt;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorInformation, Error as DieselError};

use super::rejected::{RejectedLoad, RejectedRow};
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
    /// The query of the COPY before this one; -1 without one.
    earlier: i64,
    server: Box<dyn DatabaseErrorInformation + Send + Sync>,
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
                    earlier: -1,
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
    /// [`rows`](LoadError::rows) are empty, after the end of the transaction and before the next COPY. Rows that are
    /// known stay those of this load.
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
    /// The rows of a load before this one are not taken for its own.
    pub(crate) fn set_earlier(&mut self, query_id: i64) {
        self.earlier = query_id;
    }

    pub(crate) fn fetch_rows_of(
        &mut self,
        session: i32,
        conn: &mut RedshiftConnection,
    ) -> QueryResult<&[RejectedRow]> {
        // The views lag behind, and then show an earlier load of the session, which is not always known.
        let is_ours = |row: &RejectedRow| match &self.prefix {
            Some(prefix) => row.file.starts_with(&**prefix) || prefix.starts_with(&row.file),
            None => true,
        };
        let load = match self.query_id {
            Some(query_id) => RejectedLoad::of(conn, session, query_id)?,
            None => RejectedLoad::latest(conn, session, self.earlier)?,
        };
        if let Some(load) = load.filter(|load| load.rows.iter().take(1).all(is_ours)) {
            self.query_id = Some(load.query_id);
            self.rows = load.rows;
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
