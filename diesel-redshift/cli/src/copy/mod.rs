//! `copy`.

mod arguments;
mod statement;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use diesel_redshift::copy::CopyOutcome;
use diesel_redshift::reflection::{Filter, RelationKind, Schema};
use diesel_redshift::{Error, IamRole, RedshiftConnection, S3Uri, error::RejectedRow};

pub(crate) use self::arguments::{CopyArguments, DataFormat, Storage};

use self::arguments::Compression;
use self::table::NamedTable;
use crate::arguments::Global;
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::records::Records;
use crate::staging::{self, Split, Staging, Uploaded};
use crate::{interrupt, output, rejected};

/// What is to be loaded, all of it known.
struct Load<'a> {
    arguments: &'a CopyArguments,
    table: NamedTable,
    columns: Vec<String>,
    source: S3Uri,
    role: IamRole,
    format: DataFormat,
    compression: Compression,
    /// IGNOREHEADER, unless the upload has left those lines out.
    ignore_header: Option<u32>,
}

/// How many bytes a part of a file has that is larger than one object can be.
const PART: usize = 32 * 1024 * 1024;

pub(crate) fn run(global: &Global, arguments: &CopyArguments) -> Result<(), Failure> {
    let role: IamRole = arguments.storage.iam_role.parse()?;
    let files = local_files(&arguments.source)?;
    let name = files.as_ref().and_then(|files| files.first()).map_or_else(
        || arguments.source.clone(),
        |file| file.display().to_string(),
    );
    let format = arguments
        .format
        .or_else(|| DataFormat::of_name(&name))
        .ok_or_else(|| {
            Failure::with_code(
                2,
                format!("the format of {name} is not known by its name; give --format"),
            )
        })?;
    let compression = arguments
        .compression
        .unwrap_or_else(|| Compression::of_name(&name));
    let through = files
        .as_ref()
        .map(|_| through(&arguments.storage))
        .transpose()?;
    let location = match &through {
        Some(location) => location.clone(),
        None => S3Uri::parse(&arguments.source)?,
    };
    let mut conn = DatabaseUrl::of(global)?.connect()?;
    let (table, columns) = target(&mut conn, arguments)?;
    let mut load = Load {
        arguments,
        table,
        columns,
        source: location.clone(),
        role,
        format,
        compression,
        ignore_header: arguments.ignore_header,
    };
    // What is wrong with an option is told before anything is uploaded.
    load.check()?;
    let Some(files) = files else {
        return finish(load.execute(&mut conn), arguments, &[]);
    };
    let staging = Staging::new(&location)?;
    let split = load.split(&files)?;
    if split.is_some() {
        load.ignore_header = None;
    }
    let uploaded = staging.upload(&files, split, arguments.storage.quiet)?;
    load.source = staging.location.clone();
    interrupt::check()?;
    let outcome = load.execute(&mut conn);
    drop(staging);
    finish(outcome, arguments, &uploaded)
}

impl Load<'_> {
    /// How the files are taken apart, if one of them has to be.
    fn split(&self, files: &[PathBuf]) -> Result<Option<Split>, Failure> {
        let largest = self.arguments.largest_object;
        if !staging::is_any_large(files, largest)? {
            return Ok(None);
        }
        let records = match self.format {
            DataFormat::Csv => {
                let quote = self.arguments.quote.unwrap_or('"');
                Records::Csv(u8::try_from(quote).unwrap_or(b'"'))
            }
            DataFormat::Delimited => Records::Lines,
            DataFormat::Json => Records::Json,
            format => return Err(too_large(&format!("of the format {format:?}"), largest)),
        };
        if self.compression != Compression::None {
            return Err(too_large("that are compressed", largest));
        }
        Ok(Some(Split {
            records,
            header: self.arguments.ignore_header.unwrap_or_default(),
            bytes: PART.min(usize::try_from(largest).unwrap_or(PART)),
        }))
    }
}

fn too_large(what: &str, largest: u64) -> Failure {
    Failure::new(format!(
        "files {what} are uploaded whole, and one of them has more than {largest} bytes; split it, or put it into S3 by other means"
    ))
}

/// Where files from here go.
pub(crate) fn through(storage: &Storage) -> Result<S3Uri, Failure> {
    let through = storage.through.as_deref().ok_or_else(|| {
        Failure::with_code(
            2,
            "files on this machine go through S3; give --through s3://bucket/prefix, or set REDSHIFT_STAGING",
        )
    })?;
    Ok(S3Uri::parse(through)?)
}

