//! Ends in the middle of a load: of the engine, of the sandbox, of the client.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use redshift_sandbox::Sandbox;

use crate::client::{Client, message, texts};
use crate::running::Running;
use crate::wait::wait_until;
use crate::{place, sandbox};

/// Enough rows that many messages of them are on their way to PostgreSQL before the file ends.
fn rows() -> String {
    (0..100_000).map(|n| format!("{n}\n")).collect()
}

#[test]
fn a_client_that_leaves_in_the_middle_of_a_load_loads_nothing() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a int)");
    for file in ["a", "b"] {
        place.put(&format!("in/{file}"), rows());
    }
    // The first file is in when the second is being waited for.
    sandbox()
        .fail_next(
            &place.name,
            &format!("slow s3 300 ms {}", place.uri("in/b")),
        )
        .expect("a fault");
    let copy = format!("COPY t FROM '{}' IAM_ROLE default CSV", place.uri("in/"));
    client.send(&message(b'Q', &texts(&[&copy])));
    thread::sleep(Duration::from_millis(100));
    drop(client);
    let mut other = place.connect();
    wait_until("the load is still running", || {
        other.value(&format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()",
            place.name
        )) == "0"
    });
    sandbox().fail_next(&place.name, "none").expect("none");
    assert_eq!(other.value("SELECT count(*) FROM t"), "0");
    other.query(&copy);
    assert_eq!(other.value("SELECT count(*) FROM t"), "200000");
}

/// Starts the program with a folder that it keeps, and returns it with its URL.
fn program(data: &Path) -> (Running, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_redshift-sandbox"))
        .arg("--data")
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let url = lines.next().expect("a line").expect("a URL");
    (Running(child), url)
}

/// A folder that the user of PostgreSQL can enter too.
fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir_in("/tmp").expect("a folder");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("open");
    folder
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_committed_outlives_a_kill_and_what_was_being_loaded_does_not() {
    let folder = open_folder();
    let bucket = folder.path().join("store/bucket/in");
    std::fs::create_dir_all(&bucket).expect("a bucket");
    for file in ["a", "b"] {
        std::fs::write(bucket.join(file), rows()).expect("a file");
    }
    let (mut child, url) = program(folder.path());
    let mut client = Client::connect(&url).expect("a connection");
    client.query("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
    client.query("SET redshift_sandbox.fail_next TO 'slow s3 2000 ms s3://bucket/in/b'");
    client.send(&message(
        b'Q',
        b"COPY t FROM 's3://bucket/in/' IAM_ROLE default CSV\0",
    ));
    thread::sleep(Duration::from_millis(300));
    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(client.receive().is_none());
    let lock = folder.path().join("data/postmaster.pid");
    wait_until("PostgreSQL is still there", || !lock.exists());

    let (mut child, url) = program(folder.path());
    let mut client = Client::connect(&url).expect("a connection");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    client.query("COPY t FROM 's3://bucket/in/' IAM_ROLE default CSV");
    assert_eq!(client.value("SELECT count(*) FROM t"), "200001");
    let stopped = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .expect("kill");
    assert!(stopped.success());
    assert_eq!(child.wait().expect("ended").code(), Some(0));
    assert!(!lock.exists());

    // Somebody else's folder is not touched.
    let output = Command::new(env!("CARGO_BIN_EXE_redshift-sandbox"))
        .args(["--user", "another", "--data"])
        .arg(folder.path())
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("user awsuser") && told.contains("user another"),
        "{told}"
    );
}

#[test]
fn an_engine_that_dies_in_the_middle_of_a_load_is_told() {
    let sandbox = Sandbox::start().expect("a sandbox");
    let store = sandbox.store();
    for file in ["a", "b"] {
        store
            .put(&format!("s3://bucket/in/{file}"), rows())
            .expect("put");
    }
    let mut client = Client::connect(&sandbox.url()).expect("a connection");
    client.query("CREATE TABLE t (a int)");
    sandbox
        .fail_next("dev", "slow s3 2000 ms s3://bucket/in/b")
        .expect("a fault");
    client.send(&message(
        b'Q',
        b"COPY t FROM 's3://bucket/in/' IAM_ROLE default CSV\0",
    ));
    thread::sleep(Duration::from_millis(150));
    sandbox.kill_engine();
    let (tags, replies, error) = client.answer();
    assert_eq!((&*tags, replies.len()), ("E", 0));
    assert_eq!(error.expect("an error").severity, "FATAL");
    let folder = store.path().parent().expect("a folder").to_path_buf();
    drop(sandbox);
    assert!(!folder.exists());
}
