//! What the columns of a file mean, and which columns of a table take them.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::schema::types::ColumnDescriptor;

use crate::copy::column::Type;

/// A DECIMAL has so many at most.
const MOST_DIGITS: i32 = 38;

/// How values of a file's column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileType {
    Boolean,
    Integer { wide: bool },
    Float { wide: bool },
    Decimal { scale: usize },
    Text,
    Json,
    Bytes,
    Date,
    Time(Unit),
    Timestamp(Unit),
}

/// With so many parts a microsecond, or so many microseconds a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    divide: i64,
    multiply: i64,
}

impl Unit {
    pub(super) const MICROS: Self = Self {
        divide: 1,
        multiply: 1,
    };
    pub(super) const MILLIS: Self = Self {
        divide: 1,
        multiply: 1000,
    };
    const NANOS: Self = Self {
        divide: 1000,
        multiply: 1,
    };

    fn new(unit: TimeUnit) -> Self {
        match unit {
            TimeUnit::MILLIS => Self::MILLIS,
            TimeUnit::MICROS => Self::MICROS,
            TimeUnit::NANOS => Self::NANOS,
        }
    }

    pub(super) fn micros(self, value: i64) -> Option<i64> {
        value.div_euclid(self.divide).checked_mul(self.multiply)
    }
}

/// None if Redshift has no such type.
pub(super) fn file_type(column: &ColumnDescriptor) -> Option<FileType> {
    let converted = column.converted_type();
    let logical = column.logical_type_ref();
    if converted == ConvertedType::DECIMAL {
        let scale = usize::try_from(column.type_scale()).ok();
        let scale = scale.filter(|_| column.type_precision() <= MOST_DIGITS)?;
        return Some(FileType::Decimal { scale });
    }
    Some(match column.physical_type() {
        Physical::BOOLEAN => FileType::Boolean,
        Physical::INT32 => match converted {
            ConvertedType::DATE => FileType::Date,
            ConvertedType::TIME_MILLIS => FileType::Time(Unit::MILLIS),
            ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32 => FileType::Integer { wide: false },
            _ => return None,
        },
        Physical::INT64 => match (logical, converted) {
            // The service loads dates far off.
            (Some(LogicalType::Timestamp(timestamp)), _) if timestamp.unit == TimeUnit::NANOS => {
                return None;
            }
            (Some(LogicalType::Timestamp(timestamp)), _) => {
                FileType::Timestamp(Unit::new(timestamp.unit))
            }
            (Some(LogicalType::Time(time)), _) => FileType::Time(Unit::new(time.unit)),
            (_, ConvertedType::TIMESTAMP_MILLIS) => FileType::Timestamp(Unit::MILLIS),
            (_, ConvertedType::TIMESTAMP_MICROS) => FileType::Timestamp(Unit::MICROS),
            (_, ConvertedType::TIME_MICROS) => FileType::Time(Unit::MICROS),
            (_, ConvertedType::NONE | ConvertedType::INT_64) => FileType::Integer { wide: true },
            _ => return None,
        },
        Physical::INT96 => FileType::Timestamp(Unit::MICROS),
        Physical::FLOAT => FileType::Float { wide: false },
        Physical::DOUBLE => FileType::Float { wide: true },
        Physical::BYTE_ARRAY => match converted {
            ConvertedType::NONE => FileType::Bytes,
            ConvertedType::UTF8 | ConvertedType::ENUM => FileType::Text,
            ConvertedType::JSON => FileType::Json,
            _ => return None,
        },
        Physical::FIXED_LEN_BYTE_ARRAY if logical.is_none() => match converted {
            ConvertedType::NONE => FileType::Bytes,
            _ => return None,
        },
        Physical::FIXED_LEN_BYTE_ARRAY => return None,
    })
}

/// In how many bytes a file has to hold a column's decimals, if it holds them in a fixed number.
pub(crate) fn decimal_bytes(precision: usize) -> usize {
    let largest = 10_u128.pow(u32::try_from(precision).unwrap_or(38).min(38)) - 1;
    let bits = (u128::BITS - largest.leading_zeros() + 1) as usize;
    bits.div_ceil(8)
}

/// Whether a column of the table takes such values. A narrow number fits a wide column.
pub(super) fn fits(file_type: FileType, column: &Type) -> bool {
    match column {
        Type::SmallInt | Type::Integer => file_type == FileType::Integer { wide: false },
        Type::BigInt => matches!(file_type, FileType::Integer { .. }),
        Type::Real => file_type == FileType::Float { wide: false },
        Type::Double => matches!(file_type, FileType::Float { .. }),
        Type::Numeric { .. } => matches!(file_type, FileType::Decimal { .. }),
        Type::Boolean => file_type == FileType::Boolean,
        Type::Date => file_type == FileType::Date,
        Type::Time => matches!(file_type, FileType::Time(_)),
        Type::Timestamp | Type::TimestampTz => matches!(file_type, FileType::Timestamp(_)),
        Type::Char(_) | Type::Varchar(_) => {
            matches!(file_type, FileType::Text | FileType::Json | FileType::Bytes)
        }
        // What JSON has a form of.
        Type::Super => !matches!(
            file_type,
            FileType::Bytes | FileType::Date | FileType::Time(_) | FileType::Timestamp(_)
        ),
        Type::Varbyte(_) => file_type == FileType::Bytes,
        Type::TimeTz | Type::Interval(_) | Type::Ewkb | Type::Sketch => false,
    }
}
