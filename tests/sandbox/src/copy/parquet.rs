//! Parquet files.

use std::fs::File;

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::DataType;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;

use super::column::{Column, Type};
use super::datetime;
use super::record::Fields;

/// So many rows are read of every column at a time.
const BATCH: usize = 1024;

/// Why a file cannot be loaded at all.
pub(super) enum Refusal {
    /// As Redshift tells it.
    Schema(String),
    /// What the sandbox does not imitate.
    NotImitated(&'static str),
    Broken(String),
}

impl From<ParquetError> for Refusal {
    fn from(error: ParquetError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// How values of a file's column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Boolean,
    Integer {
        wide: bool,
    },
    Float {
        wide: bool,
    },
    Decimal {
        scale: usize,
    },
    Text,
    Date,
    /// With so many parts a microsecond, or so many microseconds a part.
    Timestamp {
        divide: i64,
        multiply: i64,
    },
}

/// Gives the rows of one file.
pub(super) struct Reader {
    file: SerializedFileReader<File>,
    meanings: Vec<Meaning>,
    /// For every column, whether its texts become JSON.
    supers: Vec<bool>,
    group: usize,
    columns: Vec<ColumnReader>,
    /// The rows that were read: for every column its values.
    batch: Vec<Vec<Option<Vec<u8>>>>,
    at: usize,
    length: usize,
}

impl Reader {
    /// Checks the file's columns against those of the table, by their places.
    pub(super) fn open(
        file: File,
        uri: &str,
        columns: &[Column],
        listed: bool,
        fill_record: bool,
    ) -> Result<Self, Refusal> {
        let file = SerializedFileReader::new(file)?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let roots = schema.root_schema().get_fields().len();
        if roots > columns.len() || roots < columns.len() && !fill_record {
            return Err(Refusal::Schema(if listed {
                "Unmatched number of columns between the column list and the file".to_owned()
            } else {
                format!(
                    "Unmatched number of columns between table and file. Table columns: {}, Data columns: {roots}",
                    columns.len()
                )
            }));
        }
        let mut meanings = Vec::with_capacity(roots);
        for (found, column) in schema.columns().iter().zip(columns) {
            if found.max_rep_level() > 0 || found.path().parts().len() > 1 {
                return Err(Refusal::NotImitated("COPY of a nested Parquet column"));
            }
            let meaning = meaning(found).ok_or(Refusal::NotImitated(
                "COPY of a Parquet column of this type",
            ))?;
            if !fits(meaning, &column.kind) {
                let optional = if found.max_def_level() > 0 {
                    "optional"
                } else {
                    "required"
                };
                return Err(Refusal::Schema(format!(
                    "File '{uri}' has an incompatible Parquet schema for column '{}'. Column type: {}, Parquet schema:\n\
                     {optional} {} {}",
                    column.name,
                    column.type_name.to_uppercase(),
                    found.physical_type().to_string().to_lowercase(),
                    found.name()
                )));
            }
            meanings.push(meaning);
        }
        Ok(Self {
            batch: vec![Vec::new(); meanings.len()],
            supers: columns
                .iter()
                .map(|column| column.kind == Type::Super)
                .collect(),
            file,
            meanings,
            group: 0,
            columns: Vec::new(),
            at: 0,
            length: 0,
        })
    }

    /// Puts the next row into `fields`; false at the end.
    pub(super) fn next(&mut self, fields: &mut Fields) -> Result<bool, Refusal> {
        while self.at == self.length {
            if !self.fill()? {
                return Ok(false);
            }
        }
        fields.clear();
        for column in &self.batch {
            fields.push_value(column.get(self.at).and_then(Option::as_deref));
        }
        self.at += 1;
        Ok(true)
    }

