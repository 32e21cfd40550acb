//! The SQL that reads Redshift's system tables.

mod load_errors;
mod slices;

pub(crate) use self::load_errors::RejectedLoad;
