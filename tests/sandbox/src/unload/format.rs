//! What the files of an unload hold.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Csv,
    /// With the widths, in characters.
    FixedWidth(Vec<usize>),
    Json,
    Parquet,
}

impl Format {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Csv => "CSV",
            Self::FixedWidth(_) => "FIXEDWIDTH",
            Self::Json => "JSON",
            Self::Parquet => "PARQUET",
        }
    }

    /// The options that exclude this format.
    pub(super) fn excluded(&self) -> &'static [&'static str] {
        match self {
            Self::Text => &["rowgroupsize"],
            Self::Csv => &["addquotes", "escape", "rowgroupsize"],
            Self::FixedWidth(_) => &["delimiter", "header", "addquotes", "escape", "rowgroupsize"],
            Self::Json => &[
                "delimiter",
                "header",
                "addquotes",
                "escape",
                "null",
                "rowgroupsize",
            ],
            Self::Parquet => &[
                "delimiter",
                "header",
                "addquotes",
                "escape",
                "null",
                "gzip",
                "bzip2",
                "zstd",
            ],
        }
    }
}
