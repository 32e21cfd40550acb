//! What cannot be undone in a transaction, and what is refused after it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::{Error, RedshiftConnection, error::TransactionError};
use diesel_redshift_tests::World;

use crate::scripted_server::message::{complete, ready};
use crate::scripted_server::{ScriptedServer, Step};

diesel::table! {
    numbers (n) {
        n -> Integer,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    (world, conn)
}

fn insert(conn: &mut RedshiftConnection, n: i32) -> QueryResult<usize> {
    diesel::insert_into(numbers::table)
        .values(numbers::n.eq(n))
        .execute(conn)
}

fn committed(world: &World) -> Vec<i32> {
    numbers::table
        .select(numbers::n)
        .order(numbers::n)
        .load(&mut world.connect())
        .unwrap()
}

fn is_ended_within(error: diesel::result::Error) -> bool {
    matches!(
        Error::from(error),
        Error::Transaction(TransactionError::EndedWithin { .. })
    )
}

/// The error of the closure says more than that there was nothing to roll back, and is not tried again all the same: a part is committed.
#[test]
fn the_error_of_the_closure_survives_the_end_and_is_not_retried() {
    use diesel::r2d2::{ConnectionManager, Pool};

    type Boxed = Box<dyn std::error::Error + Send + Sync>;
    let conflict = || Error::from(serialization_failure());
    let (world, mut conn) = world();
    let mut tries = 0;
    let error = conn
        .retry_serializable(3, |conn| {
            tries += 1;
            insert(conn, tries)?;
            conn.batch_execute("COMMIT")?;
            Err::<(), Error>(conflict())
        })
        .unwrap_err();
    assert!(error.to_string().contains("1023"), "{error}");
    assert_eq!(tries, 1);
    assert_eq!(committed(&world), [1]);
    let own = |error: Boxed| assert_eq!(error.to_string(), "no rows for today");
    own(conn
        .transaction(|conn| {
            conn.batch_execute("TRUNCATE numbers")?;
            Err::<(), Boxed>("no rows for today".into())
        })
        .unwrap_err());
    own(conn
        .transaction(|conn| {
            conn.transaction(|conn| {
                conn.batch_execute("TRUNCATE numbers; BEGIN; INSERT INTO numbers VALUES (7)")?;
                Err::<(), Boxed>("no rows for today".into())
            })
        })
        .unwrap_err());
    assert!(committed(&world).is_empty());
    let pool = Pool::builder()
        .max_size(1)
        .build(ConnectionManager::<RedshiftConnection>::new(world.url()))
        .unwrap();
    let mut pooled = pool.get().unwrap();
    let pid = pooled.backend_pid();
    own(pooled
        .transaction(|conn| {
            conn.batch_execute("TRUNCATE numbers")?;
            Err::<(), Boxed>("no rows for today".into())
        })
        .unwrap_err());
    pooled.transaction(|conn| insert(conn, 8)).unwrap();
    drop(pooled);
    assert_eq!(pool.get().unwrap().backend_pid(), pid, "it is whole");
    assert_eq!(committed(&world), [8]);
}

fn serialization_failure() -> diesel::result::Error {
    let server = ScriptedServer::start(vec![vec![Step::Say(
        crate::scripted_server::message::error("ERROR", "XX000", "1023").then(ready(b'I')),
    )]]);
    server.connect().batch_execute("COMMIT").unwrap_err()
}

/// Redshift refuses what would commit in a procedure that is called within a transaction.
#[test]
fn a_procedure_that_commits_is_refused_within_a_transaction() {
    let (world, mut conn) = world();
    conn.batch_execute(
        "CREATE PROCEDURE half() AS $$ BEGIN INSERT INTO numbers VALUES (2); COMMIT; END $$ LANGUAGE plpgsql",
    )
    .unwrap();
    for caught in [false, true] {
        let outcome = conn.transaction(|conn| {
            insert(conn, 1)?;
            match conn.batch_execute("CALL half()") {
                Err(error) if !caught => Err(error),
                _ => QueryResult::Ok(()),
            }
        });
        outcome.unwrap_err();
        assert!(committed(&world).is_empty(), "{caught}");
    }
    conn.batch_execute("CALL half()").unwrap();
    assert_eq!(committed(&world), [2]);
}

/// Every way to send a statement, none of which may run.
fn refused(conn: &mut RedshiftConnection) {
    assert!(is_ended_within(insert(conn, 2).unwrap_err()));
    let load = numbers::table.select(numbers::n).load::<i32>(conn);
    assert!(is_ended_within(load.unwrap_err()));
    let batch = conn.batch_execute("INSERT INTO numbers VALUES (3)");
    assert!(is_ended_within(batch.unwrap_err()));
    let nested = conn.transaction(|conn| insert(conn, 4));
    assert!(is_ended_within(nested.unwrap_err()));
}

#[test]
fn nothing_runs_after_a_statement_that_ended_the_transaction() {
    for (end, rows) in [
        ("TRUNCATE numbers", &[][..]),
        ("COMMIT", &[1]),
        ("ROLLBACK", &[]),
        ("COMMIT; BEGIN", &[1]),
        ("ROLLBACK; BEGIN", &[]),
        ("TRUNCATE numbers; BEGIN", &[]),
        ("COMMIT; BEGIN; INSERT INTO numbers VALUES (9)", &[1]),
    ] {
        let (world, mut conn) = world();
        for passes_on in [true, false] {
            conn.batch_execute("DELETE FROM numbers").unwrap();
            let error = conn
                .transaction(|conn| {
                    insert(conn, 1)?;
                    conn.batch_execute(end)?;
                    refused(conn);
                    if passes_on {
                        insert(conn, 5)?;
                    }
                    QueryResult::Ok(())
                })
                .unwrap_err();
            assert!(is_ended_within(error), "{end}");
            assert_eq!(committed(&world), rows, "{end}");
        }
        conn.transaction(|conn| insert(conn, 6)).unwrap();
        assert!(committed(&world).contains(&6), "{end}");
    }
}

#[test]
fn an_error_after_the_end_is_told_with_it() {
    let (world, mut conn) = world();
    let error = conn
        .transaction(|conn| {
            insert(conn, 1)?;
            conn.batch_execute("COMMIT; SELECT 1 / 0")
        })
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("division by zero"), "{text}");
    assert!(text.contains("ended it, as TRUNCATE does"), "{text}");
    let error = Error::from(error);
    assert_eq!(error.sqlstate().as_deref(), Some("22012"));
    assert_eq!(committed(&world), [1]);
}

