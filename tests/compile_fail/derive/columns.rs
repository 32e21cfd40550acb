//! Columns that the table does not have.

use diesel_redshift::{RedshiftCopy, RedshiftUnload};

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
    }
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct MissingInCopy {
    id: i64,
    nam: String,
}

#[derive(RedshiftUnload)]
#[diesel(table_name = users)]
struct MissingInUnload {
    id: i64,
    #[diesel(column_name = surname)]
    name: String,
}

#[derive(RedshiftCopy)]
struct MissingTable {
    id: i64,
}

fn main() {}
