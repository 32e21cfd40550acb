//! STL_QUERY, SYS_QUERY_HISTORY and what else tells of the statements that ran.

use crate::client::{Client, Target, message, texts};
use crate::wait::wait_until;
use crate::{Place, place, sandbox};

/// What SYS_QUERY_HISTORY has of this database, without the queries of itself.
pub(crate) fn history(client: &mut Client, place: &Place, columns: &str) -> Vec<Vec<String>> {
    client.rows(&format!(
        "SELECT {columns} FROM sys_query_history WHERE database_name = '{}' AND query_text NOT LIKE '%sys_query_history%' \
         ORDER BY query_id",
        place.name
    ))
}

#[test]
fn every_kind_of_statement_has_a_row() {
    let place = place();
    let mut client = place.connect();
    let uri = place.put("data", "1\n2\n");
    let to = place.uri("out/");
    for sql in [
        "CREATE TABLE t (a int)".to_owned(),
        format!("COPY t FROM '{uri}' IAM_ROLE default"),
        "INSERT INTO t VALUES (3)".to_owned(),
        "UPDATE t SET a = 4 WHERE a = 3".to_owned(),
        "DELETE FROM t WHERE a = 4".to_owned(),
        "/* by me */ SELECT a FROM t WHERE a < 10 ;".to_owned(),
        "CREATE TABLE u AS SELECT a FROM t".to_owned(),
        "SELECT a INTO v FROM t".to_owned(),
        format!("UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default"),
        "SET datestyle TO 'ISO'".to_owned(),
        "SELECT 1".to_owned(),
    ] {
        client.query(&sql);
    }
    assert_eq!(client.error("SELECT nothing FROM t").code, "42703");
    assert_eq!(client.error("SELECT 1 / (a - 1) FROM t").code, "22012");
    assert_eq!(client.error("CREATE INDEX i ON t (a)").code, "0A000");
    assert_eq!(client.error("SELECT FROM FROM").code, "42601");
    let rows = history(
        &mut client,
        &place,
        "trim(query_type), trim(status), returned_rows, returned_bytes > 0, trim(error_message)",
    );
    let row = |kind, status, rows, has_bytes, error| [kind, status, rows, has_bytes, error];
    assert_eq!(
        rows[..13],
        [
            row("DDL", "success", "0", "f", "~"),
            row("COPY", "success", "0", "f", "~"),
            row("INSERT", "success", "0", "f", "~"),
            row("UPDATE", "success", "0", "f", "~"),
            row("DELETE", "success", "0", "f", "~"),
            row("SELECT", "success", "2", "t", "~"),
            row("CTAS", "success", "0", "f", "~"),
            row("CTAS", "success", "0", "f", "~"),
            row("UNLOAD", "success", "0", "f", "~"),
            row("UTILITY", "success", "0", "f", "~"),
            row("SELECT", "success", "1", "t", "~"),
            row(
                "SELECT",
                "failed",
                "0",
                "f",
                "column \"nothing\" does not exist"
            ),
            row("SELECT", "failed", "0", "f", "division by zero"),
        ]
    );
    assert_eq!(rows[13][..2], ["DDL", "failed"]);
    // Nobody could tell what the last one is.
    assert_eq!(rows.len(), 14);
    let facts = "session_id = pg_backend_pid(), user_id = (SELECT usesysid FROM pg_user WHERE usename = 'awsuser'), \
                 trim(query_label), elapsed_time = datediff(microsecond, start_time, end_time), execution_time >= 0, \
                 start_time BETWEEN getdate() - interval '1 minute' AND getdate() + interval '1 second'";
    for row in history(&mut client, &place, facts) {
        assert_eq!(row, ["t", "t", "default", "t", "t", "t"]);
    }
    // Work of the compute nodes only.
    let stl_query = "SELECT trim(querytxt), aborted, insert_pristine, trim(label), endtime >= starttime FROM stl_query \
                     WHERE database = current_database() AND pid = pg_backend_pid() AND querytxt NOT LIKE '%_query%' ORDER BY query";
    let rows = client.rows(stl_query);
    let queries: Vec<_> = rows
        .iter()
        .map(|row| {
            assert_eq!(row[2..], ["0", "default", "t"]);
            (row[0].as_str(), row[1].as_str())
        })
        .collect();
    assert_eq!(
        queries,
        [
            (&*format!("COPY t FROM '{uri}' IAM_ROLE default"), "0"),
            ("INSERT INTO t VALUES (3)", "0"),
            ("UPDATE t SET a = 4 WHERE a = 3", "0"),
            ("DELETE FROM t WHERE a = 4", "0"),
            ("/* by me */ SELECT a FROM t WHERE a < 10 ;", "0"),
            ("CREATE TABLE u AS SELECT a FROM t", "0"),
            ("SELECT a INTO v FROM t", "0"),
            (
                &*format!("UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default"),
                "0"
            ),
            ("SELECT 1 / (a - 1) FROM t", "1"),
        ]
    );
    assert_eq!(
        client.value("SELECT octet_length(querytxt) FROM stl_query LIMIT 1"),
        "4000"
    );
    assert_eq!(
        client.rows("SELECT \"substring\", aborted, elapsed > 0 FROM svl_qlog WHERE \"substring\" LIKE 'SELECT a INTO v%' AND pid = pg_backend_pid()"),
        [[format!("{:60}", "SELECT a INTO v FROM t"), "0".to_owned(), "t".to_owned()]]
    );
}

