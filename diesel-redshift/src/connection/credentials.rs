//! Users and passwords that are not in the connection string.

use std::fmt;

/// A user and password for the database, such as temporary IAM credentials.
///
/// `Debug` shows the user only.
#[derive(Clone)]
pub struct DatabaseCredentials {
    user: String,
    password: String,
}

impl DatabaseCredentials {
    /// Takes the user and password exactly as they are sent.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            password: password.into(),
        }
    }

    /// The name of the database user.
    pub fn user(&self) -> &str {
        &self.user
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for DatabaseCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DatabaseCredentials")
            .field("user", &self.user)
            .field("password", &"***")
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_has_no_password() {
        let shown = format!("{:?}", DatabaseCredentials::new("IAM:ada", "s3cret"));
        assert_eq!(
            shown,
            r#"DatabaseCredentials { user: "IAM:ada", password: "***" }"#
        );
    }
}
