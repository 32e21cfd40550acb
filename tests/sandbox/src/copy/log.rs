//! What a load leaves in the system tables. It is written outside the client's transaction, so it is seen while the load
//! runs and outlives a rollback.

use std::time::{Duration, Instant};

use super::errors::{BadRow, cut};
use super::source::Source;
use super::statement::Statement;
use crate::engine::Failure;
use crate::session::Session;
use crate::sql::quote_literal;

/// So many rows are written in one statement.
const BATCH: usize = 500;

/// How often the system tables are told of a load that runs. Redshift does it every million rows.
const TELL_AFTER: Duration = Duration::from_millis(100);

/// How many rows pass between two looks at the clock.
const LOOK_AFTER: u32 = 1024;

/// How far a load is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Rows that were loaded.
    pub(super) rows: u64,
    /// Bytes read of the current file as it lies in the store.
    pub(super) read: u64,
    /// And of what it unpacks to.
    pub(super) unpacked: u64,
}

pub(super) struct Log {
    query: i32,
    pid: i32,
    transaction: i64,
    user: String,
    started: String,
    table: i64,
    is_compressed: bool,
    format: &'static str,
    sources: Vec<Source>,
    /// The sum of their bytes.
    size: u64,
    /// What the first bad row is told as.
    first: Option<String>,
    errors: u64,
    /// Bad rows that wait to be written.
    rows: Vec<BadRow>,
    /// For each file that was read to its end, its rows and errors.
    files: Vec<(u64, u64)>,
    /// Bytes of these files, and of what they unpacked to.
    read: u64,
    unpacked: u64,
    since_look: u32,
    told: Instant,
}

impl Log {
    pub(super) fn begin(
        session: &mut Session<'_>,
        statement: &Statement,
        table: i64,
        sources: Vec<Source>,
    ) -> Result<Self, Failure> {
        let user = session
            .engine
            .run("SELECT usesysid FROM pg_user WHERE usename = current_user")?
            .value();
        // The client's session may show it in another form.
        let started = session.log("SELECT clock_timestamp()::timestamp")?.value();
        Ok(Self {
            query: session.query,
            pid: session.engine.pid(),
            transaction: session.transaction(),
            user: user.unwrap_or_else(|| "0".to_owned()),
            started: started.unwrap_or_default(),
            table,
            is_compressed: statement.options.compression.is_some(),
            format: statement.options.format.logged(),
            size: sources.iter().map(|source| source.bytes).sum(),
            sources,
            first: None,
            errors: 0,
            rows: Vec::new(),
            files: Vec::new(),
            read: 0,
            unpacked: 0,
            since_look: 0,
            told: Instant::now(),
        })
    }

    /// Tells that the load has begun.
    pub(super) fn start(
        &self,
        session: &mut Session<'_>,
        statement: &Statement,
    ) -> Result<(), Failure> {
        let (user, query, pid) = (&self.user, self.query, self.pid);
        let (to_load, compressed) = self.by_compression(self.size);
        session.log(&format!(
            "DELETE FROM pg_sandbox.load_state WHERE query = {query};
             INSERT INTO pg_sandbox.load_state VALUES ({user}, {pid}, {query}, 0, {pid}, clock_timestamp(), {to_load}, 0, \
             {compressed}, 0, 0, {files}, 0, '', 0);
             INSERT INTO pg_sandbox.loads VALUES ({user}, {query}, {}, {pid}, 'running', {}, '{}', NULL, {}, '{}', 0, 0, \
             {files}, 0, {}, 0, 0)",
            self.transaction,
            quote_literal(&statement.table.name),
            self.started,
            quote_literal(&statement.source),
            self.format,
            self.size,
            files = self.sources.len(),
        ))?;
        Ok(())
    }

    /// A number for data that are not compressed, and one for data that are.
    fn by_compression(&self, bytes: u64) -> (u64, u64) {
        if self.is_compressed {
            (0, bytes)
        } else {
            (bytes, 0)
        }
    }

    pub(super) fn errors(&self) -> u64 {
        self.errors
    }

