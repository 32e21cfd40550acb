//! `unload(…).through(…).load(…)`.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_redshift::{RedshiftConnection, copy, unload};
use diesel_redshift_tests::World;

use super::{assert_clean, folder, role, store};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        user_id -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(users, orders);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Insertable, Queryable, Selectable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: Option<String>,
}

#[derive(Debug, PartialEq, QueryableByName)]
struct ByName {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

fn user(id: i64) -> User {
    User {
        id,
        name: match id % 4 {
            0 => None,
            1 => Some(String::new()),
            2 => Some(format!("\"{id}\",\n ")),
            _ => Some(format!("user {id}")),
        },
    }
}

fn users(count: i64) -> Vec<User> {
    (0..count).map(user).collect()
}

fn world(count: i64) -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(100)); CREATE TABLE orders (id BIGINT, user_id BIGINT)",
    )
    .unwrap();
    copy(users::table)
        .from_insertable(users(count))
        .through(&store(), folder(&world))
        .iam_role(role())
        .execute(&mut conn)
        .unwrap();
    (world, conn)
}

macro_rules! unloaded {
    ($world:expr, $query:expr) => {
        unload($query)
            .through(&store(), folder(&$world))
            .iam_role(role())
    };
}

#[test]
fn a_query_to_structs_in_one_call() {
    let (world, mut conn) = world(5000);
    let mut rows: Vec<User> = unloaded!(world, users::table).load(&mut conn).unwrap();
    rows.sort();
    assert_eq!(rows, users(5000));
    let ordered: Vec<User> = unloaded!(world, users::table.order(users::id.desc()))
        .ordered()
        .load(&mut conn)
        .unwrap();
    assert!(ordered.into_iter().rev().eq(users(5000)));
    assert_clean(&world);
}

#[test]
fn every_type_that_load_builds() {
    let (world, mut conn) = world(4);
    conn.batch_execute("INSERT INTO orders VALUES (1, 2), (2, 9)")
        .unwrap();
    let one = users::table.filter(users::id.eq(2));
    let tuples: Vec<(i64, Option<String>)> = unloaded!(world, one).load(&mut conn).unwrap();
    assert_eq!(tuples, [(2, Some("\"2\",\n ".to_owned()))]);
    let ids: Vec<i64> = unloaded!(world, one.select(users::id))
        .load(&mut conn)
        .unwrap();
    assert_eq!(ids, [2]);
    let selected: Vec<User> = unloaded!(world, one.select(User::as_select()))
        .load(&mut conn)
        .unwrap();
    assert_eq!(selected, [user(2)]);
    let joined: Vec<(i64, Option<User>)> = unloaded!(
        world,
        orders::table
            .left_join(users::table.on(users::id.eq(orders::user_id)))
            .select((orders::id, Option::<User>::as_select()))
            .order(orders::id)
    )
    .ordered()
    .load(&mut conn)
    .unwrap();
    assert_eq!(joined, [(1, Some(user(2))), (2, None)]);
    let by_name: Vec<ByName> = unloaded!(
        world,
        diesel::sql_query("SELECT id, name FROM users WHERE id = 1")
    )
    .load(&mut conn)
    .unwrap();
    assert_eq!(
        by_name,
        [ByName {
            id: 1,
            name: Some(String::new())
        }]
    );
    assert_clean(&world);
}

#[test]
fn no_rows_are_no_files() {
    let (world, mut conn) = world(1);
    let none = users::table.filter(users::id.gt(100));
    let rows: Vec<User> = unloaded!(world, none).load(&mut conn).unwrap();
    assert!(rows.is_empty());
    assert_clean(&world);
}

#[test]
fn an_iterator_that_is_dropped_leaves_nothing() {
    let (world, mut conn) = world(20_000);
    let mut rows = unloaded!(world, users::table)
        .load_iter::<User>(&mut conn)
        .unwrap();
    assert_eq!(rows.rows(), 20_000);
    rows.next().unwrap().unwrap();
    assert!(!world.list("").is_empty());
    drop(rows);
    assert_clean(&world);
    let rows = unloaded!(world, users::table)
        .load_iter::<User>(&mut conn)
        .unwrap();
    assert_eq!(rows.map(Result::unwrap).count(), 20_000);
    assert_clean(&world);
}
