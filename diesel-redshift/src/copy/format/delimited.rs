use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::error::InvalidValue;
use crate::sql::StatementText;

/// The format of a COPY that names none: fields separated by `|`, or the items of a DynamoDB table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DefaultFormat;

impl sealed::CopyFormat for DefaultFormat {
    fn rules(&self) -> &'static FormatRules {
        <Self as sealed::KnownFormat>::RULES
    }

    fn push_format(&self, _: &mut StatementText) -> Result<(), InvalidValue> {
        Ok(())
    }

    fn push_format_options(&self, _: &mut StatementText) -> Result<(), InvalidValue> {
        Ok(())
    }
}

/// Text with fields separated by one character: `DELIMITER '|'`, Redshift's default format.
///
/// A line break ends the record. Without [`escape`](Delimited::escape) a backslash is an ordinary
/// character.
///
/// ```
/// use diesel_redshift::copy::Delimited;
/// # use diesel_redshift::{copy, IamRole, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// let load = copy(users::table)
///     .from(S3Uri::parse("s3://bucket/users/")?)
///     .iam_role(IamRole::Default)
///     .format(Delimited::new().delimiter('|').escape().null_as("@NULL@"))
///     .gzip();
/// assert_eq!(
///     load.to_sql()?,
///     r#"COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE default DELIMITER '|' ESCAPE NULL AS '@NULL@' GZIP"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delimited {
    options: FormatOptions,
}

impl Delimited {
    /// Delimited text with Redshift's defaults: separated by `|`, and `\N` is NULL.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        delimiter escape remove_quotes null_as encoding ignore_header ignore_blank_lines fill_record
        accept_any_date accept_inv_chars blanks_as_null empty_as_null date_format time_format round_dec
        trim_blanks truncate_columns
    }
}

impl sealed::CopyFormat for Delimited {
    fn rules(&self) -> &'static FormatRules {
        <Self as sealed::KnownFormat>::RULES
    }

    fn push_format(&self, _: &mut StatementText) -> Result<(), InvalidValue> {
        Ok(())
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.options.push(text)
    }
}
