//! A row of a result.

use std::ffi::c_int;
use std::ops::Range;
use std::rc::Rc;

use diesel::backend::Backend;
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};

use super::result::RedshiftResult;
use crate::{Redshift, backend::RedshiftValue};

/// One row that a query returned.
#[derive(Clone)]
pub struct RedshiftRow {
    result: Rc<RedshiftResult>,
    row: c_int,
}

impl RedshiftRow {
    pub(crate) fn new(result: Rc<RedshiftResult>, row: c_int) -> Self {
        Self { result, row }
    }
}

impl RowSealed for RedshiftRow {}

impl<'a> Row<'a, Redshift> for RedshiftRow {
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
            row: self,
        })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for RedshiftRow {
    fn idx(&self, column: usize) -> Option<usize> {
        (column < self.field_count()).then_some(column)
    }
}

impl<'a> RowIndex<&'a str> for RedshiftRow {
    fn idx(&self, name: &'a str) -> Option<usize> {
        self.result.column_index(name)
    }
}

/// A field of a row.
pub struct RedshiftField<'a> {
    row: &'a RedshiftRow,
    column: usize,
}

impl RedshiftField<'_> {
    /// The number of the column's type in `pg_type`, such as 20 for `BIGINT`.
    pub fn type_oid(&self) -> u32 {
        let mut types = self.row.result.column_types();
        types.nth(self.column).unwrap_or_default()
    }
}

impl<'a> Field<'a, Redshift> for RedshiftField<'a> {
    fn field_name(&self) -> Option<&str> {
        self.row.result.column_name(self.column)
    }

    fn value(&self) -> Option<<Redshift as Backend>::RawValue<'_>> {
        self.row
            .result
            .value(self.row.row, self.column)
            .map(|bytes| RedshiftValue::of_field(bytes, self, self.row.result.is_binary()))
    }
}

crate::sql::debug_name! {
    RedshiftRow
    RedshiftField<'a>
}
