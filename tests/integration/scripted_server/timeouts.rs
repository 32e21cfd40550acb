//! A server that falls silent, takes nothing, or never ends.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::Text;
use diesel_redshift::RedshiftConnection;

use super::message::{Say, complete, ready, rows};
use super::outcomes::{commands, queries};
use super::{ScriptedServer, Step};

const LIMIT: Duration = Duration::from_millis(250);

/// Runs a statement that must end by the limit, with an error that names it.
fn ends_by_the_limit<T>(
    server: &ScriptedServer,
    name: &str,
    run: impl FnOnce(&mut RedshiftConnection) -> QueryResult<T>,
) {
    let mut conn = server.connect();
    conn.set_response_timeout(Some(LIMIT)).unwrap();
    let start = Instant::now();
    let outcome = run(&mut conn);
    let elapsed = start.elapsed();
    let Err(Error::DatabaseError(DatabaseErrorKind::ClosedConnection, error)) = outcome else {
        panic!("{name}: the connection is not told as closed");
    };
    let message = error.message();
    assert!(
        message.contains("within the response timeout of 250 ms"),
        "{name}: {message}"
    );
    assert!((LIMIT..8 * LIMIT).contains(&elapsed), "{name}: {elapsed:?}");
    assert!(conn.is_broken(), "{name}");
    conn.batch_execute("SELECT 1").unwrap_err();
}

#[test]
fn silence_is_told_with_the_limit_that_passed() {
    let silence = Step::Wait(Duration::from_secs(20));
    for (name, run) in commands() {
        for before in [vec![], vec![Step::Say(complete("INSERT 0 1"))]] {
            let steps = [before, vec![silence.clone()]].concat();
            ends_by_the_limit(&ScriptedServer::start(vec![steps]), name, run);
        }
    }
    for (name, run) in queries() {
        for count in [0, 1, 40] {
            let steps = vec![Step::Say(rows(count)), silence.clone()];
            ends_by_the_limit(&ScriptedServer::start(vec![steps]), name, run);
        }
    }
}

#[test]
fn a_server_that_takes_nothing_is_not_waited_for() {
    let text = "x".repeat(30 << 20);
    ends_by_the_limit(&ScriptedServer::deaf(), "batch_execute", |conn| {
        conn.batch_execute(&format!("SELECT '{text}'"))
    });
    ends_by_the_limit(&ScriptedServer::deaf(), "sql_query", |conn| {
        diesel::sql_query("SELECT $1")
            .bind::<Text, _>(&text)
            .execute(conn)
    });
}

#[test]
fn a_long_statement_is_sent_whole() {
    let answer = || vec![complete("INSERT 0 1").then(ready(b'I')).into()];
    let server = ScriptedServer::start(vec![answer(), answer()]);
    let mut conn = server.connect();
    let text = "x".repeat(30 << 20);
    for limit in [None, Some(Duration::from_secs(5))] {
        conn.set_response_timeout(limit).unwrap();
        let sql = format!("INSERT INTO t VALUES ('{text}')");
        conn.batch_execute(&sql).unwrap();
        assert!(server.asked().pop().unwrap().sql == sql, "{limit:?}");
    }
}

fn copy_out() -> Step {
    Step::Say(Say::new(b'H', &[0, 0, 0]))
}

fn is_refused(server: &ScriptedServer, limit: Option<Duration>, at_most: Duration) {
    let mut conn = server.connect();
    conn.set_response_timeout(limit).unwrap();
    let start = Instant::now();
    let error = conn.batch_execute("COPY t TO STDOUT").unwrap_err();
    let elapsed = start.elapsed();
    assert!(
        error.to_string().contains("COPY over the connection"),
        "{error}"
    );
    assert!(elapsed < at_most, "{elapsed:?}");
    assert!(conn.is_broken());
}

#[test]
fn a_copy_that_never_ends_is_left() {
    let endless = vec![copy_out(), Step::Forever(Say::new(b'd', &[b'x'; 1000]))];
    let server = ScriptedServer::start(vec![endless.clone()]);
    is_refused(&server, Some(LIMIT), 8 * LIMIT);
    let server = ScriptedServer::start(vec![endless]);
    is_refused(&server, None, Duration::from_secs(10));
    let silent = vec![copy_out(), Step::Wait(Duration::from_secs(20))];
    let server = ScriptedServer::start(vec![silent]);
    is_refused(&server, Some(LIMIT), 8 * LIMIT);
    let closed = vec![copy_out(), Step::Close];
    is_refused(&ScriptedServer::start(vec![closed]), None, LIMIT);
}
