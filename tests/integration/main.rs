//! diesel-redshift against the sandbox, over the real protocol.
#![allow(clippy::unwrap_used)]

mod connection;
mod copy;
mod faults;
mod load_errors;
mod maintenance;
mod migrations;
mod multi_connection;
mod queries;
mod transactions;
mod types;
mod unload;
