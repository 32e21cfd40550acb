use std::borrow::Cow;
use std::fmt;

/// A value that Redshift does not accept; nothing was sent.
///
/// Its text is `invalid MAXERROR: 100001; expected 0 to 100000`. A value that may contain a secret
/// is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidValue {
    what: Cow<'static, str>,
    given: Option<String>,
    expected: Cow<'static, str>,
}

impl InvalidValue {
    pub(crate) fn new(
        what: impl Into<Cow<'static, str>>,
        given: impl Into<String>,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            what: what.into(),
            given: Some(given.into()),
            expected: expected.into(),
        }
    }

    /// The same without the value, which may contain a secret.
    pub(crate) fn hidden(
        what: impl Into<Cow<'static, str>>,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            what: what.into(),
            given: None,
            expected: expected.into(),
        }
    }

    /// The same, with the value only if it is sure to contain no secret: one that does not begin as
    /// it must may be anything.
    pub(crate) fn shown_if(
        is_sure: bool,
        what: impl Into<Cow<'static, str>>,
        given: &str,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        if is_sure {
            Self::new(what, format!("{given:?}"), expected)
        } else {
            Self::hidden(what, expected)
        }
    }

    /// The error of a text, named after the option that it was given to; the text is not secret.
    pub(crate) fn of_text(self, what: impl Into<Cow<'static, str>>, text: &str) -> Self {
        Self::new(what, format!("{text:?}"), self.expected)
    }

    /// The error of a text that may be secret, named after the option that it was given to.
    pub(crate) fn of_secret(self, what: impl Into<Cow<'static, str>>) -> Self {
        Self::hidden(what, self.expected)
    }

    /// What the value is for, spelled as in SQL where possible: `MAXERROR`.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The value that was given; `None` if it may contain a secret.
    pub fn given(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// What is allowed.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = self
            .given()
            .unwrap_or("not shown, since it may hold a secret");
        write!(
            f,
            "invalid {}: {given}; expected {}",
            self.what, self.expected
        )
    }
}

impl std::error::Error for InvalidValue {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_are_refused_with_the_same_words() {
        let error = InvalidValue::new("MAXERROR", "100001", "0 to 100000");
        assert_eq!(
            error.to_string(),
            "invalid MAXERROR: 100001; expected 0 to 100000"
        );
        let error = InvalidValue::hidden("IAM_ROLE", "an ARN");
        assert_eq!(
            error.to_string(),
            "invalid IAM_ROLE: not shown, since it may hold a secret; expected an ARN"
        );
        assert_eq!(error.given(), None);
    }
}
