//! `unload`.

mod files;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use diesel::query_builder::{QueryBuilder, SqlQuery};
use diesel_redshift::unload::{BoxedUnloadStatement, Csv, Delimited, Json, Parquet, UnloadOutcome};
use diesel_redshift::{
    Error, IamRole, RedshiftConnection, S3Uri, aws::Region, backend::RedshiftQueryBuilder, unload,
};

use crate::arguments::Global;
use crate::copy::{self, Storage};
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::staging::Staging;
use crate::{output, query};

/// Write a query's result or a table to files in S3 or on this machine, by UNLOAD
///
/// For files on this machine the cluster writes below --through in S3; they are fetched from there
/// and deleted.
#[derive(Args, Debug)]
pub(crate) struct UnloadArguments {
    /// Where to: s3://bucket/prefix; a file; or, with / at the end, a folder of several files
    destination: String,
    /// The query; `-` reads standard input
    #[arg(short, long, value_name = "SQL", required_unless_present_any = ["table", "file"])]
    query: Option<String>,
    /// A file with the query
    #[arg(short, long, value_name = "FILE", conflicts_with = "query")]
    file: Option<PathBuf>,
    /// A whole table: name, or schema.name
    #[arg(short, long, conflicts_with_all = ["query", "file"])]
    table: Option<String>,
    /// The format of the files; by default what the name of the destination ends in says, else csv
    #[arg(long, value_enum)]
    format: Option<FileFormat>,
    /// How the files are compressed (csv, delimited, json); by default what the name of the
    /// destination ends in says
    #[arg(long, value_enum)]
    compression: Option<FileCompression>,
    /// HEADER: the first line of a file has the columns' names (csv, delimited)
    #[arg(long)]
    header: bool,
    /// ALLOWOVERWRITE, and files here that are there already are replaced
    #[arg(long)]
    overwrite: bool,
    /// REGION: where the bucket is, if not where the cluster is
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// A further option of UNLOAD, as SQL that is not checked; may be given more than once
    #[arg(long, value_name = "SQL")]
    option: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    storage: Storage,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum FileFormat {
    /// Comma-separated values
    Csv,
    /// Texts with | between
    Delimited,
    /// JSON lines
    Json,
    /// Apache Parquet
    Parquet,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum FileCompression {
    /// Not at all
    None,
    /// gzip
    Gzip,
    /// bzip2
    Bzip2,
    /// Zstandard
    Zstd,
}

/// Where the files end up.
enum Destination {
    S3(S3Uri),
    File(PathBuf),
    Folder(PathBuf),
}

impl Destination {
    fn parse(text: &str) -> Result<Self, Failure> {
        if text.starts_with("s3://") {
            return Ok(Self::S3(S3Uri::parse(text)?));
        }
        let path = PathBuf::from(text);
        Ok(if text.ends_with('/') || path.is_dir() {
            Self::Folder(path)
        } else {
            Self::File(path)
        })
    }

    /// Refuses to write over what is there, and where nothing can be written.
    fn check(&self, overwrite: bool) -> Result<(), Failure> {
        if let Self::File(path) = self {
            let folder = path.parent().unwrap_or(Path::new(""));
            if folder != Path::new("") && !folder.is_dir() {
                return Err(Failure::new(format!(
                    "{}: there is no folder {}",
                    path.display(),
                    folder.display()
                )));
            }
            // A device would be replaced by a file, and not written to.
            if path.exists() && !path.is_file() {
                return Err(Failure::new(format!("{} is no file", path.display())));
            }
        }
        let taken = match self {
            Self::File(path) if path.exists() => path,
            Self::Folder(path)
                if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) =>
            {
                path
            }
            _ => return Ok(()),
        };
        if overwrite {
            return Ok(());
        }
        Err(Failure::new(format!(
            "{} is there already; --overwrite replaces what is there",
            taken.display()
        )))
    }
}

pub(crate) fn run(global: &Global, arguments: &UnloadArguments) -> Result<(), Failure> {
    let role: IamRole = arguments.storage.iam_role.parse()?;
    let sql = sql(arguments)?;
    let destination = Destination::parse(&arguments.destination)?;
    destination.check(arguments.overwrite)?;
    let through = match &destination {
        Destination::S3(location) => location.clone(),
        _ => copy::through(&arguments.storage)?,
    };
    let (format, compression) = arguments.format()?;
    let unloading = Unloading {
        arguments,
        sql,
        role,
        format,
        compression,
        is_single: matches!(destination, Destination::File(_)),
    };
    unloading.check(&through)?;
    let mut conn = DatabaseUrl::of(global)?.connect()?;
    if let Destination::S3(location) = &destination {
        let outcome = unloading.execute(location, &mut conn)?;
        return arguments.tell(&outcome, std::slice::from_ref(&arguments.destination));
    }
    let staging = Staging::new(&through)?;
    let outcome = unloading.execute(&staging.location, &mut conn)?;
    let files = match &destination {
        Destination::File(path) => vec![files::fetch_one(&staging, path, format, arguments)?],
        Destination::Folder(path) => files::fetch_all(&staging, path, arguments)?,
        Destination::S3(_) => Vec::new(),
    };
    arguments.tell(&outcome, &files)
}

fn sql(arguments: &UnloadArguments) -> Result<String, Failure> {
    let Some(table) = &arguments.table else {
        let sql = query::sql(arguments.query.as_deref(), arguments.file.as_ref())?;
        return Ok(sql.trim_end().trim_end_matches(';').to_owned());
    };
    let mut builder = RedshiftQueryBuilder::default();
    builder.push_sql("SELECT * FROM ");
    for (at, name) in table.splitn(2, '.').enumerate() {
        if at > 0 {
            builder.push_sql(".");
        }
        let pushed = builder.push_identifier(name);
        pushed.map_err(|error| Failure::of_argument(&error))?;
    }
    Ok(builder.finish())
}

impl UnloadArguments {
    fn format(&self) -> Result<(FileFormat, FileCompression), Failure> {
        let (name, by_name) = match self.destination.rsplit_once('.') {
            Some((name, "gz")) => (name, FileCompression::Gzip),
            Some((name, "bz2")) => (name, FileCompression::Bzip2),
            Some((name, "zst")) => (name, FileCompression::Zstd),
            _ => (self.destination.as_str(), FileCompression::None),
        };
        let format = self.format.unwrap_or(match name.rsplit_once('.') {
            Some((_, "json" | "jsonl" | "ndjson")) => FileFormat::Json,
            Some((_, "parquet")) => FileFormat::Parquet,
            Some((_, "txt" | "tbl" | "psv")) => FileFormat::Delimited,
            _ => FileFormat::Csv,
        });
        let compression = self.compression.unwrap_or(by_name);
        let refused = match format {
            FileFormat::Parquet if compression != FileCompression::None => "--compression",
            FileFormat::Parquet | FileFormat::Json if self.header => "--header",
            _ => return Ok((format, compression)),
        };
        Err(Failure::with_code(
            2,
            format!("{refused} cannot be given with --format {format:?}").to_lowercase(),
        ))
    }

