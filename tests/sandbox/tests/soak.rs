//! Fifty connections at once, for a minute:
//! `cargo test -p redshift-sandbox --test sandbox soak -- --ignored --nocapture`

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::{place, sandbox};

const CONNECTIONS: usize = 50;

#[test]
#[ignore = "takes a minute"]
fn fifty_connections_load_and_unload_and_lose_no_row() {
    let place = place();
    place
        .connect()
        .query("CREATE TABLE t (connection int, round int, n int, text varchar(40))");
    let deadline = Instant::now() + Duration::from_secs(60);
    let (loaded, rounds) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let (place, loaded, rounds) = (&place, &loaded, &rounds);
            scope.spawn(move || {
                let mut client = place.connect();
                let mut round = 0;
                while Instant::now() < deadline {
                    round += 1;
                    let count = 500 + connection * 10 + round;
                    let rows: String = (0..count)
                        .map(|n| format!("{connection}|{round}|{n}|row {n} of {connection}\n"))
                        .collect();
                    let uri = place.put(&format!("in/{connection}/{round}"), &rows);
                    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
                    assert_eq!(
                        client.value("SELECT pg_last_copy_count()"),
                        count.to_string()
                    );
                    loaded.fetch_add(count as u64, Ordering::Relaxed);
                    let out = place.uri(&format!("out/{connection}/"));
                    client.query(&format!(
                        "UNLOAD ('SELECT * FROM t WHERE connection = {connection} AND round = {round}') \
                         TO '{out}' IAM_ROLE default ALLOWOVERWRITE"
                    ));
                    let store = sandbox().store();
                    let mut lines: Vec<String> = store
                        .list(&out)
                        .expect("list")
                        .iter()
                        .flat_map(|uri| {
                            let bytes = store.get(uri).expect("get");
                            let text = String::from_utf8(bytes).expect("UTF-8");
                            text.lines().map(|line| format!("{line}\n")).collect::<Vec<_>>()
                        })
                        .collect();
                    lines.sort_unstable();
                    let mut expected: Vec<_> = rows.lines().map(|line| format!("{line}\n")).collect();
                    expected.sort_unstable();
                    assert!(lines == expected, "{connection}, {round}");
                    rounds.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let total = place.connect().value("SELECT count(*) FROM t");
    assert_eq!(total, loaded.load(Ordering::Relaxed).to_string());
    println!(
        "{CONNECTIONS} connections: {} loads and unloads, {total} rows, none lost",
        rounds.load(Ordering::Relaxed)
    );
}
