//! The parameters of COPY as they are written, in any order.

use super::datetime::{DateFormat, TimeFormat};
use super::encoding::Encoding;
use super::format::{Format, Shredding};
use super::options::Options;
use crate::parameters::{self, Parameters, character, number, switch, widths};
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::Cursor;

/// Keywords of COPY that the sandbox knows and cannot do.
const NOT_IMITATED: [&str; 11] = [
    "shapefile",
    "avro",
    "orc",
    "encrypted",
    "master_symmetric_key",
    "lzop",
    "ssh",
    "readratio",
    "serializetojson",
    "simplify",
    "job",
];

/// What was written, before it is known to fit together.
#[derive(Default)]
pub(super) struct CopyParameters {
    pub(super) parameters: Parameters,
    format: Option<Format>,
    quote: Option<u8>,
    replacement: Option<u8>,
    date_format: Option<DateFormat>,
    time_format: Option<TimeFormat>,
    encoding: Encoding,
    ignore_header: u64,
    max_error: u64,
}

impl CopyParameters {
    fn has(&self, option: &str) -> bool {
        self.parameters.has(option)
    }

    /// Reads one option if one is next.
    pub(super) fn accept(&mut self, cursor: &mut Cursor<'_>) -> SqlResult<bool> {
        if cursor.accept("format") {
            cursor.accept("as");
            let known = ["csv", "delimiter", "fixedwidth", "json", "parquet"]
                .iter()
                .any(|format| cursor.is(format));
            if !known {
                return Err(unknown(cursor));
            }
        }
        let option = cursor.text().to_ascii_lowercase();
        let start = *cursor;
        cursor.advance();
        match &*option {
            "csv" => {
                self.format_is(Format::Csv(b'"'))?;
                if cursor.is("quote") {
                    self.parameters.note("quote")?;
                    cursor.advance();
                    cursor.accept("as");
                    self.quote = Some(character(cursor, "QUOTE")?);
                }
            }
            "fixedwidth" => {
                let widths = widths(cursor)?;
                self.format_is(Format::FixedWidth(widths))?;
            }
            "json" => {
                let shredding = Shredding::read(cursor)?;
                self.format_is(Format::Json(shredding))?;
            }
            "parquet" => {
                self.format_is(Format::Parquet)?;
                if cursor.accept("serializetojson") {
                    self.parameters.note("serializetojson")?;
                }
            }
            // Options can stand in any order, so QUOTE is taken apart from CSV as well.
            "quote" => {
                cursor.accept("as");
                self.quote = Some(character(cursor, "QUOTE")?);
            }
            "acceptinvchars" => {
                cursor.accept("as");
                let given = cursor
                    .peek()
                    .is_some_and(|token| token.kind == crate::sql::lexer::Kind::Text);
                self.replacement = Some(if given {
                    character(cursor, "ACCEPTINVCHARS")?
                } else {
                    b'?'
                });
                if self.replacement == Some(0) {
                    return Err(SqlError::new(
                        "22023",
                        "ACCEPTINVCHARS argument must be a single ASCII character other than NUL",
                    ));
                }
            }
            "dateformat" => {
                cursor.accept("as");
                self.date_format = Some(DateFormat::parse(&cursor.literal()?.0)?);
            }
            "timeformat" => {
                cursor.accept("as");
                self.time_format = Some(TimeFormat::parse(&cursor.literal()?.0)?);
            }
            "ignoreheader" => {
                cursor.accept("as");
                self.ignore_header = number(cursor, "IGNOREHEADER", 0, i64::from(i32::MAX))?;
            }
            "maxerror" => {
                cursor.accept("as");
                self.max_error = number(cursor, "MAXERROR", 0, 100_000)?;
            }
            "comprows" => {
                number(cursor, "COMPROWS", 1000, 2_147_483_647)?;
            }
            "compupdate" => {
                let _ = cursor.accept("preset") || switch(cursor).is_some();
            }
            "statupdate" => {
                switch(cursor);
            }
            "encoding" => {
                cursor.accept("as");
                self.encoding = Encoding::read(cursor)?;
            }
            "removequotes" | "emptyasnull" | "blanksasnull" | "ignoreblanklines" | "fillrecord"
            | "truncatecolumns" | "trimblanks" | "acceptanydate" | "roundec" | "manifest"
            | "noload" | "explicit_ids" | "ignoreallerrors" => {}
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
        let mut format = self.format.clone().unwrap_or(Format::Text);
        if let Some(option) = self.parameters.seen().find(|option| !format.takes(option)) {
            return Err(not_for(option, &format));
        }
        match (&mut format, self.quote) {
            (Format::Csv(quote), Some(given)) => *quote = given,
            (_, None) => {}
            (_, Some(_)) => {
                return Err(SqlError::unsupported(
                    "QUOTE argument is only supported for CSV based COPY",
                ));
            }
        }
        let compression = self.parameters.compression()?;
        let is_text = matches!(format, Format::Text | Format::Csv(_));
        if self.encoding != Encoding::Utf8 && !is_text {
            return Err(SqlError::unsupported(format!(
                "ENCODING argument other than UTF8 is not supported for {} based COPY",
                format.name()
            )));
        }
        if self.has("maxerror") && self.has("ignoreallerrors") {
            return Err(SqlError::unsupported(
                "MAXERROR argument is not supported with IGNOREALLERRORS",
            ));
        }
        let csv = match format {
            Format::Csv(quote) => Some(quote),
            _ => None,
        };
        let delimiter =
            self.parameters
                .delimiter
                .unwrap_or(if csv.is_some() { b',' } else { b'|' });
        if csv == Some(delimiter) {
            return Err(SqlError::new(
                "22023",
                "COPY delimiter and quote must be different",
            ));
        }
        if matches!(delimiter, b'\n' | b'\r') || matches!(csv, Some(b'\n' | b'\r')) {
            return Err(SqlError::new(
                "22023",
                "COPY delimiter and quote cannot be newline or carriage return",
            ));
        }
        let (date_format, time_format) = if format == Format::Parquet {
            (DateFormat::Written, TimeFormat::Written)
        } else {
            (DateFormat::Default, TimeFormat::Default)
        };
        Ok(Options {
            serialize_to_json: self.has("serializetojson"),
            format,
            delimiter,
            escape: self.has("escape"),
            remove_quotes: self.has("removequotes"),
            empty_as_null: self.has("emptyasnull"),
            blanks_as_null: self.has("blanksasnull"),
            ignore_blank_lines: self.has("ignoreblanklines"),
            fill_record: self.has("fillrecord"),
            truncate_columns: self.has("truncatecolumns"),
            trim_blanks: self.has("trimblanks"),
            accept_any_date: self.has("acceptanydate"),
            round_decimals: self.has("roundec"),
            manifest: self.has("manifest"),
            max_error: (!self.has("ignoreallerrors")).then(|| self.max_error.max(1)),
            no_load: self.has("noload"),
            explicit_ids: self.has("explicit_ids"),
            access: Access::default(),
            encoding: self.encoding,
            compression,
            null: self.parameters.null.unwrap_or_else(|| b"\\N".to_vec()),
            ignore_header: self.ignore_header,
            replacement: self.replacement,
            date_format: self.date_format.unwrap_or(date_format),
            time_format: self.time_format.unwrap_or(time_format),
        })
    }
}

fn not_for(option: &str, format: &Format) -> SqlError {
    parameters::not_for(option, format.name(), "COPY")
}

pub(super) fn unknown(cursor: &Cursor<'_>) -> SqlError {
    let word = cursor.text().to_ascii_lowercase();
    if NOT_IMITATED.contains(&&*word) {
        return SqlError::not_imitated(&format!("COPY with {}", word.to_ascii_uppercase()));
    }
    cursor.unexpected()
}
