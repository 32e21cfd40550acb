//! The options of data formats. Each format exposes those that are valid for it through
//! [`setters`].

use std::borrow::Cow;

use crate::error::InvalidValue;
use crate::sql::{StatementText, separator};

/// The character encoding of the files: `ENCODING AS …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, Redshift's default.
    #[default]
    Utf8,
    /// UTF-16; each file starts with a byte order mark.
    Utf16,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

impl Encoding {
    fn keyword(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF8",
            Self::Utf16 => "UTF16",
            Self::Utf16Le => "UTF16LE",
            Self::Utf16Be => "UTF16BE",
        }
    }
}

/// How dates are written in the files: `DATEFORMAT …`.
///
/// A text converts with `into()`: `"auto"` is [`DateFormat::Auto`], anything else a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DateFormat {
    /// `'auto'`: Redshift recognises many formats by itself.
    Auto,
    /// A pattern of `YYYY`, `YY`, `MM`, `MON`, `DD` and separators, such as `MM/DD/YYYY`. Parts of
    /// a time are allowed and ignored.
    Pattern(Cow<'static, str>),
}

impl From<&str> for DateFormat {
    fn from(format: &str) -> Self {
        match format {
            "auto" => Self::Auto,
            _ => Self::Pattern(format.to_owned().into()),
        }
    }
}

impl From<String> for DateFormat {
    fn from(format: String) -> Self {
        format.as_str().into()
    }
}

/// How times are written in the files: `TIMEFORMAT …`.
///
/// A text converts with `into()`: `"auto"`, `"epochsecs"` and `"epochmillisecs"` are the keywords,
/// anything else is a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeFormat {
    /// `'auto'`: Redshift recognises many formats by itself, but no epoch values.
    Auto,
    /// `'epochsecs'`: seconds since 1970-01-01 00:00:00 UTC.
    EpochSecs,
    /// `'epochmillisecs'`: milliseconds since 1970-01-01 00:00:00 UTC.
    EpochMillisecs,
    /// A pattern of a date's parts and `HH` or `HH24`, `HH12`, `MI`, `SS` (with fractions), `AM` or
    /// `PM`, such as `MM.DD.YYYY HH:MI:SS`. It names no time zone.
    Pattern(Cow<'static, str>),
}

impl From<&str> for TimeFormat {
    fn from(format: &str) -> Self {
        match format {
            "auto" => Self::Auto,
            "epochsecs" => Self::EpochSecs,
            "epochmillisecs" => Self::EpochMillisecs,
            _ => Self::Pattern(format.to_owned().into()),
        }
    }
}

impl From<String> for TimeFormat {
    fn from(format: String) -> Self {
        format.as_str().into()
    }
}

/// The options that were set, in the order in which they are printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FormatOptions {
    pub(super) delimiter: Option<char>,
    pub(super) escape: bool,
    pub(super) remove_quotes: bool,
    pub(super) null_as: Option<String>,
    pub(super) encoding: Option<Encoding>,
    pub(super) ignore_header: Option<u32>,
    pub(super) ignore_blank_lines: bool,
    pub(super) fill_record: bool,
    pub(super) accept_any_date: bool,
    pub(super) accept_inv_chars: Option<char>,
    pub(super) blanks_as_null: bool,
    pub(super) empty_as_null: bool,
    pub(super) date_format: Option<DateFormat>,
    pub(super) time_format: Option<TimeFormat>,
    pub(super) round_dec: bool,
    pub(super) trim_blanks: bool,
    pub(super) truncate_columns: bool,
}

