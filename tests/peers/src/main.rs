//! `RedshiftConnection` against other clients of one PostgreSQL: the same query, the same structs, in turns.
//!
//! Prints a Markdown table: the median of each client, and how many times as fast as the fastest of the others this crate is, with
//! results as text and with `set_binary_results`; below 1 another is faster.
//! An argument runs only the cases whose name contains it; a second one, for a profiler, only the clients.
#![allow(clippy::unwrap_used)]

mod client;
mod memory;
mod shapes;

use std::hint::black_box;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use redshift_sandbox::Sandbox;

use crate::client::{CLIENTS, Client, Connect, OURS};
use crate::shapes::users::User;
use crate::shapes::{Shape, users};

/// A table's rows, how often it is loaded in a turn, and the number of turns. Turns are short and many, so that some are undisturbed.
const SIZES: [(usize, usize, usize); 4] = [
    (1, 50, 151),
    (100, 20, 151),
    (10_000, 1, 101),
    (1_000_000, 1, 5),
];
/// A statement's rows, how often it is run in a turn.
const BATCHES: [(usize, usize); 3] = [(1, 50), (25, 20), (1000, 1)];
const TURNS: usize = 151;

/// What a contestant took for one operation, in seconds or bytes.
#[derive(Clone, Copy)]
struct Measured {
    median: f64,
    least: f64,
    /// The mean of the processor's time that this process took; the rest is the server's, or waiting.
    own: Option<f64>,
}

impl Measured {
    fn of(mut values: Vec<f64>, repeats: usize) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let each = |at: usize| values[at] / repeats as f64;
        Self {
            median: each(values.len() / 2),
            least: each(0),
            own: None,
        }
    }

    fn with_own(self, own: f64, runs: usize) -> Self {
        Self {
            own: Some(own / runs as f64),
            ..self
        }
    }
}

/// The processor's time that this thread, on which every client works, has had so far, in seconds; Linux tells.
fn processor_time() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: f64 = statistics.split(' ').next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}

fn seconds(time: f64) -> String {
    match time {
        1.0.. => format!("{time:.2} s"),
        0.001.. => format!("{:.2} ms", time * 1e3),
        _ => format!("{:.1} µs", time * 1e6),
    }
}

/// Prints one line: the medians of all contestants, of which less is better, and how this crate's, the first `ours`, stand to the
/// least of the others. The same of the best turns, which other work on the machine disturbs least.
fn line(name: &str, values: &[Measured], ours: usize, shown: impl Fn(f64) -> String) {
    let (ours, others) = values.split_at(ours);
    let ratios = |of: fn(&Measured) -> f64| {
        let least = others.iter().map(of).fold(f64::INFINITY, f64::min);
        let ratios: Vec<_> = ours
            .iter()
            .map(|it| format!("{:.2}", least / of(it)))
            .collect();
        ratios.join(", ")
    };
    let cells: Vec<_> = values.iter().map(|value| shown(value.median)).collect();
    let own: Vec<_> = values
        .iter()
        .filter_map(|value| value.own)
        .map(seconds)
        .collect();
    println!(
        "| {name} | {} | {} | {} | {} |",
        cells.join(" | "),
        ratios(|value| value.median),
        ratios(|value| value.least),
        own.join(", ")
    );
}

/// Runs every contestant in turns, each `repeats` times in a row.
fn race<T>(
    contestants: &mut [T],
    turns: usize,
    repeats: usize,
    mut run: impl FnMut(&mut T),
) -> Vec<Measured> {
    let count = contestants.len();
    let mut times = vec![Vec::new(); count];
    let mut own = vec![0.0; count];
    for turn in 0..=turns {
        for place in 0..count {
            let at = (turn + place) % count;
            let before = processor_time();
            let start = Instant::now();
            for _ in 0..repeats {
                run(&mut contestants[at]);
            }
            let time = start.elapsed().as_secs_f64();
            // The first turn prepares statements and warms caches.
            if turn > 0 {
                times[at].push(time);
                own[at] += processor_time() - before;
            }
        }
    }
    let measured = times.into_iter().zip(own);
    measured
        .map(|(times, own)| Measured::of(times, repeats).with_own(own, turns * repeats))
        .collect()
}

struct Bench {
    url: String,
    admin: PgConnection,
    wanted: Option<String>,
    clients: Vec<(&'static str, Connect)>,
    /// How many of the clients, the first, are this crate's.
    ours: usize,
}

impl Bench {
    fn is_wanted(&self, name: &str) -> bool {
        self.wanted
            .as_deref()
            .is_none_or(|wanted| name.contains(wanted))
    }

    fn connect_all(&self) -> Vec<Box<dyn Client>> {
        self.clients
            .iter()
            .map(|(_, connect)| connect(&self.url))
            .collect()
    }

    fn loads(&mut self) {
        for (rows, repeats, turns) in SIZES {
            for shape in Shape::ALL {
                for row_by_row in [false, true] {
                    let name = format!(
                        "{rows} × {}{}",
                        shape.name(),
                        if row_by_row { ", a row at a time" } else { "" }
                    );
                    let is_small = row_by_row && rows < 1_000_000;
                    if is_small || !self.is_wanted(&name) {
                        continue;
                    }
                    self.prepare(shape, rows);
                    let times = race(&mut self.connect_all(), turns, repeats, |client| {
                        let loaded = if row_by_row {
                            client.stream(shape)
                        } else {
                            client.load(shape)
                        };
                        assert_eq!(loaded, rows);
                    });
                    line(&name, &times, self.ours, seconds);
                }
            }
        }
    }

