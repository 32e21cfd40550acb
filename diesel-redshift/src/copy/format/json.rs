use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::aws::S3Uri;
use crate::error::InvalidValue;
use crate::sql::StatementText;

/// How the values of a document are assigned to columns; JSON and Avro share it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Shredding {
    #[default]
    Auto,
    AutoIgnoreCase,
    Paths(S3Uri),
    NoShred,
}

impl Shredding {
    pub(super) fn push(
        &self,
        option: &'static str,
        text: &mut StatementText,
    ) -> Result<(), InvalidValue> {
        match self {
            Self::Auto => text.push(" 'auto'"),
            Self::AutoIgnoreCase => text.push(" 'auto ignorecase'"),
            Self::NoShred => text.push(" 'noshred'"),
            Self::Paths(location) => {
                location.check_object(option)?;
                text.push(" ");
                text.literal(option, location.as_str())?;
            }
        }
        Ok(())
    }
}

/// A sequence of JSON objects or arrays: `FORMAT AS JSON 'auto'`.
///
/// The file is a sequence of documents separated by white space, without commas or an enclosing
/// array. A document has at most 4 MB.
///
/// ```
/// use diesel_redshift::copy::Json;
/// # use diesel_redshift::{copy, IamRole, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// let load = copy(users::table)
///     .from(S3Uri::parse("s3://bucket/users.json")?)
///     .iam_role(IamRole::Default)
///     .format(Json::paths(S3Uri::parse("s3://bucket/users_jsonpaths.json")?));
/// assert_eq!(
///     load.to_sql()?,
///     r#"COPY "users" ("id", "name") FROM 's3://bucket/users.json' IAM_ROLE default FORMAT AS JSON 's3://bucket/users_jsonpaths.json'"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Json {
    shredding: Shredding,
    options: FormatOptions,
}

impl Json {
    /// `JSON 'auto'`: the keys of an object are named like the columns, in lower case.
    ///
    /// Other keys are ignored; a column without a key is NULL.
    pub fn auto() -> Self {
        Self::default()
    }

    /// `JSON 'auto ignorecase'`: like [`auto`](Json::auto), but ignores case.
    pub fn auto_ignore_case() -> Self {
        Self::shredded(Shredding::AutoIgnoreCase)
    }

    /// `JSON 's3://…'`: a JSONPaths file in S3 maps values to the columns, in the columns' order.
    ///
    /// The location is the file's exact key.
    pub fn paths(location: S3Uri) -> Self {
        Self::shredded(Shredding::Paths(location))
    }

    /// `JSON 'noshred'`: the whole document loads into one SUPER column, the only one of the COPY.
    pub fn no_shred() -> Self {
        Self::shredded(Shredding::NoShred)
    }

    fn shredded(shredding: Shredding) -> Self {
        Self {
            shredding,
            ..Self::default()
        }
    }

    setters! {
        ignore_header accept_any_date accept_inv_chars blanks_as_null empty_as_null date_format time_format
        round_dec trim_blanks truncate_columns
    }
}

impl sealed::CopyFormat for Json {
    fn rules(&self) -> &'static FormatRules {
        <Self as sealed::KnownFormat>::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        text.push(" FORMAT AS JSON");
        self.shredding.push("JSON", text)
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.options.push(text)
    }

    fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
        if self.shredding == Shredding::NoShred && columns != 1 {
            return Err(InvalidValue::new(
                "JSON 'noshred'",
                format!("loaded into {columns} columns"),
                "a single SUPER column",
            ));
        }
        Ok(())
    }
}
