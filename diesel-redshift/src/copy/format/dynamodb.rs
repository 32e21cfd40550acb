use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::error::InvalidValue;
use crate::sql::StatementText;

/// How the items of a [`DynamoDb`](crate::copy::DynamoDb) table become rows.
///
/// Attributes are assigned to the columns of the same name; others are dropped. There is no file
/// format, so only the conversions of values can be chosen.
///
/// ```
/// use diesel_redshift::copy::{DynamoDb, DynamoDbItems};
/// # use diesel_redshift::{copy, IamRole};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// let load = copy(users::table)
///     .from(DynamoDb::table("Users", 50)?)
///     .iam_role(IamRole::Default)
///     .format(DynamoDbItems::new().time_format("epochsecs"));
/// assert_eq!(
///     load.to_sql()?,
///     r#"COPY "users" ("id", "name") FROM 'dynamodb://Users' IAM_ROLE default READRATIO 50 TIMEFORMAT 'epochsecs'"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DynamoDbItems {
    options: FormatOptions,
}

impl DynamoDbItems {
    /// Items with Redshift's defaults.
    pub fn new() -> Self {
        Self::default()
    }

    setters! {
        accept_any_date blanks_as_null empty_as_null date_format time_format round_dec trim_blanks
        truncate_columns
    }
}

impl sealed::CopyFormat for DynamoDbItems {
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
