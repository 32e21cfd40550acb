//! Transactions that change rows of the same table.

use std::thread;
use std::time::Duration;

use crate::client::{Client, bind_body, message, parse_body, texts};
use crate::place;

/// A table with two rows, and two sessions.
fn two() -> (Client, Client) {
    let place = place();
    let mut one = place.connect();
    one.query("CREATE TABLE t (id INT, v INT); INSERT INTO t VALUES (1, 1), (2, 2)");
    (one, place.connect())
}

fn simple(sql: &str) -> Vec<u8> {
    message(b'Q', &texts(&[sql]))
}

fn extended(sql: &str) -> Vec<u8> {
    [
        message(b'P', &parse_body("", sql, &[])),
        message(b'B', &bind_body("", "", &[])),
        message(b'E', b"\0\0\0\0\0"),
        message(b'S', b""),
    ]
    .concat()
}

/// Sends what has to wait for a transaction that is open, ends that one, and reads the answer.
fn after(other: &mut Client, one: &mut Client, sent: &[u8], end: &str) -> Option<String> {
    other.send(sent);
    thread::sleep(Duration::from_millis(150));
    one.query(end);
    other.answer().2.map(|failure| failure.message)
}

#[test]
fn a_change_waits_and_sees_what_it_waited_for() {
    const ADD: &str = "UPDATE t SET v = v + 10 WHERE id = 1";
    for form in [simple, extended] {
        for in_block in [false, true] {
            let (mut one, mut other) = two();
            one.query("BEGIN; UPDATE t SET v = 5 WHERE id = 1");
            if in_block {
                other.query("BEGIN");
            }
            assert_eq!(after(&mut other, &mut one, &form(ADD), "COMMIT"), None);
            assert_eq!(other.value("SELECT v FROM t WHERE id = 1"), "15");
            if in_block {
                other.query("COMMIT");
            }
            one.query("BEGIN; UPDATE t SET v = 7 WHERE id = 1");
            assert_eq!(after(&mut other, &mut one, &form(ADD), "ROLLBACK"), None);
            assert_eq!(other.value("SELECT v FROM t WHERE id = 1"), "25");
        }
    }
}

#[test]
fn changes_of_other_rows_wait_too() {
    for (change, others) in [
        ("DELETE FROM t WHERE id = 2", "1"),
        ("UPDATE t SET v = 3 WHERE id = 2", "2"),
        ("MERGE INTO t USING u ON t.id = u.id REMOVE DUPLICATES", "2"),
    ] {
        let (mut one, mut other) = two();
        one.query("CREATE TABLE u (id INT, v INT); INSERT INTO u VALUES (2, 3)");
        one.query("BEGIN; UPDATE t SET v = 5 WHERE id = 1");
        other.query("BEGIN");
        assert_eq!(after(&mut other, &mut one, &simple(change), "COMMIT"), None);
        assert_eq!(other.value("SELECT v FROM t WHERE id = 1"), "5", "{change}");
        assert_eq!(other.value("SELECT count(*) FROM t"), others, "{change}");
    }
}

#[test]
fn inserts_and_loads_wait_for_writers() {
    for change in ["INSERT", "COPY"] {
        let place = place();
        let mut one = place.connect();
        let mut other = place.connect();
        one.query("CREATE TABLE t (id INT); INSERT INTO t VALUES (1)");
        let sql = match change {
            "INSERT" => "INSERT INTO t SELECT 10 + count(*) FROM t".to_owned(),
            _ => format!(
                "COPY t FROM '{}' IAM_ROLE default",
                place.put("data", "9\n")
            ),
        };
        one.query(&format!("BEGIN; {sql}"));
        other.query("BEGIN");
        // It would else be a conflict, or see less than there is.
        assert_eq!(
            after(&mut other, &mut one, &simple(&sql), "COMMIT"),
            None,
            "{change}"
        );
        other.query("DELETE FROM t WHERE id = 1; COMMIT");
        let ids = one.rows("SELECT id FROM t ORDER BY id").concat();
        let expected = if change == "INSERT" {
            ["11", "12"]
        } else {
            ["9", "9"]
        };
        assert_eq!(ids, expected, "{change}");
    }
}

