//! What PostgreSQL tells of a prepared statement.

use super::intervals::{self, Columns};
use crate::protocol::Reader;

/// The types of its parameters and columns, in PostgreSQL's numbers.
#[derive(Debug, Default)]
pub(super) struct Description {
    pub(super) parameters: Vec<u32>,
    /// The number and the modifier of each column's type.
    pub(super) columns: Vec<(u32, i32)>,
    /// Where the rows have intervals that Redshift writes otherwise.
    pub(super) intervals: Columns,
}

impl Description {
    /// Reads a ParameterDescription.
    pub(super) fn read_parameters(&mut self, body: &[u8]) -> std::io::Result<()> {
        let mut reader = Reader(body);
        let count = reader.i16()? as u16;
        self.parameters = (0..count)
            .map(|_| Ok(reader.i32()? as u32))
            .collect::<std::io::Result<_>>()?;
        Ok(())
    }

    /// Reads a RowDescription.
    pub(super) fn read_columns(&mut self, body: &[u8]) -> std::io::Result<()> {
        let columns = Reader(body).columns()?;
        self.columns = columns
            .iter()
            .map(|column| (column.oid, column.modifier))
            .collect();
        self.intervals = intervals::columns(&self.columns);
        Ok(())
    }
}
