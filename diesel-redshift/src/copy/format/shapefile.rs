use super::options::{FormatOptions, setters};
use super::{FormatRules, sealed};
use crate::error::InvalidValue;
use crate::sql::StatementText;

/// A shapefile: `FORMAT AS SHAPEFILE`.
///
/// The first column of the COPY is the geometry. The `.shp`, `.shx` and `.dbf` files must be side
/// by side in S3, and the location names the `.shp`.
///
/// ```
/// use diesel_redshift::copy::Shapefile;
/// # use diesel_redshift::{copy, IamRole, S3Uri};
/// # diesel::table! { rivers { id -> BigInt, name -> Text, } }
/// let load = copy(rivers::table)
///     .from(S3Uri::parse("s3://bucket/rivers.shp")?)
///     .iam_role(IamRole::Default)
///     .format(Shapefile::new().simplify_auto_up_to(0.05));
/// assert_eq!(
///     load.to_sql()?,
///     r#"COPY "rivers" ("id", "name") FROM 's3://bucket/rivers.shp' IAM_ROLE default FORMAT AS SHAPEFILE SIMPLIFY AUTO 0.05"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shapefile {
    simplify: Option<Simplify>,
    options: FormatOptions,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Simplify {
    To(f64),
    Auto,
    AutoUpTo(f64),
}

impl Shapefile {
    /// Leaves geometries as they are; one that is larger than a GEOMETRY column allows fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// `SIMPLIFY tolerance`: simplifies every geometry with this tolerance, 0 or more, in the
    /// data's units.
    pub fn simplify(mut self, tolerance: f64) -> Self {
        self.simplify = Some(Simplify::To(tolerance));
        self
    }

    /// `SIMPLIFY AUTO`: simplifies geometries that are too large for the column, as far as needed.
    pub fn simplify_auto(mut self) -> Self {
        self.simplify = Some(Simplify::Auto);
        self
    }

    /// `SIMPLIFY AUTO tolerance`: like [`simplify_auto`](Shapefile::simplify_auto), with at most
    /// this tolerance, 0 or more.
    pub fn simplify_auto_up_to(mut self, tolerance: f64) -> Self {
        self.simplify = Some(Simplify::AutoUpTo(tolerance));
        self
    }

    setters! {
        blanks_as_null empty_as_null date_format time_format round_dec trim_blanks truncate_columns
    }
}

fn push_tolerance(tolerance: f64, text: &mut StatementText) -> Result<(), InvalidValue> {
    if !tolerance.is_finite() || tolerance < 0.0 {
        return Err(InvalidValue::new(
            "SIMPLIFY",
            tolerance.to_string(),
            "a tolerance of 0 or more",
        ));
    }
    text.push(" ");
    // `Display` writes no exponent, which the grammar may not know.
    text.push(&tolerance.to_string());
    Ok(())
}

impl sealed::CopyFormat for Shapefile {
    fn rules(&self) -> &'static FormatRules {
        <Self as sealed::KnownFormat>::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        text.push(" FORMAT AS SHAPEFILE");
        match self.simplify {
            None => Ok(()),
            Some(Simplify::To(tolerance)) => {
                text.push(" SIMPLIFY");
                push_tolerance(tolerance, text)
            }
            Some(Simplify::Auto) => {
                text.push(" SIMPLIFY AUTO");
                Ok(())
            }
            Some(Simplify::AutoUpTo(tolerance)) => {
                text.push(" SIMPLIFY AUTO");
                push_tolerance(tolerance, text)
            }
        }
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.options.push(text)
    }
}
