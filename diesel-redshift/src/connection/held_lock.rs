//! A lock on a table, held by a session of its own.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;

/// A session that is silent may be ended: after a minute at the earliest (`SESSION TIMEOUT` of a user).
const PING: Duration = Duration::from_secs(30);

/// So often a table is created, where others create it at the same time and one of them wins.
const ATTEMPTS: u32 = 8;

/// Redshift has no advisory locks, but `LOCK`, which a transaction keeps to its end, and a session's death ends that.
///
/// A thread keeps the session alive. Dropping this lets go of the lock, and so does the death of the process.
pub(crate) struct HeldLock {
    /// Asks the thread whether the session lives; without it the thread ends.
    ask: Option<Sender<Sender<bool>>>,
    keeper: Option<JoinHandle<()>>,
}

impl HeldLock {
    /// Waits, however long it takes, until no other session has the lock.
    ///
    /// `table` is written as SQL has it; if there is no such table, it is created with one column.
    pub(crate) fn take(mut session: RedshiftConnection, table: &str) -> QueryResult<Self> {
        session.batch_execute("SET statement_timeout TO 0")?;
        let mut attempt = 0;
        while let Err(error) = lock(&mut session, table) {
            let is_missing = session
                .last_error()
                .is_some_and(|last| last.sqlstate() == Some("42P01"));
            session.batch_execute("ROLLBACK")?;
            if !is_missing || attempt == ATTEMPTS {
                return Err(error);
            }
            let created = session.batch_execute(&format!(
                "CREATE TABLE IF NOT EXISTS {table} (locked SMALLINT)"
            ));
            // Redshift does not let two sessions create one table at a time.
            if let Err(error) = created {
                attempt += 1;
                if attempt == ATTEMPTS {
                    return Err(error);
                }
                thread::sleep(Duration::from_millis(20) * 2_u32.pow(attempt));
            }
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
            // To close the connection is enough, but does not wait for the server.
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

    /// Whether the session lives, and with it the lock.
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

fn lock(session: &mut RedshiftConnection, table: &str) -> QueryResult<()> {
    session.batch_execute("BEGIN")?;
    session.batch_execute(&format!("LOCK {table}"))
}
