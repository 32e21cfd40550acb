//! The parameters of UNLOAD.

use crate::copy::{Compression, character, check_region, null_marker, widths};
use crate::protocol::{SqlError, SqlResult};
use crate::s3::Access;
use crate::sql::lexer::Kind;
use crate::sql::{Authorization, Cursor};

const MEGABYTE: f64 = 1024.0 * 1024.0;
const LARGEST_FILE: f64 = 6.2 * 1024.0 * MEGABYTE;

/// What a row group of Parquet has if nothing else is asked for; the size of a file is a multiple of it.
const ROW_GROUP: u64 = 32 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manifest {
    No,
    Plain,
    Verbose,
}

#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) access: Access,
    pub(super) format: Format,
    pub(super) header: bool,
    pub(super) delimiter: u8,
    pub(super) add_quotes: bool,
    pub(super) escape: bool,
    pub(super) null: Vec<u8>,
    pub(super) compression: Option<Compression>,
    pub(super) manifest: Manifest,
    pub(super) parallel: bool,
    pub(super) allow_overwrite: bool,
    pub(super) clean_path: bool,
    pub(super) max_file_size: u64,
    pub(super) row_group_size: u64,
    pub(super) extension: Option<String>,
    /// The columns that make the folders.
    pub(super) partition_by: Vec<String>,
    /// Whether these columns stay in the files.
    pub(super) include: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Csv,
    /// With the widths, in characters.
    FixedWidth(Vec<usize>),
    Json,
    Parquet,
}

impl Format {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Csv => "CSV",
            Self::FixedWidth(_) => "FIXEDWIDTH",
            Self::Json => "JSON",
            Self::Parquet => "PARQUET",
        }
    }

    /// The options that exclude this format.
    fn excluded(&self) -> &'static [&'static str] {
        match self {
            Self::Text => &["rowgroupsize"],
            Self::Csv => &["addquotes", "escape", "rowgroupsize"],
            Self::FixedWidth(_) => &["delimiter", "header", "addquotes", "escape", "rowgroupsize"],
            Self::Json => &[
                "delimiter",
                "header",
                "addquotes",
                "escape",
                "null",
                "rowgroupsize",
            ],
            Self::Parquet => &[
                "delimiter",
                "header",
                "addquotes",
                "escape",
                "null",
                "gzip",
                "bzip2",
                "zstd",
            ],
        }
    }
}

/// Keywords of UNLOAD that the sandbox knows and cannot do.
const NOT_IMITATED: [&str; 1] = ["master_symmetric_key"];

/// Reads everything after the destination.
pub(super) fn parse(cursor: &mut Cursor<'_>) -> SqlResult<Options> {
    let mut authorization = Authorization::default();
    let mut given = Given::default();
    while !cursor.at_end() {
        if !authorization.accept(cursor)? && !given.accept(cursor)? {
            return Err(unknown(cursor));
        }
    }
    authorization.check()?;
    if given.has("kms_key_id") && authorization.is_text() {
        return Err(SqlError::unsupported(
            "KMS_KEY_ID argument is not supported with CREDENTIALS",
        ));
    }
    let region = given.region.take();
    let mut options = given.finish()?;
    options.access = Access {
        identity: authorization.identity(),
        region,
    };
    Ok(options)
}

fn unknown(cursor: &Cursor<'_>) -> SqlError {
    let word = cursor.text().to_ascii_lowercase();
    if NOT_IMITATED.contains(&&*word) {
        return SqlError::not_imitated(&format!("UNLOAD with {}", word.to_ascii_uppercase()));
    }
    cursor.unexpected()
}

#[derive(Default)]
struct Given {
    seen: Vec<String>,
    format: Option<Format>,
    partition_by: Vec<String>,
    include: bool,
    delimiter: Option<u8>,
    null: Option<Vec<u8>>,
    verbose: bool,
    encrypted_auto: bool,
    serial: bool,
    max_file_size: Option<u64>,
    row_group_size: Option<u64>,
    region: Option<String>,
    extension: Option<String>,
}

impl Given {
    fn has(&self, option: &str) -> bool {
        self.seen.iter().any(|seen| seen == option)
    }

    fn accept(&mut self, cursor: &mut Cursor<'_>) -> SqlResult<bool> {
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
            "header" | "addquotes" | "escape" | "gzip" | "bzip2" | "zstd" | "allowoverwrite"
            | "cleanpath" => {}
            // S3 encrypts what it stores in any case; which key it takes cannot be seen from outside.
            "encrypted" => self.encrypted_auto = cursor.accept("auto"),
            "kms_key_id" => {
                let (key, _) = cursor.literal()?;
                if key.is_empty() {
                    return Err(SqlError::new("22023", "KMS_KEY_ID argument is empty"));
                }
            }
            "manifest" => self.verbose = cursor.accept("verbose"),
            "delimiter" => {
                cursor.accept("as");
                self.delimiter = Some(character(cursor, "DELIMITER")?);
            }
            "null" => {
                cursor.accept("as");
                self.null = Some(null_marker(cursor)?);
            }
            "parallel" => {
                self.serial = cursor.accept("off") || cursor.accept("false");
                let _ = self.serial || cursor.accept("on") || cursor.accept("true");
            }
            "maxfilesize" => {
                cursor.accept("as");
                self.max_file_size = Some(file_size(cursor)?);
            }
            "rowgroupsize" => {
                cursor.accept("as");
                self.row_group_size = Some(row_group_size(cursor)?);
            }
            "region" => {
                cursor.accept("as");
                let region = cursor.literal()?.0;
                check_region(&region)?;
                self.region = Some(region);
            }
            "extension" => self.extension = Some(extension(cursor)?),
            _ => {
                *cursor = start;
                return Ok(false);
            }
        }
        if self.has(&option) {
            let option = option.to_ascii_uppercase();
            return Err(SqlError::new(
                "42601",
                format!("conflicting or redundant options: {option}"),
            ));
        }
        self.seen.push(option);
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

