//! An error is one wherever it comes before ReadyForQuery.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Integer;
use diesel_redshift::{RedshiftConnection, connection::RowByRowLoadingMode};
use diesel_redshift_tests::{engine, sandbox};

use super::message::{Say, complete, error, ready, rows};
use super::{ScriptedServer, Step};

pub(super) use table::numbers;

mod table {
    diesel::table! {
        numbers (n) {
            n -> Integer,
        }
    }
}

#[derive(QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = Integer)]
    pub(super) n: i32,
}

fn violation() -> Say {
    error("ERROR", "XX000", "1023")
}

/// The ways in which a statement that gives no rows is run.
pub(super) fn commands() -> Vec<(
    &'static str,
    fn(&mut RedshiftConnection) -> QueryResult<usize>,
)> {
    vec![
        ("batch_execute", |conn| {
            conn.batch_execute("INSERT INTO numbers VALUES (1)")
                .map(|()| 1)
        }),
        ("execute", |conn| {
            diesel::insert_into(numbers::table)
                .values(numbers::n.eq(1))
                .execute(conn)
        }),
        ("sql_query", |conn| {
            diesel::sql_query("INSERT INTO numbers VALUES (1)").execute(conn)
        }),
        ("load", |conn| {
            diesel::sql_query("INSERT INTO numbers VALUES (1)")
                .load::<Number>(conn)
                .map(|rows| rows.len())
        }),
    ]
}

/// The ways in which a query is read to its end.
pub(super) fn queries() -> Vec<(
    &'static str,
    fn(&mut RedshiftConnection) -> QueryResult<Vec<i32>>,
)> {
    vec![
        ("batch_execute", |conn| {
            conn.batch_execute("SELECT n FROM numbers")
                .map(|()| Vec::new())
        }),
        ("sql_query", |conn| {
            let rows = diesel::sql_query("SELECT n FROM numbers").load::<Number>(conn)?;
            Ok(rows.into_iter().map(|row| row.n).collect())
        }),
        ("execute", |conn| {
            diesel::sql_query("SELECT n FROM numbers")
                .execute(conn)
                .map(|_| Vec::new())
        }),
        ("load", |conn| numbers::table.select(numbers::n).load(conn)),
        ("row by row", |conn| {
            numbers::table
                .select(numbers::n)
                .load_iter::<i32, RowByRowLoadingMode>(conn)?
                .collect()
        }),
    ]
}

fn is_violation<T>(outcome: QueryResult<T>) -> bool {
    matches!(
        outcome,
        Err(Error::DatabaseError(DatabaseErrorKind::SerializationFailure, error)) if error.message() == "1023"
    )
}

fn is_closed<T>(outcome: QueryResult<T>) -> bool {
    matches!(
        outcome,
        Err(Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _))
    )
}

fn select_one(conn: &mut RedshiftConnection) -> i32 {
    diesel::sql_query("SELECT 1 AS n")
        .get_result::<Number>(conn)
        .unwrap()
        .n
}

#[test]
fn a_commit_that_fails_after_the_tag_is_an_error() {
    for (name, run) in commands() {
        let said = complete("INSERT 0 1").then(violation()).then(ready(b'I'));
        let next = rows(1).then(complete("SELECT")).then(ready(b'I'));
        let server = ScriptedServer::start(vec![vec![said.into()], vec![next.into()]]);
        let mut conn = server.connect();
        assert!(is_violation(run(&mut conn)), "{name}");
        assert_eq!(
            conn.last_error().unwrap().sqlstate(),
            Some("XX000"),
            "{name}"
        );
        assert_eq!(select_one(&mut conn), 0, "{name}");
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.sql, "SELECT 1 AS n", "{name}");
    }
}

/// A request to cancel the statement before, that the server hears of late.
#[test]
fn a_rollback_that_a_late_cancel_hits_is_sent_again() {
    let cancelled =
        || error("ERROR", "57014", "Query (7) cancelled on user's request").then(ready(b'E'));
    for hits in 0..=3 {
        let mut script = vec![
            vec![complete("BEGIN").then(ready(b'T')).into()],
            vec![cancelled().into()],
        ];
        script.extend(vec![vec![cancelled().into()]; hits]);
        script.push(vec![complete("ROLLBACK").then(ready(b'I')).into()]);
        script.push(vec![complete("BEGIN").then(ready(b'T')).into()]);
        script.push(vec![complete("COMMIT").then(ready(b'I')).into()]);
        let server = ScriptedServer::start(script);
        let mut conn = server.connect();
        let outcome: QueryResult<()> =
            conn.transaction(|conn| conn.batch_execute("DELETE FROM numbers"));
        assert!(outcome.is_err());
        let again: QueryResult<()> = conn.transaction(|_| Ok(()));
        if hits < 3 {
            let asked = server.asked();
            let sent = asked.iter().filter(|asked| asked.sql == "ROLLBACK").count();
            assert_eq!(sent, hits + 1);
            assert_eq!(again, Ok(()));
        } else {
            assert!(
                matches!(again, Err(Error::BrokenTransactionManager)),
                "{again:?}"
            );
        }
    }
}

#[test]
fn the_first_error_is_the_error() {
    for (name, run) in commands() {
        let other = error("ERROR", "25P02", "current transaction is aborted");
        let said = complete("INSERT 0 1")
            .then(violation())
            .then(other)
            .then(ready(b'I'));
        let server = ScriptedServer::start(vec![vec![said.into()]]);
        assert!(is_violation(run(&mut server.connect())), "{name}");
    }
}

