//! The COPY statement of the arguments.

use std::ops::ControlFlow;
use std::time::Duration;

use diesel_redshift::copy::{
    Avro, BoxedCopyStatement, CopyOutcome, Csv, Delimited, Json, LoadHistory, Orc, Parquet,
    copy_into,
};
use diesel_redshift::{Error, RedshiftConnection, S3Uri, aws::Region};

use super::Load;
use super::arguments::{Compression, DataFormat};
use super::table::NamedTable;
use crate::failure::Failure;
use crate::interrupt;
use crate::progress::Progress;

/// The time between two looks at a load.
const LOOK: Duration = Duration::from_secs(1);

impl Load<'_> {
    /// Refuses what COPY would not take.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let mut refused = Vec::new();
        let arguments = self.arguments;
        let is_text = matches!(self.format, DataFormat::Csv | DataFormat::Delimited);
        let columnar = self.format.is_columnar();
        for (option, is_given, is_legal) in [
            ("--delimiter", arguments.delimiter.is_some(), is_text),
            (
                "--quote",
                arguments.quote.is_some(),
                self.format == DataFormat::Csv,
            ),
            ("--null-as", arguments.null_as.is_some(), is_text),
            (
                "--ignore-header",
                arguments.ignore_header.is_some(),
                is_text || self.format == DataFormat::Json,
            ),
            (
                "--json-paths",
                arguments.json_paths.is_some(),
                self.format == DataFormat::Json,
            ),
            ("--max-error", arguments.max_error > 0, !columnar),
            ("--dry-run", arguments.dry_run, !columnar),
            ("--region", arguments.region.is_some(), !columnar),
            (
                "--compression",
                self.compression != Compression::None,
                is_text || self.format == DataFormat::Json,
            ),
        ] {
            if is_given && !is_legal {
                refused.push(option);
            }
        }
        if !refused.is_empty() {
            return Err(Failure::with_code(
                2,
                format!(
                    "{} cannot be given with --format {:?}",
                    refused.join(", "),
                    self.format
                )
                .to_lowercase(),
            ));
        }
        let sql = self.statement().and_then(|statement| statement.to_sql());
        sql.map(|_| ())
            .map_err(|error| Failure::of_argument(&error))
    }

    pub(super) fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error> {
        let statement = self.statement()?;
        if self.arguments.storage.quiet || self.arguments.json {
            return statement.execute(conn);
        }
        let mut progress = Progress::of_bytes("load", 0, false);
        let look = |load: &LoadHistory| {
            progress.set(load.file_bytes_read, load.file_bytes, load.rows);
            if interrupt::has_come() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        statement.watch(LOOK, look).execute(conn)
    }

    fn statement(&self) -> Result<BoxedCopyStatement<NamedTable>, Error> {
        let arguments = self.arguments;
        let statement = copy_into(self.table.clone(), self.columns.clone())
            .from(self.source.clone())
            .iam_role(self.role.clone());
        let mut statement = if arguments.manifest {
            statement.manifest().boxed()
        } else {
            statement.boxed()
        };
        statement = match self.format {
            DataFormat::Csv => statement.format(self.csv()),
            DataFormat::Delimited => statement.format(self.delimited()),
            DataFormat::Json => statement.format(self.json()?),
            DataFormat::Avro => statement.format(Avro::auto()),
            DataFormat::Parquet => statement.format(Parquet::new()),
            DataFormat::Orc => statement.format(Orc::new()),
        };
        statement = match self.compression {
            Compression::None => statement,
            Compression::Gzip => statement.gzip(),
            Compression::Bzip2 => statement.bzip2(),
            Compression::Zstd => statement.zstd(),
            Compression::Lzop => statement.lzop(),
        };
        if !self.format.is_columnar() {
            statement = statement.max_error(arguments.max_error);
        }
        if arguments.dry_run {
            statement = statement.no_load();
        }
        if let Some(region) = &arguments.region {
            statement = statement.region(Region::parse(region)?);
        }
        if let Some(sql) = self.unchecked() {
            statement = statement.unchecked_option(sql);
        }
        Ok(statement)
    }

    fn unchecked(&self) -> Option<String> {
        let options = &self.arguments.option;
        (!options.is_empty()).then(|| options.join(" "))
    }

    fn csv(&self) -> Csv {
        let mut csv = Csv::new();
        if let Some(delimiter) = self.arguments.delimiter {
            csv = csv.delimiter(delimiter);
        }
        if let Some(quote) = self.arguments.quote {
            csv = csv.quote(quote);
        }
        if let Some(marker) = &self.arguments.null_as {
            csv = csv.null_as(marker.as_str());
        }
        if let Some(lines) = self.ignore_header {
            csv = csv.ignore_header(lines);
        }
        csv
    }

    fn delimited(&self) -> Delimited {
        let mut delimited = Delimited::new();
        if let Some(delimiter) = self.arguments.delimiter {
            delimited = delimited.delimiter(delimiter);
        }
        if let Some(marker) = &self.arguments.null_as {
            delimited = delimited.null_as(marker.as_str());
        }
        if let Some(lines) = self.ignore_header {
            delimited = delimited.ignore_header(lines);
        }
        delimited
    }

    fn json(&self) -> Result<Json, Error> {
        let mut json = match &self.arguments.json_paths {
            Some(location) => Json::paths(S3Uri::parse(location)?),
            None => Json::auto(),
        };
        if let Some(lines) = self.ignore_header {
            json = json.ignore_header(lines);
        }
        Ok(json)
    }
}
