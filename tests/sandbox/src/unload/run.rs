//! Running UNLOAD.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::file::{self, File, Written, write_error};
use super::layout::Layout;
use super::line;
use super::log::Log;
use super::options::{Format, Manifest, Options};
use super::result::{self, Column};
use super::row::Row;
use super::statement::Statement;
use crate::Error;
use crate::engine::Failure;
use crate::protocol::{SqlError, backend, frontend};
use crate::session::Session;
use crate::sql::quote_literal;

/// A small cluster has two.
const SLICES: u32 = 2;

/// How many rows pass between two looks at whether the client is still there.
const LOOK_AFTER: u64 = 4096;

pub(crate) fn run(session: &mut Session<'_>, statement: &Statement) -> Result<(), Failure> {
    let options = &statement.options;
    let existing = session
        .s3
        .list(&statement.destination)
        .map_err(store_error)?;
    if !existing.is_empty() && !options.allow_overwrite && !options.clean_path {
        return Err(SqlError::internal(
            "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually \
             removing the target files in S3, or using the ALLOWOVERWRITE option.",
        )
        .into());
    }
    let columns = result::columns(&mut session.engine, &statement.query)?;
    let layout = Layout::new(columns, options)?;
    let mut log = Log::begin(session, statement)?;
    let rows = match unload(session, statement, &layout, existing, &mut log) {
        Err(Failure::Lost(error)) => return Err(Failure::Lost(error)),
        Err(failure) => {
            log.abort(session, &failure)?;
            return Err(failure);
        }
        Ok(rows) => rows,
    };
    session.remember("unload", rows)?;
    session.info(&format!(
        "UNLOAD completed, {rows} record(s) unloaded successfully."
    ));
    backend::command_complete(&mut session.client.out, "UNLOAD");
    Ok(())
}

/// Writes the files, then puts them in the place of those that were there; returns the number of rows.
fn unload(
    session: &mut Session<'_>,
    statement: &Statement,
    layout: &Layout,
    existing: Vec<String>,
    log: &mut Log,
) -> Result<u64, Failure> {
    let options = &statement.options;
    let mut unload = Unload::new(statement, layout);
    let shown = Shown::begin(session, &options.format)?;
    let rows = unload.query(session, log);
    if !matches!(rows, Err(Failure::ClientGone | Failure::Lost(_))) {
        shown.end(session)?;
    }
    let rows = rows?;
    let files = unload.finish()?;
    if options.clean_path {
        for uri in existing {
            // With partitions, the others are left alone.
            let is_ours = |file: &Written| folder_of(&file.uri) == folder_of(&uri);
            if layout.is_partitioned() && !files.iter().any(is_ours) {
                continue;
            }
            session.s3.delete(&uri).map_err(store_error)?;
        }
    }
    let completion = log.completion(&files, rows);
    write_manifest(session, statement, &layout.columns, &files)?;
    for file in files {
        session.s3.finish(file.object).map_err(store_error)?;
    }
    session.log()?.run(&completion)?;
    Ok(rows)
}

/// Settings of the session by which PostgreSQL shows values in a form that Parquet can take over whole.
struct Shown {
    before: Option<String>,
}

impl Shown {
    fn begin(session: &mut Session<'_>, format: &Format) -> Result<Self, Failure> {
        if *format != Format::Parquet {
            return Ok(Self { before: None });
        }
        const SETTINGS: [(&str, &str); 3] = [
            ("extra_float_digits", "1"),
            ("datestyle", "ISO"),
            ("timezone", "UTC"),
        ];
        let mut before = Vec::new();
        for (name, value) in SETTINGS {
            let sql =
                format!("SELECT current_setting('{name}'), set_config('{name}', '{value}', false)");
            let answer = session.engine.run(&sql)?;
            let value = answer.rows.into_iter().flatten().flatten().next();
            let value = quote_literal(&value.unwrap_or_default());
            before.push(format!("set_config('{name}', {value}, false)"));
        }
        Ok(Self {
            before: Some(format!("SELECT {}", before.join(", "))),
        })
    }

