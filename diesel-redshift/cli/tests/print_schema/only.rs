// @generated automatically by Diesel CLI.

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

diesel::allow_tables_to_appear_in_same_query!(posts, users,);
