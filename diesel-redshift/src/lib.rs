//! Amazon Redshift for Diesel.

mod authorization;
mod backend;
mod connection;
pub mod copy;
mod error;
pub mod maintenance;
mod migration;
mod query_builder;
pub mod sql_types;
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
#[cfg(feature = "r2d2")]
pub use connection::RedshiftConnectionManager;
pub use connection::{
    CancelHandle, CommitRefused, DatabaseCredentials, DatabaseError, Notice, RedshiftConnection,
    RedshiftCursor, RedshiftField, RedshiftRow, RedshiftTransactionManager, Retryable,
    RowByRowLoadingMode, SettingError, TransactionBuilder,
};
pub use copy::{CopyOutcome, CopyStatement, RedshiftCopy, copy};
#[cfg(feature = "derive")]
pub use diesel_redshift_derive::{RedshiftCopy, RedshiftUnload};
pub use error::{Error, OptionError};
pub use migration::{PlaceholderError, RedshiftMigrations};
pub use query_builder::{BindValue, LiteralError, RedshiftBindCollector, RedshiftQueryBuilder};
pub use storage::{LocationError, Region, S3Uri};
#[cfg(feature = "serde_json")]
pub use types::Json;
pub use types::{DayToSecond, Ewkb, Sketch, TimeTz, YearToMonth};
pub use unload::{RedshiftUnload, UnloadOutcome, UnloadStatement, unload};
pub use value::RedshiftValue;
