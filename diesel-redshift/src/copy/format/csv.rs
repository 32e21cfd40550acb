use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::error::InvalidValue;
use crate::sql::{StatementText, separator};

/// Comma-separated values: `FORMAT AS CSV`.
///
/// A quote inside a quoted field is doubled. An unquoted empty field loads as an empty text into
/// CHAR and VARCHAR columns, and as NULL into others.
///
/// ```
/// use diesel_redshift::copy::Csv;
/// # use diesel_redshift::{copy, IamRole, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// let load = copy(users::table)
///     .from(S3Uri::parse("s3://bucket/users.tsv")?)
///     .iam_role(IamRole::Default)
///     .format(Csv::new().delimiter('\t').quote('%').ignore_header(1));
/// assert_eq!(
///     load.to_sql()?,
///     r#"COPY "users" ("id", "name") FROM 's3://bucket/users.tsv' IAM_ROLE default FORMAT AS CSV QUOTE AS '%' DELIMITER '\t' IGNOREHEADER 1"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Csv {
    quote: Option<char>,
    options: FormatOptions,
}

impl Csv {
    /// CSV with Redshift's defaults: separated by `,`, quoted with `"`, no header.
    pub fn new() -> Self {
        Self::default()
    }

    /// `QUOTE AS '…'`: the character that quotes fields.
    ///
    /// One ASCII character other than NUL, line breaks and the delimiter. Default: `"`.
    pub fn quote(mut self, quote: char) -> Self {
        self.quote = Some(quote);
        self
    }

    setters! {
        delimiter null_as encoding ignore_header ignore_blank_lines fill_record accept_any_date accept_inv_chars
        blanks_as_null empty_as_null date_format time_format round_dec trim_blanks truncate_columns
    }
}

impl sealed::CopyFormat for Csv {
    fn rules(&self) -> &'static FormatRules {
        <Self as sealed::KnownFormat>::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        text.push(" FORMAT AS CSV");
        if let Some(quote) = self.quote {
            let byte = separator("QUOTE", quote)?;
            if self.options.delimiter.unwrap_or(',') == quote {
                return Err(InvalidValue::new(
                    "QUOTE",
                    format!("{quote:?}"),
                    "another character than the delimiter",
                ));
            }
            text.push(" QUOTE AS ");
            text.character(byte);
        } else if let Some('"') = self.options.delimiter {
            return Err(InvalidValue::new(
                "DELIMITER",
                "'\"'",
                "another character than the quote",
            ));
        }
        Ok(())
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.options.push(text)
    }
}