#[test]
fn a_connection_lost_after_the_tag_is_an_error() {
    for wait in [0, 100] {
        for (name, run) in commands() {
            let steps = vec![
                Step::Say(complete("INSERT 0 1")),
                Step::Wait(Duration::from_millis(wait)),
                Step::Close,
            ];
            let server = ScriptedServer::start(vec![steps]);
            assert!(
                is_closed(run(&mut server.connect())),
                "{name}, {wait} ms later"
            );
        }
    }
}

#[test]
fn an_error_after_rows_and_their_tag_is_one() {
    for count in [0, 1, 15, 16, 17, 31, 32, 33, 100] {
        for (name, run) in queries() {
            let said = rows(count)
                .then(complete("SELECT"))
                .then(violation())
                .then(ready(b'I'));
            let server = ScriptedServer::start(vec![vec![said.into()]]);
            let mut conn = server.connect();
            assert!(is_violation(run(&mut conn)), "{name}, {count} rows");
        }
    }
}

#[test]
fn a_connection_lost_after_rows_and_their_tag_is_an_error() {
    for count in [0, 1, 16, 32, 33] {
        for (name, run) in queries() {
            let steps = vec![
                Step::Say(rows(count).then(complete("SELECT"))),
                Step::Wait(Duration::from_millis(50)),
                Step::Close,
            ];
            let server = ScriptedServer::start(vec![steps]);
            assert!(
                is_closed(run(&mut server.connect())),
                "{name}, {count} rows"
            );
        }
    }
}

#[test]
fn rows_before_an_error_are_read_and_the_error_follows() {
    let said = rows(32).then(violation()).then(ready(b'I'));
    for (name, run) in queries() {
        let server = ScriptedServer::start(vec![vec![said.clone().into()]]);
        assert!(is_violation(run(&mut server.connect())), "{name}");
    }
    let server = ScriptedServer::start(vec![vec![said.clone().into()], vec![said.into()]]);
    let mut conn = server.connect();
    let mut read = numbers::table
        .select(numbers::n)
        .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
        .unwrap();
    for n in 0..32 {
        assert_eq!(read.next().unwrap().unwrap(), n);
    }
    assert!(is_violation(read.next().unwrap()));
    assert!(read.next().is_none());
}

/// Only the first row is read.
#[test]
fn a_first_row_is_no_success_before_the_commit() {
    let said = rows(1)
        .then(complete("SELECT"))
        .then(violation())
        .then(ready(b'I'));
    let server = ScriptedServer::start(vec![vec![said.clone().into()], vec![said.into()]]);
    let mut conn = server.connect();
    assert!(is_violation(
        numbers::table
            .select(numbers::n)
            .first::<i32>(&mut conn)
            .map(|_| ())
    ));
    let first = diesel::sql_query("SELECT n FROM numbers").get_result::<Number>(&mut conn);
    assert!(is_violation(first.map(|_| ())));
}

#[test]
fn whole_results_of_any_length_are_read() {
    for count in [0, 1, 15, 16, 17, 31, 32, 33, 64, 100] {
        let said = rows(count).then(complete("SELECT")).then(ready(b'I'));
        let server = ScriptedServer::start(vec![vec![said.clone().into()], vec![said.into()]]);
        let mut conn = server.connect();
        let expected: Vec<i32> = (0..count).collect();
        assert_eq!(
            numbers::table
                .select(numbers::n)
                .load::<i32>(&mut conn)
                .unwrap(),
            expected
        );
        let read: QueryResult<Vec<i32>> = numbers::table
            .select(numbers::n)
            .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
            .unwrap()
            .collect();
        assert_eq!(read.unwrap(), expected);
    }
}

#[test]
fn a_server_that_is_ready_without_an_answer_has_done_nothing() {
    for (name, run) in commands() {
        let server = ScriptedServer::start(vec![vec![ready(b'I').into()]]);
        let error = run(&mut server.connect()).unwrap_err();
        assert!(
            error.to_string().contains("without an answer"),
            "{name}: {error}"
        );
    }
}

#[test]
fn a_late_error_of_a_parse_is_one() {
    let insert = |conn: &mut RedshiftConnection| {
        diesel::insert_into(numbers::table)
            .values(numbers::n.eq(1))
            .execute(conn)
    };
    let late = violation().then(ready(b'I'));
    let server = ScriptedServer::literal(vec![vec![late.into()]]);
    assert!(is_violation(insert(&mut server.connect())));
    assert_eq!(server.asked().len(), 1);
    let server = ScriptedServer::literal(vec![vec![Step::Close]]);
    assert!(is_closed(insert(&mut server.connect())));
}

/// PostgreSQL itself checks a deferred constraint when it commits.
#[test]
fn a_deferred_constraint_that_fails_is_an_error() {
    let mut conn = engine(sandbox());
    conn.batch_execute(
        "CREATE TEMP TABLE numbers (n integer);
         CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'refused at the end' USING ERRCODE = '23514'; END $$;
         CREATE CONSTRAINT TRIGGER late AFTER INSERT ON numbers DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse()",
    )
    .unwrap();
    for (name, run) in commands() {
        let error = run(&mut conn).unwrap_err();
        assert!(
            error.to_string().contains("refused at the end"),
            "{name}: {error}"
        );
        assert_eq!(
            conn.last_error().unwrap().sqlstate(),
            Some("23514"),
            "{name}"
        );
        let count: i64 = numbers::table.count().get_result(&mut conn).unwrap();
        assert_eq!(count, 0, "{name}");
    }
}
