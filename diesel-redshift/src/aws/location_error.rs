//! What is wrong with a location.

/// Why a text is not a location.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// The text is not an S3 URI.
    #[error("{given:?} is not an S3 URI: {reason}; write `s3://bucket/key`")]
    S3Uri {
        /// The text that was given.
        given: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text is not an AWS region.
    #[error("{given:?} is not an AWS region: write its code, such as `eu-central-1`")]
    Region {
        /// The text that was given.
        given: String,
    },
    /// The text names no DynamoDB table, EMR path or other source.
    #[error("{given:?} is not {expected}: {reason}")]
    Source {
        /// The text that was given.
        given: String,
        /// What was expected.
        expected: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}
