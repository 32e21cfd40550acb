//! diesel-redshift against the sandbox, over the real protocol.
#![allow(clippy::unwrap_used)]

mod connection;
mod copy;
mod dialect;
mod faults;
mod functions;
mod load_errors;
mod maintenance;
mod migrations;
mod multi_connection;
mod queries;
mod redshift_types;
mod transactions;
mod types;
mod unload;
