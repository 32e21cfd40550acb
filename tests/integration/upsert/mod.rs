//! Upserts of structs and queries.

mod matrix;
mod sources;
mod statements;
mod targets;
mod transactions;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel_redshift::upsert::{UpsertOutcome, incoming, upsert, upsert_from};
use diesel_redshift::{Error, RedshiftConnection};
use diesel_redshift_tests::World;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        hits -> BigInt,
        seen -> Nullable<BigInt>,
    }
}

diesel::table! {
    arrivals (id) {
        id -> BigInt,
        name -> Text,
        hits -> BigInt,
    }
}

diesel::table! {
    #[sql_name = "Odd \"table\""]
    odd (a, select) {
        a -> Text,
        select -> Bool,
        #[sql_name = "group"]
        value -> Nullable<Integer>,
    }
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = users)]
struct User {
    id: Option<i64>,
    name: String,
    hits: i64,
    seen: Option<i64>,
}

#[derive(Insertable)]
#[diesel(table_name = users)]
struct Nameless {
    name: String,
}

#[derive(Insertable)]
#[diesel(table_name = odd)]
struct Odd {
    a: String,
    select: bool,
    value: Option<i32>,
}

fn user(id: i64, name: &str, hits: i64, seen: Option<i64>) -> User {
    User {
        id: Some(id),
        name: name.to_owned(),
        hits,
        seen,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    // One column more than the struct has, with a default, and a view that depends on the table.
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20) NOT NULL, hits BIGINT NOT NULL, seen BIGINT,
             number BIGINT IDENTITY(1, 1), city VARCHAR(20) DEFAULT 'Oslo');
         CREATE VIEW names AS SELECT name FROM users;
         INSERT INTO users (id, name, hits, seen, city) VALUES (1, 'one', 10, 5, 'Rome'), (2, 'two', 20, NULL, 'Bonn');",
    )
    .unwrap();
    (world, conn)
}

type Row = (i64, String, i64, Option<i64>);

fn rows(conn: &mut RedshiftConnection) -> Vec<Row> {
    users::table.order(users::id).load(conn).unwrap()
}

fn row(id: i64, name: &str, hits: i64, seen: Option<i64>) -> Row {
    (id, name.to_owned(), hits, seen)
}

fn counts(outcome: UpsertOutcome) -> (u64, u64, u64) {
    (outcome.staged, outcome.updated, outcome.inserted)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// No temporary table is left in the session.
fn assert_no_stage(conn: &mut RedshiftConnection) {
    let count: Count = diesel::sql_query(
        "SELECT COUNT(*) AS n FROM pg_class WHERE relname LIKE 'diesel_redshift_stage%'",
    )
    .get_result(conn)
    .unwrap();
    assert_eq!(count.n, 0);
}

#[test]
fn all_columns_are_updated() {
    let (_world, mut conn) = world();
    let new = [user(2, "TWO", 2, Some(7)), user(3, "three", 3, None)];
    let outcome = upsert(&new)
        .into(users::table)
        .key((users::id,))
        .update_all()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (2, 1, 1));
    assert_eq!(
        rows(&mut conn),
        [
            row(1, "one", 10, Some(5)),
            row(2, "TWO", 2, Some(7)),
            row(3, "three", 3, None)
        ]
    );
    // What the struct does not have stays, or is the default.
    let cities: Vec<String> =
        diesel::dsl::sql::<diesel::sql_types::Text>("SELECT city FROM users ORDER BY id")
            .load(&mut conn)
            .unwrap();
    assert_eq!(cities, ["Rome", "Bonn", "Oslo"]);
    assert_no_stage(&mut conn);
}

#[test]
fn chosen_columns_are_set_of_both_rows() {
    let (_world, mut conn) = world();
    let new = [user(1, "ONE", 1, None), user(3, "three", 3, None)];
    let outcome = upsert(&new)
        .into(users::table)
        .key((users::id,))
        .set((
            users::name.eq(incoming(users::name)),
            users::hits.eq(users::hits + incoming(users::hits)),
            users::seen.eq(99),
        ))
        .lock()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (2, 1, 1));
    assert_eq!(
        rows(&mut conn),
        [
            row(1, "ONE", 11, Some(99)),
            row(2, "two", 20, None),
            row(3, "three", 3, None)
        ]
    );
}

#[test]
fn existing_rows_are_kept() {
    let (_world, mut conn) = world();
    let new = [user(1, "ONE", 1, None), user(3, "three", 3, None)];
    let outcome = upsert(&new)
        .into(users::table)
        .key((users::id,))
        .keep_existing()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (2, 0, 1));
    assert_eq!(
        rows(&mut conn),
        [
            row(1, "one", 10, Some(5)),
            row(2, "two", 20, None),
            row(3, "three", 3, None)
        ]
    );
}

#[test]
fn the_latest_of_duplicates_counts() {
    let (_world, mut conn) = world();
    let new = [
        // Older than the target's.
        user(1, "old", 1, Some(4)),
        // The target's is NULL, so everything is newer.
        user(2, "null", 2, None),
        user(2, "newest", 2, Some(3)),
        user(2, "newer", 2, Some(2)),
        user(3, "a", 3, None),
        user(3, "b", 3, Some(-1)),
    ];
    let outcome = upsert(&new)
        .into(users::table)
        .key((users::id,))
        .update_all()
        .latest_by(users::seen)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (6, 1, 1));
    assert_eq!(
        rows(&mut conn),
        [
            row(1, "one", 10, Some(5)),
            row(2, "newest", 2, Some(3)),
            row(3, "b", 3, Some(-1))
        ]
    );
    assert_no_stage(&mut conn);
}

