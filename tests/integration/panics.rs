//! Panics: in the closure of a transaction, in a handler of notices.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use diesel::connection::{InstrumentationEvent, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use diesel::result::Error;
use diesel_redshift::{
    RedshiftConnection, connection::RedshiftTransactionManager, connection::RowByRowLoadingMode,
    error::TransactionError,
};
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

/// What the pool's connection lends is this crate's `transaction`, and not Diesel's.
#[test]
fn a_pools_connection_lends_the_transaction_that_sees_panics() {
    use diesel::r2d2::{ConnectionManager, Pool};

    let (world, _) = world();
    let manager = ConnectionManager::<RedshiftConnection>::new(world.url());
    let pool = Pool::builder().max_size(1).build(manager).unwrap();
    let mut pooled = pool.get().unwrap();
    let transaction = AssertUnwindSafe(|| {
        (*pooled).transaction::<(), Error, _>(|conn| {
            insert(conn, 1)?;
            panic()
        })
    });
    catch_unwind(transaction).unwrap_err();
    let next = pooled.transaction(|conn| insert(conn, 2));
    assert!(matches!(next, Err(Error::BrokenTransactionManager)));
    drop(pooled);
    assert_eq!(count(&mut pool.get().unwrap()), 0);
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

/// What panics when an edge of a transaction is sent or answered, and is caught by somebody who keeps the connection.
#[test]
fn a_panic_at_the_edge_of_a_transaction_leaves_a_broken_connection() {
    let runs: [fn(&mut RedshiftConnection) -> QueryResult<()>; 4] = [
        |conn| {
            conn.transaction(|conn| {
                conn.batch_execute("INSERT INTO numbers VALUES (1)")?;
                Ok(())
            })
        },
        |conn| {
            conn.build_transaction()
                .run(|conn| conn.batch_execute("INSERT INTO numbers VALUES (1)"))
        },
        |conn| {
            conn.transaction(|conn| {
                conn.batch_execute("INSERT INTO numbers VALUES (1)")?;
                Err(Error::RollbackTransaction)
            })
        },
        // As a pool does.
        |conn| {
            RedshiftTransactionManager::begin_transaction(conn)?;
            conn.batch_execute("INSERT INTO numbers VALUES (1)")?;
            RedshiftTransactionManager::commit_transaction(conn)
        },
    ];
    let say = |tag: &str, panics: bool, status| {
        let notice = panics.then(|| message::notice("about the edge"));
        let tag = message::complete(tag).then(message::ready(status));
        let said = match notice {
            Some(notice) => notice.then(tag),
            None => tag,
        };
        vec![said.into()]
    };
    for (number, run) in runs.into_iter().enumerate() {
        for at_begin in [true, false] {
            let end = if number == 2 { "ROLLBACK" } else { "COMMIT" };
            let server = ScriptedServer::start(vec![
                say("BEGIN", at_begin, b'T'),
                say("INSERT 0 1", false, b'T'),
                say(end, !at_begin, b'I'),
                say("INSERT 0 1", false, b'I'),
            ]);
            let mut conn = server.connect();
            conn.on_notice(|_| resume_unwind(Box::new("in the handler")));
            catch_unwind(AssertUnwindSafe(|| run(&mut conn))).unwrap_err();
            is_left_broken(&mut conn, &format!("notice, {number}, {at_begin}"));
        }
        for edge in ["BEGIN", "INSERT", "COMMIT", "ROLLBACK"] {
            let (_world, mut conn) = world();
            conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::FinishQuery { query, .. } = event
                    && query.to_string().starts_with(edge)
                {
                    panic();
                }
            });
            let caught = catch_unwind(AssertUnwindSafe(|| run(&mut conn)));
            if number == 3 && edge == "INSERT" {
                continue;
            }
            match caught {
                Err(_) => is_left_broken(&mut conn, &format!("event, {number}, {edge}")),
                Ok(_) => assert_eq!(number == 2, edge == "COMMIT"),
            }
        }
    }
}

fn is_left_broken(conn: &mut RedshiftConnection, name: &str) {
    assert!(conn.is_broken(), "{name}");
    for outcome in [
        conn.batch_execute("INSERT INTO numbers VALUES (2)"),
        conn.transaction(|conn| conn.batch_execute("INSERT INTO numbers VALUES (3)")),
    ] {
        assert!(
            matches!(outcome, Err(Error::BrokenTransactionManager)),
            "{name}: {outcome:?}"
        );
    }
}

/// The panic comes when it is known what the statement did.
#[test]
fn a_handler_that_panics_hides_no_end_of_a_transaction() {
    let script = || {
        let said = message::notice("truncated")
            .then(message::complete("TRUNCATE TABLE"))
            .then(message::ready(b'I'));
        let begin = message::complete("BEGIN").then(message::ready(b'T'));
        let insert = message::complete("INSERT 0 1").then(message::ready(b'I'));
        ScriptedServer::start(vec![
            vec![begin.into()],
            vec![said.into()],
            vec![insert.into()],
        ])
    };
    let truncates: [fn(&mut RedshiftConnection) -> QueryResult<()>; 2] = [
        |conn| conn.batch_execute("TRUNCATE numbers"),
        |conn| {
            diesel::sql_query("TRUNCATE numbers")
                .execute(conn)
                .map(|_| ())
        },
    ];
    for truncate in truncates {
        let server = script();
        let mut conn = server.connect();
        conn.on_notice(|_| resume_unwind(Box::new("in the handler")));
        let error = conn
            .transaction(|conn| {
                catch_unwind(AssertUnwindSafe(|| truncate(conn))).unwrap_err();
                conn.batch_execute("INSERT INTO numbers VALUES (1)")
            })
            .unwrap_err();
        assert!(
            matches!(
                diesel_redshift::Error::from(error),
                diesel_redshift::Error::Transaction(TransactionError::EndedWithin { .. })
            ),
            "the row would have been committed alone"
        );
        assert!(
            server
                .asked()
                .iter()
                .all(|it| !it.sql.starts_with("INSERT"))
        );
    }
}
