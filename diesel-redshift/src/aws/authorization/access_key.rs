use std::fmt;

use secrecy::{ExposeSecret, SecretString};

#[cfg(doc)]
use super::IamRole;
use super::{AuthorizationKind, sealed};
use crate::error::{Error, InvalidValue};
use crate::sql::{Secrets, StatementText};

/// A key pair, with the session token of a temporary one:
/// `ACCESS_KEY_ID '…' SECRET_ACCESS_KEY '…' SESSION_TOKEN '…'`.
///
/// Amazon discourages keys in statements; prefer an [`IamRole`]. The secret and the token are
/// printed as `***` everywhere but in the statement that is sent. Temporary keys must outlive the
/// statement.
#[derive(Clone)]
pub struct AccessKey {
    id: String,
    secret: SecretString,
    session_token: Option<SecretString>,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AccessKey")
            .field("id", &self.id_for(Secrets::Hidden))
            .field("secret", &"***")
            .field("session_token", &self.session_token.as_ref().map(|_| "***"))
            .finish()
    }
}

impl AccessKey {
    /// An access key `id` with its `secret`.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless `id` has 16 to 128 letters and digits, and `secret` has printable
    /// ASCII characters other than spaces and semicolons.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Result<Self, InvalidValue> {
        let id = id.into();
        if !(16..=128).contains(&id.len())
            || !id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(InvalidValue::hidden(
                "ACCESS_KEY_ID",
                "16 to 128 letters and digits",
            ));
        }
        Ok(Self {
            id,
            secret: secret_text("SECRET_ACCESS_KEY", secret.into())?,
            session_token: None,
        })
    }

    /// Adds the session token of temporary keys.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] unless it has printable ASCII characters other than spaces and semicolons.
    pub fn session_token(mut self, token: impl Into<String>) -> Result<Self, InvalidValue> {
        self.session_token = Some(secret_text("SESSION_TOKEN", token.into())?);
        Ok(self)
    }

    /// The key's id, which is not secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    #[cfg(any(feature = "s3", feature = "iam"))]
    pub(in crate::aws) fn secret(&self) -> &SecretString {
        &self.secret
    }

    #[cfg(any(feature = "s3", feature = "iam"))]
    pub(in crate::aws) fn token(&self) -> Option<&SecretString> {
        self.session_token.as_ref()
    }
}

fn secret_text(what: &'static str, text: String) -> Result<SecretString, InvalidValue> {
    let text = SecretString::from(text);
    let plain = text.expose_secret();
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_graphic() && b != b';') {
        return Err(InvalidValue::hidden(
            what,
            "one or more ASCII characters, without spaces, line breaks and semicolons",
        ));
    }
    Ok(text)
}

impl AccessKey {
    /// The id; redacted unless it begins as Amazon's ids do, since it may be the secret given in
    /// the wrong place.
    fn id_for(&self, secrets: Secrets) -> &str {
        if secrets == Secrets::Hidden
            && !["AKIA", "ASIA"]
                .iter()
                .any(|start| self.id.starts_with(start))
        {
            "***"
        } else {
            &self.id
        }
    }

    /// The pairs of a credentials string.
    pub(super) fn pairs(&self, secrets: Secrets) -> String {
        let mut pairs = format!(
            "aws_access_key_id={};aws_secret_access_key={}",
            self.id_for(secrets),
            secrets.of(&self.secret)
        );
        if let Some(token) = &self.session_token {
            pairs.push_str(";token=");
            pairs.push_str(secrets.of(token));
        }
        pairs
    }
}

impl sealed::Authorization for AccessKey {
    fn kind(&self) -> AuthorizationKind {
        AuthorizationKind::AccessKey
    }

    fn push_authorization(&self, text: &mut StatementText) -> Result<(), Error> {
        text.push(" ACCESS_KEY_ID ");
        let id = self.id_for(text.secrets());
        text.literal("ACCESS_KEY_ID", id)?;
        text.push(" SECRET_ACCESS_KEY ");
        text.secret("SECRET_ACCESS_KEY", &self.secret)?;
        if let Some(token) = &self.session_token {
            text.push(" SESSION_TOKEN ");
            text.secret("SESSION_TOKEN", token)?;
        }
        Ok(())
    }

    fn is_key(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::Credentials;
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let key = AccessKey::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI")
            .and_then(|key| key.session_token("FwoGZXIvYXdzEXAMPLE"))
            .expect("a key");
        let shown = format!("{key:?} {:?}", Credentials::access_key(key.clone()));
        assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"), "{shown}");
        assert!(
            !shown.contains("wJalr") && !shown.contains("FwoG"),
            "{shown}"
        );

        for secret in [
            "",
            "has space",
            "has;semicolon",
            "has\nbreak",
            "has\0nul",
            "é",
        ] {
            let error = AccessKey::new("AKIAIOSFODNN7EXAMPLE", secret).expect_err(secret);
            assert!(secret.is_empty() || !error.to_string().contains(secret));
        }
        assert!(AccessKey::new("short", "secret").is_err());
        assert!(AccessKey::new("AKIAIOSFODNN7EXAMPL'", "secret").is_err());
    }
}