    fn tell(&self, outcome: &UnloadOutcome, files: &[String]) -> Result<(), Failure> {
        if self.json {
            let object = serde_json::json!({
                "rows": outcome.rows, "query_id": outcome.query_id, "files": files,
            });
            return output::told(format!("{object}\n"));
        }
        output::told(format!(
            "{} unloaded to {}.\n",
            output::rows(outcome.rows),
            self.destination
        ))
    }
}

/// An UNLOAD of which only the location is not known.
struct Unloading<'a> {
    arguments: &'a UnloadArguments,
    sql: String,
    role: IamRole,
    format: FileFormat,
    compression: FileCompression,
    is_single: bool,
}

impl Unloading<'_> {
    fn check(&self, location: &S3Uri) -> Result<(), Failure> {
        let sql = self
            .statement(location)
            .and_then(|statement| statement.to_sql());
        sql.map(|_| ())
            .map_err(|error| Failure::of_argument(&error))
    }

    fn execute(
        &self,
        location: &S3Uri,
        conn: &mut RedshiftConnection,
    ) -> Result<UnloadOutcome, Failure> {
        Ok(self.statement(location)?.execute(conn)?)
    }

    fn statement(&self, location: &S3Uri) -> Result<BoxedUnloadStatement<SqlQuery>, Error> {
        let mut statement = unload(diesel::sql_query(self.sql.as_str()))
            .to(location)
            .iam_role(&self.role)
            .boxed();
        statement = match self.format {
            FileFormat::Csv => statement.format(Csv::new()),
            FileFormat::Delimited => statement.format(Delimited::new().escape()),
            FileFormat::Json => statement.format(Json::new()),
            FileFormat::Parquet => statement.format(Parquet::new()),
        };
        statement = match self.compression {
            FileCompression::None => statement,
            FileCompression::Gzip => statement.gzip(),
            FileCompression::Bzip2 => statement.bzip2(),
            FileCompression::Zstd => statement.zstd(),
        };
        if self.is_single {
            statement = statement.parallel_off();
        }
        if self.arguments.header {
            statement = statement.header();
        }
        if self.arguments.overwrite {
            statement = statement.allow_overwrite();
        }
        if let Some(region) = &self.arguments.region {
            statement = statement.region(Region::parse(region)?);
        }
        for sql in &self.arguments.option {
            statement = statement.unchecked_option(sql.as_str());
        }
        Ok(statement)
    }
}
