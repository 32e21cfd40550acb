//! A connection that is lost before the server told what became of the work.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_redshift::{Error, RedshiftConnection, error::Retryable, error::TransactionError};

use super::message::{Say, complete, error, ready, rows};
use super::outcomes::{commands, numbers, queries};
use super::{ScriptedServer, Step};

fn done(tag: &str, status: u8) -> Vec<Step> {
    vec![complete(tag).then(ready(status)).into()]
}

fn insert(conn: &mut RedshiftConnection) -> QueryResult<usize> {
    diesel::insert_into(numbers::table)
        .values(numbers::n.eq(1))
        .execute(conn)
}

fn is_closed(error: &DieselError) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
    )
}

fn is_unknown(error: DieselError) -> bool {
    assert!(!error.is_retryable(), "{error}");
    matches!(
        Error::from(error),
        Error::Transaction(TransactionError::OutcomeUnknown(_))
    )
}

/// Ways to lose a connection that tell nothing of the statement.
fn losses() -> Vec<(&'static str, Vec<Step>)> {
    let shutdown = error("FATAL", "57P01", "terminating connection");
    let proxy = error("ERROR", "08006", "the server is gone");
    vec![
        ("close", vec![Step::Close]),
        ("shutdown", vec![shutdown.into(), Step::Close]),
        ("proxy", vec![proxy.into(), Step::Close]),
        ("silence", vec![Step::Wait(Duration::from_secs(20))]),
    ]
}

fn connect(server: &ScriptedServer) -> RedshiftConnection {
    let mut conn = server.connect();
    conn.set_response_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    conn
}

#[test]
fn a_statement_outside_transactions_may_be_committed() {
    for (loss, steps) in losses() {
        for said in [None, Some(complete("INSERT 0 1"))] {
            for (name, run) in commands() {
                let mut all: Vec<Step> = said.clone().into_iter().map(Step::Say).collect();
                all.extend(steps.clone());
                let server = ScriptedServer::start(vec![all]);
                let error = run(&mut connect(&server)).unwrap_err();
                assert!(is_closed(&error), "{name}, {loss}: {error}");
                assert!(is_unknown(error), "{name}, {loss}");
            }
        }
    }
}

#[test]
fn a_query_changes_nothing() {
    for (loss, steps) in losses() {
        for said in [rows(0), rows(40), rows(1).then(complete("SELECT"))] {
            for (name, run) in queries() {
                let all = [vec![said.clone().into()], steps.clone()].concat();
                let server = ScriptedServer::start(vec![all]);
                let error = run(&mut connect(&server)).unwrap_err();
                assert!(is_closed(&error), "{name}, {loss}: {error}");
                assert!(!is_unknown(error), "{name}, {loss}");
            }
        }
    }
}

#[test]
fn a_commit_may_have_been_done_and_is_not_tried_again() {
    for (loss, steps) in losses() {
        for said in [None, Some(complete("COMMIT"))] {
            let mut commit: Vec<Step> = said.clone().into_iter().map(Step::Say).collect();
            commit.extend(steps.clone());
            let script = vec![done("BEGIN", b'T'), done("INSERT 0 1", b'T'), commit];
            let server = ScriptedServer::start(script);
            let mut conn = connect(&server);
            let error = conn.retry_serializable(3, insert).unwrap_err();
            assert!(is_closed(&error), "{loss}: {error}");
            assert!(is_unknown(error), "{loss}");
            let begun = server.asked().iter().filter(|it| it.sql == "BEGIN").count();
            assert_eq!(begun, 1, "{loss}");
        }
    }
}

#[test]
fn what_is_not_committed_is_known_not_to_be() {
    for (loss, steps) in losses() {
        let script = vec![done("BEGIN", b'T'), steps.clone()];
        let server = ScriptedServer::start(script);
        let error = connect(&server).transaction(insert).unwrap_err();
        assert!(is_closed(&error), "{loss}: {error}");
        assert!(!is_unknown(error), "{loss}: within a transaction");
        let server = ScriptedServer::start(vec![steps.clone()]);
        let error = connect(&server).transaction(insert).unwrap_err();
        assert!(!is_unknown(error), "{loss}: BEGIN");
        let aborted = error_of_statement().then(ready(b'E'));
        let script = vec![done("BEGIN", b'T'), vec![aborted.into()], steps];
        let server = ScriptedServer::start(script);
        let error = connect(&server).transaction(insert).unwrap_err();
        assert!(!is_unknown(error), "{loss}: ROLLBACK");
    }
}

/// TRUNCATE and procedures commit what came before them.
#[test]
fn a_statement_that_commits_within_a_transaction_may_be_committed() {
    for sql in [
        "TRUNCATE numbers",
        "CALL load()",
        "DELETE FROM numbers; COMMIT",
    ] {
        let server = ScriptedServer::start(vec![done("BEGIN", b'T'), vec![Step::Close]]);
        let outcome = connect(&server).transaction(|conn| conn.batch_execute(sql));
        assert!(is_unknown(outcome.unwrap_err()), "{sql}");
    }
}

