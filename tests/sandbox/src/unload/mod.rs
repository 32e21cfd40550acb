//! UNLOAD to the object store.

mod compressor;
mod file;
mod files;
mod format;
mod json;
mod layout;
mod line;
mod log;
mod options;
mod parameters;
mod parquet;
mod result;
mod row;
mod run;
mod statement;

pub(crate) use run::run;
pub(crate) use statement::{Statement, parse};