    /// Puts them back; in a transaction that failed, its rollback will.
    fn end(self, session: &mut Session<'_>) -> Result<(), Failure> {
        match self.before {
            Some(sql) if session.engine.status != b'E' => session.engine.run(&sql).map(|_| ()),
            _ => Ok(()),
        }
    }
}

fn folder_of(uri: &str) -> &str {
    uri.rsplit_once('/').map_or(uri, |(folder, _)| folder)
}

fn store_error(error: Error) -> Failure {
    Failure::Refused(crate::s3::refusal(&error, "", 0))
}

struct Unload<'a> {
    statement: &'a Statement,
    options: &'a Options,
    layout: &'a Layout,
    header: Vec<u8>,
    slices: u32,
    /// The file that each slice is writing in each folder, and how many it has begun.
    open: BTreeMap<(String, u32), (Option<File>, u32)>,
    written: Vec<Written>,
    /// What waits in memory, in all files.
    buffered: u64,
    /// A row as it stands in a file of lines.
    line: Vec<u8>,
}

impl<'a> Unload<'a> {
    fn new(statement: &'a Statement, layout: &'a Layout) -> Self {
        let options = &statement.options;
        let mut header = Vec::new();
        if options.header {
            line::write_header(
                layout.written().map(|column| column.name.as_str()),
                options,
                &mut header,
            );
        }
        Self {
            statement,
            options,
            layout,
            header,
            slices: if options.parallel { SLICES } else { 1 },
            open: BTreeMap::new(),
            written: Vec::new(),
            buffered: 0,
            line: Vec::new(),
        }
    }

    /// Runs the query in the client's session and writes its rows, which go to the slices in turn.
    fn query(&mut self, session: &mut Session<'_>, log: &mut Log) -> Result<u64, Failure> {
        // Text writes empty files; JSON, Parquet and partitions have files only where there are rows.
        let has_empty = !matches!(self.options.format, Format::Json | Format::Parquet);
        if !self.layout.is_partitioned() && has_empty {
            for slice in 0..self.slices {
                self.begin(session, &(String::new(), slice))?;
            }
        }
        let mut out = Vec::new();
        frontend::query(
            &mut out,
            &format!("COPY ({}) TO STDOUT", self.statement.query),
        );
        session.engine.send(&out)?;
        let mut rows: u64 = 0;
        let mut trouble = None;
        let mut row = Row::default();
        loop {
            let head = session.engine.wait()?;
            match head.tag {
                b'd' => {
                    if trouble.is_none() {
                        row.read(session.engine.inbox.body(head));
                        let slice =
                            u32::try_from(rows % u64::from(self.slices)).unwrap_or_default();
                        let place = (self.layout.folder(&row), slice);
                        trouble = self.row(session, place, &row).err();
                        rows += 1;
                        session.count_row()?;
                        if rows.is_multiple_of(LOOK_AFTER) {
                            if session.client.has_left() {
                                return Err(Failure::ClientGone);
                            }
                            log.progress(session, rows, self.files())?;
                        }
                    }
                    session.engine.inbox.consume(head.total);
                }
                b'E' | b'C' => break,
                _ => session.engine.inbox.consume(head.total),
            }
        }
        session.engine.answer()?;
        match trouble {
            Some(failure) => Err(failure),
            None => Ok(rows),
        }
    }

    /// How many files there are so far.
    fn files(&self) -> usize {
        self.written.len() + self.open.len()
    }