impl FormatOptions {
    pub(super) fn push(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        if let Some(delimiter) = self.delimiter {
            let delimiter = separator("DELIMITER", delimiter)?;
            if self.escape && delimiter == b'\\' {
                return Err(InvalidValue::new(
                    "DELIMITER",
                    r"'\\'",
                    "another character than the one of ESCAPE",
                ));
            }
            text.push(" DELIMITER ");
            text.character(delimiter);
        }
        text.flag("ESCAPE", self.escape);
        text.flag("REMOVEQUOTES", self.remove_quotes);
        push_null(self.null_as.as_deref(), text)?;
        if let Some(encoding) = self.encoding {
            text.push(" ENCODING AS ");
            text.push(encoding.keyword());
        }
        if let Some(lines) = self.ignore_header {
            if i32::try_from(lines).is_err() {
                return Err(InvalidValue::new(
                    "IGNOREHEADER",
                    lines.to_string(),
                    "0 to 2147483647 lines",
                ));
            }
            text.push(" IGNOREHEADER ");
            text.integer(lines);
        }
        text.flag("IGNOREBLANKLINES", self.ignore_blank_lines);
        text.flag("FILLRECORD", self.fill_record);
        text.flag("ACCEPTANYDATE", self.accept_any_date);
        if let Some(character) = self.accept_inv_chars {
            text.push(" ACCEPTINVCHARS AS ");
            text.character(printable("ACCEPTINVCHARS", character)?);
        }
        text.flag("BLANKSASNULL", self.blanks_as_null);
        text.flag("EMPTYASNULL", self.empty_as_null);
        if let Some(format) = &self.date_format {
            text.push(" DATEFORMAT ");
            match format {
                DateFormat::Auto => text.push("'auto'"),
                DateFormat::Pattern(pattern) => push_pattern("DATEFORMAT", pattern, text)?,
            }
        }
        if let Some(format) = &self.time_format {
            text.push(" TIMEFORMAT ");
            match format {
                TimeFormat::Auto => text.push("'auto'"),
                TimeFormat::EpochSecs => text.push("'epochsecs'"),
                TimeFormat::EpochMillisecs => text.push("'epochmillisecs'"),
                TimeFormat::Pattern(pattern) => push_pattern("TIMEFORMAT", pattern, text)?,
            }
        }
        text.flag("ROUNDEC", self.round_dec);
        text.flag("TRIMBLANKS", self.trim_blanks);
        text.flag("TRUNCATECOLUMNS", self.truncate_columns);
        Ok(())
    }
}

/// A character that replaces others: ASCII without NUL.
fn printable(option: &'static str, character: char) -> Result<u8, InvalidValue> {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() && byte != 0 => Ok(byte),
        _ => Err(InvalidValue::new(
            option,
            format!("{character:?}"),
            "one ASCII character other than NUL",
        )),
    }
}

/// Writes `NULL AS`; a lone NUL character has its own spelling.
///
/// `\N` is COPY's default, and its spelling in a literal is not documented: it is left out.
fn push_null(marker: Option<&str>, text: &mut StatementText) -> Result<(), InvalidValue> {
    match marker {
        None | Some(r"\N") => {}
        Some("\0") => {
            text.push(" NULL AS ");
            text.character(0);
        }
        Some(marker) if marker.contains('\n') => {
            return Err(InvalidValue::new(
                "NULL AS",
                format!("{marker:?}"),
                "text without line breaks, which would end the record",
            ));
        }
        Some(marker) => {
            text.push(" NULL AS ");
            text.literal("NULL AS", marker)?;
        }
    }
    Ok(())
}

fn push_pattern(
    option: &'static str,
    pattern: &str,
    text: &mut StatementText,
) -> Result<(), InvalidValue> {
    let special = ["auto", "epochsecs", "epochmillisecs"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(pattern.trim()));
    if special {
        return Err(InvalidValue::new(
            option,
            format!("{pattern:?}"),
            if option == "TIMEFORMAT" {
                "the words 'auto', 'epochsecs' and 'epochmillisecs' in lower case, or a pattern"
            } else {
                "the word 'auto' in lower case, or a pattern"
            },
        ));
    }
    let upper = pattern.to_ascii_uppercase();
    if pattern.trim().is_empty() || upper.contains("TZ") || upper.contains("OF") {
        return Err(InvalidValue::new(
            option,
            format!("{pattern:?}"),
            "a pattern of YYYY, MM, MON, DD, HH24, MI, SS and separators, without a time zone (TZ, OF)",
        ));
    }
    text.literal(option, pattern)
}

