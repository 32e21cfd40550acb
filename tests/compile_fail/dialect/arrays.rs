use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

use diesel::sql_types::{Array, Integer};

// `eq_any` is written as `IN (…)` and works.
fn bind(conn: &mut RedshiftConnection) {
    users::table
        .select(users::id)
        .filter(vec![1, 2].into_sql::<Array<Integer>>().contains(vec![1]))
        .load::<i32>(conn)
        .unwrap();
}

fn literal(conn: &mut RedshiftConnection) {
    users::table
        .select(diesel::dsl::array((users::id, users::id)))
        .load::<Vec<i32>>(conn)
        .unwrap();
}

fn main() {}
