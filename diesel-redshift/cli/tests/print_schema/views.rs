// @generated automatically by Diesel CLI.

// The table has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    use diesel::sql_types::*;

    logs (line) {
        #[max_length = 9]
        line -> Nullable<Varchar>,
        #[max_length = 1]
        level -> Nullable<Bpchar>,
    }
}

// The view has no primary key, and Diesel needs one: its first column stands in.
diesel::table! {
    use diesel::sql_types::*;

    names (name) {
        #[max_length = 20]
        name -> Nullable<Varchar>,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    users (id) {
        id -> Int8,
        #[max_length = 20]
        name -> Nullable<Varchar>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(logs, names, users,);
