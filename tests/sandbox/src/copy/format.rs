//! What the files of a load hold.

use crate::protocol::{SqlError, SqlResult};
use crate::sql::Cursor;
use crate::sql::lexer::Kind;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    /// With its quotation mark.
    Csv(u8),
    /// The widths of the fields, in characters.
    FixedWidth(Vec<usize>),
    Json(Shredding),
    Parquet,
}

/// How documents become rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shredding {
    /// By the names of the columns.
    Auto,
    AutoIgnoreCase,
    /// The whole document is the one column's value.
    NoShred,
    /// By the paths in the object of this location.
    Paths(String),
}

impl Format {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Csv(_) => "CSV",
            Self::FixedWidth(_) => "FIXEDWIDTH",
            Self::Json(_) => "JSON",
            Self::Parquet => "PARQUET",
        }
    }

    /// What the system tables call it.
    pub(super) fn logged(&self) -> &'static str {
        match self {
            Self::Text | Self::FixedWidth(_) => "txt",
            Self::Csv(_) => "csv",
            Self::Json(_) => "json",
            Self::Parquet => "parquet",
        }
    }

    /// Whether an option can be given with it.
    pub(super) fn takes(&self, option: &str) -> bool {
        const OF_PARQUET: [&str; 7] = [
            "parquet",
            "serializetojson",
            "acceptinvchars",
            "fillrecord",
            "statupdate",
            "manifest",
            "explicit_ids",
        ];
        match self {
            Self::Parquet => OF_PARQUET.contains(&option),
            _ => !self.excluded().contains(&option),
        }
    }

    fn excluded(&self) -> &'static [&'static str] {
        match self {
            Self::Text | Self::Parquet => &[],
            Self::Csv(_) => &["escape", "removequotes"],
            Self::FixedWidth(_) => &["delimiter", "escape", "removequotes"],
            Self::Json(_) => &[
                "delimiter",
                "escape",
                "fillrecord",
                "ignoreblanklines",
                "null",
                "removequotes",
            ],
        }
    }
}

impl Shredding {
    /// What stands after `JSON`, or `'auto'` if nothing does.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> SqlResult<Self> {
        let literal =
            cursor.accept("as") || cursor.peek().is_some_and(|token| token.kind == Kind::Text);
        if !literal {
            return Ok(Self::Auto);
        }
        let (option, _) = cursor.literal()?;
        match &*option {
            "auto" => Ok(Self::Auto),
            "auto ignorecase" => Ok(Self::AutoIgnoreCase),
            "noshred" => Ok(Self::NoShred),
            _ if option.starts_with("s3://") => Ok(Self::Paths(option)),
            _ => Err(SqlError::internal(format!("Invalid JSON option: '{option}'")).hint(
                "It is 'auto', 'auto ignorecase', 'noshred', or the location of a JSONPaths file.",
            )),
        }
    }
}
