//! Columns of structs, lists and maps, which SERIALIZETOJSON makes JSON of.

use std::fs::File;

use ::parquet::basic::{LogicalType, TimeUnit, Type as Physical};
use ::parquet::file::reader::SerializedFileReader;
use ::parquet::record::reader::RowIter;
use ::parquet::record::{Field, Row};
use ::parquet::schema::types::{ColumnDescriptor, Type, TypePtr};
use serde_json::Value;

use super::Refusal;
use super::file_type::{FileType, Unit};
use super::value;

/// Reads the nested columns of a file, row by row.
pub(super) struct Nested(RowIter<'static>);

impl Nested {
    pub(super) fn new(file: File, root: &str, columns: Vec<TypePtr>) -> Result<Self, Refusal> {
        let file = SerializedFileReader::new(file)?;
        let projection = Type::group_type_builder(root)
            .with_fields(columns)
            .build()?;
        let rows = RowIter::from_file_into(Box::new(file)).project(Some(projection))?;
        Ok(Self(rows))
    }

    /// The next row's values, one for each nested column.
    pub(super) fn next(&mut self) -> Result<Vec<Option<Vec<u8>>>, Refusal> {
        let row = self.0.next();
        let row =
            row.ok_or_else(|| Refusal::Broken("its columns differ in length".to_owned()))??;
        let values = row
            .into_columns()
            .into_iter()
            .map(|(_, field)| match field {
                Field::Null => None,
                field => Some(json(&field).to_string().into_bytes()),
            });
        Ok(values.collect())
    }
}

/// Whether the reader of rows shows such values without loss.
pub(super) fn is_readable(leaf: &ColumnDescriptor) -> bool {
    let is_nanos = matches!(
        leaf.logical_type_ref(),
        Some(LogicalType::Timestamp(logical) | LogicalType::Time(logical)) if logical.unit == TimeUnit::NANOS
    );
    leaf.physical_type() != Physical::INT96 && !is_nanos
}

fn json(field: &Field) -> Value {
    let text = |text: Option<Vec<u8>>| match text {
        Some(text) => Value::from(String::from_utf8_lossy(&text).into_owned()),
        None => Value::Null,
    };
    let whole = |value, file_type| text(value::whole(value, file_type));
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::from(*value),
        Field::Byte(value) => Value::from(*value),
        Field::Short(value) => Value::from(*value),
        Field::Int(value) => Value::from(*value),
        Field::Long(value) => Value::from(*value),
        Field::UByte(value) => Value::from(*value),
        Field::UShort(value) => Value::from(*value),
        Field::UInt(value) => Value::from(*value),
        Field::ULong(value) => Value::from(*value),
        Field::Float16(value) => Value::from(f32::from(*value)),
        Field::Float(value) => number(&value.to_string()),
        Field::Double(value) => Value::from(*value),
        Field::Decimal(decimal) => {
            let scale = usize::try_from(decimal.scale()).unwrap_or(0);
            let shown = value::number(decimal.data(), scale).unwrap_or_default();
            number(&String::from_utf8_lossy(&shown))
        }
        Field::Str(text) => Value::from(text.as_str()),
        Field::Bytes(bytes) => text(Some(bytes.data().to_vec())),
        Field::Date(days) => whole(i64::from(*days), FileType::Date),
        Field::TimeMillis(millis) => whole(i64::from(*millis), FileType::Time(Unit::MILLIS)),
        Field::TimeMicros(micros) => whole(*micros, FileType::Time(Unit::MICROS)),
        Field::TimestampMillis(millis) => whole(*millis, FileType::Timestamp(Unit::MILLIS)),
        Field::TimestampMicros(micros) => whole(*micros, FileType::Timestamp(Unit::MICROS)),
        Field::Group(row) => object(row),
        Field::ListInternal(list) => list.elements().iter().map(json).collect(),
        Field::MapInternal(map) => map
            .entries()
            .iter()
            .map(|(key, value)| (name(key), json(value)))
            .collect(),
    }
}

fn object(row: &Row) -> Value {
    row.get_column_iter()
        .map(|(name, field)| (name.clone(), json(field)))
        .collect()
}

/// A key of a map; JSON's are texts.
fn name(key: &Field) -> String {
    match json(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A number as it is shown; JSON has none for NaN and the infinities.
fn number(shown: &str) -> Value {
    serde_json::from_str(shown).unwrap_or(Value::Null)
}
