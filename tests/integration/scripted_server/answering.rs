//! A server that answers whatever this crate sends as one would where all goes well, but for one statement.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use diesel::Connection;
use diesel_redshift::RedshiftConnection;

use super::message::{Say, columns, complete, error, ready, rows, values};
use super::{Session, Step};

/// What comes instead of the end of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An error after the tag: C-E-Z, and T-D-C-E-Z of a query.
    Late,
    /// The same with rows where none belong.
    LateAfterRows,
    /// The same with a second error, which is not the one.
    LateAndAnother,
    /// The same with an error that is worth another try.
    LateViolation,
    /// C, then the end of the connection.
    CloseAfterTag,
    /// The end of the connection.
    Close,
}

impl Fault {
    pub(super) const LATE: [Self; 3] = [Self::Late, Self::LateAfterRows, Self::LateAndAnother];
    pub(super) const LOST: [Self; 2] = [Self::CloseAfterTag, Self::Close];
}

/// The message of the error that comes late.
pub(super) const FULL: &str = "the disk is full";
/// That of the one after it.
pub(super) const ABORTED: &str = "current transaction is aborted";

/// A statement that a client has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Which of the connections, from 0.
    pub(super) session: usize,
    pub(super) sql: String,
    /// Where the session stood: `I`, `T` or `E`.
    pub(super) status: u8,
}

pub(super) struct AnsweringServer {
    port: u16,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl AnsweringServer {
    /// Starts with a fault of the statement that is the so-many-th of all connections, from 0.
    pub(super) fn start(fault: Option<(usize, Fault)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&sent);
        thread::spawn(move || {
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let record = Arc::clone(&record);
                thread::spawn(move || {
                    // A client that goes away ends its session only.
                    let _ = serve(stream, number, fault, &record);
                });
            }
        });
        Self { port, sent }
    }

    /// Statements are not kept, so that each comes with its text.
    pub(super) fn connect(&self) -> RedshiftConnection {
        let url = format!(
            "postgresql://ada@127.0.0.1:{}/dev?sslmode=disable",
            self.port
        );
        let mut conn = RedshiftConnection::establish(&url).expect("connects");
        conn.set_statement_cache_capacity(0);
        conn
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

fn serve(
    stream: TcpStream,
    number: usize,
    fault: Option<(usize, Fault)>,
    record: &Mutex<Vec<Sent>>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut session = Session {
        stream,
        status: b'I',
        asked: Arc::default(),
    };
    session.greet()?;
    let mut prepared = String::new();
    let outcome = loop {
        let mut asked = session.next()?;
        if asked.messages == "PS" {
            prepared = asked.sql;
            session.say(&Say::new(b'1', &[]).then(ready(session.status)))?;
            continue;
        }
        if asked.sql.is_empty() {
            asked.sql.clone_from(&prepared);
        }
        let status = session.status;
        let at = {
            let mut sent = record.lock().unwrap();
            sent.push(Sent {
                session: number,
                sql: asked.sql.clone(),
                status,
            });
            sent.len() - 1
        };
        let fault = fault.and_then(|(of, fault)| (of == at).then_some(fault));
        if let Err(ended) = session.play(&asked, &steps(&asked.sql, status, fault)) {
            break Err(ended);
        }
    };
    let _ = session.stream.shutdown(Shutdown::Both);
    outcome
}

fn is_end(sql: &str) -> bool {
    matches!(sql, "COMMIT" | "ROLLBACK")
}

fn steps(sql: &str, status: u8, fault: Option<Fault>) -> Vec<Step> {
    let full = || error("ERROR", "53100", FULL);
    let aborted = || error("ERROR", "25P02", ABORTED);
    if status == b'E' && !is_end(sql) {
        return vec![aborted().then(ready(b'E')).into()];
    }
    let tag = match (sql, status) {
        ("COMMIT", b'E') => "ROLLBACK",
        _ if sql.starts_with("INSERT") => "INSERT 0 1",
        _ => sql.split([' ', ';']).next().unwrap_or_default(),
    };
    let said = result(sql).map_or(complete(tag), |rows| rows.then(complete(tag)));
    let is_within = (status != b'I' && !is_end(sql)) || sql.starts_with("BEGIN");
    let failed = ready(if status == b'I' || is_end(sql) {
        b'I'
    } else {
        b'E'
    });
    match fault {
        None => vec![said.then(ready(if is_within { b'T' } else { b'I' })).into()],
        Some(Fault::Late) => vec![said.then(full()).then(failed).into()],
        Some(Fault::LateAfterRows) if result(sql).is_none() => {
            let said = rows(1).then(complete(tag));
            vec![said.then(full()).then(failed).into()]
        }
        Some(Fault::LateAfterRows) => vec![said.then(full()).then(failed).into()],
        Some(Fault::LateAndAnother) => {
            vec![said.then(full()).then(aborted()).then(failed).into()]
        }
        Some(Fault::LateViolation) => {
            let violation = error("ERROR", "XX000", "1023");
            vec![said.then(violation).then(failed).into()]
        }
        Some(Fault::CloseAfterTag) => vec![said.into(), Step::Close],
        Some(Fault::Close) => vec![Step::Close],
    }
}

/// The rows of what this crate asks for; `None` of a statement that has none.
fn result(sql: &str) -> Option<Say> {
    let has = |text: &str| sql.contains(text);
    let found = |names: &[&str], texts: &[&str]| Some(columns(names).then(values(texts)));
    if !sql.starts_with("SELECT") {
        None
    } else if has("pg_last_copy_count") {
        found(&["loaded", "query_id"], &["1", "7"])
    } else if has("pg_last_unload_count") {
        found(&["unloaded", "query_id"], &["1", "7"])
    } else if has("HAVING") {
        Some(columns(&["key", "rows", "nulls"]))
    } else if has("AS \"old\"") {
        found(&["old", "new"], &["0", "1"])
    } else if has("current_schema") {
        found(&["name"], &["public"])
    } else if has("sys_load_history") || has("stv_load_state") {
        Some(columns(&["query_id"]))
    } else if has("count(*)") {
        found(&["count"], &["0"])
    } else if has("COUNT(*)") {
        found(&["count"], &["1"])
    } else if has("__diesel_schema_migrations") {
        Some(columns(&["version"]))
    } else {
        found(&["n"], &["1"])
    }
}
