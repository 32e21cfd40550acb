use std::error::Error as StdError;
use std::fmt;
use std::io;

use super::Retryable;

/// Why a [`Store`](crate::store::Store) did not do what it was asked to do.
///
/// Its text names the location, what happened, and what to check. It contains no secret.
pub struct StoreError(Box<Details>);

struct Details {
    kind: StoreErrorKind,
    location: String,
    said: String,
    others: usize,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kind of failure of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// There is no such object or bucket.
    NotFound,
    /// The credentials are valid, but do not allow this.
    AccessDenied,
    /// There are no credentials, or they are unknown, wrong or expired.
    Credentials,
    /// The bucket is in another region.
    WrongRegion,
    /// The store is too busy, failing or unreachable at the moment; try again later.
    Unavailable,
    /// There is no space left.
    Full,
    /// An object did not arrive whole: it has fewer bytes than the store announced, or it changed
    /// meanwhile.
    Incomplete,
    /// The store does not accept the request.
    Refused,
    /// The store's answer could not be understood.
    Unexpected,
}

impl StoreErrorKind {
    /// What to check.
    fn advice(self) -> &'static str {
        match self {
            Self::NotFound => "check the bucket and the key; both are case-sensitive",
            Self::AccessDenied => {
                "allow the application s3:PutObject, s3:GetObject and s3:DeleteObject on the prefix and s3:ListBucket \
                 on the bucket, and the KMS key if the bucket is encrypted with one"
            }
            Self::Credentials => {
                "check AWS_PROFILE, AWS_ACCESS_KEY_ID and its secret, log in again (`aws sso login`), or give a key"
            }
            Self::WrongRegion => "name the bucket's region",
            Self::Unavailable => "try again a little later",
            Self::Full => "make room",
            Self::Incomplete => "nothing of it was used; try again",
            Self::Refused => "nothing was written",
            Self::Unexpected => {
                "check that the endpoint is that of S3, without a proxy that answers itself"
            }
        }
    }
}

impl StoreError {
    /// An error at `location`, such as an [`S3Uri`](crate::S3Uri), for stores that you implement.
    /// `said` is what happened, without the location and without secrets.
    pub fn new(kind: StoreErrorKind, location: impl fmt::Display, said: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            location: location.to_string(),
            said: said.into(),
            others: 0,
            source: None,
        }))
    }

    /// The same error with its cause.
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// An error of the operating system, with the kind that it has there.
    pub fn io(location: impl fmt::Display, error: io::Error) -> Self {
        use io::ErrorKind::{
            ConnectionAborted, ConnectionRefused, ConnectionReset, FileTooLarge, HostUnreachable,
            NetworkDown, NetworkUnreachable, NotFound, PermissionDenied, QuotaExceeded,
            StorageFull, TimedOut, UnexpectedEof,
        };
        let kind = match error.kind() {
            NotFound => StoreErrorKind::NotFound,
            PermissionDenied => StoreErrorKind::AccessDenied,
            StorageFull | QuotaExceeded | FileTooLarge => StoreErrorKind::Full,
            UnexpectedEof => StoreErrorKind::Incomplete,
            ConnectionAborted | ConnectionRefused | ConnectionReset | HostUnreachable
            | NetworkDown | NetworkUnreachable | TimedOut => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Unexpected,
        };
        Self::new(kind, location, error.to_string()).with_source(error)
    }

    /// An error of the reader of [`Store::get`](crate::store::Store::get): the store's own error if
    /// `error` contains one, else that of the operating system.
    pub fn reading(location: impl fmt::Display, error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(error) => Self::io(location, error),
        }
    }

    /// Counts further locations that failed as well.
    pub(crate) fn and_others(mut self, others: usize) -> Self {
        self.0.others = others;
        self
    }

    /// The kind of failure.
    pub fn kind(&self) -> StoreErrorKind {
        self.0.kind
    }

    /// The object, prefix or bucket concerned.
    pub fn location(&self) -> &str {
        &self.0.location
    }

    /// How many other objects could not be deleted either.
    pub fn others(&self) -> usize {
        self.0.others
    }
}

impl Retryable for StoreError {
    /// Whether the same request may succeed later: the store was busy or unreachable, or broke off.
    fn is_retryable(&self) -> bool {
        matches!(
            self.kind(),
            StoreErrorKind::Unavailable | StoreErrorKind::Incomplete
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details {
            kind,
            location,
            said,
            others,
            ..
        } = &*self.0;
        write!(f, "{location}: {said}; {}", kind.advice())?;
        match others {
            0 => Ok(()),
            1 => f.write_str(" (and 1 other object)"),
            others => write!(f, " (and {others} other objects)"),
        }
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreError")
            .field("kind", &self.0.kind)
            .field("location", &self.0.location)
            .field("said", &self.0.said)
            .field("others", &self.0.others)
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.source {
            Some(source) => Some(&**source),
            None => None,
        }
    }
}

impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> Self {
        let kind = match error.kind() {
            StoreErrorKind::NotFound => io::ErrorKind::NotFound,
            StoreErrorKind::AccessDenied | StoreErrorKind::Credentials => {
                io::ErrorKind::PermissionDenied
            }
            StoreErrorKind::Full => io::ErrorKind::StorageFull,
            StoreErrorKind::Incomplete => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &str = "s3://bucket/key";

    #[test]
    fn a_readers_error_is_the_stores() {
        let error = StoreError::new(StoreErrorKind::Incomplete, OBJECT, "5 of 9 bytes came");
        let error = StoreError::reading(OBJECT, error.into());
        assert_eq!(error.kind(), StoreErrorKind::Incomplete);
        assert_eq!(
            error.to_string(),
            "s3://bucket/key: 5 of 9 bytes came; nothing of it was used; try again"
        );
        assert!(error.is_retryable());
        let error = StoreError::reading(OBJECT, io::ErrorKind::StorageFull.into());
        assert_eq!(error.kind(), StoreErrorKind::Full);
        assert!(error.source().is_some());
        assert!(!error.is_retryable());
    }
}
