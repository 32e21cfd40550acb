use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

fn intersect(conn: &mut RedshiftConnection) {
    let ids = users::table.select(users::id);
    ids.intersect_all(ids).load::<i32>(conn).unwrap();
}

fn except(conn: &mut RedshiftConnection) {
    let ids = users::table.select(users::id);
    ids.except_all(ids).load::<i32>(conn).unwrap();
}

fn main() {}
