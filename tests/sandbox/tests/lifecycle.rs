use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use redshift_sandbox::Sandbox;

use crate::client::Client;
use crate::running::Running;
use crate::wait::wait_until;

/// The folder of a sandbox, which its store lies in.
fn folder(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox
        .store()
        .path()
        .parent()
        .expect("a folder")
        .to_path_buf()
}

#[test]
fn dropping_leaves_nothing_behind() {
    let sandbox = Sandbox::start().expect("a sandbox");
    let folder = folder(&sandbox);
    let mut client = Client::connect(&sandbox.url()).expect("a connection");
    assert!(folder.join("data/postmaster.pid").exists());
    drop(sandbox);
    assert!(!folder.exists());
    client.send(&crate::client::message(b'Q', b"SELECT 1\0"));
    let (_, _, error) = client.answer();
    assert_eq!(error.expect("an error").severity, "FATAL");
}

#[test]
fn an_own_store_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let sandbox = Sandbox::builder()
        .store(folder.path())
        .user("me", "Secret'\\1")
        .start()
        .expect("a sandbox");
    std::fs::create_dir(folder.path().join("bucket")).expect("a bucket");
    std::fs::write(folder.path().join("bucket/by hand 50%.csv"), "1\n").expect("a file");
    assert_eq!(
        sandbox.store().list("s3://bucket/by").expect("list"),
        ["s3://bucket/by hand 50%.csv"]
    );
    assert_eq!(
        sandbox
            .store()
            .get("s3://bucket/by hand 50%.csv")
            .expect("get"),
        b"1\n"
    );
    assert!(sandbox.url().contains("me:Secret%27%5C1@"));
    drop(sandbox);
    assert!(folder.path().join("bucket/by hand 50%.csv").exists());
}

#[test]
fn a_crash_of_the_engine_ends_connections() {
    let sandbox = Sandbox::start().expect("a sandbox");
    let mut idle = Client::connect(&sandbox.url()).expect("a connection");
    let mut busy = Client::connect(&sandbox.url()).expect("a connection");
    let waiting = thread::spawn(move || busy.try_query("SELECT pg_sleep(20)"));
    thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    sandbox.kill_engine();
    let failure = waiting.join().expect("no panic").expect_err("an error");
    assert_eq!(failure.severity, "FATAL");
    let failure = idle.try_query("SELECT 1").expect_err("an error");
    assert_eq!(failure.severity, "FATAL");
    assert!(idle.receive().is_none());
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(Client::connect(&sandbox.url()).is_err());
    assert!(sandbox.create_database("more").is_err());
}

/// Starts the program and returns it with its folder.
fn program() -> (Running, std::path::PathBuf, String) {
    use std::io::{BufRead, BufReader};
    let mut child = Command::new(env!("CARGO_BIN_EXE_redshift-sandbox"))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let output = BufReader::new(child.stdout.take().expect("its output"));
    let lines: Vec<_> = output
        .lines()
        .take(4)
        .map(|line| line.expect("a line"))
        .collect();
    let store = lines[1].strip_prefix("object store: ").expect("the store");
    let folder = Path::new(store).parent().expect("a folder").to_path_buf();
    (Running(child), folder, lines[0].clone())
}

fn is_running(pid: &str) -> bool {
    // Where nobody waits for orphans, an ended process stays as a zombie.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    state.is_ok_and(|state| {
        !state
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim_start()
            .starts_with('Z')
    })
}

#[test]
#[cfg(target_os = "linux")]
fn a_killed_owner_leaves_nothing_behind() {
    let (mut child, folder, url) = program();
    let mut client = Client::connect(&url).expect("a connection");
    assert_eq!(client.value("SELECT 1"), "1");
    let pid = std::fs::read_to_string(folder.join("data/postmaster.pid")).expect("a lock file");
    let pid = pid.lines().next().expect("a number").to_owned();
    assert!(is_running(&pid));
    child.kill().expect("killed");
    child.wait().expect("ended");
    wait_until("the folder is still there", || !folder.exists());
    wait_until("PostgreSQL is still there", || !is_running(&pid));
}

#[test]
fn databases_are_made_quickly() {
    let sandbox = crate::sandbox();
    let url = sandbox.create_database("Quick_One").expect("a database");
    assert!(url.contains("/quick_one?"));
    assert!(sandbox.create_database("quick_one").is_err());
    assert_eq!(
        Client::connect(&url)
            .expect("a connection")
            .value("SELECT pg_last_copy_id()"),
        "-1"
    );
    assert!(sandbox.engine().starts_with("PostgreSQL "));
    assert!(
        sandbox
            .engine_url("dev")
            .starts_with("postgresql://awsuser@%2F")
    );
}
