//! Amazon Redshift for Diesel.

mod backend;
mod query_builder;
mod types;
mod value;

pub use backend::{Redshift, RedshiftTypeMetadata};
pub use query_builder::{BindValue, LiteralError, RedshiftBindCollector, RedshiftQueryBuilder};
pub use value::RedshiftValue;
