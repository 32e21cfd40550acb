//! The server's messages besides results: the INFO of `COPY` and `UNLOAD`, warnings.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::RedshiftConnection;

/// A message that came with a statement and is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    severity: String,
    sqlstate: String,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
}

impl Notice {
    pub(crate) fn new(
        severity: Option<String>,
        sqlstate: Option<String>,
        message: Option<String>,
        detail: Option<String>,
        hint: Option<String>,
    ) -> Self {
        Self {
            severity: severity.unwrap_or_default(),
            sqlstate: sqlstate.unwrap_or_default(),
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
    pub fn sqlstate(&self) -> &str {
        &self.sqlstate
    }

    /// The message, such as `Load into table 'users' completed, 100 record(s) loaded successfully.`
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The detail that the server added.
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

/// Called with each notice as it arrives.
pub(crate) type NoticeHandler = Box<dyn FnMut(&Notice) + Send>;

/// The latest notices of a connection: enough for a statement's own, but a session's do not pile
/// up.
#[derive(Default)]
pub(crate) struct Notices {
    latest: VecDeque<Notice>,
    handler: Option<NoticeHandler>,
    panic: Option<Box<dyn Any + Send>>,
}

impl Notices {
    const CAPACITY: usize = 1000;

    /// Takes a notice from the server. It does not panic, since it is called from C.
    pub(crate) fn receive(&mut self, notice: Notice) {
        if let Some(mut handler) = self.handler.take() {
            match catch_unwind(AssertUnwindSafe(|| handler(&notice))) {
                Ok(()) => self.handler = Some(handler),
                Err(panic) => self.panic = Some(panic),
            }
        }
        self.keep(notice);
    }

    pub(crate) fn keep(&mut self, notice: Notice) {
        if self.latest.len() == Self::CAPACITY {
            self.latest.pop_front();
        }
        self.latest.push_back(notice);
    }

    pub(crate) fn take(&mut self) -> Vec<Notice> {
        self.latest.drain(..).collect()
    }

    pub(crate) fn set_handler(&mut self, handler: Option<NoticeHandler>) {
        self.handler = handler;
    }

    pub(crate) fn has_panic(&self) -> bool {
        self.panic.is_some()
    }

    /// The panic of a handler, to be resumed once no C is on the stack.
    pub(crate) fn take_panic(&mut self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }
}

impl RedshiftConnection {
    /// Runs a closure and returns the notices it raised, which [`take_notices`](Self::take_notices)
    /// returns all the same.
    pub(crate) fn with_notices<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> (T, Vec<Notice>) {
        let earlier = self.raw.take_notices();
        let result = run(self);
        let raised = self.raw.take_notices();
        self.raw.keep_notices(earlier);
        self.raw.keep_notices(raised.clone());
        (result, raised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_notices_make_room() {
        let mut notices = Notices::default();
        for number in 0..=Notices::CAPACITY {
            notices.receive(Notice::new(
                None,
                None,
                Some(number.to_string()),
                None,
                None,
            ));
        }
        let taken = notices.take();
        assert_eq!(taken.len(), Notices::CAPACITY);
        assert_eq!(taken[0].message(), "1");
        assert!(notices.take().is_empty());
    }

    #[test]
    fn a_handler_that_panics_is_called_no_more() {
        let notice = || Notice::new(None, None, Some("said".to_owned()), None, None);
        let mut notices = Notices::default();
        notices.set_handler(Some(Box::new(|_| std::panic::resume_unwind(Box::new(7)))));
        notices.receive(notice());
        assert!(notices.take_panic().is_some_and(|panic| panic.is::<i32>()));
        notices.receive(notice());
        assert!(notices.take_panic().is_none());
        assert_eq!(notices.take().len(), 2);
    }
}
