//! What the fuzz targets share: the property that every type of the codec has.

use std::fmt::Debug;

use diesel::deserialize::FromSql;
use diesel::query_builder::BindCollector;
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel_redshift::{Redshift, backend::RedshiftBindCollector, backend::RedshiftValue};

fn encoded<ST, T>(value: &T) -> Option<Vec<u8>>
where
    T: ToSql<ST, Redshift>,
    Redshift: HasSqlType<ST>,
{
    let mut binds = RedshiftBindCollector::new();
    binds.push_bound_value::<ST, T>(value, &mut ()).ok()?;
    let (_, text) = binds.iter().next().expect("a bind");
    Some(text.expect("a value that is not NULL").to_vec())
}

/// Any bytes are a value or an error; a value that is sent and read again is the same value, and has one text.
///
/// Redshift's range is narrower than some of the Rust types': a value outside of it is an error when it is sent.
pub fn round_trip<ST, T>(bytes: &[u8])
where
    T: FromSql<ST, Redshift> + ToSql<ST, Redshift> + PartialEq + Debug,
    Redshift: HasSqlType<ST>,
{
    let Ok(value) = T::from_sql(RedshiftValue::new(bytes)) else {
        return;
    };
    let Some(text) = encoded::<ST, T>(&value) else {
        return;
    };
    let again = T::from_sql(RedshiftValue::new(&text)).unwrap_or_else(|error| {
        panic!(
            "{value:?} is sent as {:?}: {error}",
            text.escape_ascii().to_string()
        )
    });
    // NaN differs from itself, and a negative zero prints differently from zero.
    assert!(
        again == value || format!("{again:?}") == format!("{value:?}"),
        "{value:?} comes back as {again:?}"
    );
    assert_eq!(encoded::<ST, T>(&again), Some(text), "{value:?}");
}

/// Any bytes are a value or an error, of a type that is only read.
pub fn read<ST, T: FromSql<ST, Redshift>>(bytes: &[u8]) {
    let _ = T::from_sql(RedshiftValue::new(bytes));
}

/// Runs the check that the first byte selects on the bytes that follow.
pub fn select(checks: &[fn(&[u8])], data: &[u8]) {
    if let [first, bytes @ ..] = data {
        checks[usize::from(*first) % checks.len()](bytes);
    }
}
