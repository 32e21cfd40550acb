//! Upserts: rows are inserted if their key is new, and otherwise merged into the existing row.
//!
//! Redshift has no `ON CONFLICT`. [`upsert`] puts the rows into a temporary table, checks their
//! keys, and merges them into the target with `MERGE`, all in one transaction: the caller's if one
//! is open.
//!
//! ```no_run
//! use diesel::prelude::*;
//! use diesel_redshift::RedshiftConnection;
//! use diesel_redshift::upsert::{incoming, upsert};
//!
//! diesel::table! {
//!     users {
//!         id -> BigInt,
//!         name -> Text,
//!         hits -> BigInt,
//!     }
//! }
//!
//! #[derive(Insertable)]
//! #[diesel(table_name = users)]
//! struct User {
//!     id: i64,
//!     name: String,
//!     hits: i64,
//! }
//!
//! # fn run(conn: &mut RedshiftConnection, rows: Vec<User>) -> Result<(), diesel_redshift::Error> {
//! // All columns of the struct replace those of the existing row.
//! let outcome = upsert(&rows).into(users::table).key((users::id,)).update_all().execute(conn)?;
//! println!("{} updated, {} inserted", outcome.updated, outcome.inserted);
//!
//! // Or expressions of both rows.
//! upsert(&rows)
//!     .into(users::table)
//!     .key((users::id,))
//!     .set((
//!         users::name.eq(incoming(users::name)),
//!         users::hits.eq(users::hits + incoming(users::hits)),
//!     ))
//!     .execute(conn)?;
//! # Ok(())
//! # }
//! ```

mod action;
mod execute;
mod incoming;
mod key;
mod source;
mod statement;
#[cfg(feature = "stage")]
mod through;

pub use self::action::{DeleteWhen, KeepExisting, Replace, Set, UpdateAll, UpsertAction};
pub use self::execute::UpsertOutcome;
#[doc(hidden)]
pub use self::incoming::{HasNewRow, NewRow};
pub use self::incoming::{Incoming, incoming};
pub use self::key::UpsertKey;
pub use self::source::{OfQuery, Rows, UpsertSource};
pub use self::statement::{Upsert, UpsertInto, UpsertStart, UpsertTarget, upsert, upsert_from};
#[cfg(feature = "stage")]
pub use self::through::ThroughFiles;

/// The temporary table's name in SQL; it exists only within the upsert's transaction.
const STAGE: &str = "\"diesel_redshift_stage\"";
