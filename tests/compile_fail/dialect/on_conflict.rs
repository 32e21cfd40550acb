use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

fn do_nothing(conn: &mut RedshiftConnection) {
    diesel::insert_into(users::table)
        .values(users::name.eq("Ada"))
        .on_conflict_do_nothing()
        .execute(conn)
        .unwrap();
}

fn do_update(conn: &mut RedshiftConnection) {
    diesel::insert_into(users::table)
        .values((users::id.eq(1), users::name.eq("Ada")))
        .on_conflict(users::id)
        .do_update()
        .set(users::name.eq("Ada"))
        .execute(conn)
        .unwrap();
}

fn main() {}
