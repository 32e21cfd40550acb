//! Relations as structs with Diesel's and this crate's derives.

use std::collections::HashSet;

use super::Named;
use super::options::RustOptions;
use super::table::{column_names, primary_key, printed_columns};
use crate::reflection::column::Column;
use crate::reflection::data_type::DataType;
use crate::reflection::relation::{Relation, RelationKind, Schema};

/// How wide a line can be, including its line break, before rustfmt breaks it.
const WIDEST_LINE: usize = 101;

impl Schema {
    /// A struct for each relation that [`to_rust`](Self::to_rust) prints, to be read, unloaded and,
    /// if it is a table, inserted and loaded; `schema` is the module of the tables, such as
    /// `crate::schema`.
    ///
    /// If only Redshift may set a table's `IDENTITY`, the struct is not for `INSERT` and `COPY`.
    /// The types are those of the features `chrono`, `numeric` and `serde_json`.
    pub fn to_structs(&self, options: &RustOptions, schema: &str) -> String {
        let mut out = String::new();
        let mut taken = HashSet::new();
        for (module, tables) in self.modules(options) {
            if module.is_some_and(|module| !super::names::is_rust(module)) {
                continue;
            }
            for named in &tables {
                if !out.is_empty() {
                    out.push('\n');
                }
                let name = free(&struct_name(&named.rust_name), &mut taken);
                push(&mut out, named, &name, options, schema);
            }
        }
        out
    }
}

/// A name, with a number appended if it is taken.
fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2_u32..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .find(|name| taken.insert(name.clone()))
        .unwrap_or_default()
}

fn push(
    out: &mut String,
    named: &Named<'_>,
    struct_name: &str,
    options: &RustOptions,
    schema: &str,
) {
    let relation = named.relation;
    let (key, _) = primary_key(relation, options);
    let (columns, _) = printed_columns(relation, &key, options);
    let names = column_names(named);
    let mut derives = vec!["Debug", "Clone", "diesel::Queryable", "diesel::Selectable"];
    if is_written(relation) {
        derives.extend(["diesel::Insertable", "diesel_redshift::RedshiftCopy"]);
    }
    derives.push("diesel_redshift::RedshiftUnload");
    let line = format!("#[derive({})]\n", derives.join(", "));
    if line.len() <= WIDEST_LINE {
        out.push_str(&line);
    } else {
        let lines: String = derives
            .iter()
            .map(|derive| format!("    {derive},\n"))
            .collect();
        out.push_str(&format!("#[derive(\n{lines})]\n"));
    }
    let path = match named.module {
        Some(module) => format!("{schema}::{module}::{}", named.rust_name),
        None => format!("{schema}::{}", named.rust_name),
    };
    out.push_str(&format!(
        "#[diesel(table_name = {path})]\npub struct {struct_name} {{\n"
    ));
    for column in columns {
        let name = names.get(&column.name).unwrap_or(&column.name);
        let rust_type = rust_type(&column.data_type);
        let rust_type = if column.is_nullable {
            format!("Option<{rust_type}>")
        } else {
            rust_type.to_owned()
        };
        out.push_str(&format!("    pub {name}: {rust_type},\n"));
    }
    out.push_str("}\n");
}

/// Whether an application sets all of a table's columns.
fn is_written(relation: &Relation) -> bool {
    let is_given = |column: &Column| {
        column
            .identity
            .is_none_or(|identity| identity.is_by_default)
    };
    relation.kind == RelationKind::Table && relation.columns.iter().all(is_given)
}

/// `order_lines` as `OrderLines`.
fn struct_name(table: &str) -> String {
    let mut name = String::new();
    for word in table.split('_') {
        let mut characters = word.chars();
        name.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(characters.as_str());
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) || name == "Self" {
        name.insert(0, '_');
    }
    name
}

fn rust_type(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::SmallInt => "i16",
        DataType::Integer => "i32",
        DataType::BigInt => "i64",
        DataType::Decimal { .. } => "bigdecimal::BigDecimal",
        DataType::Real => "f32",
        DataType::Double => "f64",
        DataType::Boolean => "bool",
        DataType::Varbyte(_) => "Vec<u8>",
        DataType::Date => "chrono::NaiveDate",
        DataType::Time => "chrono::NaiveTime",
        DataType::Timetz => "diesel_redshift::data_types::TimeTz",
        DataType::Timestamp => "chrono::NaiveDateTime",
        DataType::Timestamptz => "chrono::DateTime<chrono::Utc>",
        DataType::IntervalYearToMonth => "diesel_redshift::data_types::YearToMonth",
        DataType::IntervalDayToSecond(_) => "diesel_redshift::data_types::DayToSecond",
        DataType::Super => "diesel_redshift::data_types::Json<serde_json::Value>",
        DataType::Geometry | DataType::Geography => "diesel_redshift::data_types::Ewkb",
        DataType::HllSketch => "diesel_redshift::data_types::Sketch",
        DataType::Char(_) | DataType::Varchar(_) | DataType::Other(_) => "String",
    }
}

#[cfg(test)]
mod tests {
    use super::struct_name;

    #[test]
    fn names_of_structs_are_in_camel_case() {
        for (table, name) in [
            ("order_lines", "OrderLines"),
            ("_2nd", "_2nd"),
            ("abstract_", "Abstract"),
            ("self_", "_Self"),
        ] {
            assert_eq!(struct_name(table), name);
        }
    }
}
