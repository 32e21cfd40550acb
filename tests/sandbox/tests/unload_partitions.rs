//! Partitions in thousands, of which few can be open at a time.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::client::Client;
use crate::running::Running;

const PARTITIONS: usize = 2000;

/// The program with so few open files, and what it is reached by.
fn program(files: u32, store: &std::path::Path) -> (Running, Client) {
    let child = Command::new("sh")
        .args(["-c", &format!("ulimit -n {files} && exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_redshift-sandbox"))
        .arg("--store")
        .arg(store)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut child = Running(child);
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut url = String::new();
    output.read_line(&mut url).expect("a line");
    let mut client = Client::connect(url.trim()).expect("a connection");
    client.wait_long();
    (child, client)
}

/// The most memory that a process has had, in megabytes.
#[cfg(target_os = "linux")]
fn peak(child: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.expect("a peak").trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("a number") / 1024
}

#[test]
fn there_may_be_more_partitions_than_open_files() {
    let store = tempfile::tempdir().expect("a folder");
    let (child, mut client) = program(128, store.path());
    // In an order that comes to each partition again and again, and more than waits in memory.
    client.query(&format!(
        "CREATE TABLE n AS WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000) SELECT n FROM s;
         CREATE TABLE t AS SELECT n, n * 7919 % {PARTITIONS} AS p, repeat(n::varchar, 200) AS v FROM n;
         CREATE TABLE u (n int, p int, v varchar(2000))"
    ));
    let sums = "SELECT count(*), sum(n), sum(p), sum(n * p), sum(len(v)), count(DISTINCT v) FROM";
    let expected = client.rows(&format!("{sums} t"));
    for (name, options, copy) in [
        ("csv", "CSV HEADER", "CSV IGNOREHEADER 1"),
        ("gzip", "GZIP", "GZIP"),
        ("zstd", "JSON ZSTD PARALLEL OFF", "JSON 'auto' ZSTD"),
        ("parquet", "PARQUET", "PARQUET"),
    ] {
        let to = format!("s3://bucket/{name}/");
        client.query(&format!(
            "UNLOAD ('SELECT * FROM t') TO '{to}' IAM_ROLE default {options} PARTITION BY (p) INCLUDE"
        ));
        let folders = std::fs::read_dir(store.path().join("bucket").join(name)).expect("folders");
        assert_eq!(folders.count(), PARTITIONS, "{name}");
        client.query(&format!(
            "TRUNCATE u; COPY u FROM '{to}' IAM_ROLE default {copy}"
        ));
        assert_eq!(client.rows(&format!("{sums} u")), expected, "{name}");
        // Each partition is where it belongs.
        client.query(&format!(
            "TRUNCATE u; COPY u FROM '{to}p=17/' IAM_ROLE default {copy}"
        ));
        assert_eq!(
            client.rows("SELECT n FROM u ORDER BY n"),
            client.rows("SELECT n FROM t WHERE p = 17 ORDER BY n"),
            "{name}"
        );
    }
    // Nothing is left of what was written before it was in its place.
    let unfinished = std::fs::read_dir(store.path().join(".unfinished")).expect("a folder");
    assert_eq!(unfinished.count(), 0);
    #[cfg(target_os = "linux")]
    assert!(peak(&child) < 150, "{} MB", peak(&child));
    drop(child);
}
