//! The binary forms, for those types that have one: what they mean, and that any bytes are a value
//! or an error.

use diesel::deserialize::FromSql;
use diesel::sql_types::{BigInt, Bool, Double, Float, Integer, SmallInt, Timestamp, Timestamptz};
use proptest::prelude::*;

use crate::{Redshift, backend::RedshiftValue};

fn read<ST, T>(bytes: &[u8]) -> Result<T, String>
where
    T: FromSql<ST, Redshift>,
{
    T::from_sql(RedshiftValue::of_binary(bytes)).map_err(|error| error.to_string())
}

#[test]
fn numbers_are_big_endian() {
    assert_eq!(read::<SmallInt, i16>(&[0xff, 0xfe]), Ok(-2));
    assert_eq!(read::<Integer, i32>(&[0, 1, 0, 0]), Ok(65_536));
    assert_eq!(
        read::<BigInt, i64>(&[0x80, 0, 0, 0, 0, 0, 0, 0]),
        Ok(i64::MIN)
    );
    assert_eq!(read::<Float, f32>(&1.5_f32.to_be_bytes()), Ok(1.5));
    assert_eq!(read::<Double, f64>(&0.1_f64.to_be_bytes()), Ok(0.1));
    assert_eq!(read::<Bool, bool>(&[1]), Ok(true));
    assert_eq!(read::<Bool, bool>(&[0]), Ok(false));
}

#[test]
fn other_lengths_are_an_error_that_tells_the_format() {
    assert_eq!(
        read::<Integer, i32>(&[1, 2, 3]).expect_err("three bytes"),
        "3 bytes of binary are not an INTEGER (-2147483648 to 2147483647)"
    );
    assert!(read::<Bool, bool>(&[2]).is_err());
    // Digits are text, and in binary a number of their own.
    assert_eq!(read::<SmallInt, i16>(b"12"), Ok(0x3132));
}

proptest! {
    #[test]
    fn any_bytes_are_a_value_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..10)) {
        let _ = read::<SmallInt, i16>(&bytes);
        let _ = read::<Integer, i32>(&bytes);
        let _ = read::<BigInt, i64>(&bytes);
        let _ = read::<Float, f32>(&bytes);
        let _ = read::<Double, f64>(&bytes);
        let _ = read::<Bool, bool>(&bytes);
        let _ = read::<Timestamp, std::time::SystemTime>(&bytes);
        let _ = read::<Timestamptz, std::time::SystemTime>(&bytes);
        #[cfg(feature = "chrono")]
        {
            let _ = read::<Timestamp, chrono::NaiveDateTime>(&bytes);
            let _ = read::<Timestamptz, chrono::DateTime<chrono::Utc>>(&bytes);
            let _ = read::<Timestamptz, chrono::DateTime<chrono::FixedOffset>>(&bytes);
        }
        #[cfg(feature = "time")]
        {
            let _ = read::<Timestamp, time::PrimitiveDateTime>(&bytes);
            let _ = read::<Timestamptz, time::OffsetDateTime>(&bytes);
        }
    }
}
