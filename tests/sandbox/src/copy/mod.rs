//! COPY from the object store.

mod column;
mod copy_in;
mod datetime;
mod encoding;
mod errors;
mod external;
mod fault;
mod field;
mod format;
mod interval;
mod json;
mod load;
mod log;
mod options;
mod parameters;
mod parquet;
mod record;
mod row;
mod source;
mod statement;

pub(crate) use column::nonexistent;
pub(crate) use external::{Part, read_external};
pub(crate) use interval::Fields as IntervalFields;
pub(crate) use load::run;
pub(crate) use parquet::decimal_bytes;
pub(crate) use statement::{Statement, parse};
