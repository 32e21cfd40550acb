//! The thread that owns the connection: it waits for the server, so that no task does.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::TransactionManagerStatus;
use diesel::result::{ConnectionError, ConnectionResult, DatabaseErrorKind, Error};

use super::operation::{Detached, Operation};
use crate::connection::{CancelHandle, RedshiftConnection, Severing, SiblingHandles};

/// How long detached work may take to end before the connection is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take before the cancel request is sent again: it may have arrived between two
/// statements.
const AGAIN: Duration = Duration::from_secs(1);

/// How long the rest of a result is read before its query is cancelled, which fails a transaction:
/// that is how long a small one takes.
const REST: Duration = Duration::from_millis(50);

type Job = Box<dyn FnOnce(&mut RedshiftConnection, &Standing) + Send>;

/// What happens to work on the server when its future is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenDropped {
    /// It is cancelled.
    Cancel,
    /// It runs to its end: the begin or end of a transaction.
    Finish,
    /// It notices by itself that nobody waits.
    Stop,
}

/// The state of the connection, as its thread last saw it.
#[derive(Debug, Default)]
pub(super) struct Standing {
    depth: AtomicU32,
    in_error: AtomicBool,
    is_test: AtomicBool,
    requires_rollback: AtomicBool,
    unfit: AtomicBool,
    /// How many transactions are still to be rolled back because their futures were dropped.
    cleanups: AtomicU32,
}

impl Standing {
    fn see(&self, conn: &mut RedshiftConnection) {
        let unfit = conn.is_unfit_for_a_pool();
        let mut depth = 0;
        let (mut is_test, mut requires_rollback, mut in_error) = (false, false, false);
        match conn.transaction_status() {
            TransactionManagerStatus::Valid(valid) => {
                if let Some(open) = &valid.in_transaction {
                    depth = open.transaction_depth.get();
                    is_test = open.test_transaction;
                    requires_rollback = open.requires_rollback_maybe_up_to_top_level;
                }
            }
            TransactionManagerStatus::InError => in_error = true,
        }
        self.depth.store(depth, Ordering::Relaxed);
        self.in_error.store(in_error, Ordering::Relaxed);
        self.is_test.store(is_test, Ordering::Relaxed);
        self.requires_rollback
            .store(requires_rollback, Ordering::Relaxed);
        self.unfit.store(unfit, Ordering::Release);
    }

    /// Diesel's form of the state.
    pub(super) fn status(&self) -> TransactionManagerStatus {
        use diesel::connection::TransactionDepthChange::IncreaseDepth;
        let mut status = TransactionManagerStatus::default();
        if let TransactionManagerStatus::Valid(valid) = &mut status {
            for _ in 0..self.depth.load(Ordering::Relaxed) {
                if valid.change_transaction_depth(IncreaseDepth).is_err() {
                    break;
                }
            }
        }
        if self.is_test.load(Ordering::Relaxed) {
            status.set_test_transaction_flag();
        }
        status.set_requires_rollback_maybe_up_to_top_level(
            self.requires_rollback.load(Ordering::Relaxed),
        );
        if self.in_error.load(Ordering::Relaxed) {
            status.set_in_error();
        }
        status
    }

    pub(super) fn is_unfit_for_a_pool(&self) -> bool {
        self.cleanups.load(Ordering::Acquire) == 0 && self.unfit.load(Ordering::Acquire)
    }
}

/// The thread of a connection; it ends, and closes the connection, when the last of these is
/// dropped.
#[derive(Clone)]
pub(super) struct SessionThread(Arc<Session>);

struct Session {
    jobs: Sender<Job>,
    standing: Arc<Standing>,
    cancel: CancelHandle,
    severing: Severing,
    backend_pid: i32,
    /// In milliseconds.
    patience: AtomicU64,
}

impl SessionThread {
    /// Starts a thread that connects.
    pub(super) async fn start(
        establish: impl FnOnce() -> ConnectionResult<RedshiftConnection> + Send + 'static,
    ) -> ConnectionResult<Self> {
        let connecting = Arc::new(Operation::new());
        let connected = Arc::clone(&connecting);
        thread::Builder::new()
            .name("redshift-session".to_owned())
            .spawn(move || serve(establish, &connected))
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        /// Tells the thread that nobody waits any more.
        struct Waits(Arc<Operation<ConnectionResult<SessionThread>>>);
        impl Drop for Waits {
            fn drop(&mut self) {
                if self.0.detach() == Detached::Running {
                    self.0.release();
                }
            }
        }
        let waits = Waits(connecting);
        let session = std::future::poll_fn(|context| waits.0.poll_next(context)).await;
        session.unwrap_or_else(|| Err(ConnectionError::BadConnection(ENDED.to_owned())))
    }

