//! Amazon Redshift for Diesel.

mod authorization;
mod backend;
mod connection;
pub mod copy;
mod error;
mod migration;
mod query_builder;
mod statement;
mod storage;
mod types;
pub mod unload;
mod value;

pub use authorization::{
    AccessKey, Authorization, AuthorizationError, Credentials, IamRole, NoAuthorization, RoleArn,
    RoleChain,
};
pub use backend::{Redshift, RedshiftTypeMetadata};
pub use connection::{
    CancelHandle, CommitRefused, DatabaseError, Notice, RedshiftConnection, RedshiftCursor,
    RedshiftField, RedshiftRow, RedshiftTransactionManager, RowByRowLoadingMode,
};
pub use copy::{CopyOutcome, CopyStatement, copy};
pub use error::{Error, OptionError};
pub use migration::{PlaceholderError, RedshiftMigrations};
pub use query_builder::{BindValue, LiteralError, RedshiftBindCollector, RedshiftQueryBuilder};
pub use storage::{LocationError, Region, S3Uri};
pub use unload::{UnloadOutcome, UnloadStatement, unload};
pub use value::RedshiftValue;
