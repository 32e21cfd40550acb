//! Upserts where something fails: the transaction, the other session, the rows themselves.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use diesel_redshift::Redshift;
use diesel_redshift::error::{Retryable, TransactionError};

use super::*;

fn one(conn: &mut RedshiftConnection) -> Result<UpsertOutcome, Error> {
    upsert(&[user(1, "ONE", 1, None)])
        .into(users::table)
        .key((users::id,))
        .update_all()
        .execute(conn)
}

#[test]
fn a_transaction_that_has_failed_takes_none() {
    let (_world, mut conn) = world();
    let before = rows(&mut conn);
    let outcome = conn.transaction(|conn| -> Result<(), Error> {
        diesel::sql_query("SELECT 1 / 0").execute(conn).unwrap_err();
        let error = one(conn).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("current transaction is aborted"),
            "{error}"
        );
        assert!(!error.is_retryable());
        Err(error)
    });
    outcome.unwrap_err();
    assert_eq!(rows(&mut conn), before);
    assert_no_stage(&mut conn);
    one(&mut conn).unwrap();
}

/// There are no savepoints: who swallows the error cannot commit what came before.
#[test]
fn a_transaction_in_which_one_failed_is_not_committed() {
    let (_world, mut conn) = world();
    let before = rows(&mut conn);
    let twice = [user(8, "a", 1, None), user(8, "b", 1, None)];
    let outcome = conn.transaction(|conn| -> Result<(), Error> {
        one(conn)?;
        let error = upsert(&twice)
            .into(users::table)
            .key((users::id,))
            .update_all()
            .execute(conn)
            .unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        Ok(())
    });
    let error = outcome.unwrap_err();
    assert!(
        matches!(error, Error::Transaction(TransactionError::NestedFailure)),
        "{error:?}"
    );
    assert_eq!(rows(&mut conn), before);
    assert_no_stage(&mut conn);
    one(&mut conn).unwrap();
}

#[test]
fn of_two_at_once_the_second_is_a_conflict_that_can_be_retried() {
    let (world, mut conn) = world();
    let mut other = world.connect();
    let mut tries = 0;
    let outcome = conn.retry_serializable(3, |conn| {
        tries += 1;
        // What is read before the other one commits.
        let hits: i64 = users::table.find(1).select(users::hits).first(conn)?;
        if tries == 1 {
            one(&mut other)?;
        }
        let outcome = upsert(&[user(1, "mine", hits + 1, None)])
            .into(users::table)
            .key((users::id,))
            .update_all()
            .execute(conn);
        if tries == 1 {
            let error = outcome.as_ref().unwrap_err();
            assert!(error.is_retryable(), "{error:?}");
            assert!(error.to_string().contains("1023"), "{error}");
        }
        outcome
    });
    assert_eq!(counts(outcome.unwrap()), (1, 1, 0));
    assert_eq!(tries, 2);
    assert_eq!(rows(&mut conn)[0], row(1, "mine", 2, None));
    assert_no_stage(&mut conn);
    assert_no_stage(&mut other);
}

/// With a lock they wait for each other.
#[test]
fn upserts_that_lock_need_no_retry() {
    const TIMES: i64 = 5;
    let (world, mut conn) = world();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut conn = world.connect();
                for _ in 0..TIMES {
                    upsert(&[user(1, "one", 1, None)])
                        .into(users::table)
                        .key((users::id,))
                        .set(users::hits.eq(users::hits + incoming(users::hits)))
                        .lock()
                        .execute(&mut conn)
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(rows(&mut conn)[0].2, 10 + 3 * TIMES);
}

/// A name that cannot be written.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
enum Bad {
    Error,
    Panic,
}

impl ToSql<Text, Redshift> for Bad {
    fn to_sql<'b>(&'b self, _: &mut Output<'b, '_, Redshift>) -> serialize::Result {
        match self {
            Self::Error => Err("no name".into()),
            Self::Panic => resume_unwind(Box::new("no name")),
        }
    }
}

fn bad(conn: &mut RedshiftConnection, name: Bad) -> Result<UpsertOutcome, Error> {
    upsert(&[(users::id.eq(7), users::name.eq(name), users::hits.eq(1))])
        .into(users::table)
        .key((users::id,))
        .update_all()
        .execute(conn)
}

#[test]
fn a_pooled_connection_has_no_stage_after_errors_and_panics() {
    let (world, mut other) = world();
    let before = rows(&mut other);
    let manager = ConnectionManager::<RedshiftConnection>::new(world.url());
    let pool = Pool::builder().max_size(1).build(manager).unwrap();
    let session = pool.get().unwrap().backend_pid();

    one(&mut pool.get().unwrap()).unwrap();
    assert_no_stage(&mut pool.get().unwrap());
    diesel::update(users::table.find(1))
        .set((
            users::name.eq("one"),
            users::hits.eq(10),
            users::seen.eq(Some(5)),
        ))
        .execute(&mut other)
        .unwrap();

    // In Rust, and in the server: no such name, and one that is too long.
    let error = bad(&mut pool.get().unwrap(), Bad::Error).unwrap_err();
    assert_eq!(error.to_string(), "no name");
    let error = upsert(&[user(7, &"x".repeat(21), 1, None)])
        .into(users::table)
        .key((users::id,))
        .update_all()
        .execute(&mut pool.get().unwrap())
        .unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    let mut conn = pool.get().unwrap();
    assert_eq!(conn.backend_pid(), session);
    assert_no_stage(&mut conn);
    drop(conn);

    let panic = catch_unwind(AssertUnwindSafe(|| {
        bad(&mut pool.get().unwrap(), Bad::Panic)
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"no name"));
    let mut conn = pool.get().unwrap();
    assert_ne!(conn.backend_pid(), session);
    assert_no_stage(&mut conn);
    assert_eq!(rows(&mut other), before);
    one(&mut conn).unwrap();
}

#[test]
fn a_read_only_transaction_takes_none() {
    let (_world, mut conn) = world();
    let error = conn.build_transaction().read_only().run(one).unwrap_err();
    assert!(
        error.to_string().contains("in a read-only transaction"),
        "{error}"
    );
    assert_no_stage(&mut conn);
    one(&mut conn).unwrap();
}
