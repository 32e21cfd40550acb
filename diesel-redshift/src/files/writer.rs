//! Rows written as CSV for COPY, and checked on the way.

use diesel::result::Error as DieselError;

use super::marker::NullMarker;
use super::values::{self, FileValues};
use crate::error::StageError;
use crate::query_builder::RedshiftBindCollector;
use crate::types::oid;

/// The most bytes of a row that COPY reads.
const MAX_ROW: usize = 4 * 1024 * 1024;

/// The most bytes of a `VARCHAR`.
const MAX_VARCHAR: usize = 65_535;

/// Writes rows as lines of CSV.
///
/// Text stands in quotes, so that an empty one differs from `NULL`; numbers, dates and times stand
/// without. One buffer holds the values of a row, so none costs an allocation.
pub(crate) struct RowWriter {
    columns: Vec<&'static str>,
    /// The most bytes of each column's text.
    limits: Vec<usize>,
    marker: NullMarker,
    binds: RedshiftBindCollector,
}

impl RowWriter {
    /// A writer of rows with the columns of `V`; `max_length` knows what `#[max_length]` says of a
    /// column.
    pub(crate) fn new<V: FileValues>(
        marker: NullMarker,
        max_length: impl Fn(&str) -> Option<usize>,
    ) -> Self {
        let columns = values::columns_of::<V>();
        let limits = columns
            .iter()
            .map(|column| max_length(column).unwrap_or(MAX_VARCHAR))
            .collect();
        Self {
            columns,
            limits,
            marker,
            binds: RedshiftBindCollector::new(),
        }
    }

    pub(crate) fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    /// Adds a row to `out`, and tells whether line breaks stand in its values. `row` counts from 0
    /// and is told in errors.
    ///
    /// # Errors
    ///
    /// When a value cannot be written, or COPY would refuse it; `out` is as it was then.
    pub(crate) fn write<V: FileValues>(
        &mut self,
        row: u64,
        values: &V,
        out: &mut Vec<u8>,
    ) -> Result<bool, StageError> {
        let start = out.len();
        self.write_fields(row, values, out).inspect_err(|_| {
            out.truncate(start);
        })
    }

    fn write_fields<V: FileValues>(
        &mut self,
        row: u64,
        values: &V,
        out: &mut Vec<u8>,
    ) -> Result<bool, StageError> {
        let start = out.len();
        self.binds.clear();
        if let Err(source) = values::collect(values, &mut self.binds) {
            return Err(StageError::Unwritable {
                row,
                // The value at fault is the one that was to come next.
                column: self
                    .columns
                    .get(self.binds.len())
                    .copied()
                    .unwrap_or_default(),
                source: match source {
                    DieselError::SerializationError(source) => source,
                    source => source.into(),
                },
            });
        }
        let mut has_line_breaks = false;
        for (at, (oid, text)) in self.binds.iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            let Some(text) = text else {
                out.extend_from_slice(self.marker.as_bytes());
                continue;
            };
            if text == self.marker.as_bytes() {
                return Err(StageError::EqualsNullMarker {
                    row,
                    column: self.columns[at],
                });
            }
            if text.is_empty() && oid != oid::VARCHAR {
                return Err(StageError::Unwritable {
                    row,
                    column: self.columns[at],
                    source: "an empty value of another type than VARCHAR; COPY reads it as NULL"
                        .into(),
                });
            }
            if is_plain(oid) {
                if marks(text) == 0 {
                    out.extend_from_slice(text);
                } else {
                    has_line_breaks |= push_quoted(text, out);
                }
                continue;
            }
            let bytes = match oid {
                oid::VARCHAR => text.len(),
                // Two hex digits a byte, and its longest is not as long as a row.
                oid::VARBYTE if self.limits[at] != MAX_VARCHAR => text.len() / 2,
                _ => 0,
            };
            if bytes > self.limits[at] {
                return Err(StageError::TooLong {
                    row,
                    column: self.columns[at],
                    bytes,
                    max: self.limits[at],
                });
            }
            has_line_breaks |= push_quoted(text, out);
        }
        out.push(b'\n');
        let bytes = out.len() - start;
        if bytes > MAX_ROW {
            return Err(StageError::RowTooLong {
                row,
                bytes,
                max: MAX_ROW,
            });
        }
        Ok(has_line_breaks)
    }
}

/// Whether the text of a type has nothing that CSV would have to quote.
fn is_plain(oid: u32) -> bool {
    matches!(
        oid,
        oid::BOOLEAN
            | oid::SMALLINT
            | oid::INTEGER
            | oid::BIGINT
            | oid::REAL
            | oid::DOUBLE_PRECISION
            | oid::DECIMAL
            | oid::DATE
            | oid::TIME
            | oid::TIMETZ
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ
    )
}

/// What a byte means to CSV.
const COMMA: u8 = 1;
const QUOTE: u8 = 2;
const LINE_BREAK: u8 = 4;

const MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    marks[b',' as usize] = COMMA;
    marks[b'"' as usize] = QUOTE;
    marks[b'\n' as usize] = LINE_BREAK;
    marks[b'\r' as usize] = LINE_BREAK;
    marks
};

/// What stands in a text, in one look at it.
#[inline]
fn marks(text: &[u8]) -> u8 {
    text.iter()
        .fold(0, |marks, byte| marks | MARKS[usize::from(*byte)])
}

