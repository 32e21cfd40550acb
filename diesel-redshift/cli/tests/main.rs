//! Each command as a process, against the sandbox.
#![allow(clippy::unwrap_used)]

mod data;
mod database;
mod migrations;
mod print_schema;
mod project;
