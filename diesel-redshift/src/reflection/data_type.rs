//! The types of columns, as reported by the catalogs.

use std::fmt;

/// The type of a column, with its length or precision.
///
/// Its [`Display`](fmt::Display) is the form in a column definition: `VARCHAR(200)`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataType {
    /// `SMALLINT`
    SmallInt,
    /// `INTEGER`
    Integer,
    /// `BIGINT`
    BigInt,
    /// `DECIMAL(precision, scale)`
    Decimal {
        /// How many digits there are in all, 1 to 38.
        precision: u32,
        /// How many of them are after the decimal point, 0 to 37.
        scale: u32,
    },
    /// `REAL`
    Real,
    /// `DOUBLE PRECISION`
    Double,
    /// `BOOLEAN`
    Boolean,
    /// `CHAR(n)`, in bytes
    Char(u32),
    /// `VARCHAR(n)`, in bytes; `None` in views whose texts have no length.
    Varchar(Option<u32>),
    /// `VARBYTE(n)`, in bytes
    Varbyte(Option<u32>),
    /// `DATE`
    Date,
    /// `TIME`
    Time,
    /// `TIMETZ`
    Timetz,
    /// `TIMESTAMP`
    Timestamp,
    /// `TIMESTAMPTZ`
    Timestamptz,
    /// `INTERVAL YEAR TO MONTH`
    IntervalYearToMonth,
    /// `INTERVAL DAY TO SECOND(n)`, in digits of a fraction of a second
    IntervalDayToSecond(u32),
    /// `SUPER`
    Super,
    /// `GEOMETRY`
    Geometry,
    /// `GEOGRAPHY`
    Geography,
    /// `HLLSKETCH`
    HllSketch,
    /// Any other type, as the catalog spells it: the catalogs' own types, nested types of external
    /// tables.
    Other(String),
}

impl DataType {
    /// Parses what `format_type()` and the `svv_` views print.
    pub(super) fn parse(text: &str) -> Self {
        let lower = text.trim().to_ascii_lowercase();
        let (name, arguments) = split(&lower);
        let number = |at: usize| arguments.get(at).copied();
        match name.as_str() {
            "smallint" | "int2" | "tinyint" => Self::SmallInt,
            "integer" | "int" | "int4" => Self::Integer,
            "bigint" | "int8" | "long" => Self::BigInt,
            "numeric" | "decimal" => Self::Decimal {
                precision: number(0).unwrap_or(18),
                scale: number(1).unwrap_or(0),
            },
            "real" | "float4" => Self::Real,
            "double precision" | "double" | "float8" | "float" => Self::Double,
            "boolean" | "bool" => Self::Boolean,
            "character" | "char" | "bpchar" | "nchar" => Self::Char(number(0).unwrap_or(1)),
            "character varying" | "varchar" | "nvarchar" | "text" | "string" => {
                Self::Varchar(number(0))
            }
            "binary varying" | "varbyte" | "varbinary" | "binary" => Self::Varbyte(number(0)),
            "date" => Self::Date,
            "time" | "time without time zone" => Self::Time,
            "timetz" | "time with time zone" => Self::Timetz,
            "timestamp" | "timestamp without time zone" => Self::Timestamp,
            "timestamptz" | "timestamp with time zone" => Self::Timestamptz,
            "interval year to month" | "interval year" | "interval month" => {
                Self::IntervalYearToMonth
            }
            "super" => Self::Super,
            "geometry" => Self::Geometry,
            "geography" => Self::Geography,
            "hllsketch" => Self::HllSketch,
            name if name.starts_with("interval ") => {
                Self::IntervalDayToSecond(number(0).unwrap_or(6))
            }
            _ => Self::Other(text.trim().to_owned()),
        }
    }

