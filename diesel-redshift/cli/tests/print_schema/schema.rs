// @generated automatically by Diesel CLI.

pub mod sales {
    diesel::table! {
        use diesel::sql_types::*;
        use diesel_redshift::sql_types::*;

        sales.orders (id) {
            id -> Int4,
            document -> Nullable<Super>,
        }
    }
}
