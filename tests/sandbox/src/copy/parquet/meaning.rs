//! What the columns of a file mean, and which columns of a table take them.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::schema::types::ColumnDescriptor;

use crate::copy::column::Type;

/// A DECIMAL has so many at most.
const MOST_DIGITS: i32 = 38;

/// How values of a file's column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
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
pub(super) fn meaning(column: &ColumnDescriptor) -> Option<Meaning> {
    let converted = column.converted_type();
    let logical = column.logical_type_ref();
    if converted == ConvertedType::DECIMAL {
        let scale = usize::try_from(column.type_scale()).ok();
        let scale = scale.filter(|_| column.type_precision() <= MOST_DIGITS)?;
        return Some(Meaning::Decimal { scale });
    }
    Some(match column.physical_type() {
        Physical::BOOLEAN => Meaning::Boolean,
        Physical::INT32 => match converted {
            ConvertedType::DATE => Meaning::Date,
            ConvertedType::TIME_MILLIS => Meaning::Time(Unit::MILLIS),
            ConvertedType::NONE
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32 => Meaning::Integer { wide: false },
            _ => return None,
        },
        Physical::INT64 => match (logical, converted) {
            (Some(LogicalType::Timestamp(timestamp)), _) => {
                Meaning::Timestamp(Unit::new(timestamp.unit))
            }
            (Some(LogicalType::Time(time)), _) => Meaning::Time(Unit::new(time.unit)),
            (_, ConvertedType::TIMESTAMP_MILLIS) => Meaning::Timestamp(Unit::MILLIS),
            (_, ConvertedType::TIMESTAMP_MICROS) => Meaning::Timestamp(Unit::MICROS),
            (_, ConvertedType::TIME_MICROS) => Meaning::Time(Unit::MICROS),
            (_, ConvertedType::NONE | ConvertedType::INT_64) => Meaning::Integer { wide: true },
            _ => return None,
        },
        Physical::INT96 => Meaning::Timestamp(Unit::MICROS),
        Physical::FLOAT => Meaning::Float { wide: false },
        Physical::DOUBLE => Meaning::Float { wide: true },
        Physical::BYTE_ARRAY => match converted {
            ConvertedType::NONE => Meaning::Bytes,
            ConvertedType::UTF8 | ConvertedType::ENUM => Meaning::Text,
            ConvertedType::JSON => Meaning::Json,
            _ => return None,
        },
        Physical::FIXED_LEN_BYTE_ARRAY if logical.is_none() => match converted {
            ConvertedType::NONE => Meaning::Bytes,
            _ => return None,
        },
        Physical::FIXED_LEN_BYTE_ARRAY => return None,
    })
}

/// Whether a column of the table takes such values. A narrow number fits a wide column.
pub(super) fn fits(meaning: Meaning, column: &Type) -> bool {
    match column {
        Type::SmallInt | Type::Integer => meaning == Meaning::Integer { wide: false },
        Type::BigInt => matches!(meaning, Meaning::Integer { .. }),
        Type::Real => meaning == Meaning::Float { wide: false },
        Type::Double => matches!(meaning, Meaning::Float { .. }),
        Type::Numeric { .. } => matches!(meaning, Meaning::Decimal { .. }),
        Type::Boolean => meaning == Meaning::Boolean,
        Type::Date => meaning == Meaning::Date,
        Type::Time => matches!(meaning, Meaning::Time(_)),
        Type::Timestamp | Type::TimestampTz => matches!(meaning, Meaning::Timestamp(_)),
        Type::Char(_) | Type::Varchar(_) => {
            matches!(meaning, Meaning::Text | Meaning::Json | Meaning::Bytes)
        }
        // What JSON has a form of.
        Type::Super => !matches!(
            meaning,
            Meaning::Bytes | Meaning::Date | Meaning::Time(_) | Meaning::Timestamp(_)
        ),
        Type::Varbyte(_) => meaning == Meaning::Bytes,
        Type::TimeTz | Type::Interval(_) | Type::Ewkb | Type::Sketch => false,
    }
}
