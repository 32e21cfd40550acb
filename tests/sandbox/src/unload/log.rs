//! What an unload leaves in the system tables. It is written outside the client's transaction, so it is seen while the
//! unload runs and outlives a rollback.

use std::time::{Duration, Instant};

use super::file::Written;
use super::statement::Statement;
use crate::engine::Failure;
use crate::parameters::Compression;
use crate::session::Session;
use crate::sql::quote_literal;

/// How often the system tables are told of an unload that runs.
const TELL_AFTER: Duration = Duration::from_millis(100);

pub(super) struct Log {
    query: i32,
    /// As SQL.
    user: String,
    pid: i32,
    format: &'static str,
    has_header: bool,
    told: Instant,
}

impl Log {
    /// Tells that the unload has begun.
    pub(super) fn begin(session: &mut Session<'_>, statement: &Statement) -> Result<Self, Failure> {
        let options = &statement.options;
        let log = Self {
            query: session.query,
            user: format!(
                "(SELECT usesysid FROM pg_user WHERE usename = {})",
                quote_literal(&session.user)
            ),
            pid: session.engine.pid(),
            format: options.format.name(),
            has_header: options.header,
            told: Instant::now(),
        };
        let compression = match options.compression {
            None => "",
            Some(Compression::Gzip) => "GZIP",
            Some(Compression::Bzip2) => "BZIP2",
            Some(Compression::Zstd) => "ZSTD",
        };
        let sql = format!(
            "INSERT INTO pg_sandbox.unloads VALUES ({}, {}, {}, {}, 'running', clock_timestamp(), NULL, '{}', \
             '{compression}', {}, 0, 0, 0, NULL)",
            log.user,
            log.query,
            session.transaction(),
            log.pid,
            log.format,
            quote_literal(&statement.destination),
        );
        session.log(&sql)?;
        Ok(log)
    }

    /// Tells from time to time how far it is.
    pub(super) fn progress(
        &mut self,
        session: &mut Session<'_>,
        rows: u64,
        files: usize,
    ) -> Result<(), Failure> {
        if self.told.elapsed() < TELL_AFTER {
            return Ok(());
        }
        self.told = Instant::now();
        session.log(&format!(
            "UPDATE pg_sandbox.unloads SET unloaded_rows = {rows}, unloaded_files_count = {files} {}",
            self.mine()
        ))?;
        Ok(())
    }

    /// Query numbers may come again after a restart.
    fn mine(&self) -> String {
        format!("WHERE query_id = {} AND status = 'running'", self.query)
    }

    /// What tells that all has been unloaded.
    pub(super) fn completion(&self, files: &[Written], rows: u64) -> String {
        let (user, query, pid, format) = (&self.user, self.query, self.pid, self.format);
        let size: u64 = files.iter().map(|file| file.bytes).sum();
        let mut sql = format!(
            "UPDATE pg_sandbox.unloads SET status = 'completed', end_time = clock_timestamp(), unloaded_rows = {rows}, \
             unloaded_files_count = {}, unloaded_files_size = {size} {}",
            files.len(),
            self.mine()
        );
        for file in files {
            sql.push_str(&format!(
                ";\nINSERT INTO pg_sandbox.unload_files VALUES ({user}, {query}, {}, {pid}, {}, clock_timestamp(), \
                 clock_timestamp(), {}, {}, '{format}')",
                file.slice,
                quote_literal(&file.uri),
                file.lines - u64::from(self.has_header),
                file.bytes
            ));
        }
        sql
    }

    /// Tells that it came to nothing.
    pub(super) fn abort(
        &self,
        session: &mut Session<'_>,
        failure: &Failure,
    ) -> Result<(), Failure> {
        session.log(&format!(
            "UPDATE pg_sandbox.unloads SET status = 'aborted', end_time = clock_timestamp(), unloaded_rows = 0, \
             unloaded_files_count = 0, error_message = {} {}",
            quote_literal(&failure.message()),
            self.mine()
        ))?;
        Ok(())
    }
}
