//! Prepared statements that have gone stale, and how they are deallocated.

use diesel::prelude::*;
use diesel_redshift::{RedshiftConnection, connection::RowByRowLoadingMode};

use super::message::{Say, complete, error, ready, rows};
use super::outcomes::numbers;
use super::{ScriptedServer, Step};

fn answered(count: i32) -> Vec<Step> {
    vec![
        rows(count)
            .then(complete("SELECT"))
            .then(ready(b'I'))
            .into(),
    ]
}

fn done(tag: &str) -> Vec<Step> {
    vec![complete(tag).then(ready(b'I')).into()]
}

fn stale_plans() -> [Say; 3] {
    [
        error("ERROR", "0A000", "cached plan must not change result type"),
        error("ERROR", "26000", "prepared statement \"x\" does not exist"),
        error("ERROR", "XX000", "could not open relation with OID 123456"),
    ]
}

fn load(conn: &mut RedshiftConnection) -> QueryResult<Vec<i32>> {
    numbers::table.select(numbers::n).load(conn)
}

fn messages(server: &ScriptedServer) -> Vec<String> {
    let asked = server.asked().into_iter();
    asked.map(|asked| asked.messages).collect()
}

#[test]
fn a_stale_plan_is_made_anew_and_run_once_more() {
    for stale in stale_plans() {
        let refused = vec![stale.then(ready(b'I')).into()];
        let server = ScriptedServer::start(vec![answered(1), refused, answered(2)]);
        let mut conn = server.connect();
        assert_eq!(load(&mut conn).unwrap(), [0]);
        assert_eq!(load(&mut conn).unwrap(), [0, 1]);
        assert_eq!(messages(&server), ["PS", "BDES", "BDES", "PS", "BDES"]);
    }
}

#[test]
fn a_plan_that_is_stale_again_is_an_error() {
    for stale in stale_plans() {
        let refused = vec![stale.then(ready(b'I')).into()];
        let server = ScriptedServer::start(vec![answered(1), refused.clone(), refused]);
        let mut conn = server.connect();
        load(&mut conn).unwrap();
        load(&mut conn).unwrap_err();
        assert_eq!(messages(&server), ["PS", "BDES", "BDES", "PS", "BDES"]);
    }
}

#[test]
fn within_a_transaction_nothing_is_run_twice() {
    for stale in stale_plans() {
        let begun = vec![complete("BEGIN").then(ready(b'T')).into()];
        let refused = vec![stale.then(ready(b'E')).into()];
        let script = vec![answered(1), begun, refused, done("ROLLBACK")];
        let server = ScriptedServer::start(script);
        let mut conn = server.connect();
        load(&mut conn).unwrap();
        conn.transaction(load).unwrap_err();
        assert_eq!(messages(&server), ["PS", "BDES", "Q", "BDES", "Q"]);
    }
}

/// Rows or a tag say that it ran.
#[test]
fn what_has_run_is_not_run_again() {
    for stale in stale_plans() {
        for count in [1, 16, 40] {
            let said = rows(count).then(complete("SELECT")).then(stale.clone());
            let refused = vec![said.then(ready(b'I')).into()];
            let server = ScriptedServer::start(vec![answered(1), refused]);
            let mut conn = server.connect();
            load(&mut conn).unwrap();
            let read: QueryResult<Vec<i32>> = numbers::table
                .select(numbers::n)
                .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
                .and_then(Iterator::collect);
            read.unwrap_err();
            assert_eq!(messages(&server), ["PS", "BDES", "BDES"], "{count} rows");
        }
    }
}

/// Prepares so many statements.
fn prepare(conn: &mut RedshiftConnection, statements: i32) {
    for terms in 1..=statements {
        let mut query = numbers::table.select(numbers::n).into_boxed();
        for term in 0..terms {
            query = query.filter(numbers::n.ne(term));
        }
        query.load::<i32>(conn).unwrap();
    }
}

#[test]
fn all_statements_are_deallocated_with_one_message() {
    let deallocated = (0..45).map(|_| complete("DEALLOCATE")).reduce(Say::then);
    let mut script = vec![answered(1); 45];
    script.push(done("SET"));
    script.push(vec![deallocated.unwrap().then(ready(b'I')).into()]);
    script.push(answered(1));
    let server = ScriptedServer::start(script);
    let mut conn = server.connect();
    prepare(&mut conn, 45);
    conn.set_search_path(["public"]).unwrap();
    let before = server.asked().len();
    load(&mut conn).unwrap();
    let asked = server.asked().split_off(before);
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert_eq!(
        asked[0].sql.matches("DEALLOCATE diesel_redshift_").count(),
        45
    );
}

#[test]
fn a_name_that_the_server_has_forgotten_keeps_no_other() {
    let unknown = error("ERROR", "26000", "prepared statement \"x\" does not exist");
    let stopped = complete("DEALLOCATE").then(unknown);
    let mut script = vec![answered(1); 4];
    script.push(done("SET"));
    script.push(vec![stopped.then(ready(b'I')).into()]);
    let rest = complete("DEALLOCATE").then(complete("DEALLOCATE"));
    script.push(vec![rest.then(ready(b'I')).into()]);
    script.push(answered(1));
    let server = ScriptedServer::start(script);
    let mut conn = server.connect();
    prepare(&mut conn, 4);
    conn.set_search_path(["public"]).unwrap();
    load(&mut conn).unwrap();
    assert_eq!(conn.last_error(), None);
    let counts: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| asked.sql.matches("DEALLOCATE").count())
        .filter(|count| *count > 0)
        .collect();
    assert_eq!(counts, [4, 2]);
}

#[test]
fn settings_that_no_plan_depends_on_forget_nothing() {
    let mut script = vec![answered(1)];
    script.extend([
        done("SET"),
        done("RESET"),
        done("SET"),
        done("SET"),
        done("SET"),
    ]);
    script.push(answered(1));
    let server = ScriptedServer::start(script);
    let mut conn = server.connect();
    load(&mut conn).unwrap();
    conn.set_query_group("nightly").unwrap();
    conn.reset_query_group().unwrap();
    conn.set_application_name("loader").unwrap();
    conn.set_statement_timeout(None).unwrap();
    diesel::sql_query("SET wlm_query_slot_count TO 3")
        .execute(&mut conn)
        .unwrap();
    load(&mut conn).unwrap();
    let asked = messages(&server);
    assert_eq!(asked, ["PS", "BDES", "Q", "Q", "Q", "Q", "PBDES", "BDES"]);
}
