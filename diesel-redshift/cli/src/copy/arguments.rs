//! The arguments of `copy`.

use clap::{Args, ValueEnum};

/// Load a file, a folder or a location in S3 into a table, by COPY
///
/// Files from here are put into S3, below --through, and deleted afterwards.
#[derive(Args, Debug)]
pub(crate) struct CopyArguments {
    /// What is loaded: s3://bucket/prefix, a file, or a folder whose files are loaded
    pub(crate) source: String,
    /// The table: name, or schema.name
    pub(crate) table: String,
    /// The columns that the data has, in its order; all of the table's by default
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// The data's format; by default what the name of the source ends in says
    #[arg(long, value_enum)]
    pub(crate) format: Option<DataFormat>,
    /// How the files are compressed; by default what the name of the source ends in says
    #[arg(long, value_enum)]
    pub(crate) compression: Option<Compression>,
    /// DELIMITER, one character (csv, delimited)
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<char>,
    /// QUOTE, one character (csv)
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) quote: Option<char>,
    /// NULL AS: the text that stands for NULL (csv, delimited)
    #[arg(long, value_name = "TEXT")]
    pub(crate) null_as: Option<String>,
    /// IGNOREHEADER: how many lines each file begins with that are no data (csv, delimited, json)
    #[arg(long, value_name = "LINES")]
    pub(crate) ignore_header: Option<u32>,
    /// The JSONPaths file in S3 (json); by default names are columns
    #[arg(long, value_name = "S3-LOCATION")]
    pub(crate) json_paths: Option<String>,
    /// The source is a manifest, which lists the files
    #[arg(long)]
    pub(crate) manifest: bool,
    /// MAXERROR: the load fails as soon as so many rows are bad, 0 to 100000; 0 and 1 are at the
    /// first
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    pub(crate) max_error: u32,
    /// REGION: where the bucket is, if not where the cluster is
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// A further option of COPY, as SQL that is not checked; may be given more than once
    #[arg(long, value_name = "SQL")]
    pub(crate) option: Vec<String>,
    /// NOLOAD: check the data and load nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// A file from here with more bytes goes into S3 in parts (csv, delimited, json that is not
    /// compressed)
    #[arg(long, value_name = "BYTES", default_value_t = 64 * 1024 * 1024, value_parser = clap::value_parser!(u64).range(1..=64 * 1024 * 1024))]
    pub(crate) largest_object: u64,
    #[command(flatten)]
    pub(crate) storage: Storage,
}

/// How the cluster, and files from here, get to S3.
#[derive(Args, Debug)]
pub(crate) struct Storage {
    /// The role with which the cluster reaches S3: an ARN, several with commas between, or default
    #[arg(
        long,
        value_name = "ARN",
        env = "REDSHIFT_IAM_ROLE",
        hide_env_values = true,
        default_value = "default"
    )]
    pub(crate) iam_role: String,
    /// Where in S3 files lie on their way: s3://bucket/prefix. Credentials come from where Amazon's
    /// tools have them
    #[arg(
        long,
        value_name = "S3-LOCATION",
        env = "REDSHIFT_STAGING",
        hide_env_values = true
    )]
    pub(crate) through: Option<String>,
    /// Tell no progress
    #[arg(long)]
    pub(crate) quiet: bool,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataFormat {
    /// Comma-separated values
    Csv,
    /// Texts with a delimiter, | by default
    Delimited,
    /// JSON objects
    Json,
    /// Apache Parquet
    Parquet,
    /// Apache ORC
    Orc,
    /// Apache Avro
    Avro,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Not at all
    None,
    /// gzip
    Gzip,
    /// bzip2
    Bzip2,
    /// Zstandard
    Zstd,
    /// lzop
    Lzop,
}

impl DataFormat {
    /// What the name of a file says, the compression apart.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let name = match Compression::of_name(name) {
            Compression::None => name,
            _ => name.rsplit_once('.')?.0,
        };
        Some(
            match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
                "csv" => Self::Csv,
                "txt" | "tbl" | "psv" => Self::Delimited,
                "json" | "jsonl" | "ndjson" => Self::Json,
                "parquet" => Self::Parquet,
                "orc" => Self::Orc,
                "avro" => Self::Avro,
                _ => return None,
            },
        )
    }

    pub(crate) fn is_columnar(self) -> bool {
        matches!(self, Self::Parquet | Self::Orc)
    }
}

impl Compression {
    /// What the name of a file says.
    pub(crate) fn of_name(name: &str) -> Self {
        match name
            .rsplit_once('.')
            .map(|(_, end)| end.to_ascii_lowercase())
            .as_deref()
        {
            Some("gz") => Self::Gzip,
            Some("bz2") => Self::Bzip2,
            Some("zst") => Self::Zstd,
            Some("lzo") => Self::Lzop,
            _ => Self::None,
        }
    }
}
