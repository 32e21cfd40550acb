//! Running UNLOAD.

use std::collections::HashSet;
use std::io::Write;

use serde_json::json;

use super::file::{Written, write_error};
use super::files::Files;
use super::format::Format;
use super::layout::Layout;
use super::log::Log;
use super::options::Manifest;
use super::result::{self, Column};
use super::row::Row;
use super::statement::Statement;
use crate::Error;
use crate::engine::Failure;
use crate::protocol::{SqlError, backend, frontend};
use crate::session::Session;
use crate::sql::quote_literal;
use crate::store::ObjectWriter;

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
    let columns = result::columns(
        &mut session.engine,
        session.shared.engine.types(),
        &statement.query,
    )?;
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
    session.set_last_count("unload", rows)?;
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
    let mut files = Files::new(statement, layout);
    let shown = Shown::begin(session, &options.format)?;
    let sql = result::in_utc(&statement.query, &layout.columns);
    let rows = query(session, &sql, &mut files, log);
    if !matches!(rows, Err(Failure::ClientGone | Failure::Lost(_))) {
        shown.end(session)?;
    }
    let rows = rows?;
    let files = files.finish()?;
    let completion = log.completion(&files, rows);
    let manifest = write_manifest(session, statement, &layout.columns, &files)?;
    let outdated = outdated(existing, statement, layout, &files, manifest.is_some());
    let objects = files.into_iter().map(|file| file.object);
    // Whoever finds the manifest finds what it names.
    for object in objects.chain(manifest) {
        session.s3.finish(object).map_err(store_error)?;
    }
    // Last, so that a failure costs no data.
    for uri in outdated {
        session.s3.delete(&uri).map_err(store_error)?;
    }
    session.log(&completion)?;
    Ok(rows)
}

/// What CLEANPATH removes.
fn outdated(
    existing: Vec<String>,
    statement: &Statement,
    layout: &Layout,
    files: &[Written],
    has_manifest: bool,
) -> Vec<String> {
    if !statement.options.clean_path {
        return Vec::new();
    }
    let mut replaced: HashSet<&str> = files.iter().map(|file| file.uri.as_str()).collect();
    let folders: HashSet<&str> = files.iter().map(|file| folder_of(&file.uri)).collect();
    let manifest = manifest_uri(statement);
    if has_manifest {
        replaced.insert(&manifest);
    }
    // With partitions, the others are left alone.
    let is_ours = |uri: &str| !layout.is_partitioned() || folders.contains(folder_of(uri));
    existing
        .into_iter()
        .filter(|uri| !replaced.contains(uri.as_str()) && is_ours(uri))
        .collect()
}

/// Settings of the session that files do not depend on, and those by which PostgreSQL shows values in a form that Parquet
/// can take over whole. The time zone is none of them, as the query may ask for it.
struct Shown {
    before: String,
}

impl Shown {
    fn begin(session: &mut Session<'_>, format: &Format) -> Result<Self, Failure> {
        let settings: &[(&str, &str)] = match format {
            Format::Parquet => &[("datestyle", "ISO"), ("extra_float_digits", "1")],
            _ => &[("datestyle", "ISO")],
        };
        let set = |(name, value): (&str, &str)| {
            format!("set_config('{name}', {}, false)", quote_literal(value))
        };
        let asked = |name: &str| format!("current_setting('{name}')");
        let names = settings.iter().map(|(name, _)| *name);
        // They are handled from left to right.
        let all: Vec<_> = names
            .clone()
            .map(asked)
            .chain(settings.iter().copied().map(set))
            .collect();
        let answer = session.engine.run(&format!("SELECT {}", all.join(", ")))?;
        let values = answer.rows.into_iter().flatten().flatten();
        let before: Vec<_> = names
            .zip(values)
            .map(|(name, value)| set((name, &value)))
            .collect();
        Ok(Self {
            before: format!("SELECT {}", before.join(", ")),
        })
    }

    /// Puts them back; in a transaction that failed, its rollback will.
    fn end(self, session: &mut Session<'_>) -> Result<(), Failure> {
        if session.engine.status == b'E' {
            return Ok(());
        }
        session.engine.run(&self.before).map(|_| ())
    }
}

fn folder_of(uri: &str) -> &str {
    uri.rsplit_once('/').map_or(uri, |(folder, _)| folder)
}

pub(super) fn store_error(error: Error) -> Failure {
    Failure::Refused(crate::s3::refusal(&error, "", 0))
}

/// Runs the query in the client's session and writes its rows.
fn query(
    session: &mut Session<'_>,
    sql: &str,
    files: &mut Files<'_>,
    log: &mut Log,
) -> Result<u64, Failure> {
    let mut out = Vec::new();
    // Whatever the client's encoding is.
    let sql = format!("COPY ({sql}) TO STDOUT (ENCODING 'UTF8')");
    frontend::query(&mut out, &sql);
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
                    trouble = files.write(session, rows, &row).err();
                    rows += 1;
                    session.count_row()?;
                    if rows.is_multiple_of(LOOK_AFTER) {
                        if session.client.has_left() {
                            return Err(Failure::ClientGone);
                        }
                        let told = log.progress(session, rows, files.count());
                        trouble = trouble.or(told.err());
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

fn manifest_uri(statement: &Statement) -> String {
    format!("{}manifest", statement.destination)
}

fn write_manifest(
    session: &Session<'_>,
    statement: &Statement,
    columns: &[Column],
    files: &[Written],
) -> Result<Option<ObjectWriter>, Failure> {
    let verbose = match statement.options.manifest {
        Manifest::No => return Ok(None),
        // No rows leave nothing at all.
        _ if files.is_empty() => return Ok(None),
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
    let mut object = session
        .s3
        .create(&manifest_uri(statement))
        .map_err(store_error)?;
    object
        .write_all(manifest.to_string().as_bytes())
        .map_err(write_error)?;
    Ok(Some(object))
}
