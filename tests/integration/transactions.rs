//! What commits, what does not, and what says why.

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_redshift::{RedshiftConnection, connection::RedshiftTransactionManager};
use diesel_redshift_tests::World;

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

#[test]
fn a_nested_transaction_joins() {
    let (world, mut conn) = world();
    conn.transaction(|conn| {
        insert(conn, 1)?;
        conn.transaction(|conn| insert(conn, 2))?;
        assert!(committed(&world).is_empty());
        QueryResult::Ok(())
    })
    .unwrap();
    assert_eq!(committed(&world), [1, 2]);
}

#[test]
fn an_inner_failure_forbids_the_outer_commit() {
    let (world, mut conn) = world();
    let error = conn
        .transaction(|conn| {
            insert(conn, 1)?;
            let inner = conn.transaction(|conn| {
                insert(conn, 2)?;
                QueryResult::<()>::Err(Error::RollbackTransaction)
            });
            assert!(inner.is_err());
            insert(conn, 3)
        })
        .unwrap_err();
    assert!(error.to_string().contains("no savepoints"), "{error}");
    assert!(committed(&world).is_empty());
    conn.transaction(|conn| insert(conn, 4)).unwrap();
    assert_eq!(committed(&world), [4]);
}

#[test]
fn a_swallowed_error_forbids_the_commit() {
    let (world, mut conn) = world();
    let error = conn
        .transaction(|conn| {
            insert(conn, 1)?;
            assert!(conn.batch_execute("SELECT 1 / 0").is_err());
            QueryResult::Ok(())
        })
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("rolled back instead of committed"),
        "{error}"
    );
    assert!(committed(&world).is_empty());
    insert(&mut conn, 2).unwrap();
    assert_eq!(committed(&world), [2]);
}

#[test]
fn an_error_rolls_back() {
    let (world, mut conn) = world();
    let error = conn
        .transaction(|conn| {
            insert(conn, 1)?;
            conn.batch_execute("SELECT 1 / 0")
        })
        .unwrap_err();
    assert!(error.to_string().contains("division by zero"), "{error}");
    assert!(committed(&world).is_empty());
}

#[test]
fn a_transaction_opened_by_hand_is_left_alone() {
    let (world, mut conn) = world();
    conn.batch_execute("BEGIN").unwrap();
    insert(&mut conn, 1).unwrap();
    let error = conn.transaction(|conn| insert(conn, 2)).unwrap_err();
    assert!(matches!(error, Error::AlreadyInTransaction), "{error}");
    assert!(committed(&world).is_empty());
    conn.batch_execute("COMMIT").unwrap();
    assert_eq!(committed(&world), [1]);
}

#[test]
fn a_server_that_ends_a_transaction_is_noticed() {
    let (world, mut conn) = world();
    let error = conn
        .transaction(|conn| {
            insert(conn, 1)?;
            conn.batch_execute("COMMIT")
        })
        .unwrap_err();
    assert!(error.to_string().contains("ended it"), "{error}");
    assert_eq!(committed(&world), [1]);
}

#[test]
fn test_transactions_are_never_committed() {
    let (world, mut conn) = world();
    conn.test_transaction::<_, Error, _>(|conn| {
        insert(conn, 1)?;
        conn.transaction(|conn| insert(conn, 2))
    });
    assert!(committed(&world).is_empty());
    conn.begin_test_transaction().unwrap();
    insert(&mut conn, 3).unwrap();
    assert!(!RedshiftTransactionManager::is_broken_transaction_manager(
        &mut conn
    ));
    drop(conn);
    assert!(committed(&world).is_empty());
}

#[test]
fn a_connection_lost_in_a_transaction_is_broken() {
    use diesel::r2d2::R2D2Connection;

    let (world, mut conn) = world();
    let pid = conn.backend_pid();
    let error = conn
        .transaction(|conn| {
            insert(conn, 1)?;
            world
                .connect()
                .batch_execute(&format!("SELECT pg_terminate_backend({pid})"))?;
            insert(conn, 2)
        })
        .unwrap_err();
    assert!(matches!(error, Error::DatabaseError(_, _)), "{error:?}");
    assert!(conn.is_broken());
    assert!(matches!(
        conn.transaction(|conn| insert(conn, 3)),
        Err(Error::BrokenTransactionManager)
    ));
    assert!(committed(&world).is_empty());
}

