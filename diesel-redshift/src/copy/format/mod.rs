//! The data formats that COPY reads. Each type has only the options that are valid for it.

mod avro;
mod columnar;
mod csv;
mod delimited;
mod dynamodb;
mod fixed_width;
mod json;
mod options;
mod shapefile;

use std::sync::Arc;

use super::source::{
    BoxedSource, DynamoDb, EmrPath, NoSource, S3Manifest, SourceRules, SshManifest,
};
use crate::aws::{
    AccessKey, Authorization, AuthorizationKind, BoxedAuthorization, Credentials, IamRole,
    NoAuthorization, S3Uri,
};
use crate::error::InvalidValue;
use crate::sql::{Slot, StatementText, slots};

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

/// The properties of a format, named like the traits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::enum_variant_names,
    reason = "one word names the trait and the variant in the table"
)]
pub(in crate::copy) enum FormatKind {
    RowFormat,
    GzipFormat,
    CompressedFormat,
}

/// What COPY allows with a format, for statements whose parts are chosen at run time.
#[derive(Debug)]
pub struct FormatRules {
    /// Its name in SQL.
    pub(super) name: &'static str,
    kinds: &'static [FormatKind],
    /// The names of their types.
    sources: &'static [&'static str],
    authorizations: &'static [AuthorizationKind],
}

impl FormatRules {
    pub(super) fn is(&self, kind: FormatKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Refuses a source or an authorization that does not suit the format.
    pub(super) fn check(
        &self,
        source: &SourceRules,
        authorization: &dyn Authorization,
    ) -> Result<(), InvalidValue> {
        if !self.sources.contains(&source.name) {
            return Err(InvalidValue::new(
                self.name,
                format!("read from {}", source.name),
                self.sources.join(", "),
            ));
        }
        let takes_keys = self.authorizations.contains(&AuthorizationKind::AccessKey);
        if !takes_keys && authorization.is_key() {
            let clause = match authorization.kind() {
                AuthorizationKind::Credentials => "read with an access key in CREDENTIALS",
                _ => "read with an access key",
            };
            return Err(InvalidValue::new(
                self.name,
                clause,
                "an IAM role, by `.iam_role(…)` or `Credentials::role(…)`",
            ));
        }
        Ok(())
    }
}

macro_rules! formats {
    ($(
        $format:ident $name:literal: [$($kind:ident)*]
            from [$($source:ident)*] with [$($authorization:ident)*],
    )*) => {$(
        impl CopyFormat for $format {}
        $(impl $kind for $format {})*
        $(impl LoadsFrom<$source> for $format {})*
        $(impl LoadsWith<$authorization> for $format {})*
        // A missing source or authorization has a message of its own; what is chosen at run time is checked then.
        #[diagnostic::do_not_recommend]
        impl LoadsFrom<NoSource> for $format {}
        #[diagnostic::do_not_recommend]
        impl LoadsFrom<BoxedSource> for $format {}
        impl LoadsWith<NoAuthorization> for $format {}
        impl LoadsWith<BoxedAuthorization> for $format {}

        impl sealed::KnownFormat for $format {
            const RULES: &'static FormatRules = &FormatRules {
                name: $name,
                kinds: &[$(FormatKind::$kind),*],
                sources: &[$(stringify!($source)),*],
                authorizations: &[$(AuthorizationKind::$authorization),*],
            };
        }

        slots! { $format }
    )*};
}

// Each pair is an implementation of its own, so that the message about a missing one names the pair. The same table
// serves statements whose format is chosen at run time.
formats! {
    DefaultFormat "the default format": [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath DynamoDb] with [IamRole Credentials AccessKey],
    Delimited "delimited text": [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Csv "FORMAT AS CSV": [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    FixedWidth "FIXEDWIDTH": [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Json "FORMAT AS JSON": [RowFormat GzipFormat CompressedFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Avro "FORMAT AS AVRO": [RowFormat]
        from [S3Uri S3Manifest SshManifest EmrPath] with [IamRole Credentials AccessKey],
    Shapefile "FORMAT AS SHAPEFILE": [RowFormat GzipFormat]
        from [S3Uri] with [IamRole Credentials AccessKey],
    DynamoDbItems "items of DynamoDB": [RowFormat]
        from [DynamoDb] with [IamRole Credentials AccessKey],
    Parquet "FORMAT AS PARQUET": []
        from [S3Uri S3Manifest] with [IamRole Credentials],
    Orc "FORMAT AS ORC": []
        from [S3Uri S3Manifest] with [IamRole Credentials],
}

impl<F: CopyFormat + 'static> Slot<F> for BoxedFormat {
    crate::seal::sealed!();

    type Filled = Self;

    fn fill(format: F) -> Self {
        Self(Arc::new(format))
    }
}

/// A format chosen at run time, for a [boxed](super::CopyStatement::boxed) COPY.
#[derive(Debug, Clone)]
pub struct BoxedFormat(Arc<dyn sealed::CopyFormat>);

impl CopyFormat for BoxedFormat {}
impl RowFormat for BoxedFormat {}
impl GzipFormat for BoxedFormat {}
impl CompressedFormat for BoxedFormat {}
impl<S> LoadsFrom<S> for BoxedFormat {}
impl<A> LoadsWith<A> for BoxedFormat {}

impl sealed::CopyFormat for BoxedFormat {
    fn rules(&self) -> &'static FormatRules {
        self.0.rules()
    }

    fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.0.push_format(text)
    }

    fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
        self.0.push_format_options(text)
    }

    fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
        self.0.check_columns(columns)
    }
}

pub(crate) mod sealed {
    use super::*;

    /// A format whose rules are known from its type.
    pub(crate) trait KnownFormat {
        #[doc(hidden)]
        const RULES: &'static FormatRules;
    }

    pub trait CopyFormat: std::fmt::Debug + Send + Sync {
        #[doc(hidden)]
        fn rules(&self) -> &'static FormatRules;

        /// Writes `FORMAT AS …` with what must follow it directly.
        #[doc(hidden)]
        fn push_format(&self, text: &mut StatementText) -> Result<(), InvalidValue>;

        /// Writes the format's other options.
        #[doc(hidden)]
        fn push_format_options(&self, text: &mut StatementText) -> Result<(), InvalidValue>;

        /// Refuses a number of columns that the format cannot fill.
        #[doc(hidden)]
        fn check_columns(&self, columns: usize) -> Result<(), InvalidValue> {
            let _ = columns;
            Ok(())
        }
    }
}
