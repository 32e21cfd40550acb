//! A result and its column names.

use std::ffi::c_int;
use std::sync::OnceLock;

use diesel::result::{Error, QueryResult};

use super::raw::{RawConnection, RawResult, ResultStatus};
use crate::error::DatabaseError;

/// Rows, or what a command reported.
pub(crate) struct RedshiftResult {
    raw: RawResult,
    rows: c_int,
    columns: usize,
    binary: bool,
    names: OnceLock<Vec<Option<String>>>,
}

impl RedshiftResult {
    /// Takes the server's answer; one that is an error is an error here too.
    pub(crate) fn new(raw: RawResult, connection: &RawConnection) -> QueryResult<Self> {
        match raw.status() {
            ResultStatus::Command | ResultStatus::Rows => Ok(Self {
                rows: raw.row_count(),
                columns: raw.column_count(),
                binary: raw.is_binary(),
                raw,
                names: OnceLock::new(),
            }),
            ResultStatus::Error => {
                connection.note_failure(&raw);
                let error = DatabaseError::of_result(&raw);
                // Only reading on shows whether the server closed the connection after its final message.
                connection.drain();
                Err(error.on(connection))
            }
            ResultStatus::Empty => Err(refused("the query is empty", connection)),
            ResultStatus::Copy => Err(refused(
                "the server asks for COPY over the connection, which Redshift does not have",
                connection,
            )),
        }
    }

    /// How many bytes of memory it takes.
    #[cfg(feature = "async")]
    pub(crate) fn memory_size(&self) -> usize {
        self.raw.memory_size()
    }

    pub(crate) fn row_count(&self) -> c_int {
        self.rows
    }

    pub(crate) fn column_count(&self) -> usize {
        self.columns
    }

    /// Whether the values are in the binary format, all of them.
    #[inline]
    pub(crate) fn is_binary(&self) -> bool {
        self.binary
    }

    /// The OIDs of the columns' types.
    pub(crate) fn column_types(&self) -> impl Iterator<Item = u32> {
        (0..self.columns).map(|column| self.raw.column_type(column))
    }

    pub(crate) fn column_name(&self, column: usize) -> Option<&str> {
        self.names().get(column)?.as_deref()
    }

    /// The index of a column. Redshift can be configured to answer in upper case, so case only
    /// decides between names that do not differ otherwise.
    pub(crate) fn column_index(&self, name: &str) -> Option<usize> {
        let position = |same: &dyn Fn(&str) -> bool| {
            self.names()
                .iter()
                .position(|column| column.as_deref().is_some_and(same))
        };
        position(&|column| column == name)
            .or_else(|| position(&|column| column.eq_ignore_ascii_case(name)))
    }

    fn names(&self) -> &[Option<String>] {
        self.names.get_or_init(|| {
            (0..self.columns)
                .map(|column| self.raw.column_name(column))
                .collect()
        })
    }

    #[inline]
    pub(crate) fn value(&self, row: c_int, column: usize) -> Option<&[u8]> {
        // libpq counts columns in 16 bits, and callers have compared the index with their number.
        self.raw.value(row, column as c_int)
    }

    pub(crate) fn rows_affected(&self) -> usize {
        // The tag of a SELECT has no count on Redshift; its rows are counted, as `PgConnection` does.
        self.raw
            .rows_affected()
            .unwrap_or_else(|| usize::try_from(self.raw.row_count()).unwrap_or(0))
    }

    pub(crate) fn command_tag(&self) -> &str {
        self.raw.command_tag()
    }
}

fn refused(message: &str, connection: &RawConnection) -> Error {
    DatabaseError::of_message(message).on(connection)
}
