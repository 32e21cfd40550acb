//! Prepared statements and what changes beneath them.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_redshift::RedshiftConnection;
use diesel_redshift::dsl::group_key;
use diesel_redshift_tests::World;

diesel::table! {
    names (name) {
        name -> Text,
    }
}

fn load(conn: &mut RedshiftConnection) -> QueryResult<Vec<String>> {
    names::table.select(names::name).load(conn)
}

#[test]
fn what_another_session_changes_is_planned_anew() {
    let world = World::new();
    let mut other = world.connect();
    let mut conn = world.connect();
    let create = "CREATE TABLE names (name VARCHAR(10))";
    other.batch_execute(create).unwrap();
    conn.set_binary_results(true);
    load(&mut conn).unwrap();
    let changes = [
        "ALTER TABLE names ALTER COLUMN name TYPE VARCHAR(20)",
        "DROP TABLE names; CREATE TABLE names (name VARCHAR(30))",
        "DROP TABLE names; CREATE TABLE names (more INTEGER, name VARCHAR(40))",
    ];
    for change in changes {
        for statement in change.split("; ") {
            other.batch_execute(statement).unwrap();
        }
        assert!(load(&mut conn).unwrap().is_empty(), "{change}");
        diesel::insert_into(names::table)
            .values(names::name.eq("Ada"))
            .execute(&mut conn)
            .unwrap();
        assert_eq!(load(&mut conn).unwrap(), ["Ada"], "{change}");
        other.batch_execute("DELETE FROM names").unwrap();
    }
}

/// The value of a key stands in the text, and so tells one statement from another.
#[test]
fn null_and_a_control_character_are_two_statements() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE names (name VARCHAR(10)); INSERT INTO names VALUES ('a')")
        .unwrap();
    for suffix in [None, Some("\u{1}"), None, Some("-"), Some("=")] {
        let key = group_key(
            names::name
                .nullable()
                .concat(suffix.into_sql::<Nullable<Text>>()),
        );
        let found: Vec<Option<String>> = names::table
            .group_by(key)
            .select(key)
            .load(&mut conn)
            .unwrap();
        assert_eq!(found, [suffix.map(|suffix| format!("a{suffix}"))]);
    }
}
