//! Which answers are due.

use std::rc::Rc;

use super::description::Description;
use super::history::Text;

/// One message that PostgreSQL was sent, or an answer that the sandbox gives in its place.
#[derive(Debug)]
pub(super) enum Expected {
    Parse,
    Bind,
    Close,
    Describe,
    /// What a statement is like, which the client has not asked for, as far as PostgreSQL has told.
    Description(Rc<Text>, Description),
    /// The rows of a statement come next; these formats they are in.
    Rows(Rc<Text>, Rc<[i16]>),
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
