//! The data formats that COPY reads. Each type carries only the options that are legal with it.

mod avro;
mod columnar;
mod csv;
mod delimited;
mod dynamodb;
mod fixed_width;
mod json;
mod options;
mod shapefile;

use super::source::{DynamoDb, EmrPath, NoSource, S3Manifest, SshManifest};
use crate::aws::S3Uri;
use crate::aws::{AccessKey, Credentials, IamRole, NoAuthorization};

pub use self::avro::Avro;
pub use self::columnar::{Orc, Parquet};
pub use self::csv::Csv;
pub use self::delimited::{DefaultFormat, Delimited};
pub use self::dynamodb::DynamoDbItems;
pub use self::fixed_width::{FixedWidth, FixedWidthColumns};
pub use self::json::Json;
pub use self::options::{DateFormat, Encoding, TimeFormat};
pub use self::shapefile::Shapefile;

/// A data format that COPY reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a format of COPY",
    note = "COPY reads `Csv`, `Delimited`, `FixedWidth`, `Json`, `Avro`, `Parquet`, `Orc` and `Shapefile` of `diesel_redshift::copy`; UNLOAD has formats of its own"
)]
pub trait CopyFormat: sealed::CopyFormat {}

/// A format that COPY can read from the source `S`.
#[diagnostic::on_unimplemented(
    message = "COPY cannot read the format `{Self}` from `{S}`",
    note = "`Parquet` and `Orc` are read from S3 only, a `Shapefile` without a manifest",
    note = "a `DynamoDb` table has no file format: use `DynamoDbItems` or none"
)]
pub trait LoadsFrom<S>: CopyFormat {}

/// A format that COPY can read with the authorization `A`.
#[diagnostic::on_unimplemented(
    message = "COPY cannot read the format `{Self}` with the authorization `{A}`",
    note = "`Parquet` and `Orc` need an IAM role, by `.iam_role(…)` or in a credentials string"
)]
pub trait LoadsWith<A>: CopyFormat {}

/// A format that COPY parses row by row: all but `PARQUET` and `ORC`.
#[diagnostic::on_unimplemented(
    message = "this option is not allowed when a COPY reads the format `{Self}`",
    note = "Redshift reads PARQUET and ORC column by column: they allow only ACCEPTINVCHARS, FILLRECORD, MANIFEST, STATUPDATE, EXPLICIT_IDS and SERIALIZETOJSON"
)]
pub trait RowFormat: CopyFormat {}

/// A format whose files may be compressed with gzip.
#[diagnostic::on_unimplemented(
    message = "no compression can be named when a COPY reads the format `{Self}`",
    note = "`Parquet`, `Orc` and `Avro` files carry their compression themselves"
)]
pub trait GzipFormat: RowFormat {}

/// A format whose files may be compressed with bzip2, lzop or Zstandard as well as gzip.
#[diagnostic::on_unimplemented(
    message = "this compression cannot be named when a COPY reads the format `{Self}`",
    note = "`Shapefile` may be compressed with gzip only; `Parquet`, `Orc` and `Avro` files carry their compression themselves"
)]
pub trait CompressedFormat: GzipFormat {}

macro_rules! formats {
    ($($format:ident: [$($kind:ident)*] from [$($source:ident)*] with [$($authorization:ident)*],)*) => {$(
        impl CopyFormat for $format {}
        $(impl $kind for $format {})*
        $(impl LoadsFrom<$source> for $format {})*
        $(impl LoadsWith<$authorization> for $format {})*
        // The missing source and the missing authorization have messages of their own.
        impl LoadsFrom<NoSource> for $format {}
        impl LoadsWith<NoAuthorization> for $format {}
    )*};
}

// Every pair is an implementation of its own, so that the message about a missing one names the pair.
formats! {
    DefaultFormat: [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath DynamoDb] with [IamRole Credentials AccessKey],
    Delimited: [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Csv: [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    FixedWidth: [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Json: [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Avro: [RowFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Shapefile: [RowFormat GzipFormat] from [S3Uri] with [IamRole Credentials AccessKey],
    DynamoDbItems: [RowFormat] from [DynamoDb] with [IamRole Credentials AccessKey],
    Parquet: [] from [S3Uri S3Manifest] with [IamRole Credentials],
    Orc: [] from [S3Uri S3Manifest] with [IamRole Credentials],
}

pub(crate) mod sealed {
    use crate::error::InvalidValue;
    use crate::sql::StatementText;

    pub trait CopyFormat {
        /// The format's name, if it is read by an IAM role only.
        #[doc(hidden)]
        const NEEDS_ROLE: Option<&'static str> = None;

        /// Writes `FORMAT AS …` with what has to follow it directly.
        #[doc(hidden)]
        fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue>;

        /// Writes the format's other options.
        #[doc(hidden)]
        fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue>;

        /// Refuses to fill `columns` columns.
        #[doc(hidden)]
        fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
            let _ = columns;
            Ok(())
        }
    }
}
