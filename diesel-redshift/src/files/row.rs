//! A row of a file, as Diesel reads rows.

use std::ops::Range;

use diesel::backend::Backend;
use diesel::row::{Field, PartialRow, Row, RowIndex, RowSealed};

use super::csv::Record;
use crate::{Redshift, backend::RedshiftValue};

/// One row of a file that UNLOAD wrote; every type that Diesel builds from a row of a result it
/// builds from this one too.
#[derive(Clone, Copy)]
pub(crate) struct FileRow<'a> {
    record: Record<'a>,
    columns: &'a [FileColumn],
}

/// A column of a file.
#[derive(Debug, Clone)]
pub(crate) struct FileColumn {
    pub(crate) name: String,
    /// Its type without length, as the manifest names it.
    pub(crate) base: String,
    /// UNLOAD writes `null` for a `SUPER` that is SQL's `NULL`, whatever `NULL AS` says.
    pub(crate) is_super: bool,
}

impl FileColumn {
    pub(crate) fn new(name: &str, base: &str) -> Self {
        Self {
            name: name.to_owned(),
            base: base.to_owned(),
            is_super: base.eq_ignore_ascii_case("super"),
        }
    }
}

impl<'a> FileRow<'a> {
    /// The record has to have as many fields as there are columns.
    pub(crate) fn new(record: Record<'a>, columns: &'a [FileColumn]) -> Self {
        debug_assert_eq!(record.len(), columns.len());
        Self { record, columns }
    }
}

impl RowSealed for FileRow<'_> {}

impl<'a> Row<'a, Redshift> for FileRow<'a> {
    type Field<'f>
        = FileField<'f>
    where
        'a: 'f,
        Self: 'f;
    type InnerPartialRow = Self;

    fn field_count(&self) -> usize {
        self.columns.len()
    }

    fn get<'b, I>(&'b self, index: I) -> Option<Self::Field<'b>>
    where
        'a: 'b,
        Self: RowIndex<I>,
    {
        let at = self.idx(index)?;
        let column = self.columns.get(at)?;
        let range = self.record.fields.get(at)?.clone();
        let text = range.map(|range| &self.record.buffer[range]);
        Some(FileField {
            name: &column.name,
            text: text.filter(|text| !(column.is_super && *text == b"null")),
        })
    }

    fn partial_row(&self, range: Range<usize>) -> PartialRow<'_, Self::InnerPartialRow> {
        PartialRow::new(self, range)
    }
}

impl RowIndex<usize> for FileRow<'_> {
    fn idx(&self, column: usize) -> Option<usize> {
        (column < self.columns.len()).then_some(column)
    }
}

impl<'a> RowIndex<&'a str> for FileRow<'_> {
    fn idx(&self, name: &'a str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// A field of a [`FileRow`].
pub(crate) struct FileField<'a> {
    name: &'a str,
    text: Option<&'a [u8]>,
}

impl<'a> Field<'a, Redshift> for FileField<'a> {
    fn field_name(&self) -> Option<&str> {
        Some(self.name)
    }

    fn value(&self) -> Option<<Redshift as Backend>::RawValue<'_>> {
        self.text
            .map(|text| RedshiftValue::of_file(text, &self.name))
    }
}

#[cfg(test)]
mod tests {
    use diesel::deserialize::FromSqlRow;
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Nullable, Text, Untyped};

    use super::super::csv::Records;
    use super::super::marker::NullMarker;
    use super::*;

    #[derive(Debug, PartialEq, Queryable)]
    struct User {
        id: i64,
        name: Option<String>,
    }

    #[derive(Debug, PartialEq, QueryableByName)]
    struct ByName {
        #[diesel(sql_type = Nullable<Text>)]
        name: Option<String>,
        #[diesel(sql_type = BigInt)]
        id: i64,
    }

    fn read<T>(file: &str, check: impl Fn(FileRow<'_>) -> T) -> T {
        let columns = ["id", "name"].map(|name| FileColumn {
            name: name.to_owned(),
            base: String::new(),
            is_super: name == "doc",
        });
        let mut records = Records::new(file.as_bytes(), NullMarker::of("@N@"));
        let record = records.next().expect("reads").expect("a record");
        check(FileRow::new(record, &columns))
    }

    #[test]
    fn structs_tuples_and_joins_are_built() {
        type Both = (BigInt, Nullable<Text>);
        let user = read("7,\"\"\n", |row| {
            <User as FromSqlRow<Both, Redshift>>::build_from_row(&row)
        });
        assert_eq!(
            user.expect("a user"),
            User {
                id: 7,
                name: Some(String::new())
            }
        );
        let by_name = read("7,@N@\n", |row| {
            <ByName as FromSqlRow<Untyped, Redshift>>::build_from_row(&row)
        });
        assert_eq!(by_name.expect("by name"), ByName { id: 7, name: None });
        let pair = read("7,abc\n", |row| {
            <(i64, Option<(String,)>) as FromSqlRow<(BigInt, Nullable<(Text,)>), Redshift>>::build_from_row(&row)
        });
        assert_eq!(pair.expect("a pair"), (7, Some(("abc".to_owned(),))));
    }

    #[test]
    fn an_unreadable_value_names_its_column() {
        let error = read("x,y\n", |row| {
            <(i64, String) as FromSqlRow<(BigInt, Text), Redshift>>::build_from_row(&row)
        })
        .expect_err("no number")
        .to_string();
        assert!(error.contains("\"id\"") || error.contains("id"), "{error}");
    }
}
