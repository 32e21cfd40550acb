//! `BOOLEAN`, the integers, the floats and `DECIMAL`.
#![no_main]

use bigdecimal::BigDecimal;
use diesel::sql_types::{BigInt, Bool, Double, Float, Integer, Numeric, SmallInt};
use diesel_redshift_fuzz::{round_trip, select};
use libfuzzer_sys::fuzz_target;
use rust_decimal::Decimal;

fuzz_target!(|data: &[u8]| {
    select(
        &[
            round_trip::<Bool, bool>,
            round_trip::<SmallInt, i16>,
            round_trip::<Integer, i32>,
            round_trip::<BigInt, i64>,
            round_trip::<Float, f32>,
            round_trip::<Double, f64>,
            round_trip::<Numeric, BigDecimal>,
            round_trip::<Numeric, Decimal>,
        ],
        data,
    );
});
