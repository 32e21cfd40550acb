//! `MERGE`.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;
use diesel_redshift::merge::merge_into;
use diesel_redshift_tests::World;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        hits -> BigInt,
    }
}

diesel::table! {
    stage (id) {
        id -> BigInt,
        name -> Text,
        hits -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, stage);

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT, name VARCHAR(20), hits BIGINT);
         CREATE TABLE stage (id BIGINT, name VARCHAR(20), hits BIGINT);
         INSERT INTO users VALUES (1, 'one', 10), (2, 'two', 20);
         INSERT INTO stage VALUES (2, 'TWO', 2), (3, 'THREE', 3);",
    )
    .unwrap();
    (world, conn)
}

fn users(conn: &mut RedshiftConnection) -> Vec<(i64, String, i64)> {
    users::table.order(users::id).load(conn).unwrap()
}

fn row(id: i64, name: &str, hits: i64) -> (i64, String, i64) {
    (id, name.to_owned(), hits)
}

#[test]
fn matched_rows_are_updated_and_new_ones_inserted() {
    let (_world, mut conn) = world();
    merge_into(users::table)
        .using(stage::table)
        .on((users::id, stage::id))
        .when_matched()
        .set(users::name, stage::name)
        .set(users::hits, users::hits + stage::hits)
        .when_not_matched()
        .insert(users::id, stage::id)
        .insert(users::name, stage::name)
        .insert(users::hits, 1)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        users(&mut conn),
        [row(1, "one", 10), row(2, "TWO", 22), row(3, "THREE", 1)]
    );
}

#[test]
fn matched_rows_are_deleted() {
    let (_world, mut conn) = world();
    merge_into(users::table)
        .using(stage::table)
        .on((users::id, stage::id))
        .on((users::hits, stage::hits))
        .when_matched()
        .delete()
        .when_not_matched()
        .insert(users::id, stage::id + 100)
        .insert(users::name, "new")
        .insert(users::hits, stage::hits)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        users(&mut conn),
        [
            row(1, "one", 10),
            row(2, "two", 20),
            row(102, "new", 2),
            row(103, "new", 3)
        ]
    );
}

#[test]
fn duplicates_are_removed() {
    let (_world, mut conn) = world();
    conn.batch_execute("INSERT INTO stage VALUES (3, 'THREE', 3)")
        .unwrap();
    merge_into(users::table)
        .using(stage::table)
        .on((users::id, stage::id))
        .remove_duplicates()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        users(&mut conn),
        [row(1, "one", 10), row(2, "TWO", 2), row(3, "THREE", 3)]
    );
}

#[test]
fn two_sources_of_one_row_are_an_error() {
    let (_world, mut conn) = world();
    conn.batch_execute("INSERT INTO stage VALUES (2, 'again', 3)")
        .unwrap();
    let error = merge_into(users::table)
        .using(stage::table)
        .on((users::id, stage::id))
        .when_matched()
        .set(users::name, stage::name)
        .when_not_matched()
        .insert(users::id, stage::id)
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Found multiple matches to update the same tuple."
    );
    assert_eq!(users(&mut conn), [row(1, "one", 10), row(2, "two", 20)]);
}
