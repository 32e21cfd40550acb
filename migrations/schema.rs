// @generated automatically by Diesel CLI.

// The table has no primary key, and Diesel needs one: its identity column stands in.
diesel::table! {
    orders (id) {
        id -> Int8,
        user_id -> Int8,
        #[max_length = 100]
        item -> Varchar,
        amount -> Numeric,
        ordered_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> Int8,
        #[max_length = 200]
        name -> Varchar,
        #[max_length = 1000]
        note -> Nullable<Varchar>,
        joined_on -> Nullable<Date>,
    }
}

diesel::joinable!(orders -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(orders, users,);
