//! The parameters of UNLOAD as they are written, in any order.

use super::format::Format;
use super::options::{Manifest, Options};
use crate::parameters::{self, Parameters, switch, widths};
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::Cursor;
use crate::sql::lexer::Kind;

const MEGABYTE: f64 = 1024.0 * 1024.0;
const LARGEST_FILE: f64 = 6.2 * 1024.0 * MEGABYTE;

/// What a row group of Parquet has if nothing else is asked for; the size of a file is a multiple of it.
const ROW_GROUP: u64 = 32 * 1024 * 1024;

/// Keywords of UNLOAD that the sandbox knows and cannot do.
const NOT_IMITATED: [&str; 1] = ["master_symmetric_key"];

/// What was written, before it is known to fit together.
#[derive(Default)]
pub(super) struct UnloadParameters {
    pub(super) parameters: Parameters,
    format: Option<Format>,
    partition_by: Vec<String>,
    include: bool,
    verbose: bool,
    encrypted_auto: bool,
    serial: bool,
    max_file_size: Option<u64>,
    row_group_size: Option<u64>,
    extension: Option<String>,
}

impl UnloadParameters {
    pub(super) fn has(&self, option: &str) -> bool {
        self.parameters.has(option)
    }

    /// Reads one option if one is next.
    pub(super) fn accept(&mut self, cursor: &mut Cursor<'_>) -> SqlResult<bool> {
        if cursor.accept("format") {
            cursor.accept("as");
            if !cursor.is("csv") && !cursor.is("json") && !cursor.is("parquet") {
                return Err(unknown(cursor));
            }
        }
        let option = cursor.text().to_ascii_lowercase();
        let start = *cursor;
        cursor.advance();
        match &*option {
            "csv" => self.format_is(Format::Csv)?,
            "json" => self.format_is(Format::Json)?,
            "parquet" => self.format_is(Format::Parquet)?,
            "fixedwidth" => {
                let widths = widths(cursor)?;
                self.format_is(Format::FixedWidth(widths))?;
            }
            "partition" => {
                cursor.expect("by")?;
                self.partition_by = cursor.names()?;
                self.include = cursor.accept("include");
            }
            "header" | "addquotes" | "allowoverwrite" | "cleanpath" => {}
            // S3 encrypts what it stores in any case; which key it takes cannot be seen from outside.
            "encrypted" => self.encrypted_auto = cursor.accept("auto"),
            "kms_key_id" => {
                let (key, _) = cursor.literal()?;
                if key.is_empty() {
                    return Err(SqlError::new("22023", "KMS_KEY_ID argument is empty"));
                }
            }
            "manifest" => self.verbose = cursor.accept("verbose"),
            "parallel" => self.serial = switch(cursor) == Some(false),
            "maxfilesize" => {
                cursor.accept("as");
                self.max_file_size = Some(file_size(cursor)?);
            }
            "rowgroupsize" => {
                cursor.accept("as");
                self.row_group_size = Some(row_group_size(cursor)?);
            }
            "extension" => self.extension = Some(extension(cursor)?),
            _ if self.parameters.accept(&option, cursor)? => {}
            _ => {
                *cursor = start;
                return Ok(false);
            }
        }
        self.parameters.note(&option)?;
        Ok(true)
    }

    /// There can be one format only.
    fn format_is(&mut self, format: Format) -> SqlResult<()> {
        match &self.format {
            Some(other) if other.name() != format.name() => Err(not_for(format.name(), other)),
            _ => {
                self.format = Some(format);
                Ok(())
            }
        }
    }

