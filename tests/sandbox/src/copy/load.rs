//! Running COPY.

use std::fs::File;

use super::column::{self, Target, Type};
use super::errors::BadRow;
use super::fault::Fault;
use super::field;
use super::format::Format;
use super::inflow::Inflow;
use super::json::{self, Shredder};
use super::log::{Log, Progress};
use super::options::Options;
use super::parquet::{Reader, Refusal, Wanted};
use super::record::{Fields, Record, Records};
use super::source::{self, Source};
use super::statement::Statement;
use crate::engine::Failure;
use crate::protocol::{SqlError, backend};
use crate::s3;
use crate::session::Session;

/// What SERIALIZETOJSON puts into a string of a SUPER at most.
const LONGEST_STRING: usize = 65_535;

/// How a load stands.
struct Load<'a> {
    statement: &'a Statement,
    target: Target,
    /// What makes rows of documents, if the files hold any.
    shredder: Option<Shredder>,
    log: Log,
    rows: u64,
    replaced: u64,
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
    let wants_json = |column: &column::Column| column.kind == Type::Super;
    if options.format == Format::Parquet
        && !options.serialize_to_json
        && target.columns.iter().any(wants_json)
    {
        return Err(SqlError::internal(
            "SUPER column in COPY query requires SERIALIZETOJSON option",
        )
        .into());
    }
    let shredder = match &options.format {
        Format::Json(shredding) => Some(Shredder::new(
            shredding,
            &target.columns,
            options.replacement,
            &session.s3,
            query,
        )?),
        _ => None,
    };
    let files = source::files(&session.s3, statement, query)?;
    let log = Log::begin(session, statement, target.oid, files.clone())?;
    let mut load = Load {
        statement,
        target,
        shredder,
        log,
        rows: 0,
        replaced: 0,
    };

    let mut inflow = None;
    if !options.no_load {
        let columns = &load.target.columns;
        inflow = Some(Inflow::begin(session, &statement.table, columns)?);
    }
    load.log.start(session, statement)?;
    let result = load.all(session, &files, inflow);
    load.end(session, result)
}