/// Setters of the named options, for a format that has a field `options: FormatOptions`.
macro_rules! setters {
    ($($option:ident)*) => { $(setters!(@ $option);)* };
    (@ delimiter) => {
        /// `DELIMITER '…'`: what separates the fields.
        ///
        /// One ASCII character other than NUL and line breaks. Control characters are written as
        /// Redshift documents them, `'\t'` and `'\001'`. Default: `|`, and `,` in CSV.
        pub fn delimiter(mut self, delimiter: char) -> Self {
            self.options.delimiter = Some(delimiter);
            self
        }
    };
    (@ escape) => {
        /// `ESCAPE`: a backslash in the data makes the next character an ordinary one, also a
        /// delimiter or a line break.
        pub fn escape(mut self) -> Self {
            self.options.escape = true;
            self
        }
    };
    (@ remove_quotes) => {
        /// `REMOVEQUOTES`: strips the quotes around fields and keeps delimiters inside them.
        pub fn remove_quotes(mut self) -> Self {
            self.options.remove_quotes = true;
            self
        }
    };
    (@ null_as) => {
        /// `NULL AS '…'`: fields with exactly this text load as NULL.
        ///
        /// Any text without line breaks; `"\0"` stands for fields that hold only the NUL character.
        /// Default: `\N`.
        pub fn null_as(mut self, marker: impl Into<String>) -> Self {
            self.options.null_as = Some(marker.into());
            self
        }
    };
    (@ encoding) => {
        /// `ENCODING AS …`: the files' character encoding. Default: UTF-8.
        pub fn encoding(mut self, encoding: $crate::copy::Encoding) -> Self {
            self.options.encoding = Some(encoding);
            self
        }
    };
    (@ ignore_header) => {
        /// `IGNOREHEADER n`: skips this many lines at the start of every file; 1 skips the names of
        /// the columns that UNLOAD writes with [`header`](crate::unload::UnloadStatement::header).
        ///
        /// 0 to 2147483647. Default: 0.
        pub fn ignore_header(mut self, lines: u32) -> Self {
            self.options.ignore_header = Some(lines);
            self
        }
    };
    (@ ignore_blank_lines) => {
        /// `IGNOREBLANKLINES`: skips lines that hold only a line feed.
        pub fn ignore_blank_lines(mut self) -> Self {
            self.options.ignore_blank_lines = true;
            self
        }
    };
    (@ fill_record) => {
        /// `FILLRECORD`: fields that are missing at the end of a record load as NULL, or as empty
        /// text.
        pub fn fill_record(mut self) -> Self {
            self.options.fill_record = true;
            self
        }
    };
    (@ accept_any_date) => {
        /// `ACCEPTANYDATE`: an invalid date loads as NULL instead of failing.
        pub fn accept_any_date(mut self) -> Self {
            self.options.accept_any_date = true;
            self
        }
    };
    (@ accept_inv_chars) => {
        /// `ACCEPTINVCHARS AS '…'`: each byte that is not UTF-8 loads as `replacement` into VARCHAR
        /// columns.
        ///
        /// One ASCII character other than NUL; Redshift's default is `?`.
        pub fn accept_inv_chars(mut self, replacement: char) -> Self {
            self.options.accept_inv_chars = Some(replacement);
            self
        }
    };
    (@ blanks_as_null) => {
        /// `BLANKSASNULL`: CHAR and VARCHAR fields that contain only white space load as NULL.
        pub fn blanks_as_null(mut self) -> Self {
            self.options.blanks_as_null = true;
            self
        }
    };
    (@ empty_as_null) => {
        /// `EMPTYASNULL`: empty CHAR and VARCHAR fields load as NULL.
        pub fn empty_as_null(mut self) -> Self {
            self.options.empty_as_null = true;
            self
        }
    };
    (@ date_format) => {
        /// `DATEFORMAT '…'`: how dates are written: `"auto"`, or a pattern such as `"MM/DD/YYYY"`.
        ///
        /// Default: `YYYY-MM-DD`. A pattern names no time zone.
        pub fn date_format(mut self, format: impl Into<$crate::copy::DateFormat>) -> Self {
            self.options.date_format = Some(format.into());
            self
        }
    };
    (@ time_format) => {
        /// `TIMEFORMAT '…'`: how times are written: `"auto"`, `"epochsecs"`, `"epochmillisecs"`, or
        /// a pattern such as `"MM.DD.YYYY HH:MI:SS"`.
        ///
        /// Default: `YYYY-MM-DD HH:MI:SS`, for TIMESTAMPTZ followed by an offset. A pattern names
        /// no time zone.
        pub fn time_format(mut self, format: impl Into<$crate::copy::TimeFormat>) -> Self {
            self.options.time_format = Some(format.into());
            self
        }
    };
    (@ round_dec) => {
        /// `ROUNDEC`: rounds decimals with more digits than the column, instead of truncating them.
        pub fn round_dec(mut self) -> Self {
            self.options.round_dec = true;
            self
        }
    };
    (@ trim_blanks) => {
        /// `TRIMBLANKS`: removes white space at the end of VARCHAR values.
        pub fn trim_blanks(mut self) -> Self {
            self.options.trim_blanks = true;
            self
        }
    };
    (@ truncate_columns) => {
        /// `TRUNCATECOLUMNS`: truncates text that is longer than its CHAR or VARCHAR column,
        /// instead of failing.
        pub fn truncate_columns(mut self) -> Self {
            self.options.truncate_columns = true;
            self
        }
    };
}

pub(super) use setters;
