//! What is left of a load, however it ends.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Client, Target, message, texts};
use crate::copy::{load, table};
use crate::{place, sandbox};

#[test]
fn maxerror_survives_fewer_errors() {
    let (place, mut client) = table("a INT");
    let uri = place.put("data", "1\nx\n2\ny\n3\n");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default MAXERROR 3"));
    assert_eq!(
        client.infos(),
        [
            "Load into table 't' completed, 3 record(s) loaded successfully.",
            "Load into table 't' completed, 2 record(s) could not be loaded.  Check 'stl_load_errors' system table for details."
        ]
    );
    assert_eq!(client.value("SELECT pg_last_copy_count()"), "3");
    for most in ["MAXERROR 2", "MAXERROR 1", "MAXERROR 0", ""] {
        client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default {most}"));
        assert_eq!(client.value("SELECT pg_last_copy_count()"), "0");
    }
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default IGNOREALLERRORS"
    ));
    assert_eq!(client.value("SELECT count(*) FROM t"), "6");
}

#[test]
fn noload_only_checks() {
    let (place, mut client) = table("a INT");
    load(&mut client, "t", &place.put("good", "1\n"), "NOLOAD");
    let bad = place.put("bad", "x\n");
    client.error(&format!("COPY t FROM '{bad}' IAM_ROLE default NOLOAD"));
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}

#[test]
fn a_load_is_part_of_the_transaction_and_its_errors_are_not() {
    let (place, mut client) = table("a INT");
    let (good, bad) = (place.put("good", "1\n"), place.put("bad", "x\n"));
    client.query(&format!("BEGIN; COPY t FROM '{good}' IAM_ROLE default"));
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    assert_eq!(client.value("SELECT pg_last_copy_count()"), "1");
    client.error(&format!("COPY t FROM '{bad}' IAM_ROLE default"));
    assert_eq!(client.status, 'E');
    assert_eq!(
        client
            .error(&format!("COPY t FROM '{good}' IAM_ROLE default"))
            .code,
        "25P02"
    );
    client.query("ROLLBACK");
    assert_eq!(client.value("SELECT pg_last_copy_id()"), "-1");
    assert_eq!(
        client.value("SELECT count(*) FROM stl_load_errors WHERE query = pg_last_query_id()"),
        "1"
    );
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}

#[test]
fn uncommitted_and_temporary_tables_can_be_loaded() {
    let place = place();
    let mut client = place.connect();
    let uri = place.put("data", "1\n");
    client.query(&format!("CREATE TEMP TABLE s (a INT); COPY s FROM '{uri}' IAM_ROLE default; INSERT INTO s SELECT a + 1 FROM s"));
    client.query(&format!(
        "CREATE TABLE #u (a INT); COPY #u FROM '{uri}' IAM_ROLE default"
    ));
    assert_eq!(client.value("SELECT sum(s.a) FROM s, #u"), "3");
    client.error(&format!(
        "CREATE TABLE v (a INT); COPY v FROM '{uri}' IAM_ROLE default; SELECT 1/0"
    ));
    assert_eq!(client.error("SELECT * FROM v").code, "42P01");
}

#[test]
fn a_cancelled_load_leaves_nothing() {
    let (place, mut client) = table("a INT, b VARCHAR(100)");
    let uri = place.put("big", format!("1|{}\n", "x".repeat(90)).repeat(1_500_000));
    let mut packet = vec![0, 0, 0, 16, 4, 210, 22, 46];
    packet.extend_from_slice(&client.key);
    let address = Target::parse(&place.url).address;
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(150));
        std::net::TcpStream::connect(address)
            .expect("a socket")
            .write_all(&packet)
            .expect("a request");
    });
    let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    canceller.join().expect("the request was sent");
    assert_eq!(failure.code, "57014");
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");

    // A client that goes away in the middle leaves nothing either.
    let mut leaving = place.connect();
    leaving.send(&message(
        b'Q',
        &texts(&[&format!("COPY t FROM '{uri}' IAM_ROLE default")]),
    ));
    thread::sleep(Duration::from_millis(150));
    drop(leaving);
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
    sandbox().store().delete(&uri).expect("delete");
}

/// Does what no statement may, to make the sandbox's own work fail.
pub(crate) fn tamper(client: &mut Client, sql: &str) {
    client.query(&format!(
        "CREATE OR REPLACE PROCEDURE tamper() LANGUAGE plpgsql AS $body$ BEGIN EXECUTE $sql${sql}$sql$; END $body$"
    ));
    client.query("CALL tamper()");
}

#[test]
fn a_load_that_cannot_be_told_of_leaves_nothing() {
    for table_of_log in ["load_state", "load_errors"] {
        let (place, mut client) = table("a INT");
        let uri = place.put("data", format!("1\n{}", "x\n".repeat(600)));
        tamper(
            &mut client,
            &format!("ALTER TABLE pg_sandbox.{table_of_log} RENAME TO gone"),
        );
        client.query("BEGIN; INSERT INTO t VALUES (2)");
        let copy = format!("COPY t FROM '{uri}' IAM_ROLE default IGNOREALLERRORS");
        let failure = client.error(&copy);
        assert_eq!(failure.code, "XX000", "{failure:?}");
        assert!(failure.message.contains("system tables"), "{failure:?}");
        assert_eq!(client.status, 'E');
        client.query("ROLLBACK");
        assert_eq!(client.value("SELECT count(*) FROM t"), "0");
        tamper(
            &mut client,
            &format!("ALTER TABLE pg_sandbox.gone RENAME TO {table_of_log}"),
        );
        client.query(&copy);
        assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    }
}

#[test]
fn a_load_is_cancelled_while_its_files_are_read() {
    let (place, mut client) = table("a INT");
    let uri = place.put("slow", "1\n");
    for options in ["", "NOLOAD"] {
        client.query(&format!(
            "SET redshift_sandbox.fail_next TO 'slow s3 20000 ms {uri}'"
        ));
        let mut packet = vec![0, 0, 0, 16, 4, 210, 22, 46];
        packet.extend_from_slice(&client.key);
        let address = Target::parse(&place.url).address;
        let canceller = thread::spawn(move || {
            thread::sleep(Duration::from_millis(300));
            std::net::TcpStream::connect(address)
                .expect("a socket")
                .write_all(&packet)
                .expect("a request");
        });
        let start = Instant::now();
        let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default {options}"));
        canceller.join().expect("the request was sent");
        assert_eq!(failure.code, "57014", "{}", failure.message);
        assert!(start.elapsed() < Duration::from_secs(10));
        client.query("SET redshift_sandbox.fail_next TO 'none'");
    }
    // A cancel that came too early is forgotten.
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
}
