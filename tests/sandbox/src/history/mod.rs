//! The statements that ran, for STL_QUERY and SYS_QUERY_HISTORY. They are kept here, outside of every transaction, and
//! PostgreSQL is told only when a statement asks for them.

mod references;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::sql::{QueryType, masked};
pub(crate) use references::References;

/// So many statements that have finished are remembered at most, and so many bytes of their texts.
const MOST: usize = 5_000;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// What is remembered of a statement's text, and of an error's.
const LONGEST_TEXT: usize = 65_535;
const LONGEST_ERROR: usize = 512;

/// Microseconds since 1970.
pub(crate) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(0))
}

/// The text of a statement as it may be remembered: without secrets, and not all of a long one.
pub(crate) fn text_of(sql: &str, kind: QueryType) -> Arc<str> {
    let sql = sql.trim();
    if kind.may_hold_secrets() {
        cut(&masked(sql), LONGEST_TEXT).into()
    } else {
        cut(sql, LONGEST_TEXT).into()
    }
}

fn cut(text: &str, longest: usize) -> &str {
    let mut end = longest.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A statement that runs.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) query: i32,
    pub(crate) usename: Arc<str>,
    pub(crate) database: Arc<str>,
    pub(crate) label: Arc<str>,
    pub(crate) transaction: i64,
    pub(crate) pid: i32,
    pub(crate) kind: QueryType,
    pub(crate) text: Arc<str>,
    pub(crate) started: i64,
}

/// How it finished.
#[derive(Debug)]
pub(crate) struct Outcome {
    status: &'static str,
    error: Option<String>,
    /// It was refused before any work was done.
    refused: bool,
    rows: u64,
    bytes: u64,
    finished: i64,
}

impl Outcome {
    /// Rows and bytes are those that the client got.
    pub(crate) fn success(rows: u64, bytes: u64) -> Self {
        Self {
            rows,
            bytes,
            ..Self::new("success")
        }
    }

    pub(crate) fn failure(code: &str, message: &str) -> Self {
        // Syntax errors and missing rights, statements in a failed transaction, what Redshift lacks.
        let refused = ["42", "25", "0A"]
            .iter()
            .any(|class| code.starts_with(class));
        Self {
            error: Some(cut(message, LONGEST_ERROR).to_owned()),
            refused,
            ..Self::new(if code == "57014" {
                "canceled"
            } else {
                "failed"
            })
        }
    }

    /// The client left.
    pub(crate) fn abandoned() -> Self {
        Self::new("canceled")
    }

    fn new(status: &'static str) -> Self {
        Self {
            status,
            error: None,
            refused: false,
            rows: 0,
            bytes: 0,
            finished: now(),
        }
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused
    }
}

/// A row of the history, as the views read it.
#[derive(Serialize)]
struct Row<'a> {
    query: i32,
    usename: &'a str,
    database: &'a str,
    label: &'a str,
    xid: i64,
    pid: i32,
    kind: &'a str,
    is_query: bool,
    text: &'a str,
    started: i64,
    finished: Option<i64>,
    status: &'a str,
    error: Option<&'a str>,
    rows: u64,
    bytes: u64,
}

impl<'a> Row<'a> {
    fn of(query: &'a Query, outcome: Option<&'a Outcome>) -> Self {
        Self {
            query: query.query,
            usename: &query.usename,
            database: &query.database,
            label: &query.label,
            xid: query.transaction,
            pid: query.pid,
            kind: query.kind.name,
            is_query: query.kind.is_query && !outcome.is_some_and(Outcome::is_refused),
            text: &query.text,
            started: query.started,
            finished: outcome.map(|outcome| outcome.finished),
            status: outcome.map_or("running", |outcome| outcome.status),
            error: outcome.and_then(|outcome| outcome.error.as_deref()),
            rows: outcome.map_or(0, |outcome| outcome.rows),
            bytes: outcome.map_or(0, |outcome| outcome.bytes),
        }
    }
}

#[derive(Debug)]
struct Finished {
    query: Arc<Query>,
    outcome: Outcome,
}