    /// Creates the table of this size, and makes it the one that new connections see.
    fn prepare(&mut self, shape: Shape, rows: usize) {
        let schema = format!("rows_{rows}");
        let create = shape.create(&schema, rows);
        let table = shape.name();
        let sql = format!(
            "CREATE SCHEMA IF NOT EXISTS {schema}; DROP TABLE IF EXISTS {schema}.{table}; {create}; \
             ANALYZE {schema}.{table}; ALTER DATABASE dev SET search_path = {schema}, public"
        );
        self.admin.batch_execute(&sql).unwrap();
    }

    fn single_rows(&mut self) {
        const REPEATS: usize = 50;
        if !self.is_wanted("single row by key") {
            return;
        }
        let mut id = 0;
        let times = race(&mut self.connect_all(), TURNS, REPEATS, |client| {
            id = id % 10_000 + 1;
            assert_eq!(black_box(client.find(id)).id, id);
        });
        line("single row by key", &times, self.ours, |time| {
            format!("{:.0}/s", 1.0 / time)
        });
    }

    fn inserts(&mut self) {
        for (rows, repeats) in BATCHES {
            let name = format!("insert of {rows}");
            if !self.is_wanted(&name) {
                continue;
            }
            let users: Vec<_> = (0..rows)
                .map(|n| User {
                    id: n as i64,
                    name: format!("user {n}"),
                    email: format!("user{n}@example.com"),
                    score: (n as f64).sin(),
                })
                .collect();
            let mut clients = self.connect_all();
            let mut times = vec![Vec::new(); clients.len()];
            let mut own = vec![0.0; clients.len()];
            for turn in 0..=TURNS {
                for place in 0..clients.len() {
                    let at = (turn + place) % clients.len();
                    self.admin.batch_execute("TRUNCATE new_users").unwrap();
                    let client = &mut clients[at];
                    client.run("BEGIN");
                    let before = processor_time();
                    let start = Instant::now();
                    for _ in 0..repeats {
                        client.insert(&users);
                    }
                    let time = start.elapsed().as_secs_f64();
                    let processor = processor_time() - before;
                    client.run("COMMIT");
                    if turn > 0 {
                        times[at].push(time);
                        own[at] += processor;
                    }
                }
            }
            let times: Vec<_> = times
                .into_iter()
                .zip(own)
                .map(|(times, own)| Measured::of(times, repeats).with_own(own, TURNS * repeats))
                .collect();
            line(&name, &times, self.ours, seconds);
        }
    }

    fn connects(&mut self) {
        const REPEATS: usize = 1;
        if !self.is_wanted("connect") {
            return;
        }
        let times = race(&mut self.clients.clone(), TURNS, REPEATS, |(_, connect)| {
            drop(black_box(connect(&self.url)));
        });
        line("connect", &times, self.ours, seconds);
    }

    fn memory(&mut self) {
        for shape in [Shape::Text4, Shape::Number4] {
            let name = format!("memory of 1000000 × {}", shape.name());
            if !self.is_wanted(&name) {
                continue;
            }
            self.prepare(shape, 1_000_000);
            let peak =
                |client, row_by_row| memory::peak_of_child(client, &self.url, shape, row_by_row);
            let peaks: Vec<_> = (0..CLIENTS.len())
                .map(|client| Measured::of(vec![peak(client, false)], 1))
                .collect();
            line(&name, &peaks, self.ours, |bytes| {
                format!("{:.1} MB", bytes / 1e6)
            });
            // A row at a time nobody needs more than some buffers.
            for (client, (name, _)) in CLIENTS.iter().enumerate() {
                let bytes = peak(client, true);
                assert!(bytes < 1e6, "{name} took {bytes} bytes for a row at a time");
            }
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if memory::is_child(&arguments) {
        return memory::child(&arguments);
    }
    let sandbox = Sandbox::start().unwrap();
    let url = sandbox.engine_url("dev");
    let mut admin = PgConnection::establish(&url).unwrap();
    admin.batch_execute(users::CREATE).unwrap();
    let mut filters = arguments
        .into_iter()
        .filter(|argument| !argument.starts_with('-'));
    let wanted = filters.next();
    let client = filters.next().unwrap_or_default();
    let clients: Vec<_> = CLIENTS
        .into_iter()
        .filter(|(name, _)| name.contains(&client))
        .collect();
    let names: Vec<_> = clients.iter().map(|(name, _)| *name).collect();
    let ours = names.iter().filter(|name| name.starts_with(OURS)).count();
    let mut bench = Bench {
        url,
        admin,
        wanted,
        clients,
        ours,
    };
    println!("{}\n", sandbox.engine());
    println!(
        "| case | {} | ratio | of the best turns | processor's time of this process |",
        names.join(" | ")
    );
    println!(
        "|------|{}------|------|------|",
        "------|".repeat(names.len())
    );
    bench.single_rows();
    bench.inserts();
    bench.connects();
    bench.loads();
    bench.memory();
}
