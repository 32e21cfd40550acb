use std::fmt;

use diesel::result::ConnectionError;

use super::Retryable;

/// Why temporary database credentials could not be obtained.
///
/// Its text names the call, what the service said, and what to check. It contains no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamError {
    kind: IamErrorKind,
    call: &'static str,
    said: String,
    advice: String,
}

/// The kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IamErrorKind {
    /// There are no AWS credentials to sign with, or they are unknown, wrong or expired.
    Credentials,
    /// The credentials are valid, but the action is not allowed.
    AccessDenied,
    /// The region has no such cluster or workgroup.
    NotFound,
    /// This machine's clock is off.
    Clock,
    /// The service is too busy or unreachable; try again later.
    Unavailable,
    /// The service does not accept the request.
    Refused,
    /// The service's answer could not be understood.
    Unexpected,
}

impl IamError {
    pub(crate) fn new(
        kind: IamErrorKind,
        call: &'static str,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            call,
            said: said.into(),
            advice: advice.into(),
        }
    }

    /// The kind of failure.
    pub fn kind(&self) -> IamErrorKind {
        self.kind
    }

    /// The call that failed, such as `GetClusterCredentials`.
    pub fn call(&self) -> &str {
        self.call
    }
}

impl fmt::Display for IamError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.call, self.said)?;
        if !self.advice.is_empty() {
            write!(formatter, "; {}", self.advice)?;
        }
        Ok(())
    }
}

impl std::error::Error for IamError {}

impl Retryable for IamError {
    /// Whether the service was busy or unreachable.
    fn is_retryable(&self) -> bool {
        self.kind == IamErrorKind::Unavailable
    }
}

impl From<IamError> for ConnectionError {
    fn from(error: IamError) -> Self {
        Self::BadConnection(error.to_string())
    }
}
