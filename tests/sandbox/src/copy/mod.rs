//! COPY from the object store.

mod column;
mod datetime;
mod errors;
mod fault;
mod field;
mod format;
mod inflow;
mod json;
mod load;
mod options;
mod parquet;
mod record;
mod source;
mod statement;

pub(crate) use format::widths;
pub(crate) use load::run;
pub(crate) use options::{Compression, character, check_region, null_marker};
pub(crate) use statement::{Statement, parse};
