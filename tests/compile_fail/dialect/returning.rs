use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

fn insert(conn: &mut RedshiftConnection) {
    let _id: i32 = diesel::insert_into(users::table)
        .values(users::name.eq("Ada"))
        .returning(users::id)
        .get_result(conn)
        .unwrap();
}

fn update(conn: &mut RedshiftConnection) {
    let _user: (i32, String, Option<std::time::SystemTime>) = diesel::update(users::table)
        .set(users::name.eq("Ada"))
        .get_result(conn)
        .unwrap();
}

fn main() {}
