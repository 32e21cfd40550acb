//! Each command as a process, against the sandbox.
#![allow(clippy::unwrap_used)]

mod copy;
mod database;
mod documentation;
mod iam;
mod migrations;
mod outputs;
mod print_schema;
mod project;
mod refusals;
mod results;
mod round_trips;
mod signals;