    pub(super) fn standing(&self) -> &Standing {
        &self.0.standing
    }

    pub(super) fn cancel_handle(&self) -> &CancelHandle {
        &self.0.cancel
    }

    pub(super) fn backend_pid(&self) -> i32 {
        self.0.backend_pid
    }

    pub(super) fn set_patience(&self, patience: Duration) {
        let millis = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        self.0.patience.store(millis, Ordering::Relaxed);
    }

    pub(super) fn patience(&self) -> Duration {
        Duration::from_millis(self.0.patience.load(Ordering::Relaxed))
    }

    /// Work with the connection, which begins when the future is first polled.
    pub(super) fn call<R: Send + 'static>(
        &self,
        when_dropped: WhenDropped,
        work: impl FnOnce(&mut RedshiftConnection) -> R + Send + 'static,
    ) -> Call<R> {
        Call(self.parts(when_dropped, |conn, _| Some(work(conn))))
    }

    /// Lets time pass.
    pub(super) fn sleep(&self, duration: Duration) -> Call<()> {
        Call(self.parts(WhenDropped::Stop, move |_, operation| {
            operation.sleep(duration);
            Some(())
        }))
    }

    /// Work that returns parts before its last one.
    pub(super) fn parts<T: Send + 'static>(
        &self,
        when_dropped: WhenDropped,
        work: impl FnOnce(&mut RedshiftConnection, &Operation<thread::Result<T>>) -> Option<T>
        + Send
        + 'static,
    ) -> Parts<T> {
        let operation = Arc::new(Operation::new());
        let worker = Arc::clone(&operation);
        let patience = self.patience();
        let siblings = SiblingHandles::default();
        let handles = Arc::clone(&siblings);
        Parts {
            session: self.clone(),
            operation,
            when_dropped,
            job: Some(Box::new(move |conn, standing| {
                if !worker.begin() {
                    return;
                }
                let was_open = conn.is_in_transaction();
                // The connection knows the state of any transaction that was left open.
                let work = |conn: &mut RedshiftConnection| {
                    catch_unwind(AssertUnwindSafe(|| work(conn, &worker)))
                };
                let last = if when_dropped == WhenDropped::Cancel {
                    let waits = Arc::clone(&worker);
                    conn.while_wanted(move || waits.is_wanted(), handles, work)
                } else {
                    work(conn)
                };
                standing.see(conn);
                let is_wanted = worker.end(last.transpose());
                if !is_wanted && !was_open && conn.is_in_transaction() {
                    // Nobody knows of it, and the next transaction would join it.
                    conn.roll_back_down_to(1, patience);
                    standing.see(conn);
                }
            })),
            has_parts: false,
            siblings,
        }
    }

    /// Work that nobody waits for.
    pub(super) fn post(&self, work: impl FnOnce(&mut RedshiftConnection) + Send + 'static) {
        let _ = self.0.jobs.send(Box::new(move |conn, standing| {
            let _ = catch_unwind(AssertUnwindSafe(|| work(conn)));
            standing.see(conn);
        }));
    }

    /// Work that nobody waits for, after which the connection can return to a pool unless it says
    /// otherwise.
    pub(super) fn post_cleanup(&self, work: impl FnOnce(&mut RedshiftConnection) + Send + 'static) {
        self.0.standing.cleanups.fetch_add(1, Ordering::AcqRel);
        let _ = self.0.jobs.send(Box::new(move |conn, standing| {
            let _ = catch_unwind(AssertUnwindSafe(|| work(conn)));
            standing.see(conn);
            standing.cleanups.fetch_sub(1, Ordering::AcqRel);
        }));
    }

    /// Makes sure that detached work ends, on a thread that the task does not wait for.
    fn finish_detached<T: Send + 'static>(
        &self,
        when_dropped: WhenDropped,
        has_parts: bool,
        siblings: SiblingHandles,
        operation: Arc<Operation<thread::Result<T>>>,
    ) {
        if when_dropped == WhenDropped::Stop {
            return operation.release();
        }
        let session = Arc::clone(&self.0);
        let ending = Arc::clone(&operation);
        let until = Instant::now() + self.patience();
        let spawned = thread::Builder::new()
            .name("redshift-ending".to_owned())
            .spawn(move || {
                if has_parts {
                    ending.wait_for_end(Instant::now() + REST);
                }
                let cancels = (when_dropped == WhenDropped::Cancel).then_some(&*siblings);
                session.bring_to_end(cancels, &ending, until);
                ending.release();
            });
        if spawned.is_err() {
            self.0.severing.sever();
            operation.release();
        }
    }
}