#[test]
fn a_read_only_transaction_refuses_to_write() {
    let (world, mut conn) = world();
    let error = conn
        .build_transaction()
        .read_only()
        .run(|conn| insert(conn, 1))
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)
        ),
        "{error:?}"
    );
    conn.build_transaction()
        .read_write()
        .run(|conn| insert(conn, 2))
        .unwrap();
    assert_eq!(committed(&world), [2]);
}

#[test]
fn a_transaction_with_options_does_not_join() {
    let (world, mut conn) = world();
    let error = conn
        .transaction(|conn| {
            conn.build_transaction()
                .read_only()
                .run(|_| QueryResult::Ok(()))
        })
        .unwrap_err();
    assert!(matches!(error, Error::AlreadyInTransaction));
    assert!(committed(&world).is_empty());
}

#[test]
fn a_serialization_failure_is_tried_again() {
    let (world, mut conn) = world();
    let mut tries = 0;
    let outcome = conn.retry_serializable(3, |conn| {
        tries += 1;
        insert(conn, tries)?;
        if tries < 3 {
            return Err(Error::DatabaseError(
                DatabaseErrorKind::SerializationFailure,
                Box::new("1023".to_owned()),
            ));
        }
        Ok(tries)
    });
    assert_eq!(outcome.unwrap(), 3);
    assert_eq!(committed(&world), [3]);
    let mut tries = 0;
    let outcome: QueryResult<()> = conn.retry_serializable(2, |_| {
        tries += 1;
        Err(Error::DatabaseError(
            DatabaseErrorKind::SerializationFailure,
            Box::new("1023".to_owned()),
        ))
    });
    assert!(outcome.is_err());
    assert_eq!(tries, 2);
    let mut tries = 0;
    let outcome: QueryResult<()> = conn.retry_serializable(5, |_| {
        tries += 1;
        Err(Error::NotFound)
    });
    assert!(outcome.is_err());
    assert_eq!(tries, 1);
}

#[test]
fn a_deadlock_is_tried_again() {
    let (world, mut conn) = world();
    conn.batch_execute("CREATE TABLE others (n INTEGER)")
        .unwrap();
    let update = |conn: &mut RedshiftConnection, table: &str| {
        diesel::sql_query(format!("UPDATE {table} SET n = 1")).execute(conn)
    };
    let barrier = std::sync::Barrier::new(2);
    let tries = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for [first, second] in [["numbers", "others"], ["others", "numbers"]] {
            let mut conn = world.connect();
            let (barrier, tries) = (&barrier, &tries);
            scope.spawn(move || {
                let mut first_try = true;
                conn.retry_serializable(5, |conn| {
                    tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    update(conn, first)?;
                    if std::mem::take(&mut first_try) {
                        barrier.wait();
                    }
                    update(conn, second)
                })
                .unwrap();
            });
        }
    });
    assert_eq!(tries.into_inner(), 3);
}

/// What a statement has committed cannot be rolled back, and nobody is told that it was; what would come after it is not run.
#[test]
fn a_statement_that_ends_the_transaction_is_told() {
    let (world, mut conn) = world();
    let truncate = |conn: &mut RedshiftConnection| {
        insert(conn, 1)?;
        diesel::sql_query("TRUNCATE numbers").execute(conn)?;
        insert(conn, 2)
    };
    let error = conn.transaction(truncate).unwrap_err().to_string();
    assert!(error.contains("ended it, as TRUNCATE does"), "{error}");
    assert!(committed(&world).is_empty());
    let error = conn
        .transaction(|conn| {
            conn.transaction(truncate).unwrap_err();
            QueryResult::<()>::Err(Error::RollbackTransaction)
        })
        .unwrap_err();
    assert_eq!(error, Error::RollbackTransaction, "the closure's own");
    let told = conn.last_error().unwrap().to_string();
    assert!(told.contains("ended it"), "{told}");
    let error = conn
        .transaction(|conn| {
            conn.batch_execute("COMMIT")?;
            // It would run outside of any transaction.
            conn.transaction(|conn| insert(conn, 3))
        })
        .unwrap_err()
        .to_string();
    assert!(error.contains("ended it"), "{error}");
    assert!(committed(&world).is_empty());
    conn.transaction(|conn| insert(conn, 4)).unwrap();
    assert_eq!(committed(&world), [4]);
}
