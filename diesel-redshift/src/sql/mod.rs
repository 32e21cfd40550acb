//! SQL as text: read by its tokens, written by literals and identifiers. It knows nothing of Diesel
//! and of connections.

mod debug_name;
mod from_text;
pub(crate) mod lexer;
pub(crate) mod literal;
mod outer_select;
mod script;
mod separator;
mod slot;
mod statement_text;
mod unchecked;

pub(crate) use self::debug_name::debug_name;
pub(crate) use self::from_text::from_text;
pub(crate) use self::outer_select::{ColumnName, OuterSelect};
pub(crate) use self::script::statements;
pub(crate) use self::separator::separator;
pub use self::slot::Slot;
pub(crate) use self::slot::slots;
pub(crate) use self::statement_text::{Secrets, StatementText};
pub(crate) use self::unchecked::Unchecked;
