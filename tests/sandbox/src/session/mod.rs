//! One client's connection, and the session of PostgreSQL's behind it.

mod aliases;
mod cancels;
mod client;
mod description;
mod expected;
mod extended_query;
mod external;
mod faults;
mod formats;
mod history;
mod intervals;
mod local;
mod lock;
mod log;
mod password;
mod pipeline;
mod relay;
mod simple_query;
mod startup;
mod stream;
mod type_modifiers;
mod types;
mod wording;

use std::collections::{HashMap, VecDeque};
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::ServerConfig;

use crate::Store;
use crate::engine::{Answer, Connection, Engine, Failure};
use crate::fault::Faults;
use crate::history::History;
use crate::log_ins::LogIns;
use crate::protocol::{SqlError, frontend};
use crate::s3::{Etags, Identities, S3};
use crate::sql::Statement;
use crate::store::Uploads;
use cancels::Cancels;
use client::Client;
use expected::Expected;
use external::External;
use faults::Ending;
use history::{Portal, Recorder, Text};
use intervals::Intervals;
use pipeline::Pipeline;

/// What all sessions share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) faults: Faults,
    pub(crate) uploads: Uploads,
    pub(crate) etags: Etags,
    pub(crate) log_ins: LogIns,
    pub(crate) cancels: Cancels,
    history: History,
    external: External,
    identities: RwLock<Identities>,
    last_query: AtomicI32,
    last_transaction: AtomicI64,
    /// Whether statements are written to standard error.
    log: bool,
}

impl Shared {
    /// `kept` says that the databases may be those of an earlier start.
    pub(crate) fn new(engine: Engine, store: Store, log: bool, kept: bool) -> Self {
        Self {
            engine,
            store,
            faults: Faults::default(),
            uploads: Uploads::default(),
            etags: Etags::default(),
            log_ins: LogIns::default(),
            cancels: Cancels::default(),
            history: History::default(),
            external: External::new(kept),
            identities: RwLock::default(),
            last_query: AtomicI32::new(first_query()),
            last_transaction: AtomicI64::new(first_query().into()),
            log,
        }
    }

    fn next_query(&self) -> i32 {
        self.last_query.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn next_transaction(&self) -> i64 {
        self.last_transaction.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Which roles and keys exist.
    pub(crate) fn identities(&self) -> RwLockReadGuard<'_, Identities> {
        self.identities
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn update_identities(&self, change: impl FnOnce(&mut Identities)) {
        change(
            &mut self
                .identities
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    pub(crate) fn close(&self) {
        self.uploads.clear();
        self.engine.stop();
    }
}

/// A number above those of earlier starts, whose loads a kept folder may still tell of: it grows with every second.
fn first_query() -> i32 {
    const START_OF_2025: u64 = 1_735_689_600;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |since| since.as_secs());
    i32::try_from(seconds.saturating_sub(START_OF_2025)).map_or(1000, |number| number.max(1000))
}

pub(crate) struct Session<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) client: Client,
    pub(crate) engine: Connection,
    pub(crate) user: String,
    pub(crate) database: String,
    /// The second session, for what has to survive a rollback.
    pub(crate) log: Option<Connection>,
    to_engine: Vec<u8>,
    expected: VecDeque<Expected>,
    /// An error occurred: everything up to the next Sync is passed over.
    skipping: bool,
    pipeline: Pipeline,
    prepared: HashMap<String, Rc<Statement>>,
    portals: HashMap<String, Rc<Statement>>,
    /// The texts of prepared statements and of portals.
    texts: HashMap<String, Rc<Text>>,
    portal_texts: HashMap<String, Portal>,
    /// The tables that prepared statements change.
    changed: HashMap<String, Rc<str>>,
    /// The table that was locked last since the last Sync or simple query.
    locked: Option<Rc<str>>,
    /// A transaction may have begun since the last Sync.
    begins: bool,
    /// A cursor is open, and another one cannot be.
    cursor_open: bool,
    /// Those of the result whose rows arrive, if it has any.
    intervals: Option<Intervals>,
    /// How many rows are still to pass before the connection breaks.
    cut: Option<u64>,
    ending: Option<Ending>,
    /// What the statement that is being handled may do in S3.
    pub(crate) s3: S3<'a>,
    recorder: Recorder,
    /// The tables that hold what was read of external ones for the latest statement.
    external_data: Vec<String>,
    /// A statement may have changed settings: see [`Session::note_statement_timeout`].
    settings_changed: bool,
    /// A statement has named the settings by which names in quotes keep their case.
    watches_case: bool,
    /// The number of the statement that runs.
    pub(crate) query: i32,
}

/// How a port receives its clients.
#[derive(Clone, Default)]
pub(crate) struct PortTls {
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// Nobody gets in without TLS.
    pub(crate) tls_only: bool,
}

/// Serves a client until it leaves.
pub(crate) fn serve(stream: TcpStream, shared: &Shared, tls: &PortTls) {
    let Ok(client) = Client::new(stream) else {
        return;
    };
    if let Some(mut session) = startup::begin(client, shared, tls) {
        session.run();
    }
}

impl Session<'_> {
    fn run(&mut self) {
        loop {
            match self.step().and_then(|goes_on| {
                self.note_statement_timeout()?;
                Ok(goes_on)
            }) {
                Ok(true) => {}
                Ok(false) => break,
                Err(failure) => {
                    self.terminate(failure);
                    break;
                }
            }
        }
        self.record_end();
        self.shared.cancels.end(&self.engine.key);
        if let Some(timers) = self.shared.engine.timers() {
            timers.forget(self.engine.pid());
        }
        let mut out = Vec::new();
        frontend::terminate(&mut out);
        let _ = self.engine.send(&out);
        let _ = self.forget_external_data();
    }

