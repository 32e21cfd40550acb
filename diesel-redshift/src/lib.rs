//! Amazon Redshift for [Diesel](https://diesel.rs): a backend and connection of its own, `COPY` and
//! `UNLOAD` as typed statements that commit, migrations that seed tables from S3.
//!
//! What Redshift would refuse, the compiler refuses; where types cannot know, a clear error comes
//! before any SQL is sent.
//!
//! ```
//! use diesel::prelude::*;
//! use diesel_redshift::{RedshiftCopy, RedshiftUnload, copy, unload};
//!
//! diesel::table! {
//!     users {
//!         id -> BigInt,
//!         name -> Text,
//!     }
//! }
//!
//! #[derive(Queryable, Selectable, RedshiftCopy, RedshiftUnload)]
//! #[diesel(table_name = users)]
//! struct User {
//!     id: i64,
//!     name: String,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let role = "arn:aws:iam::012345678901:role/Loader";
//! let load = User::copy()
//!     .from("s3://bucket/users.csv")
//!     .iam_role(role)
//!     .format(copy::Csv::new().ignore_header(1));
//! assert_eq!(
//!     load.to_sql()?,
//!     "COPY \"users\" (\"id\", \"name\") FROM 's3://bucket/users.csv' \
//!      IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV IGNOREHEADER 1"
//! );
//!
//! let store = User::unload()
//!     .filter(users::name.eq("O'Brien"))
//!     .to("s3://bucket/brien_")
//!     .iam_role(role)
//!     .format(unload::Parquet::new());
//! # fn run(
//! #     conn: &mut diesel_redshift::RedshiftConnection,
//! #     load: impl diesel_redshift::copy::CompleteCopy,
//! # ) -> Result<(), diesel_redshift::Error> {
//! // Alone it commits; within conn.transaction(…) it joins.
//! let outcome = load.execute(conn)?;
//! println!("{} rows", outcome.rows);
//! # Ok(())
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! The [guide] has short pages: getting started, connecting, COPY and UNLOAD, tables, migrations,
//! transactions, errors, what becomes of PostgreSQL's habits, testing, and so on. The items by what
//! they are for:
//!
//! * [`RedshiftConnection`]: connecting, sessions, transactions, prepared statements, row-by-row
//!   loading, cancellation.
//! * [`mod@copy`] and [`mod@unload`]: the two statements, a type for each data format;
//!   [`derive@RedshiftCopy`] and [`derive@RedshiftUnload`] the same for Diesel's structs.
#![cfg_attr(
    feature = "stage",
    doc = "* [`stage`]: rows of an application to a table by COPY, and back by UNLOAD."
)]
//! * [`store`]: where an application puts files for COPY and fetches those of UNLOAD.
//! * [`ddl`]: `CREATE TABLE` and `ALTER TABLE`, checked against `table!`; [`reflection`]: what a
//!   database holds, as data, as `table!` and as `CREATE TABLE`.
//! * [`upsert`](mod@upsert): rows inserted or merged by key; [`merge`]: `MERGE` itself.
//! * [`dsl`]: Redshift's functions, operators and clauses for Diesel's queries; [`sql_types`]: its
//!   types.
//! * [`maintenance`]: `VACUUM`, `ANALYZE`, `TRUNCATE`, `LOCK`, `ALTER TABLE … APPEND`.
//! * [`RedshiftMigrations`]: SQL migrations with placeholders, seeds in Rust.
//! * [`error`]: what can go wrong.
#![cfg_attr(
    feature = "async",
    doc = "* [`AsyncRedshiftConnection`]: the same from tasks, by diesel-async."
)]
//!
//! # Features
//!
//! * `async`: `AsyncRedshiftConnection`, for diesel-async.
//! * `bundled`: compiles libpq and OpenSSL from source, instead of linking the system's libpq.
//! * `chrono` (default): dates and times as chrono's types; `time`: as the `time` crate's.
//! * `derive` (default): the derive macros.
//! * `iam`: logging in with temporary credentials, by the application's identity in AWS.
//! * `numeric` (default): `DECIMAL` as `bigdecimal::BigDecimal`; `rust_decimal`: as
//!   `rust_decimal::Decimal`.
//! * `r2d2` (default): connection pools.
//! * `s3`: `store::S3Store`, an application's own way to S3.
//! * `stage`: rows to tables by COPY and results to rows by UNLOAD, through files:
//!   [`copy::CopyStatement::from_insertable`], [`unload::UnloadStatement::through`].
//! * `serde_json`: `SUPER` as JSON values; `uuid`: `uuid::Uuid` in a `VARCHAR(36)`.