#[derive(Debug, Default)]
struct Log {
    running: HashMap<i32, Arc<Query>>,
    finished: VecDeque<Arc<Finished>>,
    /// In the texts of those that have finished.
    bytes: usize,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    log: Mutex<Log>,
    /// The databases where a view, a procedure or a cursor asks for it, so that a statement need not name it.
    hidden: RwLock<HashSet<Arc<str>>>,
    is_hidden: AtomicBool,
}

impl History {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, query: &Arc<Query>) {
        self.log().running.insert(query.query, Arc::clone(query));
    }

    pub(crate) fn end(&self, query: Arc<Query>, outcome: Outcome) {
        let finished = Arc::new(Finished { query, outcome });
        let mut evicted = Vec::new();
        let mut log = self.log();
        log.running.remove(&finished.query.query);
        log.bytes += finished.query.text.len();
        log.finished.push_back(finished);
        while log.finished.len() > MOST || log.bytes > MOST_BYTES {
            let Some(oldest) = log.finished.pop_front() else {
                break;
            };
            log.bytes -= oldest.query.text.len();
            evicted.push(oldest);
        }
    }

    pub(crate) fn forget(&self, query: &Query) {
        self.log().running.remove(&query.query);
    }

    /// All that is known, as a JSON array.
    pub(crate) fn json(&self) -> String {
        let (finished, running) = {
            let log = self.log();
            let finished: Vec<_> = log.finished.iter().cloned().collect();
            (finished, log.running.values().cloned().collect::<Vec<_>>())
        };
        let finished = finished.iter();
        let finished = finished.map(|finished| Row::of(&finished.query, Some(&finished.outcome)));
        let running = running.iter().map(|query| Row::of(query, None));
        let rows: Vec<_> = finished.chain(running).collect();
        // Texts and numbers can always be written.
        serde_json::to_string(&rows).unwrap_or_default()
    }

    /// Something that asks for the history has been defined in a database.
    pub(crate) fn hide(&self, database: &Arc<str>) {
        let mut hidden = self.hidden.write().unwrap_or_else(PoisonError::into_inner);
        hidden.insert(Arc::clone(database));
        self.is_hidden.store(true, Ordering::Release);
    }

    pub(crate) fn is_hidden(&self, database: &str) -> bool {
        self.is_hidden.load(Ordering::Acquire)
            && self
                .hidden
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(history: &History, query: i32, text: &str) {
        let query = Arc::new(Query {
            query,
            usename: "u".into(),
            database: "d".into(),
            label: "default".into(),
            transaction: 1,
            pid: 1,
            kind: crate::sql::analyze(text).expect("a statement")[0].kind,
            text: text.into(),
            started: now(),
        });
        history.begin(&query);
        history.end(query, Outcome::success(1, 1));
    }

    #[test]
    fn only_the_last_are_remembered() {
        let history = History::default();
        let count = i32::try_from(MOST).expect("a number") + 7;
        for query in 0..count {
            run(&history, query, "SELECT 1");
        }
        let log = history.log();
        assert_eq!((log.finished.len(), log.running.len()), (MOST, 0));
        assert_eq!(log.finished.front().map(|first| first.query.query), Some(7));
        assert_eq!(log.bytes, MOST * "SELECT 1".len());
        drop(log);
        let long = format!("SELECT {}", "1".repeat(LONGEST_TEXT - 7));
        for query in count..count + 200 {
            run(&history, query, &long);
        }
        let log = history.log();
        assert_eq!(log.finished.len(), MOST_BYTES / LONGEST_TEXT);
        assert!(log.bytes <= MOST_BYTES);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        let kind = crate::sql::analyze("SELECT 1").expect("a statement")[0].kind;
        let text = text_of(&format!(" a{}", "ä".repeat(LONGEST_TEXT)), kind);
        assert_eq!(text.len(), LONGEST_TEXT);
        let text = text_of(&"ä".repeat(LONGEST_TEXT), kind);
        assert_eq!(text.len(), LONGEST_TEXT - 1);
    }
}
