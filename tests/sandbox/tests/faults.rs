//! Failures on demand, on the wire.

use std::time::{Duration, Instant};

use crate::client::{Client, bind_body, message, parse_body};
use crate::{Place, place, sandbox};

fn fail_next(place: &Place, fault: &str) {
    sandbox().fail_next(&place.name, fault).expect(fault);
}

fn loaded(place: &Place) -> (Client, String) {
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let rows: String = (0..1000).map(|n| format!("{n}\n")).collect();
    let uri = place.put("in/rows.csv", rows);
    (client, format!("COPY t FROM '{uri}' IAM_ROLE default CSV"))
}

#[test]
fn the_next_statement_fails_as_asked_and_the_one_after_does_not() {
    let place = place();
    let mut client = place.connect();
    fail_next(&place, "serialization failure");
    client.query("SET query_group TO 'x'");
    let failure = client.error("SELECT 1");
    assert_eq!((&*failure.code, &*failure.message), ("XX000", "1023"));
    assert!(failure.detail.contains("Serializable isolation violation"));
    assert_eq!(client.value("SELECT 1"), "1");
    fail_next(&place, "cancel");
    assert_eq!(client.error("SELECT 1; SELECT 2").code, "57014");
    assert_eq!(client.value("SELECT 1"), "1");
    fail_next(&place, "cancel");
    fail_next(&place, "none");
    assert_eq!(client.value("SELECT 1"), "1");
    let error = sandbox().fail_next("dev", "explode").expect_err("unknown");
    assert!(error.to_string().contains("cut after <n> rows"), "{error}");
}

#[test]
fn sql_asks_for_failures_too() {
    let mut client = place().connect();
    client.query("SET redshift_sandbox.fail_next TO 'serialization failure on insert'");
    client.query("CREATE TABLE t (a int)");
    assert_eq!(client.error("INSERT INTO t VALUES (1)").message, "1023");
    client.query("INSERT INTO t VALUES (1)");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    assert_eq!(
        client
            .error("SET redshift_sandbox.fail_next = 'explode'")
            .code,
        "22023"
    );
    assert_eq!(
        client.error("SET redshift_sandbox.other = 'x'").code,
        "42601"
    );
}

#[test]
fn a_failure_aborts_the_transaction_and_a_failed_commit_ends_it() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    client.query("BEGIN; INSERT INTO t VALUES (1)");
    fail_next(&place, "cancel");
    assert_eq!(client.error("SELECT 1").code, "57014");
    assert_eq!(client.error("SELECT 1").code, "25P02");
    client.query("ROLLBACK");

    client.query("BEGIN; INSERT INTO t VALUES (1)");
    fail_next(&place, "serialization failure on commit");
    client.query("INSERT INTO t VALUES (2)");
    assert_eq!(client.error("COMMIT").message, "1023");
    assert_eq!(client.status, 'I');
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}

#[test]
fn prepared_statements_fail_at_their_execution() {
    let place = place();
    let mut client = place.connect();
    client.send(&message(b'P', &parse_body("s", "SELECT 7", &[])));
    client.send(&message(b'S', b""));
    client.answer();
    fail_next(&place, "cancel on select");
    let mut out = message(b'B', &bind_body("", "s", &[]));
    out.extend(message(b'E', b"\0\0\0\0\0"));
    out.extend(message(b'S', b""));
    client.send(&out);
    let (tags, _, failure) = client.answer();
    assert_eq!(tags, "2EZ");
    assert_eq!(failure.expect("an error").code, "57014");
    client.send(&out);
    let (tags, replies, _) = client.answer();
    assert_eq!(tags, "2DCZ");
    assert_eq!(replies[0].rows[0][0].as_deref(), Some("7"));
}

#[test]
fn other_transactions_get_in_the_way() {
    let place = place();
    let mut client = place.connect();
    for (fault, expected) in [
        (
            "conflict",
            "could not complete because of conflict with concurrent transaction",
        ),
        ("missing relation", "could not open relation with OID #"),
        ("dropped table", "table # dropped by concurrent transaction"),
    ] {
        fail_next(&place, &format!("{fault} on select"));
        let failure = client.error("SELECT 1");
        let message = failure
            .message
            .split(' ')
            .map(|word| word.parse::<u32>().map_or(word, |_| "#"))
            .collect::<Vec<_>>();
        assert_eq!((&*failure.code, &*message.join(" ")), ("XX000", expected));
        assert_eq!(client.value("SELECT 1"), "1");
    }
}

