use std::fmt::Write;

use crate::place;

/// Rows of some 50 bytes.
fn rows(count: u32) -> String {
    let mut file = String::new();
    for row in 0..count {
        let _ = writeln!(
            file,
            "{row}|a text of some length, {row}|2024-01-02 03:04:05"
        );
    }
    file
}

const STATE: &str = "SELECT session, lines, bytes_to_load, bytes_loaded, num_files, num_files_complete, \
                     trim(current_file), pct_complete FROM stv_load_state";

const HISTORY: &str = "SELECT status, loaded_rows, source_file_count, source_file_bytes, file_count_scanned, \
                       file_bytes_scanned, error_count, end_time IS NULL FROM sys_load_history";

#[test]
fn a_load_is_seen_while_it_runs() {
    let place = place();
    let (mut loader, mut observer) = (place.connect(), place.connect());
    loader.query("CREATE TABLE t (id INT, name VARCHAR(99), ts TIMESTAMP)");
    assert!(observer.rows(STATE).is_empty());
    let file = rows(150_000);
    let first = place.put("data/1", &file);
    place.put("data/2", &file);
    let session = loader.value("SELECT pg_backend_pid()");
    let sql = format!("COPY t FROM '{}' IAM_ROLE default", place.uri("data/"));
    let load = std::thread::spawn(move || {
        loader.query(&sql);
        loader
    });
    let (mut state, mut history) = (Vec::new(), Vec::new());
    while !load.is_finished() && (state.is_empty() || history.is_empty()) {
        let number = |text: &str| text.parse::<u64>().expect("a number");
        state.extend(
            observer
                .rows(STATE)
                .into_iter()
                .filter(|row| number(&row[1]) > 0),
        );
        history.extend(
            observer
                .rows(HISTORY)
                .into_iter()
                .filter(|row| number(&row[1]) > 0 && row[0] == "running"),
        );
    }
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let state = state.first().expect("seen in stv_load_state");
    assert_eq!(state[0], session);
    assert_eq!(number(&state[2]), 2 * file.len());
    assert!(
        (1..2 * file.len()).contains(&number(&state[3])),
        "{state:?}"
    );
    assert_eq!(state[4], "2");
    assert!(number(&state[5]) < 2);
    assert!(state[6].starts_with(&first[..first.len() - 1]), "{state:?}");
    // What has been read is a little more than what has been loaded.
    let percent = 100 * number(&state[3]) / (2 * file.len());
    assert!(
        (percent..percent + 4).contains(&number(&state[7])),
        "{state:?}"
    );
    let history = history.first().expect("seen in sys_load_history");
    assert_eq!(
        history[2..4],
        ["2".to_owned(), (2 * file.len()).to_string()]
    );
    assert!(
        (1..=2 * file.len()).contains(&number(&history[5])),
        "{history:?}"
    );
    assert_eq!(history[7], "t");

    let mut loader = load.join().expect("loaded");
    assert!(observer.rows(STATE).is_empty());
    let size = (2 * file.len()).to_string();
    assert_eq!(
        observer.rows(HISTORY),
        [["completed", "300000", "2", &size, "2", &size, "0", "f"]]
    );
    assert_eq!(
        observer.value("SELECT loaded_bytes FROM sys_load_history"),
        size
    );
    assert_eq!(loader.value("SELECT count(*) FROM t"), "300000");
}

#[test]
fn compressed_bytes_are_told_apart() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, name VARCHAR(99), ts TIMESTAMP)");
    let file = rows(1000);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packer, file.as_bytes()).expect("packed");
    let packed = packer.finish().expect("packed");
    let uri = place.put("data.gz", &packed);
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default GZIP"));
    assert_eq!(
        client.rows(
            "SELECT source_file_bytes, file_bytes_scanned, loaded_bytes FROM sys_load_history"
        ),
        [[
            packed.len().to_string(),
            packed.len().to_string(),
            file.len().to_string()
        ]]
    );
}

#[test]
fn many_bad_rows_are_all_recorded() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT)");
    let uri = place.put("data", "x\n".repeat(1203) + "1\n");
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default IGNOREALLERRORS"
    ));
    assert_eq!(
        client.rows("SELECT count(*), min(line_number), max(line_number) FROM stl_load_errors"),
        [["1203", "1", "1203"]]
    );
    assert_eq!(
        client.value("SELECT error_count FROM sys_load_history"),
        "1203"
    );
}

#[test]
fn a_load_whose_client_leaves_is_aborted() {
    let place = place();
    let (mut loader, mut observer) = (place.connect(), place.connect());
    loader.query("CREATE TABLE t (id INT, name VARCHAR(99), ts TIMESTAMP)");
    let uri = place.put("data", rows(300_000));
    let sql = format!("COPY t FROM '{uri}' IAM_ROLE default");
    loader.send(&crate::client::message(
        b'Q',
        &crate::client::texts(&[&sql]),
    ));
    while observer.rows(STATE).is_empty() {}
    drop(loader);
    while !observer.rows(STATE).is_empty() {}
    assert_eq!(
        observer.rows("SELECT status, loaded_rows, end_time IS NULL FROM sys_load_history"),
        [["aborted", "0", "f"]]
    );
    assert_eq!(observer.value("SELECT count(*) FROM t"), "0");
}
