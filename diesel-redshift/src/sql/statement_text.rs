//! The text of COPY and UNLOAD while it is written: with its secrets for the server, without them
//! for everybody else.

use secrecy::{ExposeSecret, SecretString};

use super::literal;
use crate::error::InvalidValue;

/// Whether secrets stand in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// As `***`: for people, logs and error texts.
    Hidden,
    /// As they are: for the server.
    Written,
}

impl Secrets {
    pub(crate) fn of(self, secret: &SecretString) -> &str {
        match self {
            Self::Hidden => "***",
            Self::Written => secret.expose_secret(),
        }
    }
}

/// SQL under construction. Every text that comes from outside passes through one of its methods.
pub struct StatementText {
    sql: String,
    secrets: Secrets,
}

impl StatementText {
    pub(crate) fn new(secrets: Secrets) -> Self {
        Self {
            sql: String::with_capacity(256),
            secrets,
        }
    }

    pub(crate) fn secrets(&self) -> Secrets {
        self.secrets
    }

    /// Writes SQL of our own, keywords and punctuation.
    pub(crate) fn push(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    /// Writes ` KEYWORD` if it was asked for.
    pub(crate) fn flag(&mut self, keyword: &'static str, wanted: bool) {
        if wanted {
            self.sql.push(' ');
            self.sql.push_str(keyword);
        }
    }

    /// Writes `text` as a literal; `option` names it in the error.
    pub(crate) fn literal(&mut self, option: &'static str, text: &str) -> Result<(), InvalidValue> {
        literal::push_string(&mut self.sql, text).map_err(|error| error.of_text(option, text))
    }

    /// Writes one ASCII character as a literal, in the spelling that options document.
    pub(crate) fn character(&mut self, character: u8) {
        literal::push_character(&mut self.sql, character);
    }

    /// Writes a secret, or what stands in for it. The error does not show it.
    pub(crate) fn secret(
        &mut self,
        option: &'static str,
        secret: &SecretString,
    ) -> Result<(), InvalidValue> {
        literal::push_string(&mut self.sql, self.secrets.of(secret))
            .map_err(|error| error.of_secret(option))
    }

    pub(crate) fn integer(&mut self, number: impl itoa::Integer) {
        self.sql.push_str(itoa::Buffer::new().format(number));
    }

    pub(crate) fn identifier(&mut self, name: &str) -> Result<(), InvalidValue> {
        literal::push_identifier(&mut self.sql, name)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.sql
    }

    pub(crate) fn finish(self) -> String {
        self.sql
    }
}

super::debug_name! { StatementText }
