//! What COPY reads from: S3 objects, a manifest, a DynamoDB table, an EMR cluster, hosts reached by
//! SSH.

use std::sync::Arc;

use crate::aws::{S3Uri, or_placeholder};
use crate::error::{Error, InvalidValue};
use crate::sql::{Slot, StatementText, slots};

/// A manifest in S3 that lists the objects to load: `FROM 's3://bucket/key' … MANIFEST`.
///
/// The location is the manifest's exact key, not a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct S3Manifest(S3Uri);

impl S3Manifest {
    /// The manifest at `location`.
    pub fn at(location: S3Uri) -> Self {
        Self(location)
    }

    /// The location of the manifest.
    pub fn location(&self) -> &S3Uri {
        &self.0
    }
}

/// A manifest in S3 that lists hosts and the commands to run there: `FROM 's3://bucket/key' … SSH`.
///
/// What the commands print is loaded. The location is the manifest's exact key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SshManifest(S3Uri);

impl SshManifest {
    /// The manifest at `location`.
    pub fn at(location: S3Uri) -> Self {
        Self(location)
    }

    /// The location of the manifest.
    pub fn location(&self) -> &S3Uri {
        &self.0
    }
}

/// A table of DynamoDB: `FROM 'dynamodb://table' … READRATIO 50`.
///
/// Attributes are assigned to the columns of the same name. Only
/// [`DynamoDbItems`](super::DynamoDbItems) and the default format read from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DynamoDb {
    table: String,
    read_ratio: u32,
}

impl DynamoDb {
    /// The table `name`, read with `read_ratio` percent of its provisioned throughput.
    ///
    /// Amazon requires the ratio. It is 1 to 200; anything else is an error when the statement is
    /// printed or executed.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless `name` has 3 to 255 letters, digits, `_`, `-` and `.`.
    pub fn table(name: impl Into<String>, read_ratio: u32) -> Result<Self, InvalidValue> {
        let name = name.into();
        if (3..=255).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        {
            Ok(Self {
                table: name,
                read_ratio,
            })
        } else {
            Err(InvalidValue::hidden(
                "DynamoDB table",
                "3 to 255 letters, digits, `_`, `-` and `.`",
            ))
        }
    }
}

/// Files in the HDFS of an EMR cluster: `FROM 'emr://cluster-id/path'`.
///
/// The path may contain the wildcards `*` and `?`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmrPath(String);

impl EmrPath {
    /// Parses `emr://cluster-id/path`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] says which part is wrong.
    pub fn parse(uri: &str) -> Result<Self, InvalidValue> {
        let refuse = |reason| {
            InvalidValue::shown_if(
                uri.starts_with("emr://") && !uri.contains('@'),
                "EMR path",
                uri,
                format!("`emr://cluster-id/path`, but {reason}"),
            )
        };
        let rest = uri
            .strip_prefix("emr://")
            .ok_or_else(|| refuse("it does not start with `emr://`"))?;
        let (cluster, path) = rest
            .split_once('/')
            .ok_or_else(|| refuse("it has no path"))?;
        if cluster.is_empty()
            || !cluster
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return Err(refuse("a cluster's id has letters, digits and `-`"));
        }
        if path.is_empty() {
            return Err(refuse("it has no path"));
        }
        if path.contains('\0') {
            return Err(refuse("a path cannot hold a NUL character"));
        }
        Ok(Self(uri.to_owned()))
    }

    /// The whole path, `emr://cluster-id/path`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EmrPath {
    type Err = InvalidValue;

    fn from_str(uri: &str) -> Result<Self, InvalidValue> {
        Self::parse(uri)
    }
}

crate::sql::from_text!(EmrPath);

impl std::fmt::Display for EmrPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The source of a COPY that has none yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSource;

/// What COPY can read from.
#[diagnostic::on_unimplemented(
    message = "the COPY does not say what it reads from",
    label = "`{Self}` is no source of a COPY",
    note = "call `.from(…)` with an `S3Uri`, `S3Manifest`, `DynamoDb`, `EmrPath` or `SshManifest` first"
)]
pub trait CopySource: sealed::CopySource {}

/// A source made of files, which can be compressed: all but DynamoDB.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no files that could be compressed",
    note = "name the source with `.from(…)` before the compression; DynamoDB has none"
)]
pub trait FileSource: CopySource {}

/// A source whose files are objects in S3, alone or in a manifest.
#[diagnostic::on_unimplemented(
    message = "this needs objects in S3, but the COPY reads from `{Self}`",
    note = "name the source with `.from(…)` before this option"
)]
pub trait S3Source: FileSource {}

/// A source that may be in another region than the cluster: all but EMR.
#[diagnostic::on_unimplemented(
    message = "REGION is not allowed when a COPY reads from `{Self}`",
    note = "name the source with `.from(…)` before this option; EMR clusters are read in their own region"
)]
pub trait RegionalSource: CopySource {}

/// The properties of a source, named like the traits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::enum_variant_names,
    reason = "one word names the trait and the variant in the table"
)]
pub(super) enum SourceKind {
    FileSource,
    S3Source,
    RegionalSource,
}

/// What COPY allows with a source, for statements whose source is chosen at run time.
#[derive(Debug)]
pub struct SourceRules {
    /// The name of its type.
    pub(super) name: &'static str,
    kinds: &'static [SourceKind],
}

impl SourceRules {
    pub(super) fn is(&self, kind: SourceKind) -> bool {
        self.kinds.contains(&kind)
    }
}

macro_rules! sources {
    ($($source:ident: $($kind:ident)*,)*) => {$(
        impl CopySource for $source {}
        $(impl $kind for $source {})*

        impl sealed::KnownSource for $source {
            const RULES: &'static SourceRules = &SourceRules {
                name: stringify!($source),
                kinds: &[$(SourceKind::$kind),*],
            };
        }
    )*};
}

