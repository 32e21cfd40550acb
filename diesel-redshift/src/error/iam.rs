use std::fmt;

use diesel::result::ConnectionError;

use super::Retryable;

/// Why temporary credentials of the database could not be had.
///
/// Its text names the call, what the service said, and what to look at. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IamError {
    kind: IamErrorKind,
    call: &'static str,
    said: String,
    advice: String,
}

/// What is lacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IamErrorKind {
    /// There are no credentials of AWS to sign with, or they are unknown, wrong or expired.
    Credentials,
    /// The credentials are good, and the action is not allowed.
    AccessDenied,
    /// There is no such cluster or workgroup in the region.
    NotFound,
    /// This machine's clock is off.
    Clock,
    /// The service is too busy or out of reach; trying again later is right.
    Unavailable,
    /// The request is not one that the service takes.
    Refused,
    /// The service answered what this client does not understand.
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

    /// What is lacking.
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
    /// Whether the service was busy or out of reach.
    fn is_retryable(&self) -> bool {
        self.kind == IamErrorKind::Unavailable
    }
}

impl From<IamError> for ConnectionError {
    fn from(error: IamError) -> Self {
        Self::BadConnection(error.to_string())
    }
}