#[test]
fn the_last_query_is_that_of_the_rows() {
    let place = place();
    let mut client = place.connect();
    assert_eq!(client.value("SELECT pg_last_query_id()"), "-1");
    client.query("CREATE TABLE t (a int)");
    assert_eq!(client.value("SELECT pg_last_query_id()"), "-1");
    client.query("INSERT INTO t VALUES (1)");
    let last = client.value("SELECT pg_last_query_id()");
    assert_eq!(client.value("SELECT pg_last_query_id()"), last);
    assert_eq!(
        client.rows("SELECT query, trim(querytxt) FROM stl_query WHERE query = pg_last_query_id()"),
        [[last.as_str(), "INSERT INTO t VALUES (1)"]]
    );
    // What has just been asked is a query, too.
    let asked =
        client.value("SELECT trim(querytxt) FROM stl_query WHERE query = pg_last_query_id()");
    assert!(asked.starts_with("SELECT query, trim(querytxt)"), "{asked}");
    // One that was refused is none, and one that broke off is.
    let last = client.value("SELECT pg_last_query_id()");
    client.error("SELECT nothing FROM t");
    client.error("INSERT INTO nothing VALUES (1)");
    assert_eq!(client.value("SELECT pg_last_query_id()"), last);
    client.error(&format!(
        "COPY t FROM '{}' IAM_ROLE default",
        place.uri("no")
    ));
    assert_ne!(client.value("SELECT pg_last_query_id()"), last);
    // In one message as in several.
    let replies = client.query("SELECT a FROM t; SELECT pg_last_query_id(); SELECT max(query) FROM stl_query WHERE pid = pg_backend_pid()");
    assert_eq!(replies[1].rows, replies[2].rows);
    assert!(replies[1].rows[0][0].as_deref() > Some(&last));
}

#[test]
fn rows_outlive_a_rollback_and_are_seen_in_any_snapshot() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    let uri = place.put("data", "1\n");
    client.query("BEGIN; SELECT a FROM t");
    let mut other = place.connect();
    other.query("INSERT INTO t VALUES (7)");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    let texts = "SELECT trim(querytxt) FROM stl_query WHERE database = current_database() AND querytxt NOT LIKE '%stl_query%' ORDER BY query";
    let expected = [
        vec!["SELECT a FROM t".to_owned()],
        vec!["INSERT INTO t VALUES (7)".to_owned()],
        vec![format!("COPY t FROM '{uri}' IAM_ROLE default")],
    ];
    assert_eq!(client.rows(texts), expected);
    client.query("ROLLBACK");
    assert_eq!(client.rows(texts), expected);
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    // A transaction has one number, which its loads have as well.
    let numbers = history(&mut client, &place, "query_text, transaction_id");
    let number = |text: &str, at: usize| {
        let rows = numbers.iter().filter(|row| row[0].starts_with(text));
        rows.map(|row| row[1].clone()).nth(at).expect(text)
    };
    assert_eq!(number("BEGIN", 0), number("SELECT a", 0));
    assert_eq!(number("COPY", 0), number("BEGIN", 0));
    assert_eq!(number("ROLLBACK", 0), number("BEGIN", 0));
    assert_ne!(number("INSERT", 0), number("BEGIN", 0));
    assert_ne!(number("COPY", 1), number("COPY", 0));
    assert_eq!(
        client.rows("SELECT l.transaction_id FROM sys_load_history l JOIN sys_query_history q ON q.query_id = l.query_id AND q.transaction_id = l.transaction_id ORDER BY l.query_id"),
        [[number("COPY", 0)], [number("COPY", 1)]]
    );
}

