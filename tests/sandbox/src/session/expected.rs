//! Which answers are due.

/// One message that PostgreSQL was sent, or an answer that the sandbox gives in its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Parse,
    Bind,
    Close,
    Describe,
    Execute,
    Sync,
    /// A simple query of the client's.
    Query,
    /// A part of a simple query; the client is not told that it is ready.
    Part,
    /// Ready-made messages.
    Own(Vec<u8>),
}

impl Expected {
    /// Whether ReadyForQuery ends it, and an error before that does not.
    pub(super) fn ends_with_ready(&self) -> bool {
        matches!(self, Self::Sync | Self::Query | Self::Part)
    }
}
