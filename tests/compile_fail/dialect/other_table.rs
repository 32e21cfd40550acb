use diesel::dsl::count;
use diesel::prelude::*;
use diesel_redshift::{dsl::delete_using, dsl::update_from, expression::QualifyDsl, RedshiftConnection};

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    pets (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    cars (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, pets, cars);

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Change {
    name: &'static str,
}

fn main() {
    // A table that is not in FROM.
    let _ = update_from(users::table, pets::table).set(users::name.eq(cars::name));
    // A column of the source cannot be set.
    let _ = update_from(users::table, pets::table).set(pets::name.eq(users::name));
    let _ = delete_using(users::table, pets::table).filter(users::id.eq(cars::id));
    // A window function over another table.
    let _ = users::table.qualify(count(pets::id).partition_by(users::id).gt(1));
    // A struct of another table, and one in a tuple.
    let _ = update_from(pets::table, users::table).set(Change { name: "Ada" });
    let _ = update_from(pets::table, users::table).set((pets::name.eq("Rex"), &Change { name: "Ada" }));
    // Without a condition nothing joins the two.
    let conn: &mut RedshiftConnection = todo!();
    update_from(users::table, pets::table)
        .set(users::name.eq(pets::name))
        .execute(conn)
        .unwrap();
    delete_using(users::table, pets::table).execute(conn).unwrap();
    update_from(users::table, pets::table)
        .filter(users::id.eq(pets::id))
        .execute(conn)
        .unwrap();
}
