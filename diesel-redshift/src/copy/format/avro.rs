use super::json::Shredding;
use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::aws::S3Uri;
use crate::error::InvalidValue;
use crate::sql::StatementText;

/// Avro files whose schema is a record: `FORMAT AS AVRO 'auto'`.
///
/// The files may use Avro's own compression codecs. A header has at most 1 MB, a data block 4 MB.
///
/// ```
/// use diesel_redshift::copy::Avro;
/// # use diesel_redshift::{copy, IamRole, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// let load = copy(users::table)
///     .from(S3Uri::parse("s3://bucket/users.avro")?)
///     .iam_role(IamRole::Default)
///     .format(Avro::auto_ignore_case());
/// assert_eq!(
///     load.to_sql()?,
///     r#"COPY "users" ("id", "name") FROM 's3://bucket/users.avro' IAM_ROLE default FORMAT AS AVRO 'auto ignorecase'"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Avro {
    shredding: Shredding,
    options: FormatOptions,
}

impl Avro {
    /// `AVRO 'auto'`: the fields of the record are named like the columns, in lower case.
    pub fn auto() -> Self {
        Self::default()
    }

    /// `AVRO 'auto ignorecase'`: like [`auto`](Avro::auto), but ignores case.
    pub fn auto_ignore_case() -> Self {
        Self {
            shredding: Shredding::AutoIgnoreCase,
            ..Self::default()
        }
    }

    /// `AVRO 's3://…'`: a JSONPaths file in S3 maps values to the columns, in the columns' order.
    ///
    /// The location is the file's exact key.
    pub fn paths(location: S3Uri) -> Self {
        Self {
            shredding: Shredding::Paths(location),
            ..Self::default()
        }
    }

    setters! {
        accept_any_date accept_inv_chars blanks_as_null empty_as_null date_format time_format round_dec
        trim_blanks truncate_columns
    }
}

impl sealed::CopyFormat for Avro {
    fn rules(&self) -> &'static FormatRules {
        <Self as sealed::KnownFormat>::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        text.push(" FORMAT AS AVRO");
        self.shredding.push("AVRO", text)
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.options.push(text)
    }
}
