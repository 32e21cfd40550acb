//! The table of a struct.

use diesel::Table;

use super::column_type::TableColumns;
use super::comment::Comment;
use super::create_table::CreateTable;

/// A struct that defines its table; derived by [`derive@crate::ddl::RedshiftTable`].
pub trait RedshiftTable {
    /// The table.
    type Table: Table<AllColumns: TableColumns<Self::Table>>;

    /// Starts a `CREATE TABLE` with what the attributes tell.
    fn create_table() -> CreateTable<Self::Table>;

    /// The `COMMENT ON` of the struct's and the fields' documentation, to be run after the `CREATE TABLE`.
    ///
    /// Redshift keeps comments of a table and of its columns.
    fn comments() -> Vec<Comment>;

    /// Adds what the attributes tell to a `CREATE TABLE`.
    fn define(create: CreateTable<Self::Table>) -> CreateTable<Self::Table>;
}
