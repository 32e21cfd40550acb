//! Requests of many tasks through a pool of 8: `first()` by key, `AsyncRedshiftConnection` against diesel-async's `AsyncPgConnection`,
//! tokio-postgres and sqlx on one PostgreSQL, in turns; and a million rows as a stream beside the synchronous iterator.
//!
//! `cargo run --release --bin requests [seconds a turn] [turns]` prints Markdown tables. `requests stream|iterator URL` loads the rows once.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::future::Future;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, ExpressionMethods, PgConnection, QueryDsl};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use diesel_redshift::connection::RowByRowLoadingMode;
use diesel_redshift::{AsyncRedshiftConnection, RedshiftConnection};
use futures_util::TryStreamExt;
use redshift_sandbox::Sandbox;

diesel::table! {
    people (id) {
        id -> BigInt,
        name -> Text,
        score -> Double,
    }
}

const ROWS: i64 = 1_000_000;
const CONNECTIONS: usize = 8;
const TASKS: [usize; 3] = [1, 16, 64];

/// What a client did in a turn.
struct Turn {
    seconds: f64,
    latencies: Vec<Duration>,
    processor: Duration,
}

/// The processor's time of this process.
fn processor() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// A key that follows no order.
fn next(key: &mut u64) -> i64 {
    *key = key
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*key >> 33) as i64 % ROWS
}

