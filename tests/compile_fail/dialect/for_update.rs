use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

fn update(conn: &mut RedshiftConnection) {
    users::table
        .select(users::id)
        .for_update()
        .load::<i32>(conn)
        .unwrap();
}

fn share(conn: &mut RedshiftConnection) {
    users::table
        .select(users::id)
        .for_share()
        .skip_locked()
        .load::<i32>(conn)
        .unwrap();
}

fn main() {}