/// Sends a text in a simple query and, if it is one statement, in the extended protocol.
fn by_both_protocols(place: &Place, client: &mut Client, fault: &str, sql: &str) -> [String; 2] {
    fail_next(place, fault);
    client.send(&message(b'Q', &crate::client::texts(&[sql])));
    let (simple, _, error) = client.answer();
    assert_eq!(error.expect(sql).message, "1023", "{sql}");
    assert_eq!(client.status, 'I', "{sql}");
    fail_next(place, fault);
    let (extended, _, error) = client.extended(sql, &[]);
    assert_eq!(error.expect(sql).message, "1023", "{sql}");
    assert_eq!(client.status, 'I', "{sql}");
    [simple, extended]
}

#[test]
fn a_statement_fails_at_its_end_and_leaves_nothing() {
    const FAULT: &str = "serialization failure at end";
    let place = place();
    let (mut client, copy) = loaded(&place);
    client.query("CREATE TABLE u AS SELECT 1 AS a");
    for (sql, simple, extended) in [
        ("INSERT INTO t VALUES (1)", "CEZ", "12nCEZ"),
        ("UPDATE u SET a = 2", "CEZ", "12nCEZ"),
        ("DELETE FROM u", "CEZ", "12nCEZ"),
        ("SELECT a FROM u", "TDCEZ", "12TDCEZ"),
        ("CREATE TABLE v (a int)", "CEZ", "12nCEZ"),
        ("DROP TABLE u", "CEZ", "12nCEZ"),
        ("TRUNCATE u", "CEZ", "12nCEZ"),
        (&copy, "CEZ", "12nCEZ"),
    ] {
        let tags = by_both_protocols(&place, &mut client, FAULT, sql);
        assert_eq!(tags, [simple, extended], "{sql}");
        for client in [&mut client, &mut place.connect()] {
            assert_eq!(client.value("SELECT count(*) FROM t"), "0", "{sql}");
            assert_eq!(client.value("SELECT a FROM u"), "1", "{sql}");
            assert_eq!(
                client.error("SELECT * FROM v").message,
                "relation \"v\" does not exist"
            );
        }
    }
    client.query("INSERT INTO t VALUES (1)");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");

    // All that is one transaction fails with its end.
    fail_next(&place, FAULT);
    client.send(&message(
        b'Q',
        b"INSERT INTO t VALUES (2); INSERT INTO t VALUES (3)\0",
    ));
    assert_eq!(client.answer().0, "CCEZ");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    let mut out = Vec::new();
    for sql in [
        "INSERT INTO t VALUES (2)",
        &copy,
        "INSERT INTO t VALUES (3)",
    ] {
        out.extend(message(b'P', &parse_body("", sql, &[])));
        out.extend(message(b'B', &bind_body("", "", &[])));
        out.extend(message(b'E', b"\0\0\0\0\0"));
    }
    out.extend(message(b'S', b""));
    fail_next(&place, "serialization failure at end on copy");
    client.send(&out);
    assert_eq!(client.answer().0, "12C12C12CEZ");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    client.send(&out);
    assert_eq!(client.answer().0, "12C12C12CZ");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1003");
}

#[test]
fn only_what_commits_by_itself_fails_at_its_end() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    fail_next(&place, "conflict at end");
    client.query("BEGIN");
    client.query("INSERT INTO t VALUES (1)");
    assert_eq!(client.extended("INSERT INTO t VALUES (2)", &[]).0, "12nCZ");
    client.query("COMMIT");
    client.query("VACUUM t");
    client.query("BEGIN; INSERT INTO t VALUES (3); COMMIT");
    assert_eq!(client.extended("VACUUM t", &[]).0, "12nCZ");
    assert!(client.error("SELECT 1").message.contains("conflict"));
    assert_eq!(client.value("SELECT count(*) FROM t"), "3");

    // A statement that fails earlier has failed once.
    fail_next(&place, "conflict at end");
    assert_eq!(client.error("SELECT nothing").code, "42703");
    assert_eq!(client.extended("SELECT 1", &[]).0, "12TDCZ");
    let divided = "SELECT 1 / (SELECT count(*) FROM t WHERE a > 9)";
    fail_next(&place, "conflict at end");
    assert_eq!(client.extended(divided, &[]).0, "12TEZ");
    assert_eq!(client.value("SELECT 1"), "1");
}

