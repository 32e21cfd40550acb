//! The parameters of COPY.

use super::argument::{character, check_region, null_marker, number, switch};
use super::datetime::{DateFormat, TimeFormat};
use super::encoding::Encoding;
use super::format::{self, Format, Shredding};
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::{Authorization, Cursor};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Bzip2,
    Zstd,
}

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) access: Access,
    pub(super) format: Format,
    /// Whether columns of Parquet may go into SUPER.
    pub(super) serialize_to_json: bool,
    pub(super) delimiter: u8,
    pub(super) escape: bool,
    pub(super) remove_quotes: bool,
    pub(super) null: Vec<u8>,
    pub(super) empty_as_null: bool,
    pub(super) blanks_as_null: bool,
    pub(super) ignore_header: u64,
    pub(super) ignore_blank_lines: bool,
    pub(super) fill_record: bool,
    pub(super) truncate_columns: bool,
    pub(super) trim_blanks: bool,
    /// What stands in for an invalid byte, if anything does.
    pub(super) replacement: Option<u8>,
    pub(super) accept_any_date: bool,
    pub(super) date_format: DateFormat,
    pub(super) time_format: TimeFormat,
    pub(super) round_decimals: bool,
    pub(super) encoding: Encoding,
    pub(super) compression: Option<Compression>,
    pub(super) manifest: bool,
    /// The load fails when this many rows do; none if it never does.
    pub(super) max_error: Option<u64>,
    pub(super) no_load: bool,
    pub(super) explicit_ids: bool,
}

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

/// Reads everything after the source.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> SqlResult<Options> {
    let mut authorization = Authorization::default();
    let mut given = Given::default();
    while !cursor.at_end() {
        if !authorization.accept(cursor)? && !given.accept(cursor)? {
            return Err(unknown(cursor));
        }
    }
    authorization.check()?;
    let region = given.region.take();
    let mut options = given.finish()?;
    if options.format == Format::Parquet && !authorization.is_role() {
        let text = "COPY from this file format only accepts IAM_ROLE credentials.";
        return Err(SqlError::internal(text).boxed(8001, text, "", 0));
    }
    options.access = Access {
        identity: authorization.identity(),
        region,
    };
    Ok(options)
}

fn unknown(cursor: &Cursor<'_>) -> SqlError {
    let word = cursor.text().to_ascii_lowercase();
    if NOT_IMITATED.contains(&&*word) {
        return SqlError::not_imitated(&format!("COPY with {}", word.to_ascii_uppercase()));
    }
    cursor.unexpected()
}

/// What was written, before it is known to fit together.
#[derive(Default)]
struct Given {
    seen: Vec<String>,
    region: Option<String>,
    format: Option<Format>,
    quote: Option<u8>,
    delimiter: Option<u8>,
    null: Option<Vec<u8>>,
    replacement: Option<u8>,
    date_format: Option<DateFormat>,
    time_format: Option<TimeFormat>,
    encoding: Encoding,
    ignore_header: u64,
    max_error: u64,
}

impl Given {
    fn has(&self, option: &str) -> bool {
        self.seen.iter().any(|seen| seen == option)
    }

    fn accept(&mut self, cursor: &mut Cursor<'_>) -> SqlResult<bool> {
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
                    self.note("quote")?;
                    cursor.advance();
                    cursor.accept("as");
                    self.quote = Some(character(cursor, "QUOTE")?);
                }
            }
            "fixedwidth" => {
                let widths = format::widths(cursor)?;
                self.format_is(Format::FixedWidth(widths))?;
            }
            "json" => {
                let shredding = Shredding::read(cursor)?;
                self.format_is(Format::Json(shredding))?;
            }
            "parquet" => {
                self.format_is(Format::Parquet)?;
                if cursor.accept("serializetojson") {
                    self.note("serializetojson")?;
                }
            }
            // Options can stand in any order, so QUOTE is taken apart from CSV as well.
            "quote" => {
                cursor.accept("as");
                self.quote = Some(character(cursor, "QUOTE")?);
            }
            "delimiter" => {
                cursor.accept("as");
                self.delimiter = Some(character(cursor, "DELIMITER")?);
            }
            "null" => {
                cursor.accept("as");
                self.null = Some(null_marker(cursor)?);
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
                let _ = cursor.accept("preset") || switch(cursor);
            }
            "statupdate" => {
                switch(cursor);
            }
            "region" => {
                cursor.accept("as");
                let region = cursor.literal()?.0;
                check_region(&region)?;
                self.region = Some(region);
            }
            "encoding" => {
                cursor.accept("as");
                self.encoding = Encoding::read(cursor)?;
            }
            "escape" | "removequotes" | "emptyasnull" | "blanksasnull" | "ignoreblanklines"
            | "fillrecord" | "truncatecolumns" | "trimblanks" | "acceptanydate" | "roundec"
            | "gzip" | "bzip2" | "zstd" | "manifest" | "noload" | "explicit_ids"
            | "ignoreallerrors" => {}
            _ => {
                *cursor = start;
                return Ok(false);
            }
        }
        self.note(&option)?;
        Ok(true)
    }

    fn note(&mut self, option: &str) -> SqlResult<()> {
        if self.has(option) {
            let option = option.to_ascii_uppercase();
            return Err(SqlError::new(
                "42601",
                format!("conflicting or redundant options: {option}"),
            ));
        }
        self.seen.push(option.to_owned());
        Ok(())
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

    fn compression(&self) -> SqlResult<Option<Compression>> {
        let given: Vec<_> = [
            ("gzip", Compression::Gzip),
            ("bzip2", Compression::Bzip2),
            ("zstd", Compression::Zstd),
        ]
        .into_iter()
        .filter(|(option, _)| self.has(option))
        .collect();
        match given[..] {
            [] => Ok(None),
            [(_, compression)] => Ok(Some(compression)),
            [(one, _), (other, _), ..] => Err(SqlError::new(
                "42601",
                format!(
                    "conflicting or redundant options: {}, {}",
                    one.to_ascii_uppercase(),
                    other.to_ascii_uppercase()
                ),
            )),
        }
    }

    fn finish(self) -> SqlResult<Options> {
        let mut format = self.format.clone().unwrap_or(Format::Text);
        if let Some(option) = self.seen.iter().find(|option| !format.takes(option)) {
            return Err(not_for(&option.to_ascii_uppercase(), &format));
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
        let compression = self.compression()?;
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
        let delimiter = self
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
            null: self.null.unwrap_or_else(|| b"\\N".to_vec()),
            ignore_header: self.ignore_header,
            replacement: self.replacement,
            date_format: self.date_format.unwrap_or(date_format),
            time_format: self.time_format.unwrap_or(time_format),
        })
    }
}

