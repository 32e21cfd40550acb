use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

fn main() {
    let conn: &mut RedshiftConnection = todo!();
    users::table
        .select(users::id)
        .filter(users::name.is_distinct_from("Ada"))
        .load::<i32>(conn)
        .unwrap();
}
