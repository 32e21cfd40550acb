//! Diesel's query language on Redshift.

use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, exists, max, not, sum};
use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;
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
    }
}

diesel::joinable!(pets -> people (owner));
diesel::allow_tables_to_appear_in_same_query!(people, pets);

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE people (id INTEGER NOT NULL, name VARCHAR(100) NOT NULL, boss INTEGER);
         CREATE TABLE pets (id INTEGER NOT NULL, owner INTEGER NOT NULL, kind VARCHAR(100) NOT NULL);
         INSERT INTO people VALUES (1, 'Ada', NULL), (2, 'O''Brien', 1), (3, 'Eve', 1);
         INSERT INTO pets VALUES (1, 1, 'cat'), (2, 1, 'dog'), (3, 2, 'cat')",
    )
    .unwrap();
    (world, conn)
}

#[test]
fn joins_groups_and_aggregates() {
    let (_world, mut conn) = world();
    let pets: Vec<(String, i64)> = people::table
        .inner_join(pets::table)
        .group_by(people::name)
        .having(count_star().ge(1))
        .select((people::name, count_star()))
        .order(people::name)
        .load(&mut conn)
        .unwrap();
    assert_eq!(pets, [("Ada".to_owned(), 2), ("O'Brien".to_owned(), 1)]);
    let all: Vec<(String, Option<String>)> = people::table
        .left_join(pets::table.on(pets::owner.eq(people::id).and(pets::kind.eq("cat"))))
        .select((people::name, pets::kind.nullable()))
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(all[2], ("Eve".to_owned(), None));
    let (highest, total): (Option<i32>, Option<i64>) = people::table
        .select((max(people::id), sum(people::id)))
        .first(&mut conn)
        .unwrap();
    assert_eq!((highest, total), (Some(3), Some(6)));
}

#[test]
fn lists_are_in_lists() {
    let (_world, mut conn) = world();
    let query = people::table
        .filter(people::name.eq_any(["Ada", "O'Brien"]))
        .select(people::id)
        .order(people::id);
    assert_eq!(
        diesel::debug_query::<diesel_redshift::Redshift, _>(&query).to_string(),
        r#"SELECT "people"."id" FROM "people" WHERE ("people"."name" IN ($1, $2)) ORDER BY "people"."id" -- binds: ["Ada", "O'Brien"]"#
    );
    assert_eq!(query.load::<i32>(&mut conn).unwrap(), [1, 2]);
    let none = people::table
        .filter(people::id.eq_any(Vec::<i32>::new()))
        .select(people::id);
    assert!(none.load::<i32>(&mut conn).unwrap().is_empty());
    let others = people::table
        .filter(people::id.ne_all([1, 2]))
        .select(people::id);
    assert_eq!(others.load::<i32>(&mut conn).unwrap(), [3]);
}

#[test]
fn subqueries_and_set_operations() {
    let (_world, mut conn) = world();
    let owners = pets::table.select(pets::owner);
    let without: Vec<String> = people::table
        .filter(people::id.ne_all(owners))
        .select(people::name)
        .load(&mut conn)
        .unwrap();
    assert_eq!(without, ["Eve"]);
    let with: Vec<i32> = people::table
        .filter(exists(pets::table.filter(pets::owner.eq(people::id))))
        .select(people::id)
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(with, [1, 2]);
    let united: Vec<i32> = people::table
        .select(people::id)
        .filter(people::id.gt(2))
        .union(pets::table.select(pets::owner))
        .load(&mut conn)
        .unwrap();
    assert_eq!(united.len(), 3);
    let difference: Vec<i32> = people::table
        .select(people::id)
        .except(pets::table.select(pets::owner))
        .load(&mut conn)
        .unwrap();
    assert_eq!(difference, [3]);
    let shared: Vec<i32> = people::table
        .select(people::id)
        .intersect(pets::table.select(pets::owner))
        .load(&mut conn)
        .unwrap();
    assert_eq!(shared.len(), 2);
}

#[test]
fn boxed_queries() {
    let (_world, mut conn) = world();
    let mut query = people::table.select(people::id).into_boxed();
    query = query.filter(people::name.like("%e%"));
    query = query
        .filter(not(people::boss.is_null()))
        .order(people::id.desc())
        .limit(1);
    assert_eq!(query.load::<i32>(&mut conn).unwrap(), [3]);
}

#[test]
fn rows_are_inserted_updated_and_deleted() {
    let (_world, mut conn) = world();
    let inserted = diesel::insert_into(people::table)
        .values(&vec![
            (
                people::id.eq(4),
                people::name.eq("Tess"),
                people::boss.eq(Some(1)),
            ),
            (
                people::id.eq(5),
                people::name.eq("Jim"),
                people::boss.eq(None),
            ),
        ])
        .execute(&mut conn)
        .unwrap();
    assert_eq!(inserted, 2);
    let updated = diesel::update(people::table.filter(people::boss.eq(1)))
        .set(people::name.eq("worker"))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(updated, 3);
    let deleted = diesel::delete(people::table.filter(people::name.eq("worker")))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(deleted, 3);
    let copied = people::table
        .select((people::id, people::name, people::boss))
        .insert_into(people::table)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(copied, 2);
    let names: Vec<String> = people::table
        .select(people::name)
        .order(people::name)
        .load(&mut conn)
        .unwrap();
    assert_eq!(names, ["Ada", "Ada", "Jim", "Jim"]);
}