    /// The options, if they go together.
    pub(super) fn finish(self) -> SqlResult<Options> {
        let format = self.format.clone().unwrap_or(Format::Text);
        let csv = format == Format::Csv;
        for option in format.excluded() {
            if self.has(option) {
                return Err(not_for(option, &format));
            }
        }
        if self.has("kms_key_id") && !self.has("encrypted") {
            return Err(SqlError::unsupported(
                "KMS_KEY_ID argument is not supported without ENCRYPTED",
            ));
        }
        if self.has("kms_key_id") && self.encrypted_auto {
            return Err(SqlError::unsupported(
                "KMS_KEY_ID argument is not supported with ENCRYPTED AUTO",
            ));
        }
        for (at, name) in self.partition_by.iter().enumerate() {
            if self.partition_by[..at].contains(name) {
                return Err(SqlError::new(
                    "42701",
                    format!("column \"{name}\" specified more than once"),
                ));
            }
        }
        let compression = self.parameters.compression()?;
        self.parameters.exclude("allowoverwrite", "cleanpath")?;
        let delimiter = self
            .parameters
            .delimiter
            .unwrap_or(if csv { b',' } else { b'|' });
        if matches!(delimiter, b'\n' | b'\r') || csv && delimiter == b'"' {
            return Err(SqlError::new(
                "22023",
                "DELIMITER argument cannot be a newline or the quote",
            ));
        }
        let mut max_file_size = self.max_file_size.unwrap_or(LARGEST_FILE as u64);
        if format == Format::Parquet {
            max_file_size = (max_file_size / ROW_GROUP).max(1) * ROW_GROUP;
        }
        Ok(Options {
            format,
            header: self.has("header"),
            delimiter,
            add_quotes: self.has("addquotes"),
            escape: self.has("escape"),
            compression,
            manifest: match (self.has("manifest"), self.verbose) {
                (false, _) => Manifest::No,
                (true, false) => Manifest::Plain,
                (true, true) => Manifest::Verbose,
            },
            parallel: !self.serial,
            allow_overwrite: self.has("allowoverwrite"),
            clean_path: self.has("cleanpath"),
            null: self.parameters.null.unwrap_or_default(),
            max_file_size,
            row_group_size: self.row_group_size.unwrap_or(ROW_GROUP),
            access: Access::default(),
            extension: self.extension,
            partition_by: self.partition_by,
            include: self.include,
        })
    }
}

fn not_for(option: &str, format: &Format) -> SqlError {
    parameters::not_for(option, format.name(), "UNLOAD")
}

fn file_size(cursor: &mut Cursor<'_>) -> SqlResult<u64> {
    let token = cursor.expect_kind(Kind::Number)?;
    let number: f64 = token
        .text(cursor.sql)
        .parse()
        .map_err(|_| SqlError::syntax(token.text(cursor.sql)))?;
    let unit = if cursor.accept("gb") {
        1024.0
    } else {
        cursor.accept("mb");
        1.0
    };
    let bytes = number * unit * MEGABYTE;
    if !(5.0 * MEGABYTE..=LARGEST_FILE).contains(&bytes) {
        return Err(SqlError::new(
            "22023",
            "MAXFILESIZE argument must be between 5 MB and 6.2 GB",
        ));
    }
    Ok(bytes as u64)
}

fn row_group_size(cursor: &mut Cursor<'_>) -> SqlResult<u64> {
    let number = cursor.integer()?;
    let unit = if cursor.accept("gb") {
        1024
    } else {
        cursor.accept("mb");
        1
    };
    number
        .checked_mul(unit)
        .filter(|megabytes| (32..=128).contains(megabytes))
        .map(|megabytes| megabytes.unsigned_abs() * (MEGABYTE as u64))
        .ok_or_else(|| {
            SqlError::new(
                "22023",
                "ROWGROUPSIZE argument must be between 32 MB and 128 MB",
            )
        })
}

fn extension(cursor: &mut Cursor<'_>) -> SqlResult<String> {
    let (extension, _) = cursor.literal()?;
    let valid = !extension.is_empty()
        && !extension.contains(|character: char| character == '/' || character.is_control());
    if valid {
        Ok(extension)
    } else {
        Err(SqlError::new("22023", "EXTENSION argument is invalid"))
    }
}

pub(super) fn unknown(cursor: &Cursor<'_>) -> SqlError {
    let word = cursor.text().to_ascii_lowercase();
    if NOT_IMITATED.contains(&&*word) {
        return SqlError::not_imitated(&format!("UNLOAD with {}", word.to_ascii_uppercase()));
    }
    cursor.unexpected()
}