/// As Redshift refuses an option of another format.
fn not_for(option: &str, format: &Format) -> SqlError {
    SqlError::unsupported(format!(
        "{option} argument is not supported for {} based COPY",
        format.name()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::lexer::tokens;

    fn parse(sql: &str) -> SqlResult<Options> {
        let sql = format!("{sql} IAM_ROLE default");
        let tokens = tokens(&sql)?;
        super::parse(&mut Cursor::new(&sql, &tokens))
    }

    #[test]
    fn defaults() {
        let options = parse("").expect("valid");
        assert_eq!(
            (options.format, options.delimiter, &*options.null),
            (Format::Text, b'|', &b"\\N"[..])
        );
        let options = parse("csv").expect("valid");
        assert_eq!(
            (options.format, options.delimiter),
            (Format::Csv(b'"'), b',')
        );
    }

    #[test]
    fn any_order_and_every_spelling() {
        let options = parse(
            "region 'eu-west-1' maxerror as 3 quote '''' format as csv compupdate preset statupdate delimiter '\\t' \
             null as '\\N' ignoreheader 2 gzip encoding utf8 comprows 1000 acceptinvchars as '^' timeformat 'auto'",
        )
        .expect("valid");
        assert_eq!(options.format, Format::Csv(b'\''));
        assert_eq!(options.delimiter, b'\t');
        assert_eq!(options.max_error, Some(3));
        assert_eq!(options.ignore_header, 2);
        assert_eq!(options.null, b"\\N");
        assert_eq!(options.replacement, Some(b'^'));
        assert_eq!(options.compression, Some(Compression::Gzip));
    }

    #[test]
    fn characters() {
        for (sql, byte) in [
            ("'\\001'", 1),
            ("'\\\\001'", 1),
            ("'\\\\t'", b'\t'),
            ("'|'", b'|'),
            ("'\\''", b'\''),
        ] {
            assert_eq!(
                parse(&format!("delimiter {sql}")).expect(sql).delimiter,
                byte,
                "{sql}"
            );
        }
        for sql in ["''", "'ab'", "'é'", "'\\n'", "1", "'\\\\999'"] {
            assert!(parse(&format!("delimiter {sql}")).is_err(), "{sql}");
        }
    }

    #[test]
    fn errors_name_the_token() {
        let error = |sql: &str| parse(sql).map(|_| ()).expect_err(sql);
        assert_eq!(
            error("csv nonsense 1").message,
            "syntax error at or near \"nonsense\""
        );
        assert!(error("format as orc").message.contains("ORC"));
        assert!(error("csv escape").message.contains("ESCAPE"));
        assert!(error("csv removequotes").message.contains("REMOVEQUOTES"));
        assert!(error("quote '%'").message.contains("QUOTE"));
        assert!(error("maxerror 100001").message.contains("MAXERROR"));
        assert!(error("comprows 999").message.contains("COMPROWS"));
        assert!(error("csv csv").message.contains("CSV"));
        assert!(error("gzip zstd").message.contains("ZSTD"));
        assert!(
            error("maxerror 1 ignoreallerrors")
                .message
                .contains("IGNOREALLERRORS")
        );
        assert!(error("null as 'a\nb'").message.contains("NULL"));
        assert!(error("dateformat 'AUTO'").message.contains("AUTO"));
    }
}