/// A statement that was prepared before locks again in each transaction.
#[test]
fn prepared_changes_wait() {
    let (mut one, mut other) = two();
    let mut out = message(
        b'P',
        &parse_body("add", "UPDATE t SET v = v + 10 WHERE id = $1", &[23]),
    );
    out.extend(message(b'S', b""));
    other.send(&out);
    assert_eq!(other.answer().2, None);
    let mut run = message(b'B', &bind_body("", "add", &[Some("1")]));
    run.extend(message(b'E', b"\0\0\0\0\0"));
    run.extend(message(b'S', b""));
    for value in ["15", "17"] {
        one.query(&format!(
            "BEGIN; UPDATE t SET v = {value} - 10 WHERE id = 1"
        ));
        other.query("BEGIN");
        assert_eq!(after(&mut other, &mut one, &run, "COMMIT"), None);
        assert_eq!(other.value("SELECT v FROM t WHERE id = 1"), value);
        other.query("COMMIT");
    }
}

/// The same by SQL; the statement of the protocol's and that of SQL's have their names in common.
#[test]
fn changes_prepared_by_statements_wait() {
    for form in [simple, extended] {
        for prepared in ["before", "within", "in the same message", "by the protocol"] {
            const PREPARE: &str = "PREPARE add (int) AS UPDATE t SET v = v + 10 WHERE id = $1";
            let (mut one, mut other) = two();
            let mut execute = form("EXECUTE add (1)");
            match prepared {
                "before" => {
                    other.query("PREPARE add AS SELECT 1; DEALLOCATE add");
                    other.send(&form(PREPARE));
                    assert_eq!(other.answer().2, None);
                    other.query("BEGIN");
                }
                "within" => {
                    other.query("BEGIN");
                    other.send(&form(PREPARE));
                    assert_eq!(other.answer().2, None);
                    other.query("COMMIT; BEGIN");
                }
                "in the same message" => {
                    execute = simple(&format!(
                        "BEGIN; {PREPARE}; COMMIT; BEGIN; EXECUTE add (1); DEALLOCATE add"
                    ));
                }
                _ => {
                    let sql = "UPDATE t SET v = v + 10 WHERE id = $1";
                    let mut out = message(b'P', &parse_body("add", sql, &[23]));
                    out.extend(message(b'S', b""));
                    other.send(&out);
                    assert_eq!(other.answer().2, None);
                    other.query("BEGIN");
                }
            }
            one.query("BEGIN; UPDATE t SET v = 5 WHERE id = 1");
            let failure = after(&mut other, &mut one, &execute, "COMMIT");
            assert_eq!(failure, None, "{prepared}");
            assert_eq!(other.value("SELECT v FROM t WHERE id = 1"), "15");
        }
    }
    let (mut one, mut other) = two();
    other.query("PREPARE look AS SELECT count(*) FROM t");
    one.query("BEGIN; UPDATE t SET v = 5 WHERE id = 1");
    other.query("BEGIN");
    assert_eq!(other.value("EXECUTE look"), "2");
}

#[test]
fn a_transaction_that_has_looked_does_not_see_more() {
    for form in [simple, extended] {
        let (mut one, mut other) = two();
        one.query("BEGIN; UPDATE t SET v = 5 WHERE id = 1");
        other.query("BEGIN; SELECT count(*) FROM t");
        let change = form("UPDATE t SET v = v + 10 WHERE id = 1");
        assert_eq!(
            after(&mut other, &mut one, &change, "COMMIT").as_deref(),
            Some("1023")
        );
        other.query("ROLLBACK");
        other.query("BEGIN; SELECT count(*) FROM t");
        one.query("INSERT INTO t VALUES (3, 3)");
        assert_eq!(other.value("SELECT count(*) FROM t"), "2");
    }
}