async fn turn<C, F>(
    tasks: usize,
    length: Duration,
    client: C,
    request: impl Fn(C, i64) -> F + Copy + Send + 'static,
) -> Turn
where
    C: Clone + Send + 'static,
    F: Future<Output = i64> + Send,
{
    let (start, before) = (Instant::now(), processor());
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut key = task as u64 + 1;
                let mut latencies = Vec::new();
                while start.elapsed() < length {
                    let (id, begun) = (next(&mut key), Instant::now());
                    assert_eq!(request(client.clone(), id).await, id);
                    latencies.push(begun.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in running {
        latencies.extend(task.await.unwrap());
    }
    Turn {
        seconds: start.elapsed().as_secs_f64(),
        latencies,
        processor: processor() - before,
    }
}

async fn ours(pool: Pool<AsyncRedshiftConnection>, id: i64) -> i64 {
    use diesel_async::RunQueryDsl;
    let conn: &mut AsyncRedshiftConnection = &mut pool.get().await.unwrap();
    let row: (i64, String, f64) = people::table
        .filter(people::id.eq(id))
        .first(conn)
        .await
        .unwrap();
    black_box(row).0
}

async fn diesel_async(pool: Pool<AsyncPgConnection>, id: i64) -> i64 {
    use diesel_async::RunQueryDsl;
    let conn: &mut AsyncPgConnection = &mut pool.get().await.unwrap();
    let row: (i64, String, f64) = people::table
        .filter(people::id.eq(id))
        .first(conn)
        .await
        .unwrap();
    black_box(row).0
}

const SQL: &str = "SELECT id, name, score FROM people WHERE id = $1 LIMIT 1";

async fn tokio_postgres(pool: deadpool_postgres::Pool, id: i64) -> i64 {
    let client = pool.get().await.unwrap();
    let statement = client.prepare_cached(SQL).await.unwrap();
    let row = client.query_one(&statement, &[&id]).await.unwrap();
    black_box((
        row.get::<_, i64>(0),
        row.get::<_, String>(1),
        row.get::<_, f64>(2),
    ))
    .0
}

async fn sqlx(pool: sqlx::PgPool, id: i64) -> i64 {
    let row: (i64, String, f64) = sqlx::query_as(SQL).bind(id).fetch_one(&pool).await.unwrap();
    black_box(row).0
}

/// Turns of one client at one number of tasks, in order of their requests a second; the median tells.
fn told(mut turns: Vec<Turn>) -> [String; 4] {
    let rate = |turn: &Turn| turn.latencies.len() as f64 / turn.seconds;
    turns.sort_by(|a, b| rate(a).total_cmp(&rate(b)));
    let middle = turns.len() / 2;
    let turn = &mut turns[middle];
    turn.latencies.sort_unstable();
    let at = |part: f64| {
        turn.latencies[(turn.latencies.len() as f64 * part) as usize].as_secs_f64() * 1e6
    };
    [
        format!("{:.0}/s", turn.latencies.len() as f64 / turn.seconds),
        format!("{:.0} µs", at(0.5)),
        format!("{:.0} µs", at(0.99)),
        format!(
            "{:.0} µs",
            turn.processor.as_secs_f64() * 1e6 / turn.latencies.len() as f64
        ),
    ]
}

async fn compare(url: &str, length: Duration, turns: usize) {
    let ours_pool =
        Pool::<AsyncRedshiftConnection>::builder(AsyncDieselConnectionManager::new(url))
            .max_size(CONNECTIONS)
            .build()
            .unwrap();
    let diesel_pool = Pool::<AsyncPgConnection>::builder(AsyncDieselConnectionManager::new(url))
        .max_size(CONNECTIONS)
        .build()
        .unwrap();
    let manager = deadpool_postgres::Manager::new(url.parse().unwrap(), tokio_postgres::NoTls);
    let tokio_pool = deadpool_postgres::Pool::builder(manager)
        .max_size(CONNECTIONS)
        .build()
        .unwrap();
    let sqlx_pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(CONNECTIONS as u32)
        .connect(url)
        .await
        .unwrap();
    println!(
        "| tasks | client | requests | median | 99th percentile | own processor time a request |\n|---|---|---|---|---|---|"
    );
    for tasks in TASKS {
        let mut all: [(&str, Vec<Turn>); 4] = [
            ("diesel-redshift", Vec::new()),
            ("diesel-async", Vec::new()),
            ("tokio-postgres", Vec::new()),
            ("sqlx", Vec::new()),
        ];
        // The first turn fills pools and caches.
        for number in 0..=turns {
            let length = if number == 0 {
                Duration::from_millis(300)
            } else {
                length
            };
            let made = [
                turn(tasks, length, ours_pool.clone(), ours).await,
                turn(tasks, length, diesel_pool.clone(), diesel_async).await,
                turn(tasks, length, tokio_pool.clone(), tokio_postgres).await,
                turn(tasks, length, sqlx_pool.clone(), sqlx).await,
            ];
            if number > 0 {
                for ((_, turns), made) in all.iter_mut().zip(made) {
                    turns.push(made);
                }
            }
        }
        for (name, turns) in all {
            println!("| {tasks} | {name} | {} |", told(turns).join(" | "));
        }
    }
}

fn megabytes(figure: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(figure))
        .unwrap();
    line.split_ascii_whitespace()
        .next()
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}

/// All rows once; prints seconds, seconds of the own processor's time, and megabytes more than before.
fn load(how: &str, url: &str) {
    let figures = |before: (Instant, Duration, f64), rows: i64| {
        assert_eq!(rows, ROWS);
        println!(
            "{:.2} s, {:.2} s, {:.1} MB",
            before.0.elapsed().as_secs_f64(),
            (processor() - before.1).as_secs_f64(),
            megabytes("VmHWM:") - before.2
        );
    };
    let now = || (Instant::now(), processor(), megabytes("VmRSS:"));
    if how == "iterator" {
        use diesel::RunQueryDsl;
        let mut conn = RedshiftConnection::establish(url).unwrap();
        let before = now();
        let rows = people::table
            .load_iter::<(i64, String, f64), RowByRowLoadingMode>(&mut conn)
            .unwrap();
        figures(
            before,
            rows.map(|row| black_box(row.unwrap())).count() as i64,
        );
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        use diesel_async::RunQueryDsl;
        let mut conn = AsyncRedshiftConnection::establish(url).await.unwrap();
        let before = now();
        let mut rows = people::table
            .load_stream::<(i64, String, f64)>(&mut conn)
            .await
            .unwrap();
        let mut count = 0;
        while let Some(row) = rows.try_next().await.unwrap() {
            black_box(row);
            count += 1;
        }
        figures(before, count);
    });
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [how, url] = &arguments[..]
        && matches!(&**how, "stream" | "iterator")
    {
        return load(how, url);
    }
    let number = |at: usize, default: u64| {
        arguments
            .get(at)
            .map_or(default, |text| text.parse().unwrap())
    };
    let (length, turns) = (Duration::from_secs(number(0, 3)), number(1, 3) as usize);
    let sandbox = Sandbox::start().unwrap();
    sandbox.create_database("requests").unwrap();
    let url = sandbox.engine_url("requests");
    let mut conn = PgConnection::establish(&url).unwrap();
    conn.batch_execute(&format!(
        "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(100) NOT NULL, score DOUBLE PRECISION NOT NULL); \
         INSERT INTO people SELECT i, 'person number ' || i, i / 7.0 FROM generate_series(0, {}) i; ANALYZE people",
        ROWS - 1
    ))
    .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(compare(&url, length, turns));
    println!("\n{ROWS} rows of three columns: time, own processor time, memory more than before");
    for _ in 0..turns {
        for how in ["stream", "iterator"] {
            let program = std::env::current_exe().unwrap();
            let output = Command::new(program).args([how, &url]).output().unwrap();
            print!("{how}: {}", String::from_utf8_lossy(&output.stdout));
        }
    }
}
