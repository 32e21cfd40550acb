//! Where the files of an UNLOAD go.

use crate::aws::S3Uri;
use crate::error::InvalidValue;
use crate::sql::StatementText;

/// The location of an UNLOAD that has none yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLocation;

/// Where the files of an UNLOAD go: an [`S3Uri`].
#[diagnostic::on_unimplemented(
    message = "the UNLOAD does not say where its files go",
    label = "no location yet",
    note = "call `.to(S3Uri::parse(\"s3://bucket/prefix_\")?)` first"
)]
pub trait UnloadLocation: sealed::UnloadLocation {}

impl UnloadLocation for S3Uri {}

mod sealed {
    use super::*;

    pub trait UnloadLocation {
        #[doc(hidden)]
        fn as_str(&self) -> &str;

        #[doc(hidden)]
        fn push_location(&self, text: &mut StatementText) -> Result<(), InvalidValue>;
    }

    impl UnloadLocation for S3Uri {
        fn as_str(&self) -> &str {
            self.as_str()
        }

        fn push_location(&self, text: &mut StatementText) -> Result<(), InvalidValue> {
            if self.bucket().ends_with("-s3alias") {
                return Err(InvalidValue::new(
                    "TO",
                    format!("{:?}", self.as_str()),
                    "a bucket by its own name, not the alias of an access point",
                ));
            }
            // Its files would be among all others of the bucket, which CLEANPATH would delete.
            if self.key().is_empty() {
                return Err(InvalidValue::new(
                    "TO",
                    format!("{:?}", self.as_str()),
                    "a prefix within the bucket, such as `s3://bucket/prefix_`",
                ));
            }
            text.literal("TO", self.as_str())
        }
    }
}
