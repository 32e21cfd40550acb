//! The tables of the sample schema, as `diesel print-schema` would write them.

diesel::table! {
    users (id) {
        id -> BigInt,
        #[max_length = 200]
        name -> Varchar,
        #[max_length = 1000]
        note -> Nullable<Varchar>,
        joined_on -> Nullable<Date>,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        user_id -> BigInt,
        #[max_length = 100]
        item -> Varchar,
        amount -> Numeric,
        ordered_at -> Timestamp,
    }
}

diesel::joinable!(orders -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(orders, users);
