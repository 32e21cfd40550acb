//! The tables, as `diesel-redshift print-schema` prints them.

diesel::table! {
    readings (station_id, taken_at) {
        station_id -> BigInt,
        taken_at -> Timestamp,
        celsius -> Double,
    }
}

diesel::table! {
    stations (id) {
        id -> BigInt,
        #[max_length = 100]
        name -> Text,
    }
}

diesel::joinable!(readings -> stations (station_id));
diesel::allow_tables_to_appear_in_same_query!(readings, stations);