impl Session {
    /// Waits for the end of the work, and cancels it here and on these other sessions, if they are
    /// given.
    fn bring_to_end<T>(
        &self,
        siblings: Option<&Mutex<Vec<CancelHandle>>>,
        operation: &Operation<T>,
        until: Instant,
    ) {
        // A request that is too late would hit nothing, but take its time.
        if operation.wait_for_end(Instant::now()) {
            return;
        }
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if siblings.is_some()
                && self.cancel.cancel_within(left).is_err()
                && Instant::now() >= until
            {
                // It may still arrive, and would hit whatever runs then.
                return self.severing.sever();
            }
            let next = match siblings {
                Some(siblings) => {
                    let siblings = siblings
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .clone();
                    for sibling in siblings {
                        let _ = sibling.cancel_within(AGAIN);
                    }
                    Instant::now() + AGAIN
                }
                None => until,
            };
            if operation.wait_for_end(next.min(until)) {
                return;
            }
            if Instant::now() >= until {
                return self.severing.sever();
            }
        }
    }
}

/// Connects, and works until nobody is left to ask for anything.
fn serve(
    establish: impl FnOnce() -> ConnectionResult<RedshiftConnection>,
    connected: &Operation<ConnectionResult<SessionThread>>,
) {
    if !connected.begin() {
        return;
    }
    let (jobs, asked) = channel::<Job>();
    let standing = Arc::new(Standing::default());
    // Only a credentials hook can panic here.
    let conn = catch_unwind(AssertUnwindSafe(establish)).unwrap_or_else(|_| {
        Err(ConnectionError::BadConnection(
            "the function that connects has panicked".to_owned(),
        ))
    });
    let session = conn.and_then(|mut conn| {
        standing.see(&mut conn);
        let cancel = conn
            .cancel_handle()
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        let session = Session {
            jobs,
            standing: Arc::clone(&standing),
            cancel,
            severing: conn.severing()?,
            backend_pid: conn.backend_pid(),
            patience: AtomicU64::new(u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX)),
        };
        Ok((conn, SessionThread(Arc::new(session))))
    });
    let mut conn = match session {
        Ok((conn, session)) => {
            connected.end(Some(Ok(session)));
            conn
        }
        Err(error) => {
            connected.end(Some(Err(error)));
            return;
        }
    };
    while let Ok(job) = asked.recv() {
        job(&mut conn, &standing);
    }
}

const ENDED: &str = "the thread of the connection has ended";

/// The error if a connection's thread has ended.
pub(super) fn thread_ended() -> Error {
    Error::DatabaseError(
        DatabaseErrorKind::ClosedConnection,
        Box::new(ENDED.to_owned()),
    )
}

/// What a task waits for, as it arrives. Dropped before its end, it also ends the work on the
/// server, without waiting.
pub(super) struct Parts<T: Send + 'static> {
    session: SessionThread,
    operation: Arc<Operation<thread::Result<T>>>,
    when_dropped: WhenDropped,
    job: Option<Job>,
    /// The first part has arrived.
    has_parts: bool,
    siblings: SiblingHandles,
}

impl<T: Send + 'static> Parts<T> {
    /// The next part; `None` after the last.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
        if let Some(job) = self.job.take()
            && self.session.0.jobs.send(job).is_err()
        {
            return Poll::Ready(None);
        }
        match self.operation.poll_next(context) {
            Poll::Ready(Some(Ok(part))) => {
                self.has_parts = true;
                Poll::Ready(Some(part))
            }
            Poll::Ready(Some(Err(panic))) => resume_unwind(panic),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T: Send + 'static> Drop for Parts<T> {
    fn drop(&mut self) {
        if self.job.is_none() && self.operation.detach() == Detached::Running {
            let operation = Arc::clone(&self.operation);
            let siblings = Arc::clone(&self.siblings);
            self.session
                .finish_detached(self.when_dropped, self.has_parts, siblings, operation);
        }
    }
}

/// The outcome of work with the connection; `None` if its thread has ended.
pub(super) struct Call<R: Send + 'static>(Parts<R>);

impl<R: Send + 'static> Future for Call<R> {
    type Output = Option<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<R>> {
        self.0.poll_next(context)
    }
}
