//! diesel-redshift against the sandbox, over the real protocol.
// A row of a test is a tuple, however long.
#![allow(clippy::unwrap_used, clippy::type_complexity)]

mod aggregates;
mod any_values;
mod binary_results;
mod connection;
mod copy;
mod dialect;
mod faults;
mod formats;
mod functions;
mod lexer;
mod literals;
mod load_errors;
mod maintenance;
mod merge;
mod migrations;
mod multi_connection;
mod outcome;
mod panics;
mod prepared_statements;
mod queries;
mod redshift_types;
mod retries;
mod scripted_server;
mod semistructured;
mod shapes;
mod stage;
mod storage_errors;
mod store;
mod store_faults;
mod tls;
mod transactions;
mod types;
mod unload;
