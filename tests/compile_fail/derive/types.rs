//! Fields that are of another type than their columns.

use diesel_redshift::RedshiftCopy;

diesel::table! {
    users {
        id -> BigInt,
        name -> Text,
        age -> Nullable<Integer>,
    }
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct Narrow {
    id: i32,
    name: String,
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
struct InOption<'a> {
    name: &'a str,
    age: Option<i64>,
}

fn main() {}
