//! Running COPY.

use std::fs::File;
use std::io;

use super::column;
use super::copy_in::CopyIn;
use super::errors::BadRow;
use super::format::Format;
use super::log::{Log, Progress};
use super::parquet::{ExpectedColumns, Reader, Refusal};
use super::record::{Fields, Record, Records};
use super::row::Rows;
use super::source::{self, Source};
use super::statement::Statement;
use crate::engine::Failure;
use crate::protocol::{SqlError, backend};
use crate::s3;
use crate::session::Session;

/// How a load stands.
struct Load<'a> {
    statement: &'a Statement,
    rows: Rows<'a>,
    log: Log,
    loaded: u64,
}

pub(crate) fn run(session: &mut Session<'_>, statement: &Statement) -> Result<(), Failure> {
    let options = &statement.options;
    let target = column::target(
        &mut session.engine,
        &statement.table,
        statement.columns.as_deref(),
        options.explicit_ids,
    )?;
    target.check(options)?;
    let query = session.query;
    let rows = Rows::new(options, target, &session.s3, query)?;
    let files = source::files(&session.s3, statement, query)?;
    let log = Log::begin(session, statement, rows.target.oid, files.clone())?;
    let mut load = Load {
        statement,
        rows,
        log,
        loaded: 0,
    };

    let mut copy_in = None;
    if !options.no_load {
        copy_in = Some(CopyIn::begin(
            session,
            &statement.table,
            &load.rows.target,
            false,
        )?);
    }
    let result = load.all(session, &files, copy_in);
    load.end(session, result)
}

