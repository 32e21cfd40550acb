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
        .distinct_on(users::name)
        .order((users::name, users::id))
        .load::<i32>(conn)
        .unwrap();
}