// One table for the compiler and for statements whose source is chosen at run time.
sources! {
    S3Uri: FileSource S3Source RegionalSource,
    S3Manifest: FileSource S3Source RegionalSource,
    SshManifest: FileSource RegionalSource,
    EmrPath: FileSource,
    DynamoDb: RegionalSource,
}

slots! { NoSource S3Uri S3Manifest SshManifest EmrPath DynamoDb }

impl<S: CopySource + 'static> Slot<S> for BoxedSource {
    crate::seal::sealed!();

    type Filled = Self;

    fn fill(source: S) -> Self {
        Self(Arc::new(source))
    }
}

/// A source chosen at run time, for a [boxed](super::CopyStatement::boxed) COPY.
#[derive(Debug, Clone)]
pub struct BoxedSource(Arc<dyn sealed::CopySource>);

impl CopySource for BoxedSource {}
impl FileSource for BoxedSource {}
impl S3Source for BoxedSource {}
impl RegionalSource for BoxedSource {}

/// What can be used as the source of a COPY: a [`CopySource`], or the text of an [`S3Uri`].
#[diagnostic::on_unimplemented(
    message = "a COPY cannot read from `{Self}`",
    note = "it reads from an `S3Uri` or its text \"s3://bucket/key\", an `S3Manifest`, `DynamoDb`, `EmrPath` or `SshManifest`"
)]
pub trait IntoCopySource {
    crate::seal::sealed!(required);
    /// The kind of source.
    type Source: CopySource;

    /// The source, and the error of an invalid text; the source is then never read from.
    #[doc(hidden)]
    fn into_copy_source(self) -> (Self::Source, Option<InvalidValue>);
}

macro_rules! into_source {
    ($($source:ident)*) => {$(
        impl IntoCopySource for $source { crate::seal::sealed!();
            type Source = Self;

            fn into_copy_source(self) -> (Self, Option<InvalidValue>) {
                (self, None)
            }
        }
    )*};
}

into_source! { S3Uri S3Manifest SshManifest EmrPath DynamoDb BoxedSource }

macro_rules! into_s3_uri {
    ($($given:ty)*) => {$(
        impl IntoCopySource for $given { crate::seal::sealed!();
            type Source = S3Uri;

            fn into_copy_source(self) -> (S3Uri, Option<InvalidValue>) {
                or_placeholder(self)
            }
        }
    )*};
}

into_s3_uri! { &S3Uri &str String &String }

pub(crate) mod sealed {
    use super::*;

    /// A source whose rules are known from its type.
    pub(crate) trait KnownSource {
        #[doc(hidden)]
        const RULES: &'static SourceRules;
    }

    pub trait CopySource: std::fmt::Debug + Send + Sync {
        #[doc(hidden)]
        fn rules(&self) -> &'static SourceRules;

        /// The location.
        #[doc(hidden)]
        fn location(&self) -> String;

        /// The common prefix of all files that are read, if the location tells it.
        #[doc(hidden)]
        fn prefix(&self) -> Option<String> {
            None
        }

        /// Writes the options that state the kind of source.
        #[doc(hidden)]
        fn push_source_options(&self, text: &mut StatementText) -> Result<(), Error> {
            let _ = text;
            Ok(())
        }
    }

    impl CopySource for S3Uri {
        fn rules(&self) -> &'static SourceRules {
            Self::RULES
        }

        fn location(&self) -> String {
            self.as_str().to_owned()
        }

        fn prefix(&self) -> Option<String> {
            Some(self.location())
        }
    }

    impl CopySource for S3Manifest {
        fn rules(&self) -> &'static SourceRules {
            Self::RULES
        }

        fn location(&self) -> String {
            self.0.as_str().to_owned()
        }

        fn push_source_options(&self, text: &mut StatementText) -> Result<(), Error> {
            self.0.check_object("MANIFEST")?;
            text.push(" MANIFEST");
            Ok(())
        }
    }

    impl CopySource for SshManifest {
        fn rules(&self) -> &'static SourceRules {
            Self::RULES
        }

        fn location(&self) -> String {
            self.0.as_str().to_owned()
        }

        fn push_source_options(&self, text: &mut StatementText) -> Result<(), Error> {
            self.0.check_object("SSH")?;
            text.push(" SSH");
            Ok(())
        }
    }

    impl CopySource for DynamoDb {
        fn rules(&self) -> &'static SourceRules {
            Self::RULES
        }

        fn location(&self) -> String {
            format!("dynamodb://{}", self.table)
        }

        fn push_source_options(&self, text: &mut StatementText) -> Result<(), Error> {
            if !(1..=200).contains(&self.read_ratio) {
                return Err(InvalidValue::new(
                    "READRATIO",
                    self.read_ratio.to_string(),
                    "1 to 200, in percent",
                )
                .into());
            }
            text.push(" READRATIO ");
            text.integer(self.read_ratio);
            Ok(())
        }
    }

    impl CopySource for EmrPath {
        fn rules(&self) -> &'static SourceRules {
            Self::RULES
        }

        fn location(&self) -> String {
            self.0.clone()
        }
    }

    impl CopySource for BoxedSource {
        fn rules(&self) -> &'static SourceRules {
            self.0.rules()
        }

        fn location(&self) -> String {
            self.0.location()
        }

        fn prefix(&self) -> Option<String> {
            self.0.prefix()
        }

        fn push_source_options(&self, text: &mut StatementText) -> Result<(), Error> {
            self.0.push_source_options(text)
        }
    }
}