/// The files here that are meant; `None` for a location in S3. Names that begin with `.` or `_` are
/// no data, as for COPY.
fn local_files(source: &str) -> Result<Option<Vec<PathBuf>>, Failure> {
    if source.starts_with("s3://") {
        return Ok(None);
    }
    let path = Path::new(source);
    let failed = |error: &_| Failure::of_file(path, error);
    if !fs::metadata(path).map_err(|error| failed(&error))?.is_dir() {
        return Ok(Some(vec![path.to_owned()]));
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(|error| failed(&error))? {
        let entry = entry.map_err(|error| failed(&error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() && !name.starts_with(['.', '_']) {
            files.push(entry.path());
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::new(format!("{} has no files", path.display())));
    }
    Ok(Some(files))
}

/// The table and its columns, as the database has them.
fn target(
    conn: &mut RedshiftConnection,
    arguments: &CopyArguments,
) -> Result<(NamedTable, Vec<String>), Failure> {
    let (schema, name) = match arguments.table.split_once('.') {
        Some((schema, name)) => (Some(schema.to_owned()), name),
        None => (None, arguments.table.as_str()),
    };
    let filter = Filter::schemas(schema.clone()).only_tables([exactly(name)]);
    let found = Schema::load(conn, &filter)?;
    let relation = found.relations.first().ok_or_else(|| {
        Failure::new(format!(
            "there is no table {}; names without quotes are in lower case",
            arguments.table
        ))
    })?;
    let what = match relation.kind {
        RelationKind::Table => "",
        RelationKind::ExternalTable => {
            "an external table: put the files where it reads them, in S3"
        }
        _ => "a view",
    };
    if !what.is_empty() {
        return Err(Failure::new(format!(
            "nothing can be loaded into {}, which is {what}",
            arguments.table
        )));
    }
    let mut columns = Vec::new();
    let generated = |name: &str| {
        let column = relation.column(name);
        column
            .and_then(|column| column.identity)
            .is_some_and(|identity| !identity.is_by_default)
    };
    if arguments.columns.is_empty() {
        // The data of a table with an IDENTITY has none of it.
        let names = relation.columns.iter().map(|column| &column.name);
        columns.extend(names.filter(|name| !generated(name)).cloned());
    }
    for name in &arguments.columns {
        let name = name.trim();
        if relation.column(name).is_none() {
            let known: Vec<_> = relation
                .columns
                .iter()
                .map(|column| column.name.as_str())
                .collect();
            return Err(Failure::new(format!(
                "{} has no column {name}; expected some of {}",
                arguments.table,
                known.join(", ")
            )));
        }
        columns.push(name.to_owned());
    }
    Ok((NamedTable::new(schema, name.to_owned()), columns))
}

/// A regular expression that matches a name and nothing else.
pub(crate) fn exactly(name: &str) -> String {
    let mut expression = String::from("^");
    for character in name.chars() {
        if character.is_ascii_punctuation() && character != '_' {
            expression.push('\\');
        }
        expression.push(character);
    }
    expression.push('$');
    expression
}

/// Tells what came of it.
fn finish(
    outcome: Result<CopyOutcome, Error>,
    arguments: &CopyArguments,
    uploaded: &[Uploaded],
) -> Result<(), Failure> {
    let local = |rows: &[RejectedRow]| -> Vec<RejectedRow> {
        rows.iter()
            .cloned()
            .map(|row| with_local_file(row, uploaded))
            .collect()
    };
    match outcome {
        Ok(outcome) => {
            let rows = local(&outcome.rejected_rows);
            if arguments.json {
                let rejected: Vec<_> = rows.iter().map(rejected::json).collect();
                let object = serde_json::json!({
                    "rows": outcome.rows,
                    "skipped_rows": outcome.skipped_rows,
                    "query_id": outcome.query_id,
                    "dry_run": arguments.dry_run,
                    "rejected": rejected,
                });
                output::told(format!("{object}\n"))?;
            } else {
                if !rows.is_empty() {
                    output::told(rejected::table(&rows))?;
                }
                let done = if arguments.dry_run {
                    "The data was checked; nothing was loaded.".to_owned()
                } else {
                    format!(
                        "{} loaded into {}.",
                        output::rows(outcome.rows),
                        arguments.table
                    )
                };
                let skipped = match outcome.skipped_rows {
                    0 => String::new(),
                    rows => format!(" Rejected: {}.", output::rows(rows)),
                };
                output::told(done + &skipped + "\n")?;
            }
            match outcome.skipped_rows {
                0 => Ok(()),
                _ => Err(Failure::with_code(Failure::REJECTED_ROWS, "")),
            }
        }
        Err(Error::Load(error)) => {
            let rows = local(error.rows());
            if arguments.json {
                let rejected: Vec<_> = rows.iter().map(rejected::json).collect();
                let object = serde_json::json!({
                    "rows": 0, "query_id": error.query_id(), "rejected": rejected,
                });
                output::told(format!("{object}\n"))?;
            } else if !rows.is_empty() {
                output::told(rejected::table(&rows))?;
            }
            let told = if rows.is_empty() {
                error.to_string()
            } else {
                format!(
                    "nothing was loaded into {}: rows are at fault",
                    arguments.table
                )
            };
            Err(Failure::with_code(Failure::REJECTED_ROWS, told))
        }
        Err(error) => Err(error.into()),
    }
}

fn with_local_file(mut row: RejectedRow, uploaded: &[Uploaded]) -> RejectedRow {
    let of_row = |uploaded: &&Uploaded| uploaded.object.as_str() == row.file;
    if let Some(uploaded) = uploaded.iter().find(of_row) {
        row.file = uploaded.file.display().to_string();
        row.line += uploaded.lines_before;
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_tells_what_it_is() {
        for (name, format, compression) in [
            ("a.csv", Some(DataFormat::Csv), Compression::None),
            (
                "s3://b/a.JSON.gz",
                Some(DataFormat::Json),
                Compression::Gzip,
            ),
            ("a.b.parquet", Some(DataFormat::Parquet), Compression::None),
            ("a.gz", None, Compression::Gzip),
            ("a", None, Compression::None),
        ] {
            assert_eq!(DataFormat::of_name(name), format, "{name}");
            assert_eq!(Compression::of_name(name), compression, "{name}");
        }
        assert_eq!(exactly("a.b_c$"), "^a\\.b_c\\$$");
    }
}
