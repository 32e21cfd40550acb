//! Text, JSON, hex digits and what is kept in them.
#![no_main]

use std::collections::BTreeMap;

use diesel::sql_types::{Binary, Text, Uuid as UuidType};
use diesel_redshift::sql_types::{Geography, Geometry, HllSketch, Super};
use diesel_redshift::{data_types::Ewkb, data_types::Json, data_types::Sketch};
use diesel_redshift_fuzz::{read, round_trip, select};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    select(
        &[
            round_trip::<Text, String>,
            round_trip::<Binary, Vec<u8>>,
            round_trip::<UuidType, Uuid>,
            round_trip::<Text, Uuid>,
            round_trip::<Geometry, Ewkb>,
            round_trip::<Geography, Ewkb>,
            round_trip::<HllSketch, Sketch>,
            round_trip::<Super, Value>,
            round_trip::<Super, Json<Value>>,
            round_trip::<Super, Json<BTreeMap<String, Vec<Option<f64>>>>>,
            read::<Super, String>,
        ],
        data,
    );
});