#[test]
fn what_runs_is_seen_and_what_is_left_is_canceled() {
    let place = place();
    let (mut client, mut observer) = (place.connect(), place.connect());
    let state = |observer: &mut Client| {
        let columns = "trim(status), end_time IS NULL, elapsed_time > 0";
        history(observer, &place, columns).concat()
    };
    client.send(&message(b'Q', &texts(&["SELECT pg_sleep(20)"])));
    wait_until("it is not seen", || !state(&mut observer).is_empty());
    assert_eq!(state(&mut observer), ["running", "t", "t"]);
    assert_eq!(
        observer.value("SELECT count(*) FROM stl_query WHERE querytxt LIKE '%pg_sleep%' AND database = current_database()"),
        "0"
    );
    let pid = history(&mut observer, &place, "session_id")[0][0].clone();
    observer.query(&format!("SELECT pg_cancel_backend({pid})"));
    assert_eq!(client.answer().2.expect("an error").code, "57014");
    assert_eq!(state(&mut observer)[..3], ["canceled", "f", "t"]);

    let uri = place.put("data", "1|a text of some length\n".repeat(300_000));
    // Otherwise it may be done before anybody sees that the client has gone.
    let slow = format!("slow s3 1000 ms per mb {uri}");
    sandbox().fail_next(&place.name, &slow).expect("a fault");
    client.query("CREATE TABLE t (a int, b varchar(40))");
    let copy = format!("COPY t FROM '{uri}' IAM_ROLE default");
    client.send(&message(b'Q', &texts(&[&copy])));
    let running = |observer: &mut Client| {
        let rows = history(observer, &place, "trim(query_type), trim(status), 1");
        rows.into_iter()
            .find(|row| row[0] == "COPY")
            .map(|row| row[1].clone())
    };
    wait_until("the load is not seen", || running(&mut observer).is_some());
    assert_eq!(running(&mut observer).as_deref(), Some("running"));
    drop(client);
    wait_until("the load does not end", || {
        running(&mut observer).as_deref() == Some("canceled")
    });
    sandbox()
        .fail_next(&place.name, "cancel on select")
        .expect("a fault");
    observer.error("SELECT 'struck'");
    assert_eq!(
        history(&mut observer, &place, "trim(query_text), trim(status)").last(),
        Some(&vec!["SELECT 'struck'".to_owned(), "canceled".to_owned()])
    );
}

#[test]
fn others_see_their_own_only() {
    let place = place();
    let mut owner = place.connect();
    let user = format!("v_{}", place.name);
    owner.query(&format!("CREATE USER {user} PASSWORD 'Secret1A'; CREATE TABLE t (a int); INSERT INTO t VALUES (1); GRANT SELECT ON t TO {user}"));
    let mut target = Target::parse(&place.url);
    (target.user, target.password) = (user.clone(), "Secret1A".to_owned());
    let mut client = Client::connect_with(&target, &[]).expect("a connection");
    client.query("SELECT a FROM t");
    assert_eq!(
        client.rows("SELECT trim(query_text) FROM sys_query_history WHERE status = 'success'"),
        [["SELECT a FROM t"]]
    );
    assert_eq!(
        client.value("SELECT count(*) FROM stl_query WHERE querytxt LIKE 'SELECT a%'"),
        "1"
    );
    let seen = history(&mut owner, &place, "trim(query_text), user_id > 10");
    assert!(seen.contains(&vec!["SELECT a FROM t".to_owned(), "t".to_owned()]));
    assert!(seen.len() > 3, "{seen:?}");
}
