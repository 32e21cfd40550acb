//! The files of an external table, read as COPY reads them.

use std::io;

use super::column;
use super::copy_in::CopyIn;
use super::errors::BadRow;
use super::format::Format;
use super::load::{open, refused};
use super::options::Options;
use super::parquet::{ExpectedColumns, Reader};
use super::record::{Fields, Record, Records};
use super::row::Rows;
use super::source;
use super::statement::Statement;
use crate::engine::Failure;
use crate::parameters::Compression;
use crate::protocol::SqlError;
use crate::s3;
use crate::session::Session;

/// Files that have the same values in the columns that no file holds.
pub(crate) struct Part {
    pub(crate) location: String,
    pub(crate) values: Vec<(String, String)>,
}

/// Reads all files into the statement's table, which the session's engine has made in the transaction that is open.
pub(crate) fn read_external(
    session: &mut Session<'_>,
    statement: &Statement,
    columns: &[String],
    parts: Vec<Part>,
) -> Result<(), Failure> {
    let query = session.query;
    for part in parts {
        let folder = format!("{}/", part.location.trim_end_matches('/'));
        let files = session.s3.list(&folder);
        let files = files.map_err(|error| s3::refusal(&error, &folder, query))?;
        for uri in files {
            let name = uri.rsplit('/').next().unwrap_or_default();
            if name.is_empty() || name.starts_with(['_', '.']) {
                continue;
            }
            let mut options = statement.options.clone();
            options.compression = match name.rsplit_once('.') {
                Some((_, "gz")) => Some(Compression::Gzip),
                Some((_, "bz2")) => Some(Compression::Bzip2),
                Some((_, "zst")) => Some(Compression::Zstd),
                _ => None,
            };
            let engine = &mut session.engine;
            let mut target = column::target(engine, &statement.table, Some(columns), false)?;
            let values = part.values.iter().cloned();
            target.constants = values.map(column::Constant::new).collect();
            let rows = Rows::new(&options, target, &session.s3, query)?;
            let mut copy_in = CopyIn::begin(session, &statement.table, &rows.target, true)?;
            let mut reading = Reading {
                rows,
                uri: &uri,
                pads: matches!(options.format, Format::Text | Format::Csv(_)),
                since_look: 0,
            };
            let read = if options.format == Format::Parquet {
                reading.parquet(session, &mut copy_in)
            } else {
                reading.text(session, &options, &mut copy_in)
            };
            match read {
                Ok(()) => copy_in.finish(session)?,
                Err(Failure::Refused(error)) => {
                    copy_in.abandon(session)?;
                    return Err(Failure::Refused(error));
                }
                Err(failure) => return Err(failure),
            }
        }
    }
    Ok(())
}

struct Reading<'a> {
    rows: Rows<'a>,
    uri: &'a str,
    /// Whether lines may have fewer or more fields than the table has columns.
    pads: bool,
    /// Rows since it was looked whether the statement is to end.
    since_look: u32,
}

impl Reading<'_> {
    fn text(
        &mut self,
        session: &mut Session<'_>,
        options: &Options,
        copy_in: &mut CopyIn,
    ) -> Result<(), Failure> {
        let (uri, query) = (self.uri, session.query);
        let unreadable = |error: io::Error| {
            let text = format!("Spectrum Scan Error. File '{uri}' could not be read: {error}");
            Failure::Refused(
                SqlError::internal("Spectrum Scan Error").boxed(15001, &text, uri, query),
            )
        };
        let file = open(session, uri)?;
        let contents = source::contents(file, options.compression).map_err(unreadable)?;
        let mut records = Records::new(contents.bytes);
        let mut fields = Fields::default();
        records
            .skip_lines(options.ignore_header)
            .map_err(unreadable)?;
        while let Some(record) = records.next(options, &mut fields).map_err(unreadable)? {
            if matches!(options.format, Format::Csv(_)) && record.bytes.contains(&b'\\') {
                let what = "A backslash in a file of OpenCSVSerde";
                return Err(SqlError::not_imitated(what).into());
            }
            self.record(session, &record, &mut fields, copy_in)?;
        }
        Ok(())
    }

    fn parquet(&mut self, session: &mut Session<'_>, copy_in: &mut CopyIn) -> Result<(), Failure> {
        let (uri, query) = (self.uri, session.query);
        let refused = |refusal| refused(refusal, uri, query);
        let file = source::parquet(open(session, uri)?, uri).map_err(refused)?;
        let columns = &self.rows.target.columns;
        let expected = ExpectedColumns {
            columns,
            by_name: true,
            listed: false,
            fill_record: false,
            serialize_to_json: false,
        };
        let mut reader = Reader::open(file, uri, expected).map_err(refused)?;
        let mut fields = Fields::default();
        let mut line = 0;
        while reader.next(&mut fields).map_err(refused)? {
            line += 1;
            let record = Record {
                bytes: b"",
                line,
                offset: 0,
                fault: None,
            };
            self.record(session, &record, &mut fields, copy_in)?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        session: &mut Session<'_>,
        record: &Record<'_>,
        fields: &mut Fields,
        copy_in: &mut CopyIn,
    ) -> Result<(), Failure> {
        self.since_look += 1;
        if self.since_look == 1024 {
            self.since_look = 0;
            session.check_cancelled()?;
        }
        let columns = self.rows.target.columns.len();
        if record.fault.is_none() && self.pads {
            // What a line lacks is NULL, and what it has besides is not read.
            while fields.len() > columns {
                fields.drop_last();
            }
            while fields.len() < columns {
                fields.push_value(None);
            }
        }
        if let Err((fault, at)) = self.rows.write(record, fields, copy_in.rows()) {
            let at = at.map(|at| (at, &self.rows.target.columns[at]));
            let row = BadRow::new(self.uri, record, fields, fault, at);
            let error = SqlError::internal("Spectrum Scan Error");
            let text = row.describe();
            return Err(error.boxed(15001, &text, self.uri, session.query).into());
        }
        copy_in.row_done(session)
    }
}
