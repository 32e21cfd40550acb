//! The tables of the statements.

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    orders {
        id -> BigInt,
        user_id -> BigInt,
        country -> Text,
        ordered_on -> Date,
        amount -> Numeric,
    }
}

diesel::table! {
    #[sql_name = "Odd \"table\""]
    warehouse.odd {
        id -> BigInt,
        #[sql_name = "a \"quoted\" 'column'"]
        quoted -> Text,
        #[sql_name = "select"]
        select_ -> Text,
    }
}

diesel::table! {
    documents (document) {
        document -> Text,
    }
}

diesel::joinable!(orders -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(orders, users);
