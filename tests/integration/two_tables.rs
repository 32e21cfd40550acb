//! Rows changed and deleted by those of another table, and the names of a join's columns.

use diesel::connection::SimpleConnection;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_redshift::dsl::{delete_using, update_from};
use diesel_redshift::expression::AliasExpressionMethods;
use diesel_redshift::{Redshift, RedshiftConnection};
use diesel_redshift_tests::World;

diesel::table! {
    people (id) {
        id -> Integer,
        name -> Text,
        boss -> Nullable<Integer>,
    }
}

diesel::table! {
    pets (id) {
        id -> Integer,
        owner -> Integer,
        kind -> Text,
        weight -> Nullable<Double>,
    }
}

diesel::joinable!(pets -> people (owner));
diesel::allow_tables_to_appear_in_same_query!(people, pets);

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE people (id INTEGER NOT NULL, name VARCHAR(100) NOT NULL, boss INTEGER);
         CREATE TABLE pets (id INTEGER NOT NULL, owner INTEGER NOT NULL, kind VARCHAR(100) NOT NULL, weight DOUBLE PRECISION);
         CREATE TABLE defaults (id INTEGER DEFAULT 7, name VARCHAR(100) DEFAULT 'none');
         INSERT INTO people VALUES (1, 'Ada', NULL), (2, 'O''Brien', 1), (3, 'Eve', 1);
         INSERT INTO pets VALUES (1, 1, 'cat', 4.5), (2, 1, 'dog', 20), (3, 2, 'cat', NULL), (4, 2, 'dog', 30)",
    )
    .unwrap();
    (world, conn)
}

#[test]
fn changes_by_another_table() {
    let (_world, mut conn) = world();
    let changed = update_from(people::table, pets::table)
        .filter(people::id.eq(pets::owner))
        .set((
            people::name.eq(people::name.concat(" with a ").concat(pets::kind)),
            people::boss.eq(None::<i32>),
        ))
        .filter(pets::kind.eq("cat"))
        .filter(people::id.gt(1))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(changed, 1);
    let changed: (String, Option<i32>) = people::table
        .find(2)
        .select((people::name, people::boss))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(changed, ("O'Brien with a cat".to_owned(), None));
    let deleted = delete_using(people::table, pets::table)
        .filter(people::id.eq(pets::owner))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(deleted, 2);
    let deleted =
        diesel::delete(pets::table.filter(pets::owner.ne_all(people::table.select(people::id))))
            .execute(&mut conn)
            .unwrap();
    assert_eq!(deleted, 4);
    let changed = diesel::update(people::table)
        .filter(exists(pets::table.filter(pets::owner.eq(people::id))))
        .set(people::boss.eq(None::<i32>))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(changed, 0);
}

#[test]
fn structs_and_options_change_rows_by_another_table() {
    #[derive(AsChangeset)]
    #[diesel(table_name = people)]
    struct Change<'a> {
        name: Option<&'a str>,
        boss: Option<Option<i32>>,
    }

    let (_world, mut conn) = world();
    let change = Change {
        name: Some("Adam"),
        boss: None,
    };
    let changed = update_from(people::table, pets::table)
        .set(&change)
        .set(None::<i32>.map(|boss| people::boss.eq(boss)))
        .filter(people::id.eq(pets::owner))
        .filter(people::id.eq(2))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(changed, 1);
    let (name, boss): (String, Option<i32>) = people::table
        .find(2)
        .select((people::name, people::boss))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!((name.as_str(), boss), ("Adam", Some(1)));

    let nothing = Change {
        name: None,
        boss: None,
    };
    let unchanged = update_from(people::table, pets::table)
        .set(&nothing)
        .filter(people::id.eq(pets::owner))
        .execute(&mut conn)
        .optional_empty_changeset()
        .unwrap();
    assert_eq!(unchanged, None);
}

#[test]
fn columns_are_loaded_by_the_names_they_are_given() {
    #[derive(QueryableByName)]
    struct Named {
        #[diesel(sql_type = Text)]
        person: String,
        #[diesel(sql_type = Text)]
        pet: String,
    }

    let (_world, mut conn) = world();
    let query = people::table
        .inner_join(pets::table)
        .select((people::name.alias("person"), pets::kind.alias("pet")))
        .order(pets::id);
    let rows: Vec<(String, String)> = query.clone().load(&mut conn).unwrap();
    let sql = diesel::debug_query::<Redshift, _>(&query).to_string();
    let named: Vec<Named> = diesel::sql_query(sql).load(&mut conn).unwrap();
    let named: Vec<_> = named.into_iter().map(|row| (row.person, row.pet)).collect();
    assert_eq!(named, rows);
    assert!(!rows.is_empty());
}
