//! Statements that define tables, checked against `table!`: what Redshift forbids does not compile, or is an error before
//! anything is sent.
//!
//! | statement | |
//! |-----------|-|
//! | [`create_table`] | `CREATE TABLE` with the columns of a `table!` |
//! | [`create_table_as`] | `CREATE TABLE … AS` of a query |
//! | [`create_table_like`] | `CREATE TABLE … (LIKE …)` |
//! | [`drop_table`] | `DROP TABLE` |
//! | [`alter_table`] | `ALTER TABLE`, one method for each action |
//!
//! A struct of Diesel's defines its table with [`derive@RedshiftTable`].
//!
//! Each has `to_sql`, and `execute`, which runs it in the transaction that is open or else alone.

mod alter_table;
mod column_definition;
mod column_type;
mod create_table;
mod create_table_as;
mod create_table_like;
mod definition;
mod distribution;
mod drop_table;
mod encoding;
mod keys;
mod redshift_table;

pub use self::alter_table::{AlterTable, AlterTableStart, Encodings, OneAction, alter_table};
pub use self::column_definition::{ColumnDefinition, IdentityColumn, PlainColumn};
pub use self::column_type::{
    ColumnType, DecimalColumn, IdentityType, TableColumns, TextColumn, VarbyteColumn,
};
pub use self::create_table::{CreateTable, create_table};
pub use self::create_table_as::{CreateTableAs, create_table_as};
pub use self::create_table_like::{CreateTableLike, create_table_like};
pub use self::definition::Definition;
pub use self::distribution::Distributed;
pub use self::drop_table::{DropTable, drop_table};
pub use self::encoding::{
    Az64, ByteDict, Delta, Delta32k, Encodes, Encoding, Lzo, Mostly8, Mostly16, Mostly32, Raw,
    RunLength, Text32k, Text255, Zstd,
};
pub use self::keys::{InterleavedKey, KeyColumns, KeyType};
pub use self::redshift_table::RedshiftTable;
#[cfg(feature = "derive")]
#[doc(inline)]
pub use diesel_redshift_derive::RedshiftTable;
