//! Formats whose files are lines of text: delimited, CSV, fixed widths.

use super::{FormatRules, sealed, sealed::KnownFormat};
use crate::error::InvalidValue;
use crate::files::Widths;
use crate::sql::{StatementText, separator};

/// The format of an UNLOAD that names none: text with fields separated by `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DefaultFormat;

/// Text with fields separated by one character: `DELIMITER '|'`, Redshift's default format.
///
/// Unless [`escape`](Delimited::escape) or [`add_quotes`](Delimited::add_quotes) is set, a text
/// that contains the delimiter or a line break cannot be told from two fields or rows.
///
/// ```
/// use diesel_redshift::unload::Delimited;
/// # use diesel_redshift::{unload, IamRole, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// let save = unload(users::table)
///     .to(S3Uri::parse("s3://bucket/users_")?)
///     .iam_role(IamRole::Default)
///     .format(Delimited::new().delimiter('\t').escape().null_as("@NULL@"));
/// assert!(save.to_sql()?.ends_with(r"DELIMITER '\t' ESCAPE NULL AS '@NULL@'"));
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delimited {
    delimiter: Option<char>,
    add_quotes: bool,
    escape: bool,
    null_as: Option<String>,
}

impl Delimited {
    /// Delimited text with Redshift's defaults: separated by `|`, and NULL is an empty field.
    pub fn new() -> Self {
        Self::default()
    }

    /// `ADDQUOTES`: puts every field in quotes. COPY reads it with `REMOVEQUOTES`.
    pub fn add_quotes(mut self) -> Self {
        self.add_quotes = true;
        self
    }

    /// `ESCAPE`: writes a backslash before delimiters, line breaks and backslashes in CHAR and
    /// VARCHAR values, and with [`add_quotes`](Delimited::add_quotes) before quotes. COPY reads it
    /// with `ESCAPE`.
    pub fn escape(mut self) -> Self {
        self.escape = true;
        self
    }
}

/// Comma-separated values: `FORMAT AS CSV`.
///
/// Fields are quoted with `"` only where needed, and a quote inside is doubled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Csv {
    delimiter: Option<char>,
    null_as: Option<String>,
}

impl Csv {
    /// CSV with Redshift's defaults: separated by `,`, and NULL is an empty field.
    pub fn new() -> Self {
        Self::default()
    }
}

macro_rules! separated {
    ($($format:ident)*) => {$(
        impl $format {
            /// `DELIMITER '…'`: what separates the fields.
            ///
            /// One ASCII character other than NUL and line breaks. Control characters are written
            /// as Redshift documents them, `'\t'` and `'\001'`.
            pub fn delimiter(mut self, delimiter: char) -> Self {
                self.delimiter = Some(delimiter);
                self
            }
        }
    )*};
}

separated! { Delimited Csv }

macro_rules! with_null {
    ($($format:ident)*) => {$(
        impl $format {
            /// `NULL AS '…'`: what is written for NULL.
            ///
            /// Any text without line breaks. Columns of type SUPER ignore it.
            pub fn null_as(mut self, marker: impl Into<String>) -> Self {
                self.null_as = Some(marker.into());
                self
            }
        }
    )*};
}

with_null! { Delimited Csv FixedWidth }

/// Text with fields of fixed widths: `FIXEDWIDTH 'id:8,name:25'`.
///
/// Each column of the query has one width, in their order. Values are not truncated: the widths
/// must suffice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedWidth {
    widths: Widths,
    null_as: Option<String>,
}

impl FixedWidth {
    /// Fields with these labels and widths.
    ///
    /// A label is only descriptive and has no `:`, `,` or `'`; a width is 1 or more characters.
    pub fn new<L: Into<String>>(widths: impl IntoIterator<Item = (L, u32)>) -> Self {
        Self {
            widths: Widths::new(widths),
            null_as: None,
        }
    }

    /// The widths that the fields of a struct declare.
    pub fn of<T: FixedWidthColumns>() -> Self {
        let mut widths = Vec::new();
        T::push_widths(&mut widths);
        Self::new(widths)
    }
}

/// A struct with `#[derive(RedshiftUnload)]` whose fields have widths.
#[diagnostic::on_unimplemented(
    message = "the fields of `{Self}` have no widths",
    note = "add `#[redshift(width = …)]` to each, and `#[derive(diesel_redshift::RedshiftUnload)]` to the struct"
)]
pub trait FixedWidthColumns {
    #[doc(hidden)]
    fn push_widths(widths: &mut Vec<(&'static str, u32)>);
}

fn push_delimiter(
    delimiter: Option<char>,
    quotes: bool,
    escapes: bool,
    text: &mut StatementText,
) -> Result<(), InvalidValue> {
    if let Some(delimiter) = delimiter {
        let delimiter = separator("DELIMITER", delimiter)?;
        // They could not be told apart in the files.
        if quotes && delimiter == b'"' {
            return Err(InvalidValue::new(
                "DELIMITER",
                "'\"'",
                "another character than the quote",
            ));
        }
        if escapes && delimiter == b'\\' {
            return Err(InvalidValue::new(
                "DELIMITER",
                r"'\\'",
                "another character than the one of ESCAPE",
            ));
        }
        text.push(" DELIMITER ");
        text.character(delimiter);
    }
    Ok(())
}

fn push_null(marker: Option<&str>, text: &mut StatementText) -> Result<(), InvalidValue> {
    let Some(marker) = marker else {
        return Ok(());
    };
    if marker.contains(['\n', '\r']) {
        return Err(InvalidValue::new(
            "NULL AS",
            format!("{marker:?}"),
            "text without line breaks, which would end the record",
        ));
    }
    text.push(" NULL AS ");
    text.literal("NULL AS", marker)
}

impl sealed::UnloadFormat for DefaultFormat {
    fn rules(&self) -> &'static FormatRules {
        Self::RULES
    }
}

impl sealed::UnloadFormat for Delimited {
    fn rules(&self) -> &'static FormatRules {
        Self::RULES
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        push_delimiter(self.delimiter, self.add_quotes, self.escape, text)?;
        text.flag("ADDQUOTES", self.add_quotes);
        text.flag("ESCAPE", self.escape);
        push_null(self.null_as.as_deref(), text)
    }
}

impl sealed::UnloadFormat for Csv {
    fn rules(&self) -> &'static FormatRules {
        Self::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        text.push(" FORMAT AS CSV");
        Ok(())
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        push_delimiter(self.delimiter, true, false, text)?;
        push_null(self.null_as.as_deref(), text)
    }
}

impl sealed::UnloadFormat for FixedWidth {
    fn rules(&self) -> &'static FormatRules {
        Self::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.widths.push(text)
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        push_null(self.null_as.as_deref(), text)
    }

    fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
        self.widths.check_columns(columns)
    }
}