#[test]
fn keys_that_are_twice_or_null_are_named() {
    let (_world, mut conn) = world();
    let before = rows(&mut conn);
    let mut new = vec![
        user(7, "a", 1, None),
        user(8, "b", 1, None),
        user(8, "c", 1, None),
    ];
    let run = |conn: &mut RedshiftConnection, new: &[User]| {
        upsert(new)
            .into(users::table)
            .key((users::id,))
            .update_all()
            .execute(conn)
            .unwrap_err()
    };
    let error = run(&mut conn, &new);
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "invalid key (\"id\") of an upsert: (8) in 2 rows; expected each key once; or choose one row by `latest_by`"
    );
    new[2].id = None;
    assert_eq!(
        run(&mut conn, &new).to_string(),
        "invalid key (\"id\") of an upsert: (NULL); expected no NULL, which equals nothing"
    );
    let error = upsert(&[Nameless {
        name: String::new(),
    }])
    .into(users::table)
    .key((users::id,))
    .update_all()
    .execute(&mut conn)
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid key of an upsert: \"id\"; expected a column that the rows have: \"name\""
    );
    assert_eq!(rows(&mut conn), before);
    assert_no_stage(&mut conn);
}

#[test]
fn keys_of_several_columns_and_odd_names() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE \"Odd \"\"table\"\"\" (a VARCHAR(10) NOT NULL, \"select\" BOOLEAN NOT NULL, \"group\" INTEGER);
         INSERT INTO \"Odd \"\"table\"\"\" VALUES ('x', TRUE, 1), ('x', FALSE, 2)",
    )
    .unwrap();
    let new = |select, value| Odd {
        a: "x".to_owned(),
        select,
        value,
    };
    let outcome = upsert(&[new(true, None)])
        .into(odd::table)
        .key((odd::a, odd::select))
        .update_all()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (1, 1, 0));
    let found: Vec<Option<i32>> = odd::table
        .order(odd::select)
        .select(odd::value)
        .load(&mut conn)
        .unwrap();
    assert_eq!(found, [Some(2), None]);
    let error = upsert(&[new(true, None), new(true, None)])
        .into(odd::table)
        .key((odd::a, odd::select))
        .keep_existing()
        .execute(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("(x, true) in 2 rows"), "{error}");
}

#[test]
fn an_upsert_joins_the_transaction_and_leaves_nothing_behind() {
    let (_world, mut conn) = world();
    let before = rows(&mut conn);
    let new = [user(1, "ONE", 1, None)];
    let outcome = conn.transaction(|conn| -> Result<(), Error> {
        let run = |conn: &mut RedshiftConnection| {
            upsert(&new)
                .into(users::table)
                .key((users::id,))
                .update_all()
                .execute(conn)
        };
        run(conn)?;
        // Twice in one transaction.
        assert_eq!(counts(run(conn)?), (1, 1, 0));
        Err(diesel::result::Error::RollbackTransaction.into())
    });
    outcome.unwrap_err();
    assert_eq!(rows(&mut conn), before);
    assert_no_stage(&mut conn);
    conn.retry_serializable(3, |conn| {
        upsert(&new)
            .into(users::table)
            .key((users::id,))
            .update_all()
            .execute(conn)
    })
    .unwrap();
    assert_eq!(rows(&mut conn)[0], row(1, "ONE", 1, None));
}

#[test]
fn who_may_not_create_temporary_tables_is_told_so() {
    let (world, mut conn) = world();
    conn.batch_execute(&format!(
        "REVOKE TEMP ON DATABASE {} FROM PUBLIC; CREATE USER modest PASSWORD DISABLE;
         GRANT SELECT, INSERT, UPDATE ON users TO modest; SET SESSION AUTHORIZATION modest",
        world.database()
    ))
    .unwrap();
    let error = upsert(&[user(1, "one", 0, None)])
        .into(users::table)
        .key((users::id,))
        .update_all()
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "permission denied to create temporary tables in database \"{}\"",
            world.database()
        )
    );
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Change {
    name: Option<String>,
    hits: Option<i64>,
}

#[test]
fn changes_that_change_nothing_keep_what_is_there() {
    let (_world, mut conn) = world();
    let new = [user(1, "ONE", 1, None), user(3, "three", 3, None)];
    let mut run = |name: Option<&str>| {
        let outcome = upsert(&new)
            .into(users::table)
            .key((users::id,))
            .set(Change {
                name: name.map(str::to_owned),
                hits: None,
            })
            .execute(&mut conn);
        counts(outcome.unwrap())
    };
    assert_eq!(run(None), (2, 0, 1));
    assert_eq!(run(Some("x")), (2, 2, 0));
    assert_eq!(rows(&mut conn)[0], row(1, "x", 10, Some(5)));
}

#[test]
fn an_incoming_column_that_the_rows_lack_is_told_before_anything_is_sent() {
    let (_world, mut conn) = world();
    let error = upsert(&[(users::id.eq(1), users::name.eq("x"))])
        .into(users::table)
        .key((users::id,))
        .set((
            users::name.eq(incoming(users::name)),
            users::hits.eq(users::hits + incoming(users::hits)),
        ))
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid incoming of an upsert: \"hits\"; expected a column that the rows have: \"id\", \"name\""
    );
}
