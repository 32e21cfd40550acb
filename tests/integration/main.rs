//! diesel-redshift against the sandbox, over the real protocol.
#![allow(clippy::unwrap_used)]

mod connection;
mod queries;
mod transactions;
mod types;
