//! The system tables of loads. They are written outside the client's transaction, so they outlive its rollback.

use super::column::Column;
use super::fault::Fault;
use super::record::{Fields, Record};
use super::statement::Statement;
use crate::engine::Failure;
use crate::session::Session;
use crate::sql::quote_literal;

/// AWS's limits on what is kept of a row and of a field.
const LONGEST_TEXT: usize = 1024;

/// So many rows are written in one statement.
const BATCH: usize = 500;

pub(super) struct BadRow {
    file: String,
    line: u64,
    offset: u64,
    column: Option<(String, String, String)>,
    position: usize,
    raw_line: String,
    raw_field: String,
    fault: Fault,
}

impl BadRow {
    pub(super) fn new(
        file: &str,
        record: &Record<'_>,
        fields: &Fields,
        fault: Fault,
        at: Option<(usize, &Column)>,
    ) -> Self {
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_TEXT)]).replace('\0', "")
        };
        let field = at.map(|(at, _)| at).filter(|at| *at < fields.len());
        Self {
            file: file.to_owned(),
            line: record.line,
            offset: record.offset,
            column: at.map(|(_, column)| {
                (
                    column.name.clone(),
                    column.type_name.clone(),
                    column.length.clone(),
                )
            }),
            position: field.map_or(0, |at| fields.position(at)),
            raw_line: text(record.bytes),
            raw_field: field.map_or(String::new(), |at| text(fields.value(record.bytes, at))),
            fault,
        }
    }

    pub(super) fn describe(&self) -> String {
        let column = self.column.as_ref().map_or("-", |(name, ..)| name);
        format!(
            "File {}, line {}, column {column}, value '{}': {} (code {})",
            self.file, self.line, self.raw_field, self.fault.reason, self.fault.code
        )
    }

    fn values(&self, head: &str) -> String {
        let (name, kind, length) = match &self.column {
            Some((name, kind, length)) => (name.as_str(), kind.as_str(), length.as_str()),
            None => ("", "", ""),
        };
        format!(
            "({head}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})",
            cut(&self.file, 256),
            self.line,
            cut(name, 127),
            cut(kind, 10),
            cut(length, 10),
            self.position,
            cut(&self.raw_line, LONGEST_TEXT),
            cut(&self.raw_field, LONGEST_TEXT),
            self.fault.code,
            cut(&self.fault.reason, 100),
            self.offset
        )
    }
}

fn cut(text: &str, length: usize) -> String {
    quote_literal(&text.chars().take(length).collect::<String>())
}

/// What one load will leave in the system tables.
pub(super) struct Log {
    query: i32,
    pid: String,
    transaction: String,
    user: String,
    started: String,
    table: i64,
    table_name: String,
    source: String,
    format: &'static str,
    rows: Vec<BadRow>,
    files: Vec<(String, u64, u64)>,
}

impl Log {
    pub(super) fn begin(
        session: &mut Session<'_>,
        statement: &Statement,
        table: i64,
    ) -> Result<Self, Failure> {
        let sql = "SELECT pg_backend_pid(), txid_snapshot_xmax(txid_current_snapshot()), (SELECT usesysid FROM pg_user \
                   WHERE usename = current_user), clock_timestamp()::timestamp";
        let row = session
            .engine
            .run(sql)?
            .rows
            .into_iter()
            .next()
            .unwrap_or_default();
        let value = |at: usize| {
            row.get(at)
                .cloned()
                .flatten()
                .unwrap_or_else(|| "0".to_owned())
        };
        Ok(Self {
            query: session.query,
            pid: value(0),
            transaction: value(1),
            user: value(2),
            started: value(3),
            table,
            table_name: statement.table.name.clone(),
            source: statement.source.clone(),
            format: statement.options.format.logged(),
            rows: Vec::new(),
            files: Vec::new(),
        })
    }

    pub(super) fn errors(&self) -> u64 {
        self.rows.len() as u64
    }

    pub(super) fn first(&self) -> Option<&BadRow> {
        self.rows.first()
    }

    pub(super) fn add(&mut self, row: BadRow) {
        self.rows.push(row);
    }

    /// A file was read to its end.
    pub(super) fn file(&mut self, uri: &str, rows: u64, errors: u64) {
        self.files.push((uri.to_owned(), rows, errors));
    }

    pub(super) fn write(
        &mut self,
        session: &mut Session<'_>,
        rows: u64,
        completed: bool,
    ) -> Result<(), Failure> {
        let (user, query, pid, transaction) =
            (&self.user, self.query, &self.pid, &self.transaction);
        let head = format!(
            "{user}, 0, {}, '{}', {pid}, {query}, {transaction}",
            self.table, self.started
        );
        let mut statements = Vec::new();
        for batch in self.rows.chunks(BATCH) {
            let values: Vec<_> = batch.iter().map(|row| row.values(&head)).collect();
            statements.push(format!(
                "INSERT INTO pg_sandbox.load_errors VALUES {}",
                values.join(", ")
            ));
        }
        let format = self.format;
        if completed {
            for (uri, rows, errors) in &self.files {
                statements.push(format!(
                    "INSERT INTO pg_sandbox.load_files VALUES \
                     ({user}, {query}, {}, {}, {errors}, clock_timestamp(), '{format}')",
                    cut(uri, 256),
                    rows + errors
                ));
            }
        }
        let (status, loaded) = if completed {
            ("completed", rows)
        } else {
            ("aborted", 0)
        };
        statements.push(format!(
            "INSERT INTO pg_sandbox.loads VALUES ({user}, {query}, {transaction}, {pid}, '{status}', {}, '{}', \
             clock_timestamp(), {}, '{format}', {loaded}, 0, {}, {})",
            quote_literal(&self.table_name),
            self.started,
            quote_literal(&self.source),
            self.files.len(),
            self.rows.len()
        ));
        session.log()?.run(&statements.join(";\n"))?;
        Ok(())
    }
}