    fn finish(self) -> SqlResult<Options> {
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
        for (one, other) in [
            ("gzip", "bzip2"),
            ("gzip", "zstd"),
            ("bzip2", "zstd"),
            ("allowoverwrite", "cleanpath"),
        ] {
            if self.has(one) && self.has(other) {
                let (one, other) = (one.to_ascii_uppercase(), other.to_ascii_uppercase());
                return Err(SqlError::new(
                    "42601",
                    format!("conflicting or redundant options: {one}, {other}"),
                ));
            }
        }
        let delimiter = self.delimiter.unwrap_or(if csv { b',' } else { b'|' });
        if matches!(delimiter, b'\n' | b'\r') || csv && delimiter == b'"' {
            return Err(SqlError::new(
                "22023",
                "DELIMITER argument cannot be a newline or the quote",
            ));
        }
        let compression = [
            ("gzip", Compression::Gzip),
            ("bzip2", Compression::Bzip2),
            ("zstd", Compression::Zstd),
        ]
        .into_iter()
        .find(|(option, _)| self.has(option))
        .map(|(_, compression)| compression);
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
            null: self.null.unwrap_or_default(),
            max_file_size,
            row_group_size: self.row_group_size.unwrap_or(ROW_GROUP),
            access: Access::default(),
            extension: self.extension,
            partition_by: self.partition_by,
            include: self.include,
        })
    }
}

/// As Redshift refuses an option of another format.
fn not_for(option: &str, format: &Format) -> SqlError {
    SqlError::unsupported(format!(
        "{} argument is not supported for {} based UNLOAD",
        option.to_ascii_uppercase(),
        format.name()
    ))
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
    fn defaults_and_spellings() {
        let options = parse("").expect("valid");
        assert_eq!(
            (
                options.format,
                options.delimiter,
                options.parallel,
                &*options.null
            ),
            (Format::Text, b'|', true, &b""[..])
        );
        let options =
            parse("format csv parallel off header manifest verbose maxfilesize 0.5 gb null as '\\N' extension 'csv.gz' gzip")
                .expect("valid");
        assert_eq!(
            (options.format, options.delimiter, options.parallel),
            (Format::Csv, b',', false)
        );
        assert_eq!(options.manifest, Manifest::Verbose);
        assert_eq!(options.max_file_size, 512 * 1024 * 1024);
        assert_eq!(options.null, b"\\N");
        assert!(parse("parallel").expect("valid").parallel);
        for (sql, megabytes) in [
            ("", 6336),
            ("maxfilesize 200 mb", 192),
            ("maxfilesize 5", 32),
        ] {
            let options = parse(&format!("parquet rowgroupsize as 64 mb {sql}")).expect("valid");
            assert_eq!(options.max_file_size, megabytes << 20, "{sql}");
            assert_eq!(options.row_group_size, 64 << 20);
        }
        assert!(
            parse("parallel true maxfilesize as 5")
                .expect("valid")
                .parallel
        );
    }

    #[test]
    fn errors_name_the_option() {
        let error = |sql: &str| parse(sql).map(|_| ()).expect_err(sql).message;
        assert_eq!(error("nonsense"), "syntax error at or near \"nonsense\"");
        assert_eq!(error("verbose"), "syntax error at or near \"verbose\"");
        assert!(error("csv addquotes").contains("ADDQUOTES"));
        assert!(error("csv escape").contains("ESCAPE"));
        assert!(error("allowoverwrite cleanpath").contains("CLEANPATH"));
        assert!(error("gzip zstd").contains("ZSTD"));
        assert!(error("encrypted master_symmetric_key 'x'").contains("MASTER_SYMMETRIC_KEY"));
        assert!(error("kms_key_id 'x'").contains("without ENCRYPTED"));
        assert!(error("encrypted auto kms_key_id 'x'").contains("with ENCRYPTED AUTO"));
        assert!(error("encrypted kms_key_id ''").contains("KMS_KEY_ID"));
        for sql in [
            "encrypted",
            "parquet encrypted auto",
            "kms_key_id 'x' encrypted",
        ] {
            assert!(parse(sql).is_ok(), "{sql}");
        }
        assert!(
            error("rowgroupsize 32").contains("ROWGROUPSIZE argument is not supported for TEXT")
        );
        assert!(error("parquet rowgroupsize 31").contains("ROWGROUPSIZE"));
        assert!(error("parquet rowgroupsize 1 gb").contains("ROWGROUPSIZE"));
        assert!(error("partition by (a, a)").contains("more than once"));
        assert!(error("json header").contains("HEADER"));
        assert!(error("json csv").contains("CSV"));
        assert!(error("fixedwidth 'a:1' delimiter ','").contains("DELIMITER"));
        assert!(error("fixedwidth 'a:0'").contains("FIXEDWIDTH"));
        assert!(error("fixedwidth 'a'").contains("FIXEDWIDTH"));
        assert!(error("maxfilesize 4").contains("MAXFILESIZE"));
        assert!(error("maxfilesize 6.3 gb").contains("MAXFILESIZE"));
    }
}
