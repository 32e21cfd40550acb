//! A row of a result.

use std::ffi::c_int;
use std::ops::Range;
use std::rc::Rc;
#[cfg(feature = "async")]
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};

use super::result::RedshiftResult;
use crate::Redshift;
use crate::value::{RedshiftValue, ResultField};

/// One row that a query returned.
#[derive(Clone)]
pub struct RedshiftRow {
    result: Rc<RedshiftResult>,
    row: c_int,
}

/// One row returned by a query on an [`AsyncRedshiftConnection`](crate::AsyncRedshiftConnection),
/// which may move between threads.
#[cfg(feature = "async")]
#[derive(Clone)]
pub struct AsyncRedshiftRow {
    result: Arc<RedshiftResult>,
    row: c_int,
}

macro_rules! row {
    ($row:ident, $pointer:ident) => {
        impl $row {
            pub(crate) fn new(result: $pointer<RedshiftResult>, row: c_int) -> Self {
                Self { result, row }
            }
        }

        impl RowSealed for $row {}

        impl<'a> Row<'a, Redshift> for $row {
            type Field<'f>
                = RedshiftField<'f>
            where
                'a: 'f,
                Self: 'f;
            type InnerPartialRow = Self;

            fn field_count(&self) -> usize {
                self.result.column_count()
            }

            fn get<'b, I>(&'b self, index: I) -> Option<Self::Field<'b>>
            where
                'a: 'b,
                Self: RowIndex<I>,
            {
                Some(RedshiftField {
                    column: self.idx(index)?,
                    result: &self.result,
                    row: self.row,
                })
            }

            fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
                PartialRow::new(self, range)
            }
        }

        impl RowIndex<usize> for $row {
            fn idx(&self, column: usize) -> Option<usize> {
                (column < self.field_count()).then_some(column)
            }
        }

        impl<'a> RowIndex<&'a str> for $row {
            fn idx(&self, name: &'a str) -> Option<usize> {
                self.result.column_index(name)
            }
        }
    };
}

row!(RedshiftRow, Rc);
#[cfg(feature = "async")]
row!(AsyncRedshiftRow, Arc);

/// A field of a row.
pub struct RedshiftField<'a> {
    result: &'a RedshiftResult,
    row: c_int,
    column: usize,
}

impl RedshiftField<'_> {
    /// The number of the column's type in `pg_type`, such as 20 for `BIGINT`.
    pub fn type_oid(&self) -> u32 {
        let mut types = self.result.column_types();
        types.nth(self.column).unwrap_or_default()
    }
}

impl<'a> Field<'a, Redshift> for RedshiftField<'a> {
    fn field_name(&self) -> Option<&str> {
        self.result.column_name(self.column)
    }

    fn value(&self) -> Option<<Redshift as Backend>::RawValue<'_>> {
        self.result
            .value(self.row, self.column)
            .map(|bytes| RedshiftValue::of_field(bytes, self, self.result.is_binary()))
    }
}

impl ResultField for RedshiftField<'_> {
    fn column_name(&self) -> Option<&str> {
        self.result.column_name(self.column)
    }

    fn type_oid(&self) -> u32 {
        RedshiftField::type_oid(self)
    }
}

crate::sql::debug_name! {
    RedshiftRow
    RedshiftField<'a>
}

#[cfg(feature = "async")]
crate::sql::debug_name! { AsyncRedshiftRow }
