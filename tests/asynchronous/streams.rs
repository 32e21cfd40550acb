//! Rows that are read while they arrive.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::{StreamExt, TryStreamExt};

use crate::{add, connect, on_one_thread, users, world};

/// So many rows of a kilobyte each.
pub(crate) fn wide(rows: u32) -> diesel::expression::SqlLiteral<(BigInt, Text)> {
    diesel::dsl::sql(&format!(
        "SELECT n, REPEAT('x', 1000) FROM generate_series(1, {rows}) AS n"
    ))
}

#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .next()
        .unwrap()
        .parse::<usize>()
        .unwrap()
        * 1024
}

#[test]
fn a_slow_reader_holds_the_server_up() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let start = Instant::now();
        let mut rows = wide(300_000)
            .load_stream::<(i64, String)>(&mut conn)
            .await
            .unwrap();
        let first = rows.next().await.unwrap().unwrap();
        let until_first = start.elapsed();
        assert_eq!(first.0, 1);
        // With nobody reading, 300 MB would come.
        tokio::time::sleep(Duration::from_secs(2)).await;
        #[cfg(target_os = "linux")]
        let before = resident();
        let mut expected = 1;
        while let Some(row) = rows.try_next().await.unwrap() {
            expected += 1;
            assert_eq!(row.0, expected);
        }
        assert_eq!(expected, 300_000);
        assert!(
            until_first < start.elapsed() / 2,
            "the first row came after {until_first:?}"
        );
        #[cfg(target_os = "linux")]
        {
            let grown = resident().saturating_sub(before);
            assert!(grown < 64 * 1024 * 1024, "{grown} bytes");
        }
    });
}

#[test]
fn a_stream_can_be_dropped_at_any_row() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let pid = conn.backend_pid();
        for (at, wanted) in [0, 1, 31, 32, 33, 1000].into_iter().enumerate() {
            let start = Instant::now();
            let rows = wide(10_000_000)
                .load_stream::<(i64, String)>(&mut conn)
                .await
                .unwrap();
            let read: Vec<_> = rows.take(wanted).try_collect().await.unwrap();
            assert_eq!(read.len(), wanted);
            add(&mut conn, i64::try_from(at).unwrap()).await.unwrap();
            // Ten gigabytes would have taken longer to read to the end.
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "{:?}",
                start.elapsed()
            );
        }
        for wanted in [1, 2] {
            let rows = users::table
                .load_stream::<(i64, String)>(&mut conn)
                .await
                .unwrap();
            assert_eq!(rows.take(wanted).count().await, wanted);
        }
        assert_eq!(conn.backend_pid(), pid);
    });
}

#[test]
fn rows_and_values_outlive_the_stream() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        conn.batch_execute("INSERT INTO users VALUES (1, 'a'), (2, NULL)")
            .await
            .unwrap();
        let query = users::table
            .order(users::id)
            .select((users::id, users::name.nullable()));
        let rows: Vec<(i64, Option<String>)> = query
            .load_stream(&mut conn)
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(rows, [(1, Some("a".to_owned())), (2, None)]);
        let empty = users::table
            .filter(users::id.gt(5))
            .load_stream::<(i64, String)>(&mut conn);
        assert_eq!(empty.await.unwrap().count().await, 0);
        // What cannot be read is told with its row's column, and the rest can be read.
        let wrong = diesel::dsl::sql::<BigInt>("SELECT 'a' AS n UNION ALL SELECT '2'");
        let mut rows = wrong.load_stream::<i64>(&mut conn).await.unwrap();
        assert!(
            rows.next()
                .await
                .unwrap()
                .unwrap_err()
                .to_string()
                .contains('n')
        );
        assert_eq!(rows.next().await.unwrap(), Ok(2));
        assert!(rows.next().await.is_none());
    });
}
