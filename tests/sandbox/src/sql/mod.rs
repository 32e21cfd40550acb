//! Redshift's SQL, as far as the proxy has to understand it.

mod alter_table;
mod authorization;
mod column_type;
mod create_table;
mod cursor;
mod definition;
mod grant;
pub(crate) mod lexer;
mod merge;
mod names;
mod quoting;
pub(crate) mod refuse;
mod rewrite;
mod set;
pub(crate) mod settings;
mod show;
mod statement;
mod structure;
mod transaction;
mod vacuum;

pub(crate) use authorization::Authorization;
pub(crate) use cursor::{Cursor, Name};
pub(crate) use definition::Definition;
pub(crate) use quoting::{quote_identifier, quote_literal};
pub(crate) use statement::{Statement, analyze, analyze_one};