/// Writes a field in quotes, and tells whether it holds a line break.
fn push_quoted(text: &[u8], out: &mut Vec<u8>) -> bool {
    let marks = marks(text);
    out.push(b'"');
    if marks & QUOTE != 0 {
        for part in text.split_inclusive(|byte| *byte == b'"') {
            out.extend_from_slice(part);
            if part.ends_with(b"\"") {
                out.push(b'"');
            }
        }
    } else {
        out.extend_from_slice(text);
    }
    out.push(b'"');
    marks & LINE_BREAK != 0
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::query_builder::ValuesClause;

    use super::*;

    diesel::table! {
        things (id) {
            id -> BigInt,
            name -> Nullable<Text>,
            size -> Nullable<Double>,
            raw -> Nullable<Binary>,
        }
    }

    #[derive(Insertable)]
    #[diesel(table_name = things, treat_none_as_default_value = false)]
    struct Thing {
        id: i64,
        name: Option<String>,
        size: Option<f64>,
        raw: Option<Vec<u8>>,
    }

    fn thing(id: i64, name: Option<&str>) -> Thing {
        Thing {
            id,
            name: name.map(str::to_owned),
            size: Some(1.5),
            raw: Some(vec![0xca, 0xfe]),
        }
    }

    fn write<I, V>(
        rows: impl IntoIterator<Item = I>,
        max_length: Option<usize>,
    ) -> Result<String, StageError>
    where
        I: Insertable<things::table, Values = ValuesClause<V, things::table>>,
        V: FileValues,
    {
        let marker = NullMarker::of("@N@");
        let mut writer =
            RowWriter::new::<V>(marker, |column| max_length.filter(|_| column == "name"));
        let mut out = Vec::new();
        for (at, row) in (0..).zip(rows) {
            writer.write(at, &row.values().values, &mut out)?;
        }
        Ok(String::from_utf8(out).expect("UTF-8"))
    }

    #[test]
    fn every_form_of_a_field() {
        let rows = [
            thing(1, Some("Ada")),
            thing(-2, Some("")),
            thing(3, None),
            thing(4, Some("a \"b\", c\r\nd\\ '|")),
            Thing {
                size: None,
                raw: None,
                ..thing(5, Some("N"))
            },
        ];
        assert_eq!(
            write(&rows, None).expect("writes"),
            "1,\"Ada\",1.5,\"cafe\"\n-2,\"\",1.5,\"cafe\"\n3,@N@,1.5,\"cafe\"\n\
             4,\"a \"\"b\"\", c\r\nd\\ '|\",1.5,\"cafe\"\n5,\"N\",@N@,@N@\n"
        );
        let tuples = [(things::name.eq("x"), things::id.eq(7))];
        assert_eq!(write(&tuples, None).expect("writes"), "\"x\",7\n");
        assert_eq!(write(tuples, None).expect("writes"), "\"x\",7\n");
        assert_eq!(write([things::id.eq(7)], None).expect("writes"), "7\n");
    }

    #[test]
    fn what_copy_would_refuse_is_told_with_row_and_column() {
        let error =
            |rows: &[Thing], max_length| write(rows, max_length).expect_err("refused").to_string();
        let good = thing(1, Some("ok"));
        assert_eq!(
            error(&[good, thing(2, Some("äöü"))], Some(5)),
            "row 1, column \"name\": 6 bytes; expected at most 5"
        );
        let long = "x".repeat(65_536);
        assert!(
            error(&[thing(1, Some(&long))], None).contains("65536 bytes; expected at most 65535")
        );
        assert!(write(&[thing(1, Some(&long[1..]))], None).is_ok());
        let nul = error(&[thing(1, Some("a\0b"))], None);
        assert!(
            nul.starts_with("row 0, column \"name\": ") && nul.contains("NUL"),
            "{nul}"
        );
        let wide = Thing {
            raw: Some(vec![0; 3_000_000]),
            ..thing(1, None)
        };
        assert!(error(&[wide], None).starts_with("row 0: 6000"));
        let empty = Thing {
            raw: Some(Vec::new()),
            ..thing(1, None)
        };
        assert!(error(&[empty], None).contains("column \"raw\": an empty value"));
        let marker = error(&[thing(1, Some("@N@"))], None);
        assert!(marker.starts_with("row 0, column \"name\": "), "{marker}");
    }

    #[test]
    fn a_refused_row_leaves_nothing_behind() {
        let mut writer =
            RowWriter::new::<<things::table as Values>::Of>(NullMarker::of("@N@"), |_| None);
        let mut out = b"before\n".to_vec();
        let bad = things::name.eq(Some("a\0b"));
        assert!(
            writer
                .write(
                    0,
                    &Insertable::<things::table>::values(bad).values,
                    &mut out
                )
                .is_err()
        );
        assert_eq!(out, b"before\n");
        let good = things::name.eq(Some("a"));
        assert!(
            writer
                .write(
                    1,
                    &Insertable::<things::table>::values(good).values,
                    &mut out
                )
                .is_ok()
        );
        assert_eq!(out, b"before\n\"a\"\n");
    }

    trait Values {
        type Of;
    }

    impl Values for things::table {
        type Of = ColumnOf<things::name>;
    }

    type ColumnOf<C> = diesel::insertable::ColumnInsertValue<
        C,
        diesel::internal::derives::as_expression::Bound<
            diesel::sql_types::Nullable<diesel::sql_types::Text>,
            Option<&'static str>,
        >,
    >;
}
