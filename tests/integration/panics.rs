//! Panics: in the closure of a transaction, in a handler of notices.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use diesel::result::Error;
use diesel_redshift::{RedshiftConnection, RowByRowLoadingMode};
use diesel_redshift_tests::World;

use crate::scripted_server::{ScriptedServer, message};

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

fn count(conn: &mut RedshiftConnection) -> i64 {
    numbers::table.count().get_result(conn).unwrap()
}

/// A panic without its message on the terminal.
fn panic() -> ! {
    resume_unwind(Box::new("in the closure"))
}

#[test]
fn a_closure_that_panics_leaves_a_broken_connection() {
    let runs: [fn(&mut RedshiftConnection) -> QueryResult<()>; 4] = [
        |conn| {
            conn.transaction(|conn| {
                insert(conn, 1)?;
                panic()
            })
        },
        |conn| {
            conn.build_transaction().run(|conn| {
                insert(conn, 1)?;
                panic()
            })
        },
        |conn| {
            conn.retry_serializable(3, |conn| {
                insert(conn, 1)?;
                panic()
            })
        },
        |conn| {
            conn.transaction(|conn| {
                insert(conn, 1)?;
                conn.transaction(|_| panic())
            })
        },
    ];
    for run in runs {
        let (world, mut conn) = world();
        catch_unwind(AssertUnwindSafe(|| run(&mut conn))).unwrap_err();
        assert!(conn.is_broken());
        let broken = |outcome: QueryResult<usize>| {
            assert!(
                matches!(outcome, Err(Error::BrokenTransactionManager)),
                "{outcome:?}"
            );
        };
        broken(conn.transaction(|conn| insert(conn, 2)));
        broken(insert(&mut conn, 3));
        broken(conn.batch_execute("COMMIT").map(|()| 0));
        drop(conn);
        assert_eq!(count(&mut world.connect()), 0);
    }
}

/// The inner transaction's panic does not become a part of what is committed.
#[test]
fn a_panic_that_is_caught_within_a_transaction_forbids_its_commit() {
    let (world, mut conn) = world();
    let outcome = conn.transaction(|conn| {
        insert(conn, 1)?;
        let inner = AssertUnwindSafe(|| {
            conn.transaction::<(), Error, _>(|conn| {
                insert(conn, 2)?;
                panic()
            })
        });
        catch_unwind(inner).unwrap_err();
        QueryResult::Ok(())
    });
    outcome.unwrap_err();
    drop(conn);
    assert_eq!(count(&mut world.connect()), 0);
}

#[test]
fn a_pool_drops_a_connection_whose_transaction_panicked() {
    use diesel::r2d2::{ConnectionManager, Pool};

    let (world, _) = world();
    let manager = ConnectionManager::<RedshiftConnection>::new(world.url());
    let pool = Pool::builder().max_size(1).build(manager).unwrap();
    let first = {
        let mut conn = pool.get().unwrap();
        let transaction = AssertUnwindSafe(|| {
            conn.transaction::<(), Error, _>(|conn| {
                insert(conn, 1)?;
                panic()
            })
        });
        catch_unwind(transaction).unwrap_err();
        conn.backend_pid()
    };
    let mut conn = pool.get().unwrap();
    assert_ne!(conn.backend_pid(), first);
    assert_eq!(count(&mut conn), 0);
}

/// Two panics at once would abort the process.
#[test]
fn a_handler_that_panics_while_another_panic_unwinds_is_left_alone() {
    let said = message::rows(40)
        .then(message::notice("said late"))
        .then(message::complete("SELECT"))
        .then(message::ready(b'I'));
    let next = message::complete("SET").then(message::ready(b'I'));
    let server = ScriptedServer::start(vec![vec![said.into()], vec![next.into()]]);
    let mut conn = server.connect();
    conn.on_notice(|_| resume_unwind(Box::new("in the handler")));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let mut rows = numbers::table
            .select(numbers::n)
            .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
            .unwrap();
        assert_eq!(rows.next().unwrap().unwrap(), 0);
        panic()
    }));
    let panic = caught.unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"in the closure"));
    assert_eq!(conn.take_notices()[0].message(), "said late");
    conn.set_query_group("still here").unwrap();
}
