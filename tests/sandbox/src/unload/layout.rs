//! Which columns of the query go into the files, and which into their names.

use std::borrow::Cow;
use std::fmt::Write;

use super::format::Format;
use super::options::Options;
use super::result::Column;
use super::row::Row;
use crate::protocol::{SqlError, SqlResult};

/// What Hive calls the partition of NULL.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

pub(super) struct Layout {
    pub(super) columns: Vec<Column>,
    /// The places in the row of what the files hold.
    pub(super) written: Vec<usize>,
    /// The places in the row of what the folders are named by.
    partitions: Vec<usize>,
}

impl Layout {
    /// Checks that the format and the partitions are possible with these columns.
    pub(super) fn new(columns: Vec<Column>, options: &Options) -> SqlResult<Self> {
        let mut partitions = Vec::new();
        for name in &options.partition_by {
            let at = columns.iter().position(|column| column.name == *name);
            let at = at.ok_or_else(|| {
                SqlError::new(
                    "42703",
                    format!(
                        "Partition column \"{name}\" is not in the select list of the UNLOAD query"
                    ),
                )
            })?;
            if !columns[at].can_partition() {
                return Err(SqlError::unsupported(format!(
                    "UNLOAD cannot be partitioned by column \"{name}\" of type {}",
                    columns[at].base()
                )));
            }
            partitions.push(at);
        }
        let written: Vec<_> = (0..columns.len())
            .filter(|at| options.include || !partitions.contains(at))
            .collect();
        if written.is_empty() {
            return Err(SqlError::unsupported(
                "UNLOAD has to keep at least one column that it is not partitioned by, or INCLUDE them",
            ));
        }
        let layout = Self {
            columns,
            written,
            partitions,
        };
        layout.check_format(&options.format)?;
        Ok(layout)
    }

    fn check_format(&self, format: &Format) -> SqlResult<()> {
        let refused = match format {
            Format::Text | Format::Csv => return Ok(()),
            Format::FixedWidth(widths) if widths.len() != self.written.len() => {
                return Err(SqlError::new(
                    "22023",
                    format!(
                        "FIXEDWIDTH argument has {} columns and the files have {}",
                        widths.len(),
                        self.written.len()
                    ),
                ));
            }
            format => format.name(),
        };
        if let Some(column) = self.written().find(|column| column.is_special()) {
            return Err(SqlError::unsupported(format!(
                "UNLOAD of column \"{}\" is not supported for {refused}: its type can only be unloaded as text or CSV",
                column.name
            )));
        }
        if *format == Format::Parquet
            && let Some(column) = self.written().find(|column| column.parquet().is_none())
        {
            return Err(SqlError::not_imitated(&format!(
                "UNLOAD of column \"{}\" of type {} in PARQUET format",
                column.name,
                column.base()
            )));
        }
        if matches!(format, Format::Json | Format::Parquet) {
            for (at, column) in self.columns.iter().enumerate() {
                if self.columns[..at]
                    .iter()
                    .any(|other| other.name == column.name)
                {
                    return Err(SqlError::new(
                        "42701",
                        format!(
                            "UNLOAD in {refused} format needs unique column names: \"{}\" is there more than once",
                            column.name
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    pub(super) fn written(&self) -> impl Iterator<Item = &Column> {
        self.written.iter().map(|at| &self.columns[*at])
    }

    /// The value at this place in a row, as files of text have it.
    pub(super) fn text<'a>(&self, row: &'a Row, at: usize) -> Option<Cow<'a, [u8]>> {
        Some(self.columns[at].text_of(row.value(at)?))
    }

    pub(super) fn is_partitioned(&self) -> bool {
        !self.partitions.is_empty()
    }

    /// `column=value/…`; none without partitions.
    pub(super) fn folder(&self, row: &Row) -> Option<String> {
        if !self.is_partitioned() {
            return None;
        }
        let mut folder = String::new();
        for at in &self.partitions {
            folder.push_str(&self.columns[*at].name);
            folder.push('=');
            match row.value(*at).filter(|value| !value.is_empty()) {
                None => folder.push_str(NULL_PARTITION),
                Some(value) => escape(self.columns[*at].shown(value), &mut folder),
            }
            folder.push('/');
        }
        Some(folder)
    }
}

/// Encodes what a path could be misread by, as Hive does.
fn escape(value: &[u8], out: &mut String) {
    for character in String::from_utf8_lossy(value).chars() {
        if character.is_ascii_control() || "\"#%'*/:=?\\{[]^".contains(character) {
            let _ = write!(out, "%{:02X}", u32::from(character));
        } else {
            out.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_in_paths() {
        let mut out = String::new();
        super::escape("a/b=c %\n ö 12:30".as_bytes(), &mut out);
        assert_eq!(out, "a%2Fb%3Dc %25%0A ö 12%3A30");
    }
}
