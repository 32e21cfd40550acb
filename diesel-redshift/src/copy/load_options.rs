//! The options of COPY that concern the load, not the format of its files.

use super::format::{FormatKind, FormatRules};
use super::source::{SourceKind, SourceRules};
use crate::aws::Region;
use crate::error::{Error, InvalidValue};
use crate::sql::{StatementText, Unchecked};

/// When Redshift chooses the compression encodings of the table's columns: `COMPUPDATE …`.
///
/// It does so only for an empty table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompUpdate {
    /// `PRESET`: by the columns' types, without looking at the data, also if columns have
    /// encodings.
    Preset,
    /// `ON`: from a sample of the data, which is therefore read twice; encodings may be replaced.
    On,
    /// `OFF`: never.
    Off,
}

/// Whether a COPY refreshes the table's statistics: `STATUPDATE …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatUpdate {
    /// `ON`: whatever the table contained before.
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

/// The load options of a COPY.
#[derive(Debug, Clone, Default)]
pub(crate) struct LoadOptions {
    pub(super) region: Option<Region>,
    pub(super) compression: Option<Compression>,
    pub(super) max_error: Option<u32>,
    pub(super) ignore_all_errors: bool,
    pub(super) no_load: bool,
    pub(super) comp_update: Option<CompUpdate>,
    pub(super) comp_rows: Option<u32>,
    pub(super) stat_update: Option<StatUpdate>,
    pub(super) explicit_ids: bool,
    pub(super) unchecked: Unchecked,
}

impl LoadOptions {
    /// Refuses what the source and the format do not allow, if the compiler could not: they were
    /// chosen later, or at run time.
    pub(super) fn check(
        &self,
        format: &FormatRules,
        source: &SourceRules,
    ) -> Result<(), InvalidValue> {
        let refuse = |option: &'static str, allowed: &'static str| {
            Err(InvalidValue::new(
                option,
                format!("with {} from {}", format.name, source.name),
                allowed,
            ))
        };
        let rows_only = [
            ("REGION", self.region.is_some()),
            ("MAXERROR", self.max_error.is_some()),
            ("IGNOREALLERRORS", self.ignore_all_errors),
            ("NOLOAD", self.no_load),
            ("COMPROWS", self.comp_rows.is_some()),
            ("COMPUPDATE", self.comp_update.is_some()),
        ];
        if !format.is(FormatKind::RowFormat)
            && let Some((option, _)) = rows_only.iter().find(|(_, is_set)| *is_set)
        {
            return refuse(
                option,
                "a format that is read row by row: all but PARQUET and ORC",
            );
        }
        if self.region.is_some() && !source.is(SourceKind::RegionalSource) {
            return refuse("REGION", "a source other than EMR");
        }
        let Some(compression) = self.compression else {
            return Ok(());
        };
        let (option, format_kind, source_kind) = match compression {
            Compression::Gzip => ("GZIP", FormatKind::GzipFormat, SourceKind::FileSource),
            Compression::Bzip2 => (
                "BZIP2",
                FormatKind::CompressedFormat,
                SourceKind::FileSource,
            ),
            Compression::Lzop => ("LZOP", FormatKind::CompressedFormat, SourceKind::FileSource),
            Compression::Zstd => ("ZSTD", FormatKind::CompressedFormat, SourceKind::S3Source),
        };
        if !format.is(format_kind) {
            return refuse(
                option,
                "delimited text, CSV, FIXEDWIDTH or JSON; a SHAPEFILE by GZIP only",
            );
        }
        if !source.is(source_kind) {
            return refuse(option, "files, for ZSTD in S3");
        }
        Ok(())
    }

    pub(super) fn push_region(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        if let Some(region) = &self.region {
            text.push(" REGION ");
            text.literal("REGION", region.as_str())?;
        }
        Ok(())
    }

    /// Writes all options but REGION, which precedes those of the format.
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
            text.push(match update {
                StatUpdate::On => " STATUPDATE ON",
                StatUpdate::Off => " STATUPDATE OFF",
            });
        }
        Ok(self.unchecked.push(text)?)
    }
}
