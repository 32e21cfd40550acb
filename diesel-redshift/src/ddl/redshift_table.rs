//! The table of a struct.

use diesel::Table;

use super::column_type::TableColumns;
use super::create_table::CreateTable;

/// A struct that defines its table; derived by [`derive@RedshiftTable`].
pub trait RedshiftTable {
    /// The table.
    type Table: Table<AllColumns: TableColumns<Self::Table>>;

    /// Starts a `CREATE TABLE` with what the attributes tell.
    fn create_table() -> CreateTable<Self::Table>;

    /// Adds what the attributes tell to a `CREATE TABLE`.
    fn define(create: CreateTable<Self::Table>) -> CreateTable<Self::Table>;
}