    fn fill(&mut self) -> Result<bool, Refusal> {
        (self.at, self.length) = (0, 0);
        if !self.columns.is_empty() {
            for (place, column) in self.columns.iter_mut().enumerate() {
                let values = &mut self.batch[place];
                values.clear();
                read(column, self.meanings[place], self.supers[place], values)?;
            }
            self.length = self.batch.iter().map(Vec::len).max().unwrap_or(0);
            if self.batch.iter().any(|values| values.len() != self.length) {
                return Err(Refusal::Broken("its columns differ in length".to_owned()));
            }
            if self.length > 0 {
                return Ok(true);
            }
        }
        if self.group == self.file.num_row_groups() {
            return Ok(false);
        }
        let group = self.file.get_row_group(self.group)?;
        self.group += 1;
        self.columns = (0..self.meanings.len())
            .map(|at| group.get_column_reader(at))
            .collect::<Result<_, _>>()?;
        Ok(true)
    }
}

fn meaning(column: &ColumnDescriptor) -> Option<Meaning> {
    let scale = usize::try_from(column.type_scale()).unwrap_or(0);
    let is_decimal = column.converted_type() == ConvertedType::DECIMAL;
    Some(match column.physical_type() {
        Physical::BOOLEAN => Meaning::Boolean,
        Physical::INT32
        | Physical::INT64
        | Physical::BYTE_ARRAY
        | Physical::FIXED_LEN_BYTE_ARRAY
            if is_decimal =>
        {
            Meaning::Decimal { scale }
        }
        Physical::INT32 => match column.converted_type() {
            ConvertedType::DATE => Meaning::Date,
            ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32 => Meaning::Integer { wide: false },
            _ => return None,
        },
        Physical::INT64 => match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Timestamp(timestamp)), _) => {
                let (divide, multiply) = match timestamp.unit {
                    TimeUnit::MILLIS => (1, 1000),
                    TimeUnit::MICROS => (1, 1),
                    TimeUnit::NANOS => (1000, 1),
                };
                Meaning::Timestamp { divide, multiply }
            }
            (_, ConvertedType::TIMESTAMP_MILLIS) => Meaning::Timestamp {
                divide: 1,
                multiply: 1000,
            },
            (_, ConvertedType::TIMESTAMP_MICROS) => Meaning::Timestamp {
                divide: 1,
                multiply: 1,
            },
            (_, ConvertedType::NONE | ConvertedType::INT_64) => Meaning::Integer { wide: true },
            _ => return None,
        },
        Physical::INT96 => Meaning::Timestamp {
            divide: 1,
            multiply: 1,
        },
        Physical::FLOAT => Meaning::Float { wide: false },
        Physical::DOUBLE => Meaning::Float { wide: true },
        Physical::BYTE_ARRAY => match column.converted_type() {
            ConvertedType::NONE
            | ConvertedType::UTF8
            | ConvertedType::ENUM
            | ConvertedType::JSON => Meaning::Text,
            _ => return None,
        },
        Physical::FIXED_LEN_BYTE_ARRAY => return None,
    })
}

/// Whether a column of the table takes such values. A narrow number fits a wide column.
fn fits(meaning: Meaning, column: &Type) -> bool {
    match column {
        Type::SmallInt | Type::Integer => meaning == Meaning::Integer { wide: false },
        Type::BigInt => matches!(meaning, Meaning::Integer { .. }),
        Type::Real => meaning == Meaning::Float { wide: false },
        Type::Double => matches!(meaning, Meaning::Float { .. }),
        Type::Numeric { .. } => matches!(meaning, Meaning::Decimal { .. }),
        Type::Boolean => meaning == Meaning::Boolean,
        Type::Date => meaning == Meaning::Date,
        Type::Timestamp | Type::TimestampTz => matches!(meaning, Meaning::Timestamp { .. }),
        Type::Char(_) | Type::Varchar(_) => meaning == Meaning::Text,
        Type::Super => !matches!(meaning, Meaning::Date | Meaning::Timestamp { .. }),
        Type::Time | Type::TimeTz | Type::Varbyte(_) => false,
    }
}

