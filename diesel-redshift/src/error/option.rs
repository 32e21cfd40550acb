use std::borrow::Cow;

use crate::sql::LiteralError;

/// A value that an option of COPY or UNLOAD does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} cannot be {given}: it takes {allowed}")]
pub struct OptionError {
    option: &'static str,
    given: String,
    allowed: Cow<'static, str>,
}

impl OptionError {
    pub(crate) fn new(
        option: &'static str,
        given: impl Into<String>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            option,
            given: given.into(),
            allowed: allowed.into(),
        }
    }

    /// A text that cannot become a literal.
    pub(crate) fn literal(option: &'static str, text: &str, error: LiteralError) -> Self {
        Self::new(option, format!("{text:?}"), format!("text; {error}"))
    }

    /// The option, as SQL spells it: `MAXERROR`.
    pub fn option(&self) -> &'static str {
        self.option
    }

    /// The value that was given.
    pub fn given(&self) -> &str {
        &self.given
    }

    /// What the option takes.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }
}
