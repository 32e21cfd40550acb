//! Amazon Redshift for Diesel.

mod backend;
mod connection;
mod migration;
mod query_builder;
mod types;
mod value;

pub use backend::{Redshift, RedshiftTypeMetadata};
pub use connection::{
    CancelHandle, CommitRefused, DatabaseError, Notice, RedshiftConnection, RedshiftCursor,
    RedshiftField, RedshiftRow, RedshiftTransactionManager, RowByRowCursor, RowByRowLoadingMode,
};
pub use migration::{PlaceholderError, RedshiftMigrations};
pub use query_builder::{BindValue, LiteralError, RedshiftBindCollector, RedshiftQueryBuilder};
pub use value::RedshiftValue;
