//! What the server says besides results: the INFO of `COPY` and `UNLOAD`, warnings.

use std::collections::VecDeque;
use std::fmt;

/// A message that came with a statement and is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    severity: String,
    code: String,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
}

impl Notice {
    pub(crate) fn new(
        severity: Option<String>,
        code: Option<String>,
        message: Option<String>,
        detail: Option<String>,
        hint: Option<String>,
    ) -> Self {
        Self {
            severity: severity.unwrap_or_default(),
            code: code.unwrap_or_default(),
            message: message.unwrap_or_default(),
            detail,
            hint,
        }
    }

    /// `INFO`, `NOTICE` or `WARNING`.
    pub fn severity(&self) -> &str {
        &self.severity
    }

    /// The SQLSTATE, five characters.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The message, such as `Load into table 'users' completed, 100 record(s) loaded successfully.`
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the server added to it.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// What the server suggests.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.severity, self.message)
    }
}

/// The latest notices of a connection, so many that a statement's own fit and a session's do not pile up.
#[derive(Debug, Default)]
pub(crate) struct Notices(VecDeque<Notice>);

impl Notices {
    const CAPACITY: usize = 1000;

    pub(crate) fn push(&mut self, notice: Notice) {
        if self.0.len() == Self::CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back(notice);
    }

    pub(crate) fn take(&mut self) -> Vec<Notice> {
        self.0.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_notices_make_room() {
        let mut notices = Notices::default();
        for number in 0..=Notices::CAPACITY {
            notices.push(Notice::new(
                None,
                None,
                Some(number.to_string()),
                None,
                None,
            ));
        }
        let kept = notices.take();
        assert_eq!(kept.len(), Notices::CAPACITY);
        assert_eq!(kept[0].message(), "1");
        assert!(notices.take().is_empty());
    }
}
