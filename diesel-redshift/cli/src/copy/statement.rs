//! The COPY statement: which options go with which format is known to the library by its types.

use std::ops::ControlFlow;
use std::time::Duration;

use diesel_redshift::copy::{
    Avro, CompleteCopy, CompressedFormat, CopyOptions, CopyOutcome, CopyStatement, Csv, Delimited,
    Json, LoadHistory, LoadOptions, Orc, Parquet, RegionalSource, RowFormat, S3Source,
};
use diesel_redshift::{Error, IamRole, RedshiftConnection, Region, S3Uri};

use super::Load;
use super::arguments::{Compression, DataFormat};
use super::table::NamedTable;
use crate::failure::Failure;
use crate::interrupt;
use crate::progress::Progress;

/// The time between two looks at a load.
const LOOK: Duration = Duration::from_secs(1);

type Statement<S, F, O> = CopyStatement<NamedTable, S, IamRole, F, O>;

/// What is done with the statement, whatever its type.
trait Visitor {
    fn visit<S, F, O>(&mut self, statement: &Statement<S, F, O>) -> Result<(), Error>
    where
        Statement<S, F, O>: CompleteCopy;
}

struct Check;

impl Visitor for Check {
    fn visit<S, F, O>(&mut self, statement: &Statement<S, F, O>) -> Result<(), Error>
    where
        Statement<S, F, O>: CompleteCopy,
    {
        statement.to_sql().map(|_| ())
    }
}

struct Execute<'a> {
    conn: &'a mut RedshiftConnection,
    is_quiet: bool,
    outcome: Option<CopyOutcome>,
}

impl Visitor for Execute<'_> {
    fn visit<S, F, O>(&mut self, statement: &Statement<S, F, O>) -> Result<(), Error>
    where
        Statement<S, F, O>: CompleteCopy,
    {
        self.outcome = Some(if self.is_quiet {
            statement.execute(self.conn)?
        } else {
            let mut progress = Progress::of_bytes("load", 0, false);
            let look = |load: &LoadHistory| {
                progress.set(load.file_bytes_read, load.file_bytes, load.rows);
                if interrupt::has_come() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            statement.watch(LOOK, look).execute(self.conn)?
        });
        Ok(())
    }
}

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
        self.visit(&mut Check)
    }

    pub(super) fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error> {
        let mut execute = Execute {
            conn,
            is_quiet: self.arguments.storage.quiet || self.arguments.json,
            outcome: None,
        };
        self.built(&mut execute)?;
        execute
            .outcome
            .ok_or_else(|| Error::Database(diesel::result::Error::NotFound))
    }

    fn visit(&self, visitor: &mut impl Visitor) -> Result<(), Failure> {
        Ok(self.built(visitor)?)
    }

    fn built(&self, visitor: &mut impl Visitor) -> Result<(), Error> {
        /// The same for each type of source, of which each makes other statements.
        macro_rules! visit_with_format {
            ($statement:expr) => {{
                let statement = $statement;
                match self.format {
                    DataFormat::Csv => {
                        visitor.visit(&self.compressed(self.rows(statement.format(self.csv()))?))
                    }
                    DataFormat::Delimited => visitor
                        .visit(&self.compressed(self.rows(statement.format(self.delimited()))?)),
                    DataFormat::Json => {
                        visitor.visit(&self.compressed(self.rows(statement.format(self.json()?))?))
                    }
                    DataFormat::Avro => visitor.visit(&self.rows(statement.format(Avro::auto()))?),
                    DataFormat::Parquet => {
                        let statement = statement.format(Parquet::new());
                        match self.unchecked() {
                            Some(sql) => visitor.visit(&statement.unchecked_option(sql)),
                            None => visitor.visit(&statement),
                        }
                    }
                    DataFormat::Orc => {
                        let statement = statement.format(Orc::new());
                        match self.unchecked() {
                            Some(sql) => visitor.visit(&statement.unchecked_option(sql)),
                            None => visitor.visit(&statement),
                        }
                    }
                }
            }};
        }
        let statement = CopyStatement::with_columns(self.table.clone(), self.columns.clone())
            .from(self.source.clone())
            .iam_role(self.role.clone());
        if self.arguments.manifest {
            visit_with_format!(statement.manifest())
        } else {
            visit_with_format!(statement)
        }
    }

    fn unchecked(&self) -> Option<String> {
        let options = &self.arguments.option;
        (!options.is_empty()).then(|| options.join(" "))
    }

    /// The options of what is loaded row by row.
    fn rows<S, F, O>(
        &self,
        statement: Statement<S, F, O>,
    ) -> Result<Statement<S, F, LoadOptions>, Error>
    where
        S: RegionalSource,
        F: RowFormat,
        O: CopyOptions,
    {
        let mut statement = statement.max_error(self.arguments.max_error);
        if self.arguments.dry_run {
            statement = statement.no_load();
        }
        if let Some(region) = &self.arguments.region {
            statement = statement.region(Region::parse(region)?);
        }
        if let Some(sql) = self.unchecked() {
            statement = statement.unchecked_option(sql);
        }
        Ok(statement)
    }

    fn compressed<S, F>(
        &self,
        statement: Statement<S, F, LoadOptions>,
    ) -> Statement<S, F, LoadOptions>
    where
        S: S3Source,
        F: CompressedFormat,
    {
        match self.compression {
            Compression::None => statement,
            Compression::Gzip => statement.gzip(),
            Compression::Bzip2 => statement.bzip2(),
            Compression::Zstd => statement.zstd(),
            Compression::Lzop => statement.lzop(),
        }
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
        if let Some(lines) = self.arguments.ignore_header {
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
        if let Some(lines) = self.arguments.ignore_header {
            delimited = delimited.ignore_header(lines);
        }
        delimited
    }

    fn json(&self) -> Result<Json, Error> {
        let mut json = match &self.arguments.json_paths {
            Some(location) => Json::paths(S3Uri::parse(location)?),
            None => Json::auto(),
        };
        if let Some(lines) = self.arguments.ignore_header {
            json = json.ignore_header(lines);
        }
        Ok(json)
    }
}
