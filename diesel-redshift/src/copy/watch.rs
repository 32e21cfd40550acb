//! Watching a COPY while it runs.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use diesel::connection::DebugQuery;
use diesel::result::Error as DieselError;

use super::history::NextLoad;
use super::{CompleteCopy, CopyOutcome, CopyStatement, LoadHistory};
use crate::connection::{CancelHandle, RedshiftConnection};
use crate::error::Error;

/// The shortest polling interval.
const SHORTEST: Duration = Duration::from_millis(100);

/// How long a cancel request may take before it is repeated.
const CANCEL_WITHIN: Duration = Duration::from_secs(10);

/// How long the last poll may take once the load has ended.
const LAST_POLL: Duration = Duration::from_millis(500);

/// A [`CopyStatement`] that reports its progress while it runs; [`watch`](CopyStatement::watch)
/// makes it.
#[must_use = "a COPY does nothing until `execute` sends it"]
pub struct WatchedCopy<'a, C, W> {
    statement: &'a C,
    every: Duration,
    watch: W,
    observer: Option<&'a mut RedshiftConnection>,
}

impl<C: fmt::Debug, W> fmt::Debug for WatchedCopy<'_, C, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchedCopy")
            .field("statement", self.statement)
            .field("every", &self.every)
            .finish_non_exhaustive()
    }
}

impl<T, S, A, F> CopyStatement<T, S, A, F> {
    /// Calls `watch` with the rows and bytes loaded so far, from time to time while the COPY runs.
    ///
    /// `every` is the polling interval, at least 100 ms; a poll costs the cluster a query on
    /// `stv_load_state` (provisioned) or `sys_load_history` (serverless), so seconds are better. It
    /// polls on a second connection, made with the parameters of the first unless
    /// [`observer`](WatchedCopy::observer) sets one; `watch` is called on a thread of its own. If
    /// it returns [`ControlFlow::Break`], the COPY is cancelled and fails with the server's error
    /// about that.
    ///
    /// ```no_run
    /// # use diesel_redshift::{copy, copy::Csv, IamRole, RedshiftConnection, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # fn run(conn: &mut RedshiftConnection) -> Result<(), diesel_redshift::Error> {
    /// use std::{ops::ControlFlow, time::{Duration, Instant}};
    ///
    /// let deadline = Instant::now() + Duration::from_secs(3600);
    /// let outcome = copy(users::table)
    ///     .from(S3Uri::parse("s3://bucket/users/")?)
    ///     .iam_role(IamRole::Default)
    ///     .format(Csv::new())
    ///     .watch(Duration::from_secs(5), |load| {
    ///         println!("{} rows, {} bytes", load.rows, load.bytes);
    ///         if Instant::now() < deadline { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    ///     })
    ///     .execute(conn)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch<W>(&self, every: Duration, watch: W) -> WatchedCopy<'_, Self, W>
    where
        W: FnMut(&LoadHistory) -> ControlFlow<()> + Send,
    {
        WatchedCopy {
            statement: self,
            every: every.max(SHORTEST),
            watch,
            observer: None,
        }
    }
}

impl<'a, C, W> WatchedCopy<'a, C, W> {
    /// Polls on this connection instead of a new one, as is needed if the password was temporary
    /// and not that of `IamCredentials`, which gives another.
    ///
    /// Its user must be the one that loads, or a superuser: others do not see the load. It must not
    /// be in a transaction, which might see the tables as they were at its beginning.
    pub fn observer(mut self, observer: &'a mut RedshiftConnection) -> Self {
        self.observer = Some(observer);
        self
    }
}

impl<C, W> WatchedCopy<'_, C, W> {
    /// Loads the data, as [`CopyStatement::execute`] does.
    ///
    /// A poll that fails is skipped, and the next one is made. When the load ends, so does the
    /// watching.
    ///
    /// # Errors
    ///
    /// As [`CopyStatement::execute`]; and [`Error::Database`], before anything is sent, if the
    /// second connection cannot be made or cannot read the system tables.
    pub fn execute(self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error>
    where
        C: CompleteCopy,
        W: FnMut(&LoadHistory) -> ControlFlow<()> + Send,
    {
        // An invalid option is reported before a connection is made.
        let plan = self.statement.plan()?;
        let mut own;
        let observer = match self.observer {
            Some(observer) => observer,
            None => {
                own = conn.sibling().map_err(|error| {
                    Error::Database(DieselError::QueryBuilderError(Box::new(error)))
                })?;
                &mut own
            }
        };
        let load = NextLoad::of(conn.backend_pid(), observer)?;
        let cancel = conn.cancel_handle()?;
        let cancel_poll = observer.cancel_handle()?;
        let (every, mut watch) = (self.every, self.watch);
        let send = |conn: &mut RedshiftConnection, sql: &str, shown: &dyn DebugQuery| {
            thread::scope(|scope| {
                let (load_runs, load_end) = channel::<()>();
                let (polls, polls_end) = channel::<()>();
                let watcher = scope.spawn(move || {
                    let _polls = polls;
                    poll(observer, &load, &cancel, every, &mut watch, &load_end);
                });
                let outcome = conn.execute_utility(sql, shown);
                drop(load_runs);
                if polls_end.recv_timeout(LAST_POLL) == Err(RecvTimeoutError::Timeout) {
                    // It may wait in a queue of the cluster; its result is no longer of use.
                    let _ = cancel_poll.cancel_within(CANCEL_WITHIN);
                }
                if let Err(panic) = watcher.join() {
                    std::panic::resume_unwind(panic);
                }
                outcome
            })
        };
        plan.execute_with(conn, send, |_| Ok(()))
    }
}

/// Polls until `load_end`.
fn poll(
    observer: &mut RedshiftConnection,
    load: &NextLoad,
    cancel: &CancelHandle,
    every: Duration,
    watch: &mut dyn FnMut(&LoadHistory) -> ControlFlow<()>,
    load_end: &Receiver<()>,
) {
    let mut goes_on = true;
    while load_end.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
        if goes_on && let Ok(Some(load)) = load.read(observer) {
            goes_on = watch(&load).is_continue();
        }
        if !goes_on {
            // If it does not get through, the next round tries again.
            let _ = cancel.cancel_within(CANCEL_WITHIN);
        }
    }
}
