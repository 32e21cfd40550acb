//! Formats whose files name their columns: JSON and Parquet.

use super::{FormatRules, sealed, sealed::KnownFormat};
use crate::error::InvalidValue;
use crate::sql::StatementText;

/// One JSON object per line: `FORMAT AS JSON`.
///
/// The keys are the names of the query's columns, which must differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Json;

impl Json {
    /// JSON; it has no options.
    pub fn new() -> Self {
        Self
    }
}

/// Parquet files: `FORMAT AS PARQUET`, each row group compressed with Snappy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parquet {
    row_group_size: Option<u32>,
}

impl Parquet {
    /// Parquet with Redshift's defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// `ROWGROUPSIZE n MB`: the size of a row group.
    ///
    /// 32 to 128 MB. Default: 32. Only some node types accept it: ra3.4xlarge and larger,
    /// dc2.8xlarge.
    pub fn row_group_size(mut self, megabytes: u32) -> Self {
        self.row_group_size = Some(megabytes);
        self
    }
}

impl sealed::UnloadFormat for Json {
    fn rules(&self) -> &'static FormatRules {
        Self::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        text.push(" FORMAT AS JSON");
        Ok(())
    }
}

impl sealed::UnloadFormat for Parquet {
    fn rules(&self) -> &'static FormatRules {
        Self::RULES
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        text.push(" FORMAT AS PARQUET");
        Ok(())
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        if let Some(megabytes) = self.row_group_size {
            if !(32..=128).contains(&megabytes) {
                return Err(InvalidValue::new(
                    "ROWGROUPSIZE",
                    megabytes.to_string(),
                    "32 to 128 MB",
                ));
            }
            text.push(" ROWGROUPSIZE ");
            text.integer(megabytes);
            text.push(" MB");
        }
        Ok(())
    }
}
