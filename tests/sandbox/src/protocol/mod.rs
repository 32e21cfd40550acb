//! The PostgreSQL protocol, version 3, as far as both sides of the proxy need it.

pub(crate) mod backend;
pub(crate) mod frontend;
mod inbox;
mod reader;
mod sql_error;

pub(crate) use inbox::{Head, Inbox, head_of};
pub(crate) use reader::Reader;
pub(crate) use sql_error::{ServerMessage, SqlError, SqlResult};
