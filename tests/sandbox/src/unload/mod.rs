//! UNLOAD to the object store.

mod file;
mod files;
mod format;
mod given;
mod json;
mod layout;
mod line;
mod log;
mod options;
mod packer;
mod parquet;
mod result;
mod row;
mod run;
mod statement;

pub(crate) use run::run;
pub(crate) use statement::{Statement, parse};