/// Of a transaction that has failed nothing can be committed any more.
#[test]
fn a_loss_in_a_failed_transaction_is_known() {
    for (loss, steps) in losses() {
        for sql in [
            "INSERT INTO numbers VALUES (1)",
            "TRUNCATE numbers",
            "COMMIT",
        ] {
            let aborted = error_of_statement().then(ready(b'E'));
            let script = vec![done("BEGIN", b'T'), vec![aborted.into()], steps.clone()];
            let server = ScriptedServer::start(script);
            let outcome = connect(&server).transaction(|conn| {
                insert(conn).unwrap_err();
                conn.batch_execute(sql)
            });
            assert!(!is_unknown(outcome.unwrap_err()), "{loss}: {sql}");
        }
    }
    let aborted = error_of_statement().then(ready(b'E'));
    let script = vec![done("BEGIN", b'T'), vec![aborted.into()], vec![Step::Close]];
    let server = ScriptedServer::start(script);
    let outcome = connect(&server).transaction(|conn| {
        insert(conn).unwrap_err();
        conn.batch_execute("ROLLBACK; INSERT INTO numbers VALUES (1)")
    });
    assert!(is_unknown(outcome.unwrap_err()), "what follows the end");
}

fn error_of_statement() -> Say {
    error("ERROR", "XX000", "1023")
}

#[test]
fn an_error_of_the_statement_is_an_answer() {
    for (name, run) in commands() {
        let server = ScriptedServer::start(vec![vec![error_of_statement().into(), Step::Close]]);
        let error = run(&mut connect(&server)).unwrap_err();
        assert!(is_closed(&error), "{name}: {error}");
        assert!(!is_unknown(error), "{name}");
    }
}

/// A pool finds such connections.
#[test]
fn what_was_sent_to_nobody_is_not_done() {
    let shutdown = error("FATAL", "57P01", "terminating connection");
    for last_words in [None, Some(shutdown)] {
        for (name, run) in commands() {
            let mut steps: Vec<Step> = done("SET", b'I');
            steps.extend(last_words.clone().map(Step::Say));
            steps.push(Step::Close);
            let server = ScriptedServer::start(vec![steps]);
            let mut conn = connect(&server);
            conn.set_query_group("first").unwrap();
            std::thread::sleep(Duration::from_millis(100));
            let error = run(&mut conn).unwrap_err();
            assert!(is_closed(&error), "{name}: {error}");
            assert!(!is_unknown(error), "{name}");
        }
    }
}

/// The sandbox does the work and says nothing.
#[test]
fn the_work_may_be_there() {
    use diesel_redshift_tests::{World, sandbox};

    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    let fault = |words: &str| sandbox().fail_next(world.database(), words).unwrap();
    let count = || -> i64 {
        let mut conn = world.connect();
        numbers::table.count().get_result(&mut conn).unwrap()
    };
    fault("cut before answer on insert");
    assert!(is_unknown(insert(&mut conn).unwrap_err()));
    assert_eq!(count(), 1);
    let mut conn = world.connect();
    fault("cut before ready on insert");
    assert!(is_unknown(insert(&mut conn).unwrap_err()));
    assert_eq!(count(), 2);
    let mut conn = world.connect();
    fault("cut before answer on commit");
    assert!(is_unknown(conn.retry_serializable(3, insert).unwrap_err()));
    assert_eq!(count(), 3);
    let mut conn = world.connect();
    fault("serialization failure at end on insert");
    let error = insert(&mut conn).unwrap_err();
    assert!(error.is_retryable() && !is_closed(&error), "{error}");
    assert_eq!(count(), 3);
}

/// For a COPY, the history of loads tells.
#[test]
fn a_load_may_be_there() {
    use diesel_redshift::copy::Csv;
    use diesel_redshift::{IamRole, S3Uri, copy};
    use diesel_redshift_tests::{World, sandbox};

    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    world.put("numbers.txt", "1\n2\n");
    sandbox()
        .fail_next(world.database(), "cut before answer on commit")
        .unwrap();
    let outcome = copy(numbers::table)
        .from(S3Uri::parse(&world.uri("numbers.txt")).unwrap())
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .execute(&mut conn);
    let error = outcome.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Transaction(TransactionError::OutcomeUnknown(_))
        ),
        "{error:?}"
    );
    let history = diesel::sql_query(
        "SELECT loaded_rows::integer AS n FROM sys_load_history WHERE data_source LIKE '%numbers.txt%' AND status = 'completed'",
    );
    let loaded = history
        .load::<super::outcomes::Number>(&mut world.connect())
        .unwrap();
    assert_eq!(loaded.len(), 1);
    assert_eq!(loaded[0].n, 2);
}
