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
        .select(diesel::dsl::count(users::id).aggregate_filter(users::name.eq("Ada")))
        .get_result::<i64>(conn)
        .unwrap();
}