#[test]
fn a_test_transaction_refuses_what_production_would_roll_back() {
    let (world, mut conn) = world();
    conn.begin_test_transaction().unwrap();
    insert(&mut conn, 1).unwrap();
    conn.transaction(|conn| insert(conn, 2)).unwrap();
    conn.transaction(|conn| {
        insert(conn, 3)?;
        QueryResult::<()>::Err(diesel::result::Error::RollbackTransaction)
    })
    .unwrap_err();
    // In production it would be rolled back, and its row is still there.
    for outcome in [
        insert(&mut conn, 4),
        conn.transaction(|conn| insert(conn, 5)),
        numbers::table.execute(&mut conn),
        conn.batch_execute("SELECT 1").map(|()| 1),
    ] {
        let error = outcome.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("a database of its own"), "{text}");
        assert!(matches!(
            Error::from(error),
            Error::Transaction(TransactionError::NestedFailureInTest)
        ));
    }
    drop(conn);
    assert!(committed(&world).is_empty());
}

#[test]
fn a_test_transaction_that_is_ended_refuses_too() {
    let (world, mut conn) = world();
    conn.begin_test_transaction().unwrap();
    insert(&mut conn, 1).unwrap();
    conn.batch_execute("TRUNCATE numbers").unwrap();
    let error = insert(&mut conn, 2).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("a database of its own"), "{text}");
    assert!(is_ended_within(error));
    drop(conn);
    assert!(committed(&world).is_empty());
}

#[test]
fn a_commit_that_is_answered_with_rollback_is_an_error() {
    let say = |tag: &str, status| vec![Step::Say(complete(tag).then(ready(status)))];
    let server = ScriptedServer::start(vec![
        say("BEGIN", b'T'),
        say("INSERT 0 1", b'T'),
        say("ROLLBACK", b'I'),
        say("BEGIN", b'T'),
        say("COMMIT", b'I'),
    ]);
    let mut conn = server.connect();
    let error = conn
        .transaction(|conn| conn.batch_execute("INSERT INTO numbers VALUES (1)"))
        .unwrap_err();
    assert!(matches!(
        Error::from(error),
        Error::Transaction(TransactionError::RolledBack)
    ));
    conn.transaction(|_| QueryResult::Ok(())).unwrap();
}