#![warn(missing_debug_implementations)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "async")]
pub mod async_connection;
pub mod aws;
pub mod backend;
mod backoff;
pub mod connection;
pub mod copy;
pub mod ddl;
pub mod error;
pub mod expression;
mod files;
pub mod functions;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod maintenance;
pub mod merge;
pub mod migration;
mod query_builder;
pub mod reflection;
mod seal;
mod sql;
pub mod sql_types;
#[cfg(feature = "stage")]
pub mod stage;
pub mod store;
mod system;
mod types;
pub mod unload;
pub mod upsert;
mod value;

/// Rust types for SQL types that other crates do not cover: intervals, `TIMETZ`, `GEOMETRY`,
/// `HLLSKETCH`, `SUPER`.
pub mod data_types {
    #[cfg(feature = "serde_json")]
    pub use crate::types::Json;
    pub use crate::types::{DayToSecond, Ewkb, Sketch, TimeTz, YearToMonth};
}

/// The traits, derives and types to import for building queries: `use
/// diesel_redshift::prelude::*;`.
///
/// The traits whose methods expressions and queries get, the derives with their traits, and the
/// connection; beside [`diesel::prelude`].
pub mod prelude {
    pub use crate::copy::RedshiftCopy;
    pub use crate::expression::{
        AliasExpressionMethods, CastExpressionMethods, QualifyDsl, SuperExpressionMethods,
    };
    pub use crate::unload::RedshiftUnload;
    pub use crate::{RedshiftConnection, copy, unload};
    #[cfg(feature = "derive")]
    pub use diesel_redshift_derive::{RedshiftCopy, RedshiftUnload};
}

/// Redshift's own functions, operators and clauses; Diesel has those that every database has in
/// [`diesel::dsl`].
///
/// No name is one of Diesel's, so that `use diesel::dsl::*;` and `use diesel_redshift::dsl::*;` go
/// together. That is why `MAX` and `MIN` of `DECIMAL` stand aside, as
/// [`functions::max`](crate::functions::max()) and [`functions::min`](crate::functions::min()).
pub mod dsl {
    #[doc(inline)]
    pub use crate::expression::{
        delete_using, group_key, ilike, not_ilike, not_similar_to, nulls_first, nulls_last,
        regexp_matches, regexp_not_matches, similar_to, update_from,
    };
    #[doc(inline)]
    pub use crate::functions::{
        DateField, DatePart, approximate_count_distinct, approximate_percentile_disc,
        can_json_parse, coalesce, convert_timezone, convert_timezone_from, date_part, date_trunc,
        dateadd, datediff, decode, get_array_length, getdate, is_valid_json, is_valid_json_array,
        json_array_length, json_extract_array_element_text, json_extract_path_text, json_parse,
        json_serialize, json_typeof, listagg, median, nvl, nvl2, percentile_cont, percentile_disc,
        sysdate,
    };
}

#[cfg(feature = "async")]
pub use async_connection::AsyncRedshiftConnection;
pub use aws::{IamRole, S3Uri};
pub use backend::Redshift;
pub use connection::RedshiftConnection;
#[cfg(feature = "r2d2")]
pub use connection::RedshiftConnectionManager;
pub use copy::{RedshiftCopy, copy};
/// The attributes stand with the traits: [`RedshiftCopy`](trait@RedshiftCopy),
/// [`RedshiftUnload`](trait@RedshiftUnload).
#[cfg(feature = "derive")]
#[doc(inline)]
pub use diesel_redshift_derive::{RedshiftCopy, RedshiftUnload};
pub use error::Error;
pub use migration::RedshiftMigrations;
pub use unload::{RedshiftUnload, unload};
