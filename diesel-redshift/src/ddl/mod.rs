//! Statements that define tables and views, checked against `table!`: what Redshift forbids does
//! not compile, or is an error before anything is sent.
//!
//! | statement | |
//! |-----------|-|
//! | [`create_table`] | `CREATE TABLE` with the columns of a `table!` |
//! | [`create_table_as`] | `CREATE TABLE … AS` of a query |
//! | [`create_table_like`] | `CREATE TABLE … (LIKE …)` |
//! | [`drop_table`] | `DROP TABLE` |
//! | [`alter_table`] | `ALTER TABLE`, one method for each action |
//! | [`create_view`], [`drop_view`] | views, late-binding ones too |
//! | [`create_materialized_view`], [`refresh_materialized_view`], [`drop_materialized_view`] | materialized views |
//! | [`create_schema`], [`drop_schema`] | schemas |
//! | [`comment_on_table`], [`comment_on_column`], [`comment_on_view`] | `COMMENT ON` |
//! | [`grant`], [`revoke`] | privileges on tables, columns and schemas |
//! | [`create_user`], [`alter_user`], [`drop_user`] | users, whose passwords nothing shows |
//! | [`create_role`], [`grant_role`], [`create_group`], [`alter_group`], … | roles and groups, and who is in them |
//! | [`create_external_schema`] | schemas of Glue's data catalog, Kinesis, PostgreSQL, MySQL |
//! | [`create_external_table`], [`add_partition`], [`drop_partition`], [`drop_external_table`] | tables of files in S3 |
//!
//! A struct for Diesel defines its table with [`derive@RedshiftTable`].
//!
//! Each has `to_sql`, and `execute`, which runs it in the open transaction or on its own.

mod alter_table;
mod column_definition;
mod column_text;
mod column_type;
mod comment;
mod create_table;
mod create_table_as;
mod create_table_like;
mod definition;
mod distribution;
mod drop_table;
mod encoding;
mod external_schema;
mod external_table;
mod grant;
mod keys;
mod materialized_view;
mod redshift_table;
mod role;
mod schema;
mod user;
mod view;

pub use self::alter_table::{AlterTable, AlterTableStart, Encodings, OneAction, alter_table};
pub use self::column_definition::{ColumnDefinition, IdentityColumn, PlainColumn};
pub use self::column_type::{
    ColumnType, DecimalColumn, IdentityType, TableColumns, TextColumn, VarbyteColumn,
};
pub use self::comment::{Comment, comment_on_column, comment_on_table, comment_on_view};
pub use self::create_table::{CreateTable, create_table};
pub use self::create_table_as::{CreateTableAs, create_table_as};
pub use self::create_table_like::{CreateTableLike, create_table_like};
pub use self::definition::Definition;
pub use self::distribution::{AnyDistribution, Distributed};
pub use self::drop_table::{DropTable, drop_table};
pub use self::encoding::{
    Az64, ByteDict, Delta, Delta32k, Encodes, Encoding, Lzo, Mostly8, Mostly16, Mostly32, Raw,
    RunLength, Text32k, Text255, Zstd,
};
pub use self::external_schema::{
    CreateExternalSchema, ExternalSchemaStart, create_external_schema,
};
pub use self::external_table::{
    AlterPartition, CreateExternalTable, DropExternalTable, ExternalFormat, add_partition,
    create_external_table, drop_external_table, drop_partition,
};
pub use self::grant::{
    Grant, Grantee, Privileges, SchemaPrivilege, TablePrivilege, grant, on_columns, on_schema,
    on_table, revoke,
};
pub use self::keys::{InterleavedKey, KeyColumns, KeyType};
pub use self::materialized_view::{
    CreateMaterializedView, RefreshMaterializedView, create_materialized_view,
    drop_materialized_view, refresh_materialized_view,
};
pub use self::redshift_table::RedshiftTable;
pub use self::role::{
    AlterGroup, RoleStatement, alter_group, create_group, create_role, drop_group, drop_role,
    drop_role_force, grant_role, grant_role_with_admin_option, rename_role, rename_user,
    revoke_admin_option, revoke_role, role_owner_to,
};
pub use self::schema::{CreateSchema, DropSchema, create_schema, drop_schema};
pub use self::user::{DropUser, SyslogAccess, UserStatement, alter_user, create_user, drop_user};
pub use self::view::{CreateView, DropView, create_view, drop_view};
#[cfg(feature = "derive")]
#[doc(inline)]
pub use diesel_redshift_derive::RedshiftTable;