    /// What the first bad row is told as.
    pub(super) fn first(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// Takes a bad row; many of them are not kept in memory.
    pub(super) fn add(&mut self, session: &mut Session<'_>, row: BadRow) -> Result<(), Failure> {
        self.errors += 1;
        self.first.get_or_insert_with(|| row.describe());
        self.rows.push(row);
        if self.rows.len() < BATCH {
            return Ok(());
        }
        let sql = self.bad_rows();
        session.log(&sql)?;
        Ok(())
    }

    /// The statement that writes the bad rows which wait; they wait no longer.
    fn bad_rows(&mut self) -> String {
        let head = format!(
            "{}, 0, {}, '{}', {}, {}, {}",
            self.user, self.table, self.started, self.pid, self.query, self.transaction
        );
        let values: Vec<_> = self.rows.drain(..).map(|row| row.values(&head)).collect();
        match values.is_empty() {
            true => String::new(),
            false => format!(
                "INSERT INTO pg_sandbox.load_errors VALUES {}",
                values.join(", ")
            ),
        }
    }

    /// A row was read; from time to time the system tables are told.
    pub(super) fn row(
        &mut self,
        session: &mut Session<'_>,
        progress: impl FnOnce() -> Progress,
    ) -> Result<(), Failure> {
        self.since_look += 1;
        if self.since_look < LOOK_AFTER {
            return Ok(());
        }
        self.since_look = 0;
        session.check_cancelled()?;
        if self.told.elapsed() < TELL_AFTER {
            return Ok(());
        }
        self.report(session, progress())
    }

    /// A file was read to its end.
    pub(super) fn file(
        &mut self,
        session: &mut Session<'_>,
        progress: Progress,
        rows: u64,
        errors: u64,
    ) -> Result<(), Failure> {
        let size = self
            .sources
            .get(self.files.len())
            .map_or(0, |file| file.bytes);
        self.read += size;
        self.unpacked += progress.unpacked;
        self.files.push((rows, errors));
        if self.told.elapsed() < TELL_AFTER {
            return Ok(());
        }
        let between = Progress {
            read: 0,
            unpacked: 0,
            ..progress
        };
        self.report(session, between)
    }

    fn report(&mut self, session: &mut Session<'_>, progress: Progress) -> Result<(), Failure> {
        self.told = Instant::now();
        let (query, done) = (self.query, self.files.len());
        let read = self.read + progress.read;
        let unpacked = self.unpacked + progress.unpacked;
        let (_, compressed) = self.by_compression(read);
        let percent = (100 * read).checked_div(self.size).unwrap_or(0).min(100);
        let current = self.sources.get(done).map_or("", |file| file.uri.as_str());
        let rows = progress.rows;
        session.log(&format!(
            "UPDATE pg_sandbox.load_state SET recordtime = clock_timestamp(), bytes_loaded = {unpacked}, \
             bytes_loaded_compressed = {compressed}, lines = {rows}, num_files_complete = {done}, current_file = {}, \
             pct_complete = {percent} WHERE query = {query};
             UPDATE pg_sandbox.loads SET loaded_rows = {rows}, loaded_bytes = {unpacked}, error_count = {}, \
             file_count_scanned = {done}, file_bytes_scanned = {read} WHERE query_id = {query} AND status = 'running'",
            cut(current, 256),
            self.errors(),
        ))?;
        Ok(())
    }

    /// Tells how the load ended.
    pub(super) fn end(
        &mut self,
        session: &mut Session<'_>,
        rows: u64,
        completed: bool,
    ) -> Result<(), Failure> {
        let mut statements = vec![self.bad_rows()];
        let (user, query) = (&self.user, self.query);
        statements.push(format!(
            "DELETE FROM pg_sandbox.load_state WHERE query = {query}"
        ));
        let format = self.format;
        if completed {
            for (source, (rows, errors)) in self.sources.iter().zip(&self.files) {
                statements.push(format!(
                    "INSERT INTO pg_sandbox.load_files VALUES \
                     ({user}, {query}, {}, {}, {errors}, clock_timestamp(), '{format}')",
                    cut(&source.uri, 256),
                    rows + errors
                ));
            }
        }
        let (status, rows, bytes) = if completed {
            ("completed", rows, self.unpacked)
        } else {
            ("aborted", 0, 0)
        };
        statements.push(format!(
            "UPDATE pg_sandbox.loads SET status = '{status}', end_time = clock_timestamp(), loaded_rows = {rows}, \
             loaded_bytes = {bytes}, error_count = {}, file_count_scanned = {}, file_bytes_scanned = {} \
             WHERE query_id = {query} AND status = 'running'",
            self.errors(),
            self.files.len(),
            self.read
        ));
        session.log(&statements.join(";\n"))?;
        Ok(())
    }
}
