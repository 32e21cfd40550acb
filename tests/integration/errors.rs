//! What an error tells, after it has passed through Diesel's and through boxed ones.

use std::error::Error as StdError;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::{CopyStatement, Csv, Parquet};
use diesel_redshift::{
    Error, IamRole, RedshiftConnection, S3Uri, copy, error::DatabaseError, error::LoadError,
    error::Retryable,
};
use diesel_redshift_tests::{World, sandbox};

diesel::table! {
    counters (n) {
        n -> Integer,
    }
}

type Boxed = Box<dyn StdError + Send + Sync>;

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE counters (n INTEGER)")
        .unwrap();
    (world, conn)
}

fn fail_next(world: &World, fault: &str) {
    sandbox().fail_next(world.database(), fault).unwrap();
}

fn load(world: &World, key: &str) -> CopyStatement<counters::table, S3Uri, IamRole, Csv> {
    copy(counters::table)
        .from(S3Uri::parse(&world.uri(key)).unwrap())
        .iam_role(IamRole::Default)
        .format(Csv::new())
}

fn add(conn: &mut RedshiftConnection, n: i32) -> QueryResult<usize> {
    diesel::insert_into(counters::table)
        .values(counters::n.eq(n))
        .execute(conn)
}

fn count(conn: &mut RedshiftConnection) -> i64 {
    counters::table.count().get_result(conn).unwrap()
}

#[test]
fn rows_at_fault_survive_a_closure_with_diesels_error() {
    let (world, mut conn) = world();
    world.put("rows.csv", "1\nseven\n");
    let outcome: QueryResult<()> = conn.transaction(|conn| {
        add(conn, 1)?;
        load(&world, "rows.csv").execute(conn)?;
        Ok(())
    });
    let error = outcome.unwrap_err();
    let server = DatabaseError::of(&error).unwrap();
    assert_eq!(server.sqlstate(), Some("XX000"));
    let Error::Load(error) = Error::from(error) else {
        panic!("another kind");
    };
    let [row] = error.rows() else {
        panic!("{error:?}");
    };
    assert_eq!((row.line, row.code), (2, 1207));
    assert_eq!(row.raw_line(), Some("seven"));
    assert_eq!(error.source().unwrap().to_string(), server.to_string());
}

#[test]
fn a_copy_is_tried_again_in_a_closure_with_boxed_errors() {
    let (world, mut conn) = world();
    world.put("rows.csv", "1\n2\n");
    for fault in [
        "serialization failure on copy",
        "conflict on copy",
        "missing relation on copy",
        "dropped table on copy",
    ] {
        fail_next(&world, fault);
        let mut tries = 0;
        let rows = conn
            .retry_serializable(3, |conn| {
                tries += 1;
                let outcome = load(&world, "rows.csv").execute(conn)?;
                Ok::<_, Boxed>(outcome.rows)
            })
            .unwrap();
        assert_eq!((rows, tries), (2, 2), "{fault}");
    }
    assert_eq!(count(&mut conn), 8);
}

#[test]
fn conflicts_of_concurrent_transactions_are_tried_again() {
    let (world, mut conn) = world();
    for fault in [
        "conflict on insert",
        "conflict on commit",
        "missing relation on insert",
        "dropped table on insert",
    ] {
        fail_next(&world, fault);
        let mut tries = 0;
        conn.retry_serializable(3, |conn| {
            tries += 1;
            add(conn, tries)
        })
        .unwrap();
        assert_eq!(tries, 2, "{fault}");
    }
    assert_eq!(count(&mut conn), 4);
}

#[test]
fn a_cancelled_statement_is_a_kind_of_its_own() {
    let (world, mut conn) = world();
    fail_next(&world, "cancel on insert");
    let error = add(&mut conn, 1).unwrap_err();
    assert_eq!(DatabaseError::of(&error).unwrap().sqlstate(), Some("57014"));
    let error = Error::from(error);
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
    assert_eq!(error.sqlstate().as_deref(), Some("57014"));
    fail_next(&world, "cancel on copy");
    world.put("rows.csv", "1\n");
    let error = load(&world, "rows.csv").execute(&mut conn).unwrap_err();
    assert!(matches!(error, Error::Cancelled(_)), "{error:?}");
}

#[test]
fn the_sqlstate_is_found_behind_any_error() {
    let (_world, mut conn) = world();
    let error = conn.batch_execute("SELECT * FROM nothing").unwrap_err();
    assert_eq!(DatabaseError::of(&error).unwrap().sqlstate(), Some("42P01"));
    let boxed: Boxed = error.into();
    assert_eq!(
        DatabaseError::of(&*boxed).unwrap().sqlstate(),
        Some("42P01")
    );
    let boxed: Boxed = Error::from(*boxed.downcast::<diesel::result::Error>().unwrap()).into();
    let found = DatabaseError::of(&*boxed).unwrap();
    assert_eq!(found.sqlstate(), Some("42P01"));
    assert_eq!(Some(found), conn.last_error());
    assert!(!boxed.is_retryable());
}

fn broken(outcome: Result<impl std::fmt::Debug, Error>) -> Box<LoadError> {
    match outcome {
        Err(Error::Load(error)) => error,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn a_broken_file_is_an_error_of_the_load() {
    let (world, mut conn) = world();
    world.put("plain.csv.gz", "1\n2\n");
    let mut cut = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    cut.extend([0x33, 0xe4]);
    world.put("cut.csv.gz", cut);
    for key in ["plain.csv.gz", "cut.csv.gz"] {
        let error = broken(load(&world, key).gzip().execute(&mut conn)).to_string();
        assert!(error.starts_with("failed to inflate with gzip"), "{error}");
        assert!(error.ends_with(&world.uri(key)), "{error}");
    }
    world.put("rows.parquet", "PAR1 and nothing more");
    let error = broken(
        copy(counters::table)
            .from(S3Uri::parse(&world.uri("rows.parquet")).unwrap())
            .iam_role(IamRole::Default)
            .format(Parquet::new())
            .execute(&mut conn),
    );
    assert!(error.to_string().contains("rows.parquet"), "{error}");
    assert_eq!(
        error.source().unwrap().to_string(),
        error.server_error().message()
    );
    assert_eq!(count(&mut conn), 0);
}
