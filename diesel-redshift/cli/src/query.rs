//! `query`.

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;

use crate::arguments::Global;
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::rows::{self, RowFormat};

/// Run a query and print its rows
#[derive(Args, Debug)]
pub(crate) struct QueryArguments {
    /// The SQL, one statement; `-` or none reads standard input
    sql: Option<String>,
    /// A file with the SQL
    #[arg(short, long, value_name = "FILE", conflicts_with = "sql")]
    file: Option<PathBuf>,
    /// How the rows are printed
    #[arg(long, value_enum, default_value = "table")]
    format: RowFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

pub(crate) fn run(global: &Global, arguments: &QueryArguments) -> Result<(), Failure> {
    let sql = sql(arguments.sql.as_deref(), arguments.file.as_ref())?;
    let mut conn = DatabaseUrl::of(global)?.connect()?;
    let format = if arguments.json {
        RowFormat::Json
    } else {
        arguments.format
    };
    rows::print(&mut conn, &sql, format)?;
    Ok(())
}

/// The text of a query, from the arguments, a file or standard input.
pub(crate) fn sql(given: Option<&str>, file: Option<&PathBuf>) -> Result<String, Failure> {
    match (given, file) {
        (_, Some(file)) => fs::read_to_string(file).map_err(|error| Failure::of_file(file, &error)),
        (Some(sql), None) if sql != "-" => Ok(sql.to_owned()),
        _ => {
            let mut sql = String::new();
            io::stdin()
                .read_to_string(&mut sql)
                .map_err(|error| Failure::new(format!("standard input: {error}")))?;
            Ok(sql)
        }
    }
}
