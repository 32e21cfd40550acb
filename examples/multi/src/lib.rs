//! One application on two databases: Redshift as the warehouse, PostgreSQL on a desk or at a small customer.
//!
//! Queries are written once, by Diesel. What only one of them can do, such as COPY, is behind a `match`.

pub mod connection;
pub mod orders;
mod schema;
