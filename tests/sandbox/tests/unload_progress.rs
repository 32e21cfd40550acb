use crate::client::{message, texts};
use crate::copy_outcome::tamper;
use crate::wait::wait_until;
use crate::{place, sandbox};

const HISTORY: &str = "SELECT status, unloaded_rows, unloaded_files_count, end_time IS NULL, duration > 0, \
                       error_message FROM sys_unload_history ORDER BY query_id";

#[test]
fn an_unload_is_seen_while_it_runs() {
    let place = place();
    let (mut client, mut observer) = (place.connect(), place.connect());
    client.query("CREATE TABLE t AS WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 100000) SELECT n FROM s");
    let session = client.value("SELECT pg_backend_pid()");
    // Times are UTC's, so that what has run so far is never less than nothing.
    observer.query("SET timezone TO 'America/New_York'");
    let to = place.uri("out/");
    // Long enough to be seen for sure, when all rows are written and no file is there yet.
    let slow = format!("slow s3 500 ms {to}");
    sandbox().fail_next(&place.name, &slow).expect("a fault");
    client.send(&message(
        b'Q',
        &texts(&[&format!(
            "UNLOAD ('SELECT n FROM t WHERE n % 5000 <> 0 OR pg_sleep(0.02) IS NOT NULL') TO '{to}' IAM_ROLE default CSV GZIP"
        )]),
    ));
    wait_until("it is not seen", || !observer.rows(HISTORY).is_empty());
    let row = observer.rows(HISTORY).remove(0);
    assert_eq!(
        (&*row[0], &*row[3], &*row[4], &*row[5]),
        ("running", "t", "t", "~")
    );
    assert_eq!(
        observer.rows(
            "SELECT session_id, query_id = (SELECT query_id FROM sys_query_history WHERE query_type = 'UNLOAD' AND \
             status = 'running' AND database_name = current_database()), file_format, compression_type, \
             unloaded_location FROM sys_unload_history"
        ),
        [[&*session, "t", "CSV", "GZIP", &*to]]
    );
    wait_until("no row is told of", || {
        let row = observer.rows(HISTORY).remove(0);
        row[0] == "running" && row[1] != "0" && row[2] == "2"
    });
    assert!(place.keys().is_empty());
    assert!(observer.rows("SELECT 1 FROM sys_unload_detail").is_empty());
    let (_, _, failure) = client.answer();
    assert_eq!(failure, None);
    sandbox().fail_next(&place.name, "none").expect("no fault");
    assert_eq!(
        observer.rows(HISTORY),
        [["completed", "100000", "2", "f", "t", "~"]]
    );
    assert_eq!(
        observer.value("SELECT count(*) FROM sys_unload_detail"),
        "2"
    );
}

#[test]
fn an_unload_that_fails_is_aborted() {
    let place = place();
    let (mut client, mut observer) = (place.connect(), place.connect());
    client.query("CREATE TABLE t AS WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 500000) SELECT n FROM s");
    let unload = |query: &str| {
        format!(
            "UNLOAD ('{query}') TO '{}' IAM_ROLE default",
            place.uri("out/")
        )
    };
    // What never began is not there.
    client.error(&unload("SELECT nothing FROM t"));
    assert!(observer.rows(HISTORY).is_empty());
    client.query("BEGIN");
    client.error(&unload("SELECT 1 / (n - 90000) FROM t"));
    client.query("ROLLBACK");
    let aborted = |error: &str| {
        let row = ["aborted", "0", "0", "f", "t", error];
        row.map(str::to_owned).to_vec()
    };
    assert_eq!(observer.rows(HISTORY), [aborted("division by zero")]);

    let sql = unload("SELECT a.n FROM t AS a, t AS b");
    client.send(&message(b'Q', &texts(&[&sql])));
    wait_until("it is not seen", || observer.rows(HISTORY).len() == 2);
    drop(client);
    wait_until("it does not end", || {
        observer.rows(HISTORY)[1] == aborted("the client is gone")
    });
    assert!(place.keys().is_empty());
}

#[test]
fn an_unload_that_cannot_be_told_of_fails() {
    let place = place();
    let mut client = place.connect();
    tamper(
        &mut client,
        "CREATE RULE refused AS ON UPDATE TO pg_sandbox.unloads WHERE new.unloaded_rows / 0 > 0 DO INSTEAD NOTHING",
    );
    let unload = format!(
        "UNLOAD ('SELECT i FROM generate_series(1, 1000000) AS s(i)') TO '{}' IAM_ROLE default",
        place.uri("out/")
    );
    let failure = client.error(&unload);
    assert_eq!(failure.code, "XX000", "{failure:?}");
    assert!(failure.message.contains("system tables"), "{failure:?}");
    assert!(place.keys().is_empty());
    tamper(&mut client, "DROP RULE refused ON pg_sandbox.unloads");
    client.query(&unload);
    assert_eq!(client.value("SELECT pg_last_unload_count()"), "1000000");
}

#[test]
fn a_manifest_comes_after_its_files() {
    let place = place();
    let mut client = place.connect();
    let slow = format!("slow s3 200 ms {}", place.uri("out/x_0"));
    client.query(&format!("SET redshift_sandbox.fail_next TO '{slow}'"));
    let unload = format!(
        "UNLOAD ('SELECT 1') TO '{}' IAM_ROLE default MANIFEST",
        place.uri("out/x_")
    );
    client.send(&message(b'Q', &texts(&[&unload])));
    wait_until("the manifest is there", || {
        let keys = place.keys();
        let has_manifest = keys.iter().any(|key| key == "out/x_manifest");
        assert!(!has_manifest || keys.len() == 3, "{keys:?}");
        has_manifest
    });
    assert_eq!(client.answer().2, None);
}