    /// Where PostgreSQL has no timers, tells those who stand in for them how long a statement may run.
    fn note_statement_timeout(&mut self) -> Result<(), Failure> {
        let Some(timers) = self.shared.engine.timers() else {
            return Ok(());
        };
        if !self.settings_changed || self.engine.status == b'E' || self.pipeline.open {
            return Ok(());
        }
        self.settings_changed = false;
        // A query would take the transaction's snapshot.
        let answer = self.engine.run("SHOW statement_timeout")?;
        let setting = answer.value();
        let millis = setting.and_then(|setting| millis(&setting)).unwrap_or(0);
        timers.set_statement_timeout(self.engine.pid(), millis);
        Ok(())
    }

    /// Handles one message of the client's; false when it leaves.
    fn step(&mut self) -> Result<bool, Failure> {
        let Some((head, body)) = self.client.message()? else {
            return Ok(false);
        };
        match head.tag {
            b'X' => return Ok(false),
            b'Q' => self.simple_query(&body)?,
            b'P' | b'B' | b'D' | b'E' | b'C' | b'S' | b'H' => self.extended(head, &body)?,
            // What is left of a COPY FROM STDIN that was refused.
            b'c' | b'd' | b'f' => {}
            b'F' => {
                self.finish_expected()?;
                self.refuse(&SqlError::unsupported(
                    "Function calls over the protocol are not supported",
                ))?;
                self.ready()?;
            }
            tag => {
                return Err(
                    SqlError::new("08P01", format!("invalid frontend message type {tag}")).into(),
                );
            }
        }
        if self.client.is_mute() && matches!(head.tag, b'Q' | b'S') {
            return Err(self.client.cut());
        }
        Ok(true)
    }

    /// Tells a client that its session cannot go on.
    fn terminate(&mut self, failure: Failure) {
        let error = match failure {
            Failure::ClientGone => {
                // The server should not go on working for nobody.
                let _ = crate::engine::cancel(self.shared.engine.socket(), &self.engine.key);
                return;
            }
            Failure::Refused(error) => error,
            Failure::Server(message) => SqlError::internal(message.message()),
            Failure::Lost(error) => SqlError::new(
                "57P01",
                format!("terminating connection because the server is gone: {error}"),
            ),
        };
        error.write(&mut self.client.out, "FATAL");
        let _ = self.client.flush();
    }

    /// Makes `pg_last_copy_id()` and its kin answer for the statement that runs, unless the transaction is rolled back.
    pub(crate) fn set_last_count(&mut self, verb: &str, rows: u64) -> Result<(), Failure> {
        let query = self.query;
        if self.engine.status != b'E' {
            self.engine.run(&format!(
                "SELECT set_config('redshift_sandbox.{verb}_id', '{query}', false), \
                 set_config('redshift_sandbox.{verb}_count', '{rows}', false)"
            ))?;
        }
        Ok(())
    }

    /// Runs a statement in a session that is not part of the client's transaction. What PostgreSQL refuses there has not
    /// touched what the client's session is doing.
    pub(crate) fn log(&mut self, sql: &str) -> Result<Answer, Failure> {
        let answer = self
            .log_connection()
            .and_then(|connection| connection.run(sql));
        answer.map_err(|failure| match failure {
            Failure::Server(message) => SqlError::internal(format!(
                "The system tables could not be written: {}",
                message.message()
            ))
            .into(),
            failure => failure,
        })
    }

    fn log_connection(&mut self) -> Result<&mut Connection, Failure> {
        let connection = match self.log.take() {
            Some(connection) => connection,
            None => Connection::connect(
                self.shared.engine.socket(),
                [
                    ("user", self.shared.engine.superuser()),
                    ("database", self.database.as_str()),
                ],
            )?,
        };
        Ok(self.log.insert(connection))
    }
}

/// A time as PostgreSQL shows it: `90s`, `5min`.
fn millis(setting: &str) -> Option<u64> {
    let end = setting.find(|character: char| !character.is_ascii_digit());
    let (number, unit) = setting.split_at(end.unwrap_or(setting.len()));
    let factor = match unit {
        "" | "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn times_have_units() {
        assert_eq!(millis("0"), Some(0));
        assert_eq!(millis("1500ms"), Some(1500));
        assert_eq!(millis("90s"), Some(90_000));
        assert_eq!(millis("5min"), Some(300_000));
        assert_eq!(millis("1d"), Some(86_400_000));
        assert_eq!(millis("x"), None);
    }
}
