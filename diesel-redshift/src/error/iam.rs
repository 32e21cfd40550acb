use std::error::Error as StdError;
use std::fmt;

use diesel::result::{ConnectionError, Error as DieselError};

use super::Retryable;

/// The most characters of what the service said.
const LONGEST: usize = 1000;

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
        let mut said = said.into();
        // Whoever answers in the service's stead may send a whole page.
        if let Some((end, _)) = said.char_indices().nth(LONGEST) {
            said.truncate(end);
            said.push('…');
        }
        Self {
            kind,
            call,
            said,
            advice: advice.into(),
        }
    }

    /// The error behind one of `establish` or of a pool's connection, or behind a boxed one.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::error::{IamError, IamErrorKind};
    ///
    /// # fn run(error: ConnectionError) {
    /// if IamError::of(&error).is_some_and(|error| error.kind() == IamErrorKind::AccessDenied) {
    ///     eprintln!("the role of this service may not log in: {error}");
    /// }
    /// # }
    /// ```
    pub fn of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(found);
            }
            // Diesel's errors do not name their source.
            next = match error.downcast_ref::<ConnectionError>() {
                Some(ConnectionError::CouldntSetupConfiguration(
                    DieselError::QueryBuilderError(within),
                )) => Some(&**within),
                _ => error.source(),
            };
        }
        None
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

impl StdError for IamError {}

impl Retryable for IamError {
    /// Whether the service was busy or unreachable.
    fn is_retryable(&self) -> bool {
        self.kind == IamErrorKind::Unavailable
    }
}

impl From<IamError> for ConnectionError {
    fn from(error: IamError) -> Self {
        Self::CouldntSetupConfiguration(DieselError::QueryBuilderError(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_from_what_diesel_makes_of_it() {
        let error = IamError::new(IamErrorKind::Unavailable, "GetCredentials", "busy", "");
        let connection = ConnectionError::from(error.clone());
        assert_eq!(connection.to_string(), error.to_string());
        assert_eq!(IamError::of(&connection), Some(&error));
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(connection);
        assert_eq!(IamError::of(&*boxed), Some(&error));
        assert!(boxed.is_retryable());
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(error);
        assert!(boxed.is_retryable());
        let other = ConnectionError::BadConnection("busy".to_owned());
        assert_eq!(IamError::of(&other), None);
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(other);
        assert!(!boxed.is_retryable());
    }
}
