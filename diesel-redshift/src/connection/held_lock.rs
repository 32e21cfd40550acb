//! A lock on a table, held by a session of its own.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;
use crate::error::{DatabaseError, Retryable};

/// A silent session may be ended, after a minute at the earliest (`SESSION TIMEOUT` of a user).
const PING: Duration = Duration::from_secs(30);

/// How often creating a table is tried, since others may create it at the same time and only one of
/// them succeeds.
const ATTEMPTS: u32 = 8;

/// Redshift has no advisory locks, only `LOCK`, which a transaction holds until it ends, also by
/// the death of its session.
///
/// A thread keeps the session alive. Dropping this releases the lock, and so does the death of the
/// process.
pub(crate) struct HeldLock {
    /// Asks the thread whether the session is alive; when it is dropped, the thread ends.
    ask: Option<Sender<Sender<bool>>>,
    keeper: Option<JoinHandle<()>>,
}

impl HeldLock {
    /// Waits, however long it takes, until no other session holds the lock.
    ///
    /// `table` is written in SQL; if there is no such table, it is created with one column.
    pub(crate) fn take(mut session: RedshiftConnection, table: &str) -> QueryResult<Self> {
        session.batch_execute("SET statement_timeout TO 0")?;
        if let Err(error) = lock(&mut session, table) {
            // The end of the session rolls this back: a ROLLBACK could only hide the error.
            if DatabaseError::of(&error).and_then(|error| error.sqlstate)
                != Some("42P01".to_owned())
            {
                return Err(error);
            }
            session.batch_execute("ROLLBACK")?;
            session.create_if_missing(&format!(
                "CREATE TABLE IF NOT EXISTS {table} (locked SMALLINT)"
            ))?;
            lock(&mut session, table)?;
        }
        session.set_response_timeout(Some(PING))?;
        let (ask, asked) = mpsc::channel::<Sender<bool>>();
        let keep = move || {
            let mut lives = true;
            loop {
                let asked = asked.recv_timeout(PING);
                if matches!(asked, Err(RecvTimeoutError::Disconnected)) {
                    break;
                }
                lives = lives && session.batch_execute("SELECT 1").is_ok();
                if let Ok(asked) = asked {
                    let _ = asked.send(lives);
                }
            }
            // Closing the connection is enough, but does not wait for the server.
            let _ = session.batch_execute("ROLLBACK");
        };
        let keeper = thread::Builder::new()
            .name("diesel-redshift lock".to_owned())
            .spawn(keep)
            .map_err(|error| Error::QueryBuilderError(Box::new(error)))?;
        Ok(Self {
            ask: Some(ask),
            keeper: Some(keeper),
        })
    }

    /// Whether the session is alive, and with it the lock.
    pub(crate) fn is_held(&self) -> bool {
        let (reply, replied) = mpsc::channel();
        let asked = self.ask.as_ref().map(|ask| ask.send(reply));
        matches!(asked, Some(Ok(()))) && replied.recv() == Ok(true)
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

impl RedshiftConnection {
    /// Sends `CREATE TABLE IF NOT EXISTS …`, which fails in Redshift, as in PostgreSQL, if another
    /// session creates the same table at the same time.
    pub(crate) fn create_if_missing(&mut self, sql: &str) -> QueryResult<()> {
        let mut attempt = 0;
        loop {
            let created = self.batch_execute(sql);
            let Err(error) = &created else {
                return Ok(());
            };
            let by_others = error.is_retryable()
                || matches!(sqlstate(self).as_deref(), Some("23505" | "42P07" | "42710"));
            attempt += 1;
            if !by_others || attempt == ATTEMPTS || self.is_in_transaction() {
                return created;
            }
            thread::sleep(Duration::from_millis(10) * 2_u32.pow(attempt));
        }
    }

    /// Runs a closure while another session holds a lock, and then releases it, also if the closure
    /// panics.
    pub(crate) fn with_lock<T>(&mut self, lock: HeldLock, run: impl FnOnce(&mut Self) -> T) -> T {
        struct Holder<'a>(&'a mut RedshiftConnection);

        impl Drop for Holder<'_> {
            fn drop(&mut self) {
                self.0.lock = None;
            }
        }

        self.lock = Some(lock);
        let holder = Holder(self);
        run(holder.0)
    }

    /// Runs a step of a migration while another session holds a lock, and keeps the lock until the
    /// next statement, which records the step, has run.
    pub(crate) fn with_lock_until_recorded<T, E>(
        &mut self,
        lock: HeldLock,
        step: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut kept = None;
        let outcome = self.with_lock(lock, |conn| {
            let outcome = step(conn);
            if outcome.is_ok() {
                kept = conn.lock.take();
            }
            outcome
        });
        self.lock_to_record = kept;
        outcome
    }

    /// Releases a lock that was kept until a step was recorded.
    pub(crate) fn end_record(&mut self) {
        self.lock_to_record = None;
    }

    pub(crate) fn holds_lock(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether a lock should be held but no longer is.
    pub(crate) fn has_lost_lock(&self) -> bool {
        self.lock.as_ref().is_some_and(|lock| !lock.is_held())
    }
}

fn sqlstate(session: &RedshiftConnection) -> Option<String> {
    session.last_error()?.sqlstate().map(str::to_owned)
}

fn lock(session: &mut RedshiftConnection, table: &str) -> QueryResult<()> {
    session.batch_execute("BEGIN")?;
    session.batch_execute(&format!("LOCK {table}"))
}
