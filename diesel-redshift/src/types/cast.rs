//! `CAST`: the names of the types, and what a `SUPER` can be cast to.

use diesel::expression::{CastsTo, FallibleCastsTo, KnownCastSqlTypeName};
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, Integer, Interval, Numeric, SmallInt, Text, Time,
    Timestamp, Timestamptz, Uuid,
};

use crate::Redshift;
use crate::sql_types::{
    Geography, Geometry, HllSketch, IntervalDayToSecond, IntervalYearToMonth, Super, Timetz,
};

macro_rules! names {
    ($($sql_type:ty => $name:literal,)*) => {$(
        impl KnownCastSqlTypeName<Redshift> for $sql_type {
            const SQL_TYPE_NAME: &'static str = $name;
        }
    )*};
}

// Without a length a cast to VARCHAR is one to VARCHAR(256), which cuts what is longer, and without precision one to DECIMAL is one to
// DECIMAL(18,0), which rounds.
names! {
    Bool => "BOOLEAN",
    SmallInt => "SMALLINT",
    Integer => "INTEGER",
    BigInt => "BIGINT",
    Float => "REAL",
    Double => "DOUBLE PRECISION",
    Numeric => "DECIMAL(38, 18)",
    Text => "VARCHAR(65535)",
    Uuid => "VARCHAR(36)",
    Binary => "VARBYTE(1024000)",
    Date => "DATE",
    Time => "TIME",
    Timetz => "TIMETZ",
    Timestamp => "TIMESTAMP",
    Timestamptz => "TIMESTAMPTZ",
    Interval => "INTERVAL",
    IntervalYearToMonth => "INTERVAL YEAR TO MONTH",
    IntervalDayToSecond => "INTERVAL DAY TO SECOND",
    Geometry => "GEOMETRY",
    Geography => "GEOGRAPHY",
    HllSketch => "HLLSKETCH",
    Super => "SUPER",
}

macro_rules! super_casts_to {
    ($($sql_type:ty),*) => {$(
        impl FallibleCastsTo<$sql_type> for Super {}
        impl CastsTo<$sql_type> for Super {}
    )*};
}

super_casts_to!(
    Bool,
    SmallInt,
    Integer,
    BigInt,
    Float,
    Double,
    Numeric,
    Text,
    Date,
    Timestamp,
    Timestamptz
);