impl Load<'_> {
    fn all(
        &mut self,
        session: &mut Session<'_>,
        files: &[Source],
        mut copy_in: Option<CopyIn>,
    ) -> Result<(), Failure> {
        match (self.files(session, files, &mut copy_in), copy_in) {
            (Ok(()), Some(copy_in)) => copy_in.finish(session),
            (Err(Failure::Refused(error)), Some(mut copy_in)) => {
                copy_in.abandon(session)?;
                Err(Failure::Refused(error))
            }
            (result, _) => result,
        }
    }

    fn files(
        &mut self,
        session: &mut Session<'_>,
        files: &[Source],
        copy_in: &mut Option<CopyIn>,
    ) -> Result<(), Failure> {
        self.log.start(session, self.statement)?;
        let is_parquet = self.statement.options.format == Format::Parquet;
        for file in files {
            let (loaded, errors) = (self.loaded, self.log.errors());
            let unpacked = if is_parquet {
                self.parquet(session, file, copy_in)?
            } else {
                self.file(session, &file.uri, copy_in)?
            };
            let progress = Progress {
                rows: self.loaded,
                read: file.bytes,
                unpacked,
            };
            let errors = self.log.errors() - errors;
            self.log
                .file(session, progress, self.loaded - loaded, errors)?;
        }
        Ok(())
    }

    /// Loads a file and says how many bytes it unpacked to.
    fn file(
        &mut self,
        session: &mut Session<'_>,
        uri: &str,
        copy_in: &mut Option<CopyIn>,
    ) -> Result<u64, Failure> {
        let options = &self.statement.options;
        let query = session.query;
        let unreadable = |error: io::Error| {
            let refused = match options.compression {
                Some(compression) if error.kind() != io::ErrorKind::FileTooLarge => {
                    let text =
                        format!("failed to inflate with {}: {error}.", compression.program());
                    let context = format!("S3 key being read : {uri}");
                    SqlError::internal(&text).boxed(9001, &text, &context, query)
                }
                _ => {
                    let text = format!("The file {uri} could not be read: {error}");
                    SqlError::internal(&text).boxed(8001, &text, uri, query)
                }
            };
            Failure::Refused(refused)
        };
        let file = open(session, uri)?;
        let contents = source::contents(file, options.compression).map_err(unreadable)?;
        let mut fields = Fields::default();
        let decoded = options.encoding.decode(contents.bytes);
        let text = match decoded.map_err(unreadable)? {
            Ok(text) => text,
            Err(fault) => {
                // The file is passed over.
                let whole = Record {
                    bytes: b"",
                    line: 1,
                    offset: 0,
                    fault: Some(fault),
                };
                self.record(session, uri, &whole, &mut fields, copy_in)?;
                return Ok(0);
            }
        };
        let mut records = Records::new(text);
        records
            .skip_lines(options.ignore_header)
            .map_err(unreadable)?;
        while let Some(record) = records.next(options, &mut fields).map_err(unreadable)? {
            if record.bytes.is_empty() && options.ignore_blank_lines {
                continue;
            }
            self.record(session, uri, &record, &mut fields, copy_in)?;
            let (rows, unpacked) = (self.loaded, record.offset);
            self.log.row(session, || Progress {
                rows,
                read: contents.read.get(),
                unpacked,
            })?;
        }
        Ok(records.offset())
    }

    fn parquet(
        &mut self,
        session: &mut Session<'_>,
        file: &Source,
        copy_in: &mut Option<CopyIn>,
    ) -> Result<u64, Failure> {
        let uri = &file.uri;
        let query = session.query;
        let refused = |refusal| refused(refusal, uri, query);
        let opened = open(session, uri)?;
        let opened = source::parquet(opened, uri).map_err(refused)?;
        let options = &self.statement.options;
        let expected = ExpectedColumns {
            columns: &self.rows.target.columns,
            by_name: false,
            listed: self.statement.columns.is_some(),
            fill_record: options.fill_record,
            serialize_to_json: options.serialize_to_json,
        };
        let mut reader = Reader::open(opened, uri, expected).map_err(refused)?;
        let mut fields = Fields::default();
        let mut line = 0;
        let all = reader.rows().max(1);
        while reader.next(&mut fields).map_err(refused)? {
            line += 1;
            let record = Record {
                bytes: b"",
                line,
                offset: 0,
                fault: None,
            };
            self.record(session, uri, &record, &mut fields, copy_in)?;
            let (rows, bytes) = (self.loaded, file.bytes);
            self.log.row(session, || {
                // Columns are read side by side, so the rows tell how far the file has been read.
                let read = u128::from(bytes) * u128::from(line) / u128::from(all);
                let read = u64::try_from(read).unwrap_or(bytes);
                Progress {
                    rows,
                    read,
                    unpacked: read,
                }
            })?;
        }
        Ok(file.bytes)
    }

    /// Sends a record on, or keeps what is wrong with it.
    fn record(
        &mut self,
        session: &mut Session<'_>,
        uri: &str,
        record: &Record<'_>,
        fields: &mut Fields,
        copy_in: &mut Option<CopyIn>,
    ) -> Result<(), Failure> {
        let mut scratch = Vec::new();
        let out = copy_in.as_mut().map_or(&mut scratch, CopyIn::rows);
        let start = out.len();
        let replaced = self.rows.replaced;
        match self.rows.write(record, fields, out) {
            Ok(()) => {
                self.loaded += 1;
                // Records count, however many of their values were repaired.
                self.rows.replaced = self.rows.replaced.min(replaced + 1);
            }
            Err((fault, at)) => {
                self.rows.replaced = replaced;
                out.truncate(start);
                let at = at.map(|at| (at, &self.rows.target.columns[at]));
                let row = BadRow::new(uri, record, fields, fault, at);
                self.log.add(session, row)?;
                let most = self.statement.options.max_error;
                if most.is_some_and(|most| self.log.errors() >= most) {
                    return Err(self.failed());
                }
            }
        }
        match copy_in {
            Some(copy_in) => copy_in.row_done(session),
            None => Ok(()),
        }
    }

    fn failed(&self) -> Failure {
        let table = &self.statement.table.name;
        let message = format!(
            "Load into table '{table}' failed.  Check 'stl_load_errors' system table for details."
        );
        let error = SqlError::internal(message);
        Failure::Refused(match self.log.first() {
            Some(first) => error.detail(first),
            None => error,
        })
    }

    /// Tells the client and the system tables how it went.
    fn end(
        mut self,
        session: &mut Session<'_>,
        result: Result<(), Failure>,
    ) -> Result<(), Failure> {
        if matches!(result, Err(Failure::Lost(_))) {
            return result;
        }
        self.log.end(session, self.loaded, result.is_ok())?;
        if matches!(result, Err(Failure::ClientGone)) {
            return result;
        }
        let loaded = if result.is_ok() && !self.statement.options.no_load {
            self.loaded
        } else {
            0
        };
        session.set_last_count("copy", loaded)?;
        result?;

        let table = &self.statement.table.name;
        if self.statement.options.no_load {
            session.info(&format!(
                "Load into table '{table}' completed, 0 record(s) loaded successfully."
            ));
        } else {
            session.info(&format!(
                "Load into table '{table}' completed, {loaded} record(s) loaded successfully."
            ));
        }
        let errors = self.log.errors();
        if errors > 0 {
            session.info(&format!(
                "Load into table '{table}' completed, {errors} record(s) could not be loaded.  Check \
                 'stl_load_errors' system table for details."
            ));
        }
        if self.rows.replaced > 0 {
            session.info(&format!(
                "Load into table '{table}' completed, {} record(s) were loaded with replacements made for \
                 ACCEPTINVCHARS. Check 'stl_replacements' system table for details.",
                self.rows.replaced
            ));
        }
        backend::command_complete(&mut session.client.out, "COPY");
        Ok(())
    }
}

/// What a Parquet file is refused for.
pub(super) fn refused(refusal: Refusal, uri: &str, query: i32) -> Failure {
    let text = match refusal {
        Refusal::NotImitated(what) => return SqlError::not_imitated(&what).into(),
        Refusal::TypeLength(text) => {
            let message = "Spectrum Scan Error";
            return SqlError::internal(message)
                .boxed(15001, message, &text, query)
                .into();
        }
        Refusal::Schema(text) => format!("Spectrum Scan Error. {text}"),
        Refusal::Broken(text) => {
            format!("Spectrum Scan Error. File '{uri}' could not be read: {text}")
        }
    };
    let message = text.lines().next().unwrap_or_default();
    SqlError::internal(message)
        .boxed(15007, &text, uri, query)
        .into()
}

pub(super) fn open(session: &Session<'_>, uri: &str) -> Result<File, Failure> {
    let opened = session.s3.read(uri);
    session.check_cancelled()?;
    opened.map_err(|error| Failure::Refused(s3::refusal(&error, uri, session.query)))
}
