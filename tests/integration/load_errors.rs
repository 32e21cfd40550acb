//! What a failed COPY or UNLOAD tells.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::{CopyStatement, Csv};
use diesel_redshift::unload;
use diesel_redshift::{
    Error, IamRole, RedshiftConnection, S3Uri, copy, error::StorageErrorKind,
    unload as unload_query,
};
use diesel_redshift_tests::World;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(5))")
        .unwrap();
    (world, conn)
}

pub(crate) fn load(world: &World, key: &str) -> CopyStatement<users::table, S3Uri, IamRole, Csv> {
    copy(users::table)
        .from(S3Uri::parse(&world.uri(key)).unwrap())
        .iam_role(IamRole::Default)
        .format(Csv::new())
}

#[test]
fn the_rows_at_fault_are_told() {
    let (world, mut conn) = world();
    world.put("a.csv", "1,good\nseven,bad\n");
    world.put("b.csv", "2,far too long\n");
    let error = load(&world, "a.csv").execute(&mut conn).unwrap_err();
    let Error::Load(error) = error else {
        panic!("{error:?}");
    };
    let [row] = error.rows() else {
        panic!("{error:?}");
    };
    assert_eq!(row.file, world.uri("a.csv"));
    assert_eq!((row.line, row.code), (2, 1207));
    assert_eq!(row.column.as_deref(), Some("id"));
    assert_eq!(row.raw_value(), Some("seven"));
    assert_eq!(row.raw_line(), Some("seven,bad"));
    assert!(error.query_id().is_some());
    let text = error.to_string();
    assert!(
        text.starts_with(&format!(
            "Load into table 'users' failed: {}, line 2, column id",
            world.uri("a.csv")
        )),
        "{text}"
    );
    assert!(!text.contains('\n') && !text.contains("stl_load_errors"));
    assert!(!format!("{error:?}").contains("seven,bad"));

    // The next failure tells of its own rows.
    let error = load(&world, "b.csv").execute(&mut conn).unwrap_err();
    let Error::Load(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.rows()[0].file, world.uri("b.csv"));
    assert_eq!(error.rows()[0].column_length.as_deref(), Some("5"));
}

#[test]
fn rows_of_another_load_are_not_taken() {
    let (world, mut conn) = world();
    let mut fail = |content: &str| {
        world.put("a.csv", content);
        match load(&world, "a.csv").execute(&mut conn) {
            Err(Error::Load(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let mut first = fail("1,good\nseven,bad\n");
    let second = fail("eight,bad\n");
    assert_ne!(first.query_id(), second.query_id());
    assert_eq!(second.rows()[0].line, 1);

    let query_id = first.query_id();
    let rows = first.fetch_rows(&mut conn).unwrap();
    assert_eq!(rows[0].line, 2);
    assert_eq!(first.query_id(), query_id);
}

#[test]
fn within_a_transaction_they_are_told_by_another_session() {
    let (world, mut conn) = world();
    world.put("a.csv", "seven,bad\n");
    let error = conn
        .transaction(|conn| {
            diesel::insert_into(users::table)
                .values(users::id.eq(1))
                .execute(conn)?;
            load(&world, "a.csv").execute(conn)
        })
        .unwrap_err();
    let Error::Load(mut error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.rows().len(), 1);
    assert_eq!(error.fetch_rows(&mut conn).unwrap().len(), 1);
    assert!(error.to_string().contains("line 1, column id"), "{error}");
    let rows: i64 = users::table.count().get_result(&mut conn).unwrap();
    assert_eq!(rows, 0);
}

#[test]
fn diesels_error_says_the_same() {
    let (world, mut conn) = world();
    world.put("a.csv", "seven,bad\n");
    let error: diesel::result::Error = load(&world, "a.csv").execute(&mut conn).unwrap_err().into();
    let diesel::result::Error::DatabaseError(_, information) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(information.column_name(), Some("id"));
    assert!(
        information.message().contains("line 1, column id"),
        "{error}"
    );
}

#[test]
fn what_s3_lacks_has_a_kind_and_advice() {
    let (world, mut conn) = world();
    let error = load(&world, "gone").execute(&mut conn).unwrap_err();
    let Error::Storage(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind(), StorageErrorKind::NotFound);
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}: The specified S3 prefix", world.uri("gone"))),
        "{error}"
    );

    world.put("taken_0", "");
    let save = || {
        unload_query(users::table)
            .to(S3Uri::parse(&world.uri("taken_")).unwrap())
            .iam_role(IamRole::Default)
            .format(unload::Csv::new())
    };
    let error = save().execute(&mut conn).unwrap_err();
    let Error::Storage(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind(), StorageErrorKind::NotEmpty);
    let text = error.to_string();
    assert!(
        text.starts_with(&world.uri("taken_")) && text.contains("`.allow_overwrite()`"),
        "{text}"
    );
    save().allow_overwrite().execute(&mut conn).unwrap();
}
