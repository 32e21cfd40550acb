use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::error::InvalidValue;
use crate::files::Widths;
use crate::sql::StatementText;

/// Text with fields of fixed widths: `FIXEDWIDTH 'id:8,name:25'`.
///
/// The files are UTF-8, and widths count characters. Each column of the COPY has one width, in
/// their order; a different number is an error when the statement is printed or executed.
///
/// ```
/// use diesel_redshift::copy::FixedWidth;
/// # use diesel_redshift::{copy, IamRole, S3Uri};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// let load = copy(users::table)
///     .from(S3Uri::parse("s3://bucket/users.txt")?)
///     .iam_role(IamRole::Default)
///     .format(FixedWidth::new([("id", 8), ("name", 25)]));
/// assert_eq!(
///     load.to_sql()?,
///     r#"COPY "users" ("id", "name") FROM 's3://bucket/users.txt' IAM_ROLE default FIXEDWIDTH 'id:8,name:25'"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedWidth {
    widths: Widths,
    options: FormatOptions,
}

impl FixedWidth {
    /// Fields with these labels and widths.
    ///
    /// A label is only descriptive and has no `:`, `,` or `'`; a width is 1 or more characters.
    pub fn new<L: Into<String>>(widths: impl IntoIterator<Item = (L, u32)>) -> Self {
        Self {
            widths: Widths::new(widths),
            options: FormatOptions::default(),
        }
    }

    /// The widths that the fields of a struct declare.
    ///
    /// ```
    /// use diesel_redshift::{RedshiftCopy, copy::FixedWidth};
    /// # use diesel_redshift::{IamRole, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// #[derive(RedshiftCopy)]
    /// #[diesel(table_name = users)]
    /// struct User {
    ///     #[redshift(width = 8)]
    ///     id: i64,
    ///     #[redshift(width = 25)]
    ///     name: String,
    /// }
    ///
    /// assert_eq!(FixedWidth::of::<User>(), FixedWidth::new([("id", 8), ("name", 25)]));
    /// ```
    pub fn of<T: FixedWidthColumns>() -> Self {
        let mut widths = Vec::new();
        T::push_widths(&mut widths);
        Self::new(widths)
    }

    setters! {
        null_as ignore_header ignore_blank_lines fill_record accept_any_date accept_inv_chars blanks_as_null
        empty_as_null date_format time_format round_dec trim_blanks truncate_columns
    }
}

/// A struct with `#[derive(RedshiftCopy)]` whose fields have widths.
#[diagnostic::on_unimplemented(
    message = "the fields of `{Self}` have no widths",
    note = "add `#[redshift(width = …)]` to each, and `#[derive(diesel_redshift::RedshiftCopy)]` to the struct"
)]
pub trait FixedWidthColumns {
    #[doc(hidden)]
    fn push_widths(widths: &mut Vec<(&'static str, u32)>);
}

impl sealed::CopyFormat for FixedWidth {
    fn rules(&self) -> &'static FormatRules {
        <Self as sealed::KnownFormat>::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.widths.push(text)
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.options.push(text)
    }

    fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
        self.widths.check_columns(columns)
    }
}
