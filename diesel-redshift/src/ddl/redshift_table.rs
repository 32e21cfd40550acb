//! The table of a struct.

use diesel::Table;

use super::column_type::TableColumns;
use super::comment::Comment;
use super::create_table::CreateTable;

/// A struct that defines its table; derived by [`derive@crate::ddl::RedshiftTable`].
pub trait RedshiftTable {
    /// The table.
    type Table: Table<AllColumns: TableColumns<Self::Table>>;

    /// Starts a `CREATE TABLE` with what the attributes specify.
    fn create_table() -> CreateTable<Self::Table>;

    /// The `COMMENT ON` statements of the struct's and the fields' documentation, to be run after
    /// the `CREATE TABLE`.
    ///
    /// Redshift stores comments of a table and of its columns.
    fn comments() -> Vec<Comment>;

    /// Adds what the attributes specify to a `CREATE TABLE`.
    fn define(create: CreateTable<Self::Table>) -> CreateTable<Self::Table>;
}