fn read(
    reader: &mut ColumnReader,
    meaning: Meaning,
    as_json: bool,
    out: &mut Vec<Option<Vec<u8>>>,
) -> Result<(), Refusal> {
    match reader {
        ColumnReader::BoolColumnReader(reader) => {
            let word = |value: &bool| if *value { "true" } else { "false" };
            values(reader, out, |value| Some(word(value).as_bytes().to_vec()))
        }
        ColumnReader::Int32ColumnReader(reader) => {
            values(reader, out, |value| whole(i64::from(*value), meaning))
        }
        ColumnReader::Int64ColumnReader(reader) => {
            values(reader, out, |value| whole(*value, meaning))
        }
        ColumnReader::Int96ColumnReader(reader) => {
            values(reader, out, |value| whole(value.to_micros(), meaning))
        }
        ColumnReader::FloatColumnReader(reader) => {
            values(reader, out, |value| Some(value.to_string().into_bytes()))
        }
        ColumnReader::DoubleColumnReader(reader) => {
            values(reader, out, |value| Some(value.to_string().into_bytes()))
        }
        ColumnReader::ByteArrayColumnReader(reader) => {
            values(reader, out, |value| bytes(value.data(), meaning, as_json))
        }
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            values(reader, out, |value| bytes(value.data(), meaning, as_json))
        }
    }
}

/// Reads a batch; `show` gives a value's text, or none if Redshift has no such value.
fn values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    out: &mut Vec<Option<Vec<u8>>>,
    show: impl Fn(&T::T) -> Option<Vec<u8>>,
) -> Result<(), Refusal> {
    let (mut levels, mut found) = (Vec::new(), Vec::new());
    let (records, count, _) = reader.read_records(BATCH, Some(&mut levels), None, &mut found)?;
    let mut found = found.iter();
    for at in 0..records {
        // A required column has no levels.
        if count < records && levels.get(at) == Some(&0) {
            out.push(None);
            continue;
        }
        let value = found.next().and_then(&show);
        out.push(Some(value.ok_or_else(|| {
            Refusal::Broken("a value is out of range".to_owned())
        })?));
    }
    Ok(())
}

fn whole(value: i64, meaning: Meaning) -> Option<Vec<u8>> {
    const DAY: i64 = 86_400_000_000;
    let mut out = Vec::new();
    match meaning {
        Meaning::Decimal { scale } => return decimal(i128::from(value), scale),
        Meaning::Date => datetime::from_micros(value.checked_mul(DAY)?)?.write_date(&mut out),
        Meaning::Timestamp { divide, multiply } => {
            let micros = value.div_euclid(divide).checked_mul(multiply)?;
            datetime::from_micros(micros)?.write(&mut out, false);
        }
        _ => out = value.to_string().into_bytes(),
    }
    Some(out)
}

fn bytes(value: &[u8], meaning: Meaning, as_json: bool) -> Option<Vec<u8>> {
    let Meaning::Decimal { scale } = meaning else {
        return Some(if as_json {
            let text = String::from_utf8_lossy(value).into_owned();
            serde_json::Value::from(text).to_string().into_bytes()
        } else {
            value.to_vec()
        });
    };
    // Two's complement, the first byte first.
    let negative = value.first().is_some_and(|byte| *byte >= 0x80);
    if value.len() > 16 {
        return None;
    }
    let start = if negative { -1_i128 } else { 0 };
    let number = value
        .iter()
        .fold(start, |number, byte| number << 8 | i128::from(*byte));
    decimal(number, scale)
}

fn decimal(number: i128, scale: usize) -> Option<Vec<u8>> {
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if number < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{fraction}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let shown = |number, scale| String::from_utf8(decimal(number, scale).expect("valid"));
        assert_eq!(shown(-5, 2).expect("UTF-8"), "-0.05");
        assert_eq!(shown(12345, 2).expect("UTF-8"), "123.45");
        assert_eq!(shown(7, 0).expect("UTF-8"), "7");
        let meaning = Meaning::Decimal { scale: 1 };
        assert_eq!(
            bytes(&[0xff, 0x85], meaning, false).expect("valid"),
            b"-12.3"
        );
        assert_eq!(whole(-1, Meaning::Date).expect("valid"), b"1969-12-31");
        let micros = Meaning::Timestamp {
            divide: 1,
            multiply: 1,
        };
        assert_eq!(
            whole(-1, micros).expect("valid"),
            b"1969-12-31 23:59:59.999999"
        );
    }
}
