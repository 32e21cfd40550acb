//! UNLOAD to the object store.

mod file;
mod line;
mod options;
mod result;
mod run;
mod statement;

pub(crate) use run::run;
pub(crate) use statement::{Statement, parse};