impl Load<'_> {
    fn all(
        &mut self,
        session: &mut Session<'_>,
        files: &[Source],
        mut inflow: Option<Inflow>,
    ) -> Result<(), Failure> {
        match (self.files(session, files, &mut inflow), inflow) {
            (Ok(()), Some(inflow)) => inflow.finish(session),
            (Err(Failure::Refused(error)), Some(mut inflow)) => {
                inflow.abandon(session)?;
                Err(Failure::Refused(error))
            }
            (result, _) => result,
        }
    }

    fn files(
        &mut self,
        session: &mut Session<'_>,
        files: &[Source],
        inflow: &mut Option<Inflow>,
    ) -> Result<(), Failure> {
        let is_parquet = self.statement.options.format == Format::Parquet;
        for file in files {
            let (rows, errors) = (self.rows, self.log.errors());
            let unpacked = if is_parquet {
                self.parquet(session, file, inflow)?
            } else {
                self.file(session, &file.uri, inflow)?
            };
            let progress = Progress {
                rows: self.rows,
                read: file.bytes,
                unpacked,
            };
            let errors = self.log.errors() - errors;
            self.log.file(session, progress, self.rows - rows, errors)?;
        }
        Ok(())
    }

    /// Loads a file and says how many bytes it unpacked to.
    fn file(
        &mut self,
        session: &mut Session<'_>,
        uri: &str,
        inflow: &mut Option<Inflow>,
    ) -> Result<u64, Failure> {
        let options = &self.statement.options;
        let query = session.query;
        let unreadable = |error: std::io::Error| {
            let text = format!("The file {uri} could not be read: {error}");
            Failure::Refused(SqlError::internal(&text).boxed(8001, &text, uri, query))
        };
        let file = open(session, uri)?;
        let contents = source::contents(file, options.compression).map_err(unreadable)?;
        let mut records = Records::new(options.encoding.decode(contents.bytes));
        records
            .skip_lines(options.ignore_header)
            .map_err(unreadable)?;
        let mut fields = Fields::default();
        while let Some(record) = records.next(options, &mut fields).map_err(unreadable)? {
            if record.bytes.is_empty() && options.ignore_blank_lines {
                continue;
            }
            self.record(session, uri, &record, &mut fields, inflow)?;
            let (rows, unpacked) = (self.rows, record.offset);
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
        inflow: &mut Option<Inflow>,
    ) -> Result<u64, Failure> {
        let uri = &file.uri;
        let query = session.query;
        let refused = |refusal| {
            let text = match refusal {
                Refusal::NotImitated(what) => {
                    return Failure::Refused(SqlError::not_imitated(&what));
                }
                Refusal::Schema(text) => format!("Spectrum Scan Error. {text}"),
                Refusal::Broken(text) => {
                    format!("Spectrum Scan Error. File '{uri}' could not be read: {text}")
                }
            };
            let message = text.lines().next().unwrap_or_default();
            Failure::Refused(SqlError::internal(message).boxed(15007, &text, uri, query))
        };
        let opened = open(session, uri)?;
        let opened = source::parquet(opened, uri).map_err(refused)?;
        let options = &self.statement.options;
        let wanted = Wanted {
            columns: &self.target.columns,
            listed: self.statement.columns.is_some(),
            fill_record: options.fill_record,
            serialize_to_json: options.serialize_to_json,
        };
        let mut reader = Reader::open(opened, uri, wanted).map_err(refused)?;
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
            self.record(session, uri, &record, &mut fields, inflow)?;
            let (rows, bytes) = (self.rows, file.bytes);
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
        inflow: &mut Option<Inflow>,
    ) -> Result<(), Failure> {
        let mut scratch = Vec::new();
        let out = inflow.as_mut().map_or(&mut scratch, Inflow::rows);
        let start = out.len();
        let replaced = self.replaced;
        match self.row(record, fields, out) {
            Ok(()) => {
                self.rows += 1;
                // Records count, however many of their values were repaired.
                self.replaced = self.replaced.min(replaced + 1);
            }
            Err((fault, at)) => {
                self.replaced = replaced;
                out.truncate(start);
                let at = at.map(|at| (at, &self.target.columns[at]));
                let row = BadRow::new(uri, record, fields, fault, at);
                self.log.add(session, row)?;
                let most = self.statement.options.max_error;
                if most.is_some_and(|most| self.log.errors() >= most) {
                    return Err(self.failed());
                }
            }
        }
        match inflow {
            Some(inflow) => inflow.row_done(session),
            None => Ok(()),
        }
    }

    /// Checks a record and writes it as a row; an error comes with its field.
    fn row(
        &mut self,
        record: &Record<'_>,
        fields: &mut Fields,
        out: &mut Vec<u8>,
    ) -> Result<(), (Fault, Option<usize>)> {
        let options = &self.statement.options;
        if let Some(fault) = &record.fault {
            return Err((fault.clone(), None));
        }
        if let Some(shredder) = &self.shredder {
            shredder.shred(record.bytes, fields, &mut self.replaced)?;
        }
        let columns = &self.target.columns;
        let is_columnar = options.format == Format::Parquet;
        let marks_null = self.shredder.is_none() && !is_columnar;
        let padded = matches!(options.format, Format::FixedWidth(_));
        let is_delimited = matches!(options.format, Format::Text | Format::Csv(_));
        if options.format == Format::Text
            && fields.len() == columns.len() + 1
            && fields.raw(record.bytes, fields.len() - 1).is_empty()
        {
            // A delimiter may also end the line.
            fields.drop_last();
        }
        if fields.len() > columns.len() {
            return Err((Fault::extra_columns(), None));
        }
        if fields.len() < columns.len() && !options.fill_record {
            return Err((Fault::missing_columns(), Some(fields.len())));
        }
        if self.target.impossible.is_some() {
            return Err((Fault::missing_value(), None));
        }
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                out.push(b'\t');
            }
            if marks_null && has_stray_zero(options, fields, record.bytes, at) {
                return Err((Fault::stray_zero(), Some(at)));
            }
            let value = if at < fields.len() {
                let mut value = fields.value(record.bytes, at);
                if padded && !column.is_text() {
                    value = value.trim_ascii();
                }
                let is_null = fields.is_null(at)
                    || marks_null
                        && (value == options.null
                            || padded && value.trim_ascii() == options.null
                            || is_marked(options, fields.raw(record.bytes, at)));
                (!is_null).then_some(value)
            } else {
                // FILLRECORD leaves a VARCHAR of text empty, and all else NULL.
                let is_empty = matches!(column.kind, Type::Varchar(_)) && is_delimited;
                is_empty.then_some(&b""[..])
            };
            let value =
                value.filter(|value| is_columnar || !means_null(options, column.is_text(), value));
            match value {
                Some(value) => {
                    let start = out.len();
                    field::write(&column.kind, value, options, out, &mut self.replaced)
                        .and_then(|()| {
                            let is_super = is_columnar && column.kind == Type::Super;
                            if is_super && json::string_length(value) > LONGEST_STRING {
                                return Err(Fault::long_string(LONGEST_STRING));
                            }
                            Ok(())
                        })
                        .map_err(|fault| match &column.kind {
                            Type::Char(length) | Type::Varchar(length)
                                if is_columnar && value.len() > *length =>
                            {
                                Fault::too_long(&column.name, *length, value.len())
                            }
                            _ => fault,
                        })
                        .map_err(|fault| (fault, Some(at)))?;
                    if column.not_null && &out[start..] == b"\\N" {
                        return Err((Fault::missing_value(), Some(at)));
                    }
                }
                None if column.not_null => return Err((Fault::missing_value(), Some(at))),
                None => out.extend_from_slice(b"\\N"),
            }
        }
        out.push(b'\n');
        Ok(())
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
        self.log.end(session, self.rows, result.is_ok())?;
        if matches!(result, Err(Failure::ClientGone)) {
            return result;
        }
        let loaded = if result.is_ok() && !self.statement.options.no_load {
            self.rows
        } else {
            0
        };
        session.remember("copy", loaded)?;
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
        if self.replaced > 0 {
            session.info(&format!(
                "Load into table '{table}' completed, {} record(s) were loaded with replacements made for \
                 ACCEPTINVCHARS. Check 'stl_replacements' system table for details.",
                self.replaced
            ));
        }
        backend::command_complete(&mut session.client.out, "COPY");
        Ok(())
    }
}

fn open(session: &Session<'_>, uri: &str) -> Result<File, Failure> {
    let opened = session.s3.read(uri);
    opened.map_err(|error| Failure::Refused(s3::refusal(&error, uri, session.query)))
}

/// With ESCAPE, the marker `\N` is met before its backslash is taken away.
fn is_marked(options: &Options, raw: &[u8]) -> bool {
    options.escape && raw == options.null
}

/// Where a zero byte alone means NULL, one among other bytes means nothing.
fn has_stray_zero(options: &Options, fields: &Fields, record: &[u8], at: usize) -> bool {
    options.null == b"\0" && at < fields.len() && {
        let value = fields.value(record, at);
        value.len() > 1 && value.contains(&0)
    }
}

/// Empty fields and blanks that mean NULL.
fn means_null(options: &Options, is_text: bool, value: &[u8]) -> bool {
    if is_text {
        return options.empty_as_null && value.is_empty()
            || options.blanks_as_null
                && !value.is_empty()
                && value.iter().all(u8::is_ascii_whitespace);
    }
    value.first().is_none_or(u8::is_ascii_whitespace) && value.iter().all(u8::is_ascii_whitespace)
}
