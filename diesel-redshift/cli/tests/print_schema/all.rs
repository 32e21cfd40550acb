// @generated automatically by Diesel CLI.

// The table has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    logs (line) {
        #[max_length = 9]
        line -> Nullable<Varchar>,
        #[max_length = 1]
        level -> Nullable<Bpchar>,
    }
}

diesel::table! {
    posts (a) {
        b -> Nullable<Int4>,
        a -> Int4,
        user_id -> Nullable<Int8>,
    }
}

diesel::table! {
    users (id) {
        id -> Int8,
        #[max_length = 20]
        name -> Nullable<Varchar>,
    }
}

diesel::joinable!(posts -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(logs, posts, users,);
