//! What COPY reads from: S3 objects, a manifest, a DynamoDB table, an EMR cluster, hosts reached by SSH.

use crate::aws::S3Uri;
use crate::error::{Error, InvalidValue};
use crate::sql::StatementText;

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

    /// Where the manifest lies.
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

    /// Where the manifest lies.
    pub fn location(&self) -> &S3Uri {
        &self.0
    }
}

/// A table of DynamoDB: `FROM 'dynamodb://table' … READRATIO 50`.
///
/// Attributes go to the columns of the same name. Only
/// [`DynamoDbItems`](super::DynamoDbItems) and the default format read from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DynamoDb {
    table: String,
    read_ratio: u32,
}

impl DynamoDb {
    /// The table `name`, read with `read_ratio` percent of its provisioned throughput.
    ///
    /// Amazon requires the ratio. It is 1 to 200; anything else is an error when the statement is printed or
    /// executed.
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
    /// Reads `emr://cluster-id/path`.
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
}

impl std::str::FromStr for EmrPath {
    type Err = InvalidValue;

    fn from_str(uri: &str) -> Result<Self, InvalidValue> {
        Self::parse(uri)
    }
}

/// A COPY that does not say yet what it reads from.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSource;

/// What COPY can read from.
#[diagnostic::on_unimplemented(
    message = "the COPY does not say what it reads from",
    label = "`{Self}` is no source of a COPY",
    note = "call `.from(…)` with an `S3Uri`, `S3Manifest`, `DynamoDb`, `EmrPath` or `SshManifest` first"
)]
pub trait CopySource: sealed::CopySource {}

/// A source whose data are files, which can be compressed: all but DynamoDB.
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

/// A source that may lie in another region than the cluster: all but EMR.
#[diagnostic::on_unimplemented(
    message = "REGION is not allowed when a COPY reads from `{Self}`",
    note = "name the source with `.from(…)` before this option; EMR clusters are read in their own region"
)]
pub trait RegionalSource: CopySource {}

macro_rules! sources {
    ($($source:ty: $($kind:ident)*,)*) => {
        $($(impl $kind for $source {})*)*
    };
}

sources! {
    S3Uri: CopySource FileSource S3Source RegionalSource,
    S3Manifest: CopySource FileSource S3Source RegionalSource,
    SshManifest: CopySource FileSource RegionalSource,
    EmrPath: CopySource FileSource,
    DynamoDb: CopySource RegionalSource,
}

pub(crate) mod sealed {
    use super::*;

    pub trait CopySource {
        /// The location.
        #[doc(hidden)]
        fn location(&self) -> String;

        /// What the names of all files that are read start with, if the location tells.
        #[doc(hidden)]
        fn prefix(&self) -> Option<String> {
            None
        }

        /// Writes the options that say what kind of source it is.
        #[doc(hidden)]
        fn push_source_options(&self, text: &mut StatementText) -> Result<(), Error> {
            let _ = text;
            Ok(())
        }
    }

    impl CopySource for S3Uri {
        fn location(&self) -> String {
            self.as_str().to_owned()
        }

        fn prefix(&self) -> Option<String> {
            Some(self.location())
        }
    }

    impl CopySource for S3Manifest {
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
        fn location(&self) -> String {
            self.0.clone()
        }
    }
}