    fn begin(&mut self, session: &Session<'_>, place: &(String, u32)) -> Result<(), Failure> {
        let (folder, slice) = place;
        let (file, parts) = self.open.entry(place.clone()).or_default();
        let uri = file::name(
            &self.statement.destination,
            folder,
            self.options,
            *slice,
            *parts,
        );
        let object = session.s3.create(&uri).map_err(store_error)?;
        let mut new =
            File::new(object, uri, *slice, self.options, self.layout).map_err(write_error)?;
        if !self.header.is_empty() {
            new.write_line(&self.header).map_err(write_error)?;
        }
        *parts += 1;
        if let Some(full) = file.replace(new) {
            self.buffered -= full.buffered();
            self.written.push(full.finish().map_err(write_error)?);
        }
        Ok(())
    }

    fn row(
        &mut self,
        session: &Session<'_>,
        place: (String, u32),
        row: &Row,
    ) -> Result<(), Failure> {
        let is_parquet = self.options.format == Format::Parquet;
        self.line.clear();
        if !is_parquet {
            line::write_row(row, self.layout, self.options, &mut self.line)?;
        }
        let length = if is_parquet {
            row.length()
        } else {
            self.line.len()
        } as u64;
        let open = self.open.get(&place).and_then(|(file, _)| file.as_ref());
        let has_room = open.is_some_and(|file| {
            file.bytes() + length <= self.options.max_file_size || file.bytes() == 0
        });
        if !has_room {
            self.begin(session, &place)?;
        }
        let Some((Some(file), _)) = self.open.get_mut(&place) else {
            return Ok(());
        };
        if !is_parquet {
            return file.write_line(&self.line).map_err(write_error);
        }
        self.buffered -= file.buffered();
        file.push_row(row, self.layout, self.options)?;
        self.buffered += file.buffered();
        if self.buffered > u64::from(self.slices) * self.options.row_group_size {
            self.relieve()?;
        }
        Ok(())
    }

    /// Ends the largest row group: many partitions together may not take more memory than none.
    fn relieve(&mut self) -> Result<(), Failure> {
        let files = self.open.values_mut().filter_map(|(file, _)| file.as_mut());
        if let Some(largest) = files.max_by_key(|file| file.buffered()) {
            self.buffered -= largest.buffered();
            largest.end_group().map_err(write_error)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Written>, Failure> {
        for (file, _) in self.open.into_values() {
            if let Some(file) = file {
                self.written.push(file.finish().map_err(write_error)?);
            }
        }
        self.written.sort_by(|one, other| one.uri.cmp(&other.uri));
        Ok(self.written)
    }
}

fn write_manifest(
    session: &Session<'_>,
    statement: &Statement,
    columns: &[Column],
    files: &[Written],
) -> Result<(), Failure> {
    let verbose = match statement.options.manifest {
        Manifest::No => return Ok(()),
        // Parquet without rows leaves nothing at all.
        _ if files.is_empty() && statement.options.format == Format::Parquet => return Ok(()),
        Manifest::Plain => false,
        Manifest::Verbose => true,
    };
    let entries: Vec<_> = files
        .iter()
        .map(|file| {
            let meta = if verbose {
                json!({ "content_length": file.bytes, "record_count": file.lines })
            } else {
                json!({ "content_length": file.bytes })
            };
            json!({ "url": file.uri, "meta": meta })
        })
        .collect();
    let mut manifest = json!({ "entries": entries });
    if verbose {
        let total = |of: fn(&Written) -> u64| files.iter().map(of).sum::<u64>();
        manifest["schema"] =
            json!({ "elements": columns.iter().map(Column::schema).collect::<Vec<_>>() });
        manifest["meta"] = json!({ "content_length": total(|file| file.bytes), "record_count": total(|file| file.lines) });
        manifest["author"] = json!({ "name": "Amazon Redshift", "version": "1.0.0" });
    }
    let store = &session.s3;
    let mut object = store
        .create(&format!("{}manifest", statement.destination))
        .map_err(store_error)?;
    object
        .write_all(manifest.to_string().as_bytes())
        .map_err(write_error)?;
    store.finish(object).map_err(store_error)
}
