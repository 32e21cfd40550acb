//! The options of COPY that belong to the load and not to the format of its files.

use crate::aws::Region;
use crate::error::{Error, InvalidValue};
use crate::sql::{StatementText, Unchecked};

/// When Redshift chooses the compression encodings of the table's columns: `COMPUPDATE …`.
///
/// It ever does so only for an empty table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompUpdate {
    /// `PRESET`: by the columns' types, without looking at the data, also when columns have encodings.
    Preset,
    /// `ON`: by a sample of the data, which is therefore read twice; encodings may be replaced.
    On,
    /// `OFF`: never.
    Off,
}

/// How files are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Bzip2,
    Lzop,
    Zstd,
}

/// A COPY to which no load option was given yet: its source and its format can still be chosen.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOptions;

/// The load options of a COPY.
///
/// Once one is given, the source and the format are fixed: the option was checked against them.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    pub(super) region: Option<Region>,
    pub(super) compression: Option<Compression>,
    pub(super) max_error: Option<u32>,
    pub(super) ignore_all_errors: bool,
    pub(super) no_load: bool,
    pub(super) comp_update: Option<CompUpdate>,
    pub(super) comp_rows: Option<u32>,
    pub(super) stat_update: Option<bool>,
    pub(super) explicit_ids: bool,
    pub(super) unchecked: Unchecked,
}

impl LoadOptions {
    pub(super) fn push_region(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        if let Some(region) = &self.region {
            text.push(" REGION ");
            text.literal("REGION", region.as_str())?;
        }
        Ok(())
    }

    /// Writes all options but REGION, which stands before those of the format.
    pub(super) fn push(&self, text: &mut StatementText) -> Result<(), Error> {
        if let Some(compression) = self.compression {
            text.push(match compression {
                Compression::Gzip => " GZIP",
                Compression::Bzip2 => " BZIP2",
                Compression::Lzop => " LZOP",
                Compression::Zstd => " ZSTD",
            });
        }
        text.flag("EXPLICIT_IDS", self.explicit_ids);
        if let Some(errors) = self.max_error {
            if errors > 100_000 {
                return Err(
                    InvalidValue::new("MAXERROR", errors.to_string(), "0 to 100000").into(),
                );
            }
            if self.ignore_all_errors {
                return Err(InvalidValue::new(
                    "MAXERROR",
                    "combined with IGNOREALLERRORS",
                    "only one of the two",
                )
                .into());
            }
            text.push(" MAXERROR ");
            text.integer(errors);
        }
        text.flag("IGNOREALLERRORS", self.ignore_all_errors);
        text.flag("NOLOAD", self.no_load);
        if let Some(rows) = self.comp_rows {
            if !(1_000..=2_147_483_647).contains(&rows) {
                return Err(InvalidValue::new(
                    "COMPROWS",
                    rows.to_string(),
                    "1000 to 2147483647 rows",
                )
                .into());
            }
            text.push(" COMPROWS ");
            text.integer(rows);
        }
        if let Some(update) = self.comp_update {
            text.push(match update {
                CompUpdate::Preset => " COMPUPDATE PRESET",
                CompUpdate::On => " COMPUPDATE ON",
                CompUpdate::Off => " COMPUPDATE OFF",
            });
        }
        if let Some(update) = self.stat_update {
            text.push(if update {
                " STATUPDATE ON"
            } else {
                " STATUPDATE OFF"
            });
        }
        Ok(self.unchecked.push(text)?)
    }
}

/// The state of a COPY's load options: [`NoOptions`] or [`LoadOptions`].
pub trait CopyOptions: sealed::CopyOptions {}

impl CopyOptions for NoOptions {}
impl CopyOptions for LoadOptions {}

/// The state in which the source and the format can be chosen.
#[diagnostic::on_unimplemented(
    message = "the source and the format of a COPY come before its load options",
    label = "load options were given already",
    note = "call `.from(…)` and `.format(…)` first, then `.gzip()`, `.max_error(…)` and the like: they are checked against source and format"
)]
pub trait NoOptionsYet: CopyOptions {}

impl NoOptionsYet for NoOptions {}

pub(super) mod sealed {
    use super::*;

    pub trait CopyOptions {
        #[doc(hidden)]
        fn load_options(&self) -> Option<&LoadOptions>;

        #[doc(hidden)]
        fn into_load_options(self) -> LoadOptions;
    }

    impl CopyOptions for NoOptions {
        fn load_options(&self) -> Option<&LoadOptions> {
            None
        }

        fn into_load_options(self) -> LoadOptions {
            LoadOptions::default()
        }
    }

    impl CopyOptions for LoadOptions {
        fn load_options(&self) -> Option<&LoadOptions> {
            Some(self)
        }

        fn into_load_options(self) -> LoadOptions {
            self
        }
    }
}