/// Several statements in one message are a transaction as well.
#[test]
fn a_message_of_several_statements_is_one_transaction() {
    let (mut one, mut other) = two();
    other.send(&simple(
        "SELECT count(*) FROM t; SELECT pg_sleep(0.3); SELECT count(*) FROM t",
    ));
    thread::sleep(Duration::from_millis(100));
    one.query("INSERT INTO t VALUES (3, 3)");
    let (_, replies, error) = other.answer();
    assert_eq!(error, None);
    assert_eq!(replies[0].rows, replies[2].rows);
    one.query("BEGIN; UPDATE t SET v = 5 WHERE id = 1");
    let several = simple("UPDATE t SET v = v + 10 WHERE id = 1; DELETE FROM t WHERE id = 2");
    assert_eq!(after(&mut other, &mut one, &several, "COMMIT"), None);
    assert_eq!(
        other.rows("SELECT * FROM t ORDER BY id"),
        [["1", "15"], ["3", "3"]]
    );
}

#[test]
fn a_table_that_cannot_be_locked_fails_the_change() {
    for form in [simple, extended] {
        let (mut one, _) = two();
        for _ in 0..2 {
            one.query("BEGIN");
            one.send(&form("UPDATE nosuch SET v = 1"));
            let failure = one.answer().2.expect("a failure");
            assert_eq!(failure.code, "42P01", "{failure:?}");
            assert_eq!(one.status, 'E');
            one.query("ROLLBACK");
        }
        one.query("UPDATE t SET v = 1");
    }
}

#[test]
fn one_cursor_at_a_time() {
    const DECLARE: &str = "DECLARE b CURSOR FOR SELECT 2";
    for form in [simple, extended] {
        let (mut one, _) = two();
        one.query("BEGIN; DECLARE a CURSOR FOR SELECT 1");
        one.send(&form(DECLARE));
        let failure = one.answer().2.expect("a failure");
        assert_eq!(failure.code, "0A000", "{failure:?}");
        assert!(failure.message.contains("one cursor"), "{failure:?}");
        one.query("ROLLBACK; BEGIN; DECLARE a CURSOR FOR SELECT 1; CLOSE a");
        one.send(&form(DECLARE));
        assert_eq!(one.answer().2, None);
        assert_eq!(one.value("FETCH ALL FROM b"), "2");
        one.query("COMMIT; BEGIN");
        one.send(&form(DECLARE));
        assert_eq!(one.answer().2, None);
    }
    let (mut one, _) = two();
    assert_eq!(
        one.error("BEGIN; DECLARE a CURSOR FOR SELECT 1; DECLARE b CURSOR FOR SELECT 2")
            .code,
        "0A000"
    );
}

/// However a transaction ends, its cursor and its locks end with it.
#[test]
fn the_end_of_a_transaction_is_noticed() {
    const DECLARE: &str = "DECLARE b CURSOR FOR SELECT 2";
    let (mut one, mut other) = two();
    one.query("CREATE TABLE u (a INT); BEGIN; DECLARE a CURSOR FOR SELECT 1; TRUNCATE u; BEGIN");
    one.query(DECLARE);
    one.query("COMMIT");
    for table in ["v", "w"] {
        let mut pipeline = extended(&format!("CREATE TABLE {table} (a INT)"));
        pipeline.truncate(pipeline.len() - message(b'S', b"").len());
        pipeline.extend(extended(DECLARE));
        one.send(&pipeline);
        assert_eq!(one.answer().2, None);
    }
    one.query("BEGIN; UPDATE t SET v = 5 WHERE id = 1");
    other.send(&simple(
        "BEGIN; UPDATE t SET v = v + 10 WHERE id = 1; TRUNCATE u; BEGIN; UPDATE t SET v = v + 10 WHERE id = 1",
    ));
    thread::sleep(Duration::from_millis(150));
    one.query("COMMIT");
    assert_eq!(other.answer().2, None);
    one.send(&simple("UPDATE t SET v = v + 10 WHERE id = 2"));
    thread::sleep(Duration::from_millis(150));
    other.query("UPDATE t SET v = 7 WHERE id = 2; COMMIT");
    assert_eq!(one.answer().2, None);
    assert_eq!(
        one.rows("SELECT * FROM t ORDER BY id"),
        [["1", "25"], ["2", "17"]]
    );
}
