//! The guide: short pages, each of which begins with a whole example; every example runs as a test.
//!
//! | page | what it answers |
//! |------|-----------------|
//! | [Getting started](getting_started) | How do I add Redshift to an application that has Diesel? |
//! | [Connecting](connecting) | IAM, TLS, pools, settings, several databases, PostgreSQL beside it |
//! | [COPY and UNLOAD](copy_and_unload) | Which format, which options, what becomes of NULL and bad rows? |
#![cfg_attr(
    feature = "stage",
    doc = "| [Rows in and out](rows_in_and_out) | How do many rows of my program get into a table, and back? |"
)]
//! | [Tables and upserts](tables_and_upserts) | How do I define tables, and insert or update rows by key? |
#![cfg_attr(
    feature = "chrono",
    doc = "| [Recipes](recipes) | Sums by month, pivots, common table expressions, arrays of a SUPER as rows |"
)]
//! | [Migrations and seeds](migrations) | Locks, environments, statements that no transaction may hold |
//! | [Transactions](transactions) | No savepoints: what now? Retries, unknown outcomes, TRUNCATE |
//! | [Errors](errors) | Which kind means what, and what do I do about it? |
//! | [From PostgreSQL to Redshift](from_postgresql) | What becomes of RETURNING, ON CONFLICT, arrays, … ? |
//! | [Testing](testing) | A local Redshift in the tests, a database each, failures on demand |
//! | [Logging and progress](logging_and_progress) | What runs, how long, how far is it? |
#![cfg_attr(
    feature = "async",
    doc = "| [Async](asynchronous) | The same from tasks, by diesel-async |"
)]
//! | [The command line](command_line) | Migrations, `print-schema`, files in and out by hand |

#[cfg(feature = "async")]
#[doc = include_str!("../doc/async.md")]
pub mod asynchronous {}
#[doc = include_str!("../doc/command-line.md")]
pub mod command_line {}
#[doc = include_str!("../doc/connecting.md")]
pub mod connecting {}
#[doc = include_str!("../doc/copy-and-unload.md")]
pub mod copy_and_unload {}
#[doc = include_str!("../doc/errors.md")]
pub mod errors {}
#[doc = include_str!("../doc/from-postgresql.md")]
pub mod from_postgresql {}
#[doc = include_str!("../doc/getting-started.md")]
pub mod getting_started {}
#[doc = include_str!("../doc/logging-and-progress.md")]
pub mod logging_and_progress {}
#[doc = include_str!("../doc/migrations.md")]
pub mod migrations {}
#[cfg(feature = "chrono")]
#[doc = include_str!("../doc/recipes.md")]
pub mod recipes {}
#[cfg(feature = "stage")]
#[doc = include_str!("../doc/rows-in-and-out.md")]
pub mod rows_in_and_out {}
#[doc = include_str!("../doc/tables-and-upserts.md")]
pub mod tables_and_upserts {}
#[doc = include_str!("../doc/testing.md")]
pub mod testing {}
#[doc = include_str!("../doc/transactions.md")]
pub mod transactions {}
