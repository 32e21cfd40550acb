//! The SQL types of Redshift in the text format: one file a family, each with `ToSql` and `FromSql`.

mod boolean;
#[cfg(feature = "chrono")]
mod date_and_time;
mod floats;
mod integers;
#[cfg(feature = "numeric")]
mod numeric;
pub(crate) mod oid;
mod text;
mod varbyte;

use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, HasSqlType, Integer, Numeric, SmallInt, Text, Time,
    Timestamp, Timestamptz,
};

use crate::backend::{Redshift, RedshiftTypeMetadata};

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
}

/// The text forms of the codec, for its tests.
#[cfg(test)]
mod round_trip {
    use diesel::deserialize::FromSql;
    use diesel::query_builder::BindCollector;
    use diesel::serialize::ToSql;
    use diesel::sql_types::HasSqlType;

    use crate::query_builder::RedshiftBindCollector;
    use crate::{Redshift, RedshiftValue};

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
