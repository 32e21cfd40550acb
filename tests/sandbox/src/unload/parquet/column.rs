//! A column of a row group.

use ::parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, FloatType, Int32Type, Int64Type, Int96, Int96Type,
};
use ::parquet::errors::Result;
use ::parquet::file::writer::SerializedColumnWriter;
use ::parquet::schema::types::Type;

use super::value;
use crate::copy::decimal_bytes;

/// What a column of Redshift's is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::unload) enum Kind {
    Boolean,
    SmallInt,
    Integer,
    BigInt,
    Real,
    Double,
    Decimal { precision: usize, scale: usize },
    Date,
    Time,
    Timestamp,
    Text,
    Json,
}

/// What 64 bits hold any number of.
const LONG_DIGITS: usize = 18;

impl Kind {
    fn physical(self) -> Physical {
        match self {
            Self::Boolean => Physical::BOOLEAN,
            Self::SmallInt | Self::Integer | Self::Date => Physical::INT32,
            Self::BigInt | Self::Time => Physical::INT64,
            Self::Real => Physical::FLOAT,
            Self::Double => Physical::DOUBLE,
            Self::Decimal { precision, .. } if precision <= LONG_DIGITS => Physical::INT64,
            Self::Decimal { .. } => Physical::FIXED_LEN_BYTE_ARRAY,
            Self::Timestamp => Physical::INT96,
            Self::Text | Self::Json => Physical::BYTE_ARRAY,
        }
    }

    fn logical(self) -> Option<LogicalType> {
        Some(match self {
            Self::SmallInt => LogicalType::integer(16, true),
            Self::Decimal { precision, scale } => {
                LogicalType::decimal(i32::try_from(scale).ok()?, i32::try_from(precision).ok()?)
            }
            Self::Date => LogicalType::Date,
            Self::Time => LogicalType::time(false, TimeUnit::MICROS),
            Self::Text => LogicalType::String,
            Self::Json => LogicalType::Json,
            _ => return None,
        })
    }

    /// Every column is optional, as Redshift writes it.
    pub(super) fn field(self, name: &str) -> Result<Type> {
        let builder = Type::primitive_type_builder(name, self.physical())
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(self.logical());
        match self {
            Self::Decimal { precision, scale } => builder
                .with_length(if precision <= LONG_DIGITS {
                    -1
                } else {
                    i32::try_from(decimal_bytes(precision))?
                })
                .with_precision(i32::try_from(precision)?)
                .with_scale(i32::try_from(scale)?)
                .build(),
            _ => builder.build(),
        }
    }
}

/// The values of a column that are waiting for their row group to be written.
pub(super) struct Buffer {
    kind: Kind,
    /// For every row, whether there is a value.
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Boolean(Vec<bool>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Int96(Vec<Int96>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    /// One after another, and where each ends.
    Bytes(Vec<u8>, Vec<usize>),
}

impl Buffer {
    pub(super) fn new(kind: Kind) -> Self {
        let values = match kind.physical() {
            Physical::BOOLEAN => Values::Boolean(Vec::new()),
            Physical::INT32 => Values::Int32(Vec::new()),
            Physical::INT64 => Values::Int64(Vec::new()),
            Physical::INT96 => Values::Int96(Vec::new()),
            Physical::FLOAT => Values::Float(Vec::new()),
            Physical::DOUBLE => Values::Double(Vec::new()),
            Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => {
                Values::Bytes(Vec::new(), Vec::new())
            }
        };
        Self {
            kind,
            levels: Vec::new(),
            values,
        }
    }

    /// Adds PostgreSQL's text of a value and says how many bytes that takes; none if Parquet has no such value.
    pub(super) fn push(&mut self, text: Option<&[u8]>) -> Option<usize> {
        const LEVEL: usize = size_of::<i16>();
        let Some(bytes) = text else {
            self.levels.push(0);
            return Some(LEVEL);
        };
        let text = || std::str::from_utf8(bytes).ok();
        let length = match &mut self.values {
            Values::Boolean(values) => put(values, bytes == b"t"),
            Values::Int32(values) => put(
                values,
                match self.kind {
                    Kind::Date => i32::try_from(value::date(text()?)?).ok()?,
                    _ => text()?.parse().ok()?,
                },
            ),
            Values::Int64(values) => put(
                values,
                match self.kind {
                    Kind::Decimal { precision, scale } => {
                        i64::try_from(value::decimal(text()?, precision, scale)?).ok()?
                    }
                    Kind::Time => value::micros(text()?)?,
                    _ => text()?.parse().ok()?,
                },
            ),
            Values::Int96(values) => put(values, value::timestamp(text()?)?),
            Values::Float(values) => put(values, text()?.parse().ok()?),
            Values::Double(values) => put(values, text()?.parse().ok()?),
            Values::Bytes(values, ends) => {
                let start = values.len();
                match self.kind {
                    Kind::Decimal { precision, scale } => {
                        let bytes = value::decimal(text()?, precision, scale)?.to_be_bytes();
                        let unused = bytes.len() - decimal_bytes(precision);
                        values.extend_from_slice(&bytes[unused..]);
                    }
                    _ => values.extend_from_slice(bytes),
                }
                put(ends, values.len()) + values.len() - start
            }
        };
        self.levels.push(1);
        Some(LEVEL + length)
    }

    /// Writes the values into their place in the row group.
    pub(super) fn write(self, column: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let levels = &self.levels;
        match self.values {
            Values::Boolean(values) => write::<BoolType>(column, levels, &values),
            Values::Int32(values) => write::<Int32Type>(column, levels, &values),
            Values::Int64(values) => write::<Int64Type>(column, levels, &values),
            Values::Int96(values) => write::<Int96Type>(column, levels, &values),
            Values::Float(values) => write::<FloatType>(column, levels, &values),
            Values::Double(values) => write::<DoubleType>(column, levels, &values),
            Values::Bytes(bytes, ends) => match self.kind {
                Kind::Decimal { .. } => {
                    texts::<FixedLenByteArrayType>(column, levels, bytes, &ends, |text| {
                        FixedLenByteArray::from(text)
                    })
                }
                _ => texts::<ByteArrayType>(column, levels, bytes, &ends, |text| text),
            },
        }
    }
}

fn put<T>(values: &mut Vec<T>, value: T) -> usize {
    values.push(value);
    size_of::<T>()
}

fn write<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    levels: &[i16],
    values: &[T::T],
) -> Result<()> {
    column
        .typed::<T>()
        .write_batch(values, Some(levels), None)?;
    Ok(())
}

/// Writes byte strings in batches: as objects they take several times their room.
fn texts<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    levels: &[i16],
    bytes: Vec<u8>,
    ends: &[usize],
    value: impl Fn(ByteArray) -> T::T,
) -> Result<()> {
    const BATCH: usize = 1024;
    let all = ByteArray::from(bytes);
    let mut ends = ends.iter();
    let mut start = 0;
    for levels in levels.chunks(BATCH) {
        let count = levels.iter().filter(|level| **level > 0).count();
        let values: Vec<_> = ends
            .by_ref()
            .take(count)
            .map(|end| {
                let text = all.slice(start, end - start);
                start = *end;
                value(text)
            })
            .collect();
        write::<T>(column, levels, &values)?;
    }
    Ok(())
}
