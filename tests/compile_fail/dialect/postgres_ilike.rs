use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        seen -> Nullable<Timestamp>,
    }
}

// Diesel's method is PostgreSQL's; Redshift's is `diesel_redshift::dsl::ilike`.
fn main() {
    let conn: &mut RedshiftConnection = todo!();
    users::table
        .select(users::id)
        .filter(users::name.ilike("%ada%"))
        .load::<i32>(conn)
        .unwrap();
}
