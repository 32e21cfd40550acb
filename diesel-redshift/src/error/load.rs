use std::fmt;

use diesel::result::{DatabaseErrorInformation, Error as DieselError};

use super::whole::Whole;
use super::{DatabaseError, RejectedRow, StorageErrorKind};

/// A COPY that failed because of its data.
///
/// It holds the rejected rows, as Redshift recorded them. [`Display`](fmt::Display) shows the
/// first; the raw texts, which may contain personal data, are shown by neither `Display` nor
/// `Debug`.
#[derive(Clone)]
pub struct LoadError {
    text: String,
    rows: Vec<RejectedRow>,
    query_id: Option<i64>,
    /// The common prefix of the files' names, if it is known.
    prefix: Option<String>,
    /// The query of the COPY before this one; -1 if there was none.
    earlier: i64,
    server: DatabaseError,
}

impl LoadError {
    /// Takes a server error that refers to the data; returns any other unchanged.
    pub(crate) fn read(prefix: Option<String>, error: DieselError) -> Result<Self, DieselError> {
        let DieselError::DatabaseError(kind, information) = error else {
            return Err(error);
        };
        let server = DatabaseError::of_information(&*information);
        if !is_about_data(&server) {
            return Err(DieselError::DatabaseError(kind, information));
        }
        let mut load = Self {
            text: String::new(),
            rows: Vec::new(),
            query_id: None,
            prefix,
            earlier: -1,
            server,
        };
        load.text = load.describe();
        Ok(load)
    }

    /// The rejected rows, at most the first 100, by file and line.
    ///
    /// If the COPY ran in a transaction of yours, which can only be rolled back now, they are
    /// fetched on another connection with the same parameters. They are empty if no such connection
    /// could be made, as with expired temporary credentials: call
    /// [`fetch_rows`](LoadError::fetch_rows) after the end of the transaction.
    pub fn rows(&self) -> &[RejectedRow] {
        &self.rows
    }

    /// The query's id in the system tables.
    pub fn query_id(&self) -> Option<i64> {
        self.query_id
    }

    /// What the server said.
    pub fn server_error(&self) -> &DatabaseError {
        &self.server
    }

    /// The SQLSTATE of what the server said, five characters.
    pub fn sqlstate(&self) -> Option<&str> {
        self.server.sqlstate()
    }

    /// The query of the COPY before this one, whose rejected rows are not this one's; -1 if there
    /// was none.
    pub(crate) fn earlier(&self) -> i64 {
        self.earlier
    }

    pub(crate) fn set_earlier(&mut self, query_id: i64) {
        self.earlier = query_id;
    }

    /// Stores the rejected rows of a load, unless its files are different ones.
    pub(crate) fn set_rows(&mut self, query_id: i64, rows: Vec<RejectedRow>) {
        // The system tables lag behind, and may show an earlier load of the session, which is not always known.
        let is_ours = |row: &RejectedRow| match &self.prefix {
            Some(prefix) => row.file.starts_with(&**prefix) || prefix.starts_with(&row.file),
            None => true,
        };
        if rows.iter().take(1).all(is_ours) {
            self.query_id = Some(query_id);
            self.rows = rows;
            self.text = self.describe();
        }
    }

    fn describe(&self) -> String {
        let said = self.server.message().trim();
        let Some(first) = self.rows.first() else {
            return match file_at_fault(&self.server) {
                Some(context) if !said.contains(context) => {
                    format!("{}: {context}", said.trim_end_matches('.'))
                }
                _ => said.to_owned(),
            };
        };
        // The server's text ends with where to look, which has been done.
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

fn is_about_data(server: &DatabaseError) -> bool {
    let message = server.message();
    message.contains("stl_load_errors")
        || message.contains("sys_load_error_detail")
        || message.starts_with("Load into table")
        || (StorageErrorKind::of(server).is_none()
            && BROKEN_FILES.iter().any(|text| {
                message.contains(text)
                    || server.detail().is_some_and(|detail| detail.contains(text))
            }))
}

/// What Redshift says of files that it could fetch but not read: Parquet and ORC, and those that do
/// not decompress.
const BROKEN_FILES: [&str; 2] = ["Spectrum Scan Error", "failed to inflate with "];

/// The line of the engine's boxed details that names the file, or says what is wrong with it.
fn file_at_fault(server: &DatabaseError) -> Option<&str> {
    let detail = server.detail()?;
    let mut lines = detail.lines().map(str::trim);
    lines.find_map(|line| Some(line.strip_prefix("context:")?.trim()))
}

// The server's detail may quote the value at fault.
impl fmt::Debug for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadError")
            .field("text", &self.text)
            .field("rows", &self.rows)
            .field("query_id", &self.query_id)
            .field("sqlstate", &self.sqlstate())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.server)
    }
}

impl DatabaseErrorInformation for LoadError {
    fn message(&self) -> &str {
        &self.text
    }

    fn details(&self) -> Option<&str> {
        self.server.detail()
    }

    fn hint(&self) -> Option<&str> {
        self.server.hint()
    }

    fn table_name(&self) -> Option<&str> {
        self.server.table.as_deref()
    }

    fn column_name(&self) -> Option<&str> {
        self.rows.first().and_then(|row| row.column.as_deref())
    }

    fn constraint_name(&self) -> Option<&str> {
        self.server.constraint.as_deref()
    }

    fn statement_position(&self) -> Option<i32> {
        Whole::answer(|| Whole::Load(Box::new(self.clone())));
        self.server.position
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
        load.set_rows(7, vec![row.clone(), row.clone()]);
        assert_eq!(load.query_id(), Some(7));
        assert_eq!(
            load.to_string(),
            "Load into table 'users' failed: s3://bucket/users.csv, line 3, column id of type int8: Invalid digit \
             (error 1207), and 1 more"
        );
        assert!(!format!("{load:?}").contains("secret"), "{load:?}");
        assert_eq!(row.raw_value(), Some("secret value"));
    }

    #[test]
    fn a_value_that_the_server_quotes_is_not_shown() {
        let server = DatabaseError {
            detail: Some("File s3://bucket/users.csv, line 3, value 'secret'".to_owned()),
            ..DatabaseError::of_message("Load into table 'users' failed.")
        };
        let load = LoadError::read(None, server.into()).expect("refers to the rows");
        assert!(!format!("{load} {load:?}").contains("secret"), "{load:?}");
    }

    #[test]
    fn other_errors_are_given_back() {
        assert!(LoadError::read(None, error("Cannot COPY into nonexistent table t")).is_err());
        assert!(LoadError::read(None, DieselError::NotFound).is_err());
    }
}
