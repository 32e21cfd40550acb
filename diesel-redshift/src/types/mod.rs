//! The SQL types of Redshift in the text format: one file a family, each with `ToSql` and
//! `FromSql`.

#[cfg(test)]
mod binary_forms;
mod boolean;
mod cast;
mod date_and_time;
#[cfg(any(feature = "numeric", feature = "rust_decimal"))]
mod decimal;
mod floats;
mod geometry;
mod hex;
mod hllsketch;
mod integers;
mod interval;
#[cfg(feature = "numeric")]
mod numeric;
pub(crate) mod oid;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
mod super_type;
mod text;
#[cfg(feature = "uuid")]
mod uuid;
mod varbyte;

pub use self::date_and_time::TimeTz;
pub use self::geometry::Ewkb;
pub use self::hllsketch::Sketch;
pub use self::interval::{DayToSecond, YearToMonth};
#[cfg(feature = "serde_json")]
pub use self::super_type::Json;

use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, HasSqlType, Integer, Interval, Numeric, SmallInt,
    Text, Time, Timestamp, Timestamptz, Uuid,
};

use crate::backend::{Redshift, RedshiftTypeMetadata};
use crate::sql_types::{
    Geography, Geometry, HllSketch, IntervalDayToSecond, IntervalYearToMonth, Super, Timetz,
};

macro_rules! has_sql_type {
    ($($sql_type:ty => $oid:expr,)*) => {$(
        impl HasSqlType<$sql_type> for Redshift {
            fn metadata((): &mut ()) -> RedshiftTypeMetadata {
                RedshiftTypeMetadata::new($oid)
            }
        }
    )*};
}

has_sql_type! {
    Bool => oid::BOOLEAN,
    SmallInt => oid::SMALLINT,
    Integer => oid::INTEGER,
    BigInt => oid::BIGINT,
    Float => oid::REAL,
    Double => oid::DOUBLE_PRECISION,
    Numeric => oid::DECIMAL,
    Text => oid::VARCHAR,
    Binary => oid::VARBYTE,
    Date => oid::DATE,
    Time => oid::TIME,
    Timestamp => oid::TIMESTAMP,
    Timestamptz => oid::TIMESTAMPTZ,
    Timetz => oid::TIMETZ,
    Interval => oid::INTERVAL,
    IntervalYearToMonth => oid::INTERVAL_YEAR_TO_MONTH,
    IntervalDayToSecond => oid::INTERVAL_DAY_TO_SECOND,
    Super => oid::SUPER,
    Geometry => oid::GEOMETRY,
    Geography => oid::GEOGRAPHY,
    HllSketch => oid::HLLSKETCH,
    // Redshift has no UUID; it is kept as text.
    Uuid => oid::VARCHAR,
}

/// The text forms of the codec, for its tests.
#[cfg(test)]
mod round_trip {
    use diesel::deserialize::FromSql;
    use diesel::query_builder::BindCollector;
    use diesel::serialize::ToSql;
    use diesel::sql_types::HasSqlType;

    use crate::query_builder::RedshiftBindCollector;
    use crate::{Redshift, backend::RedshiftValue};

    pub(super) fn text_of<ST, T>(value: &T) -> String
    where
        Redshift: HasSqlType<ST>,
        T: ToSql<ST, Redshift>,
    {
        let mut binds = RedshiftBindCollector::new();
        binds
            .push_bound_value::<ST, T>(value, &mut ())
            .expect("serializes");
        let (_, text) = binds.iter().next().expect("one bind");
        String::from_utf8(text.expect("not null").to_vec()).expect("UTF-8")
    }

    pub(super) fn value_of<ST, T>(text: &str) -> diesel::deserialize::Result<T>
    where
        T: FromSql<ST, Redshift>,
    {
        T::from_sql(RedshiftValue::new(text.as_bytes()))
    }
}