    /// Its SQL type in `table!`, by its name in Diesel or [`sql_types`](crate::sql_types); `None`
    /// if neither has one.
    pub fn diesel_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::SmallInt => "Int2",
            Self::Integer => "Int4",
            Self::BigInt => "Int8",
            Self::Decimal { .. } => "Numeric",
            Self::Real => "Float4",
            Self::Double => "Float8",
            Self::Boolean => "Bool",
            Self::Char(_) => "Bpchar",
            Self::Varchar(_) => "Varchar",
            Self::Varbyte(_) => "Binary",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::Timestamp => "Timestamp",
            Self::Timestamptz => "Timestamptz",
            Self::Timetz => "Timetz",
            Self::IntervalYearToMonth => "IntervalYearToMonth",
            Self::IntervalDayToSecond(_) => "IntervalDayToSecond",
            Self::Super => "Super",
            Self::Geometry => "Geometry",
            Self::Geography => "Geography",
            Self::HllSketch => "HllSketch",
            Self::Other(_) => return None,
        })
    }

    /// Whether its SQL type is one of this crate's, which `table!` must import.
    pub(super) fn is_of_this_crate(&self) -> bool {
        matches!(
            self,
            Self::Timetz
                | Self::IntervalYearToMonth
                | Self::IntervalDayToSecond(_)
                | Self::Super
                | Self::Geometry
                | Self::Geography
                | Self::HllSketch
        )
    }

    /// The length of texts in bytes, for `#[max_length]`.
    pub(super) fn max_length(&self) -> Option<u32> {
        match self {
            Self::Char(bytes) => Some(*bytes),
            Self::Varchar(bytes) => *bytes,
            _ => None,
        }
    }
}

/// `numeric(12,2)` as its name and its numbers, which may stand in the middle: `time(6) without
/// time zone`.
fn split(text: &str) -> (String, Vec<u32>) {
    let Some((before, rest)) = text.split_once('(') else {
        return (text.to_owned(), Vec::new());
    };
    let Some((inside, after)) = rest.split_once(')') else {
        return (text.to_owned(), Vec::new());
    };
    let numbers: Result<Vec<u32>, _> = inside
        .split(',')
        .map(|number| number.trim().parse())
        .collect();
    match numbers {
        Ok(numbers) => (format!("{}{after}", before.trim_end()), numbers),
        Err(_) => (text.to_owned(), Vec::new()),
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallInt => f.write_str("SMALLINT"),
            Self::Integer => f.write_str("INTEGER"),
            Self::BigInt => f.write_str("BIGINT"),
            Self::Decimal { precision, scale } => write!(f, "DECIMAL({precision}, {scale})"),
            Self::Real => f.write_str("REAL"),
            Self::Double => f.write_str("DOUBLE PRECISION"),
            Self::Boolean => f.write_str("BOOLEAN"),
            Self::Char(bytes) => write!(f, "CHAR({bytes})"),
            Self::Varchar(Some(bytes)) => write!(f, "VARCHAR({bytes})"),
            Self::Varchar(None) => f.write_str("VARCHAR"),
            Self::Varbyte(Some(bytes)) => write!(f, "VARBYTE({bytes})"),
            Self::Varbyte(None) => f.write_str("VARBYTE"),
            Self::Date => f.write_str("DATE"),
            Self::Time => f.write_str("TIME"),
            Self::Timetz => f.write_str("TIMETZ"),
            Self::Timestamp => f.write_str("TIMESTAMP"),
            Self::Timestamptz => f.write_str("TIMESTAMPTZ"),
            Self::IntervalYearToMonth => f.write_str("INTERVAL YEAR TO MONTH"),
            Self::IntervalDayToSecond(6) => f.write_str("INTERVAL DAY TO SECOND"),
            Self::IntervalDayToSecond(digits) => write!(f, "INTERVAL DAY TO SECOND({digits})"),
            Self::Super => f.write_str("SUPER"),
            Self::Geometry => f.write_str("GEOMETRY"),
            Self::Geography => f.write_str("GEOGRAPHY"),
            Self::HllSketch => f.write_str("HLLSKETCH"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_as_the_catalogs_spell_them() {
        for (text, sql) in [
            ("character varying(200)", "VARCHAR(200)"),
            ("character varying", "VARCHAR"),
            ("character(3)", "CHAR(3)"),
            ("numeric(12,2)", "DECIMAL(12, 2)"),
            ("numeric", "DECIMAL(18, 0)"),
            ("time without time zone", "TIME"),
            ("timestamp(6) with time zone", "TIMESTAMPTZ"),
            ("interval day to second(3)", "INTERVAL DAY TO SECOND(3)"),
            ("interval year to month", "INTERVAL YEAR TO MONTH"),
            ("binary varying(20)", "VARBYTE(20)"),
            (
                "struct<a:int,b:decimal(3,1)>",
                "struct<a:int,b:decimal(3,1)>",
            ),
            ("\"char\"", "\"char\""),
        ] {
            assert_eq!(DataType::parse(text).to_string(), sql, "{text}");
        }
    }
}
