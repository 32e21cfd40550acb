//! How much memory a large load takes. Run it by itself, as the whole process is measured:
//! `cargo test --release -p redshift-sandbox --test sandbox -- --ignored --exact memory::stays_small`

use std::fs::{self, File};
use std::io::{BufWriter, Write};

use crate::{place, sandbox};

const SIZE: u64 = 1 << 30;

/// The most memory that this process, and the sandbox in it, has had, in megabytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a peak");
    let kilobytes = line.trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("a number") / 1024
}

#[test]
#[ignore = "writes and loads a gigabyte"]
fn stays_small() {
    let place = place();
    let mut client = place.connect();
    client.query(
        "CREATE TABLE t (id BIGINT, name VARCHAR(200), value DOUBLE PRECISION, at TIMESTAMP)",
    );
    let uri = place.put("data.csv", "");
    let path = sandbox().store().path().join(&place.name).join("data.csv");
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    let (mut size, mut rows) = (0, 0_u64);
    while size < SIZE {
        let row = format!(
            "{rows},\"a name, number {rows}, of some length\",{rows}.5,2024-01-02 03:04:05.678901\n"
        );
        file.write_all(row.as_bytes()).expect("written");
        size += row.len() as u64;
        rows += 1;
    }
    file.flush().expect("written");
    for (what, sql) in [
        (
            "COPY CSV",
            format!("COPY t FROM '{uri}' IAM_ROLE default CSV"),
        ),
        (
            "UNLOAD PARQUET",
            format!(
                "UNLOAD ('SELECT * FROM t') TO '{}' IAM_ROLE default PARQUET",
                place.uri("parquet/")
            ),
        ),
        (
            "COPY PARQUET",
            format!(
                "COPY t FROM '{}' IAM_ROLE default PARQUET",
                place.uri("parquet/")
            ),
        ),
        (
            "UNLOAD JSON",
            format!(
                "UNLOAD ('SELECT * FROM t') TO '{}' IAM_ROLE default JSON GZIP MAXFILESIZE 50 MB",
                place.uri("json/")
            ),
        ),
    ] {
        let start = std::time::Instant::now();
        client.send(&crate::client::message(
            b'Q',
            &crate::client::texts(&[&sql]),
        ));
        client.wait_long();
        let (_, _, failure) = client.answer();
        assert_eq!(failure, None, "{what}");
        let peak = peak();
        println!(
            "{what}: {peak} MB at most, {:.1} s",
            start.elapsed().as_secs_f64()
        );
        assert!(peak < 200, "{what} took {peak} MB");
    }
    assert_eq!(
        client.value("SELECT count(*) FROM t"),
        (2 * rows).to_string()
    );
}
