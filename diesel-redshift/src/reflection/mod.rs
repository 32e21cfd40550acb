//! The contents of a database as plain data: tables, views, their columns and keys; and that data
//! printed as Rust or SQL.
//!
//! ```no_run
//! use diesel_redshift::reflection::{Filter, RustOptions, Schema};
//!
//! # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> Result<(), diesel_redshift::Error> {
//! let schema = Schema::load(conn, &Filter::schemas(["sales"]).except_tables(["_backup$"]))?;
//! for relation in &schema.relations {
//!     println!("{}: {} columns", relation.name, relation.columns.len());
//! }
//! // What `diesel-redshift print-schema` prints.
//! println!("{}", schema.to_rust(&RustOptions::new()));
//! # Ok(())
//! # }
//! ```
//!
//! It queries the leader node's catalogs, which every user may read, once for each kind of object
//! and not for each table: `pg_class`, `pg_attribute`, `pg_constraint`; for late-binding views
//! `pg_get_late_binding_view_cols()`, for external tables `svv_external_schemas`,
//! `svv_external_tables` and `svv_external_columns`. With [metadata
//! security](https://docs.aws.amazon.com/redshift/latest/dg/t_metadata_security.html), a user only
//! sees what was granted to them.

mod catalog;
mod column;
mod create_table;
mod data_type;
mod external;
mod filter;
mod keys;
mod relation;
mod rust;

pub use self::column::{Column, Identity};
pub use self::create_table::CreateTableOptions;
pub use self::data_type::DataType;
pub use self::filter::Filter;
pub use self::relation::{
    Distribution, ExternalLocation, ForeignKey, Key, Relation, RelationKind, Schema, SortKey,
};
pub use self::rust::{ColumnSorting, Docs, RustOptions, SameQuery};