#[test]
fn what_was_done_is_not_heard_of() {
    let place = place();
    let (mut client, copy) = loaded(&place);
    let mut rows = 0;
    for (fault, simple, extended) in [
        ("cut before answer", "", "12n"),
        ("cut before ready", "C", "12nC"),
    ] {
        for (sql, more) in [("INSERT INTO t VALUES (1)", 1), (&copy, 1000)] {
            fail_next(&place, fault);
            client.send(&message(b'Q', &crate::client::texts(&[sql])));
            assert_eq!(client.answer().0, simple, "{fault}, {sql}");
            client = place.connect();
            rows += more;
            assert_eq!(client.value("SELECT count(*) FROM t"), rows.to_string());

            fail_next(&place, fault);
            assert_eq!(client.extended(sql, &[]).0, extended, "{fault}, {sql}");
            client = place.connect();
            rows += more;
            assert_eq!(client.value("SELECT count(*) FROM t"), rows.to_string());

            client.query("BEGIN");
            client.query(sql);
            fail_next(&place, &format!("{fault} on commit"));
            assert_eq!(client.extended("COMMIT", &[]).0, extended, "{fault}, {sql}");
            client = place.connect();
            rows += more;
            assert_eq!(client.value("SELECT count(*) FROM t"), rows.to_string());
        }
    }
}

#[test]
fn a_result_breaks_off_after_its_rows() {
    let place = place();
    let mut client = place.connect();
    fail_next(&place, "cut after 3 rows");
    client.send(&message(
        b'Q',
        b"SELECT generate_series FROM generate_series(1, 10)\0",
    ));
    let (tags, _, error) = client.answer();
    assert_eq!((&*tags, error), ("TDDD", None));

    // Over the extended protocol, and with fewer rows than that.
    let mut client = place.connect();
    fail_next(&place, "cut after 3 rows");
    let (tags, _, _) = client.extended("SELECT 1", &[]);
    assert_eq!(tags, "12TD");
    place.connect().value("SELECT 1");
}

#[test]
fn a_load_that_breaks_off_leaves_nothing() {
    let place = place();
    let (mut client, copy) = loaded(&place);
    fail_next(&place, "cut after 500 rows on copy");
    client.query("BEGIN; INSERT INTO t VALUES (1)");
    assert!(
        client
            .try_query(&copy)
            .is_ok_and(|replies| replies.is_empty())
    );
    let mut client = place.connect();
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
    client.query(&copy);
    assert_eq!(client.value("SELECT count(*) FROM t"), "1000");

    let unload = format!(
        "UNLOAD ('SELECT * FROM t') TO '{}' IAM_ROLE default",
        place.uri("out/")
    );
    fail_next(&place, "cut after 500 rows");
    assert!(
        client
            .try_query(&unload)
            .is_ok_and(|replies| replies.is_empty())
    );
    assert_eq!(place.keys(), ["in/rows.csv"]);
    // Also at its very end.
    let mut client = place.connect();
    fail_next(&place, "cut after 5000 rows");
    let _ = client.try_query(&copy);
    assert_eq!(place.connect().value("SELECT count(*) FROM t"), "1000");
}

#[test]
fn s3_fails_and_is_slow_as_asked() {
    let place = place();
    let (mut client, copy) = loaded(&place);
    for (status, code) in [
        (403, "AccessDenied"),
        (404, "NoSuchKey"),
        (503, "SlowDown"),
        (500, "InternalError"),
    ] {
        let prefix = place.uri("in/rows");
        fail_next(&place, &format!("s3 {status} {prefix}"));
        let failure = client.error(&copy);
        assert_eq!(failure.code, "XX000");
        let expected = format!("Status {status},Error {code}");
        assert!(
            failure.message.starts_with("S3ServiceException:")
                && failure.message.contains(&expected),
            "{}",
            failure.message
        );
    }
    let out = place.uri("out/");
    fail_next(&place, &format!("s3 503 {out}0001"));
    let unload = format!(
        "UNLOAD ('SELECT a FROM generate_series(1, 9) AS g(a)') TO '{out}' IAM_ROLE default"
    );
    assert!(client.error(&unload).message.contains("SlowDown"));
    assert_eq!(place.keys(), ["in/rows.csv"]);

    fail_next(&place, &format!("slow s3 150 ms {}", place.uri("in/")));
    let start = Instant::now();
    client.query(&copy);
    assert!(start.elapsed() >= Duration::from_millis(150));
    fail_next(&place, "none");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1000");
}
