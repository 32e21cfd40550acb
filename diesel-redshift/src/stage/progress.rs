//! The progress of a load or an unload.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;

use crate::connection::RedshiftConnection;
use crate::error::{Error, StageError};

/// The progress of a load or an unload of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// How many rows have been encoded or decoded so far.
    pub rows: u64,
    /// How many bytes of CSV these are; 0 while the server is working.
    pub bytes: u64,
    /// How many compressed bytes have been uploaded so far; 0 for an unload.
    pub uploaded_bytes: u64,
}

/// What is being done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// They are encoded, compressed and uploaded.
    Upload,
    /// The server loads them.
    Copy,
    /// The server writes them.
    Unload,
    /// They are downloaded and decoded.
    Download,
}

/// How often progress is reported while the server is working.
const EVERY: Duration = Duration::from_millis(250);

/// How long a cancelled statement may take to end before it is cancelled again.
const CANCEL_AGAIN: Duration = Duration::from_secs(2);

/// How long a cancel request may take.
const CANCEL_WITHIN: Duration = Duration::from_secs(5);

type Function = dyn FnMut(&Progress) -> ControlFlow<()> + Send;

/// What to call.
#[derive(Default)]
pub(super) struct Callback(Option<Box<Function>>);

impl Callback {
    pub(super) fn new(function: impl FnMut(&Progress) -> ControlFlow<()> + Send + 'static) -> Self {
        Self(Some(Box::new(function)))
    }

    pub(super) fn call(&mut self, progress: &Progress) -> Result<(), Error> {
        match &mut self.0 {
            Some(function) => match function(progress) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(StageError::Stopped.into()),
            },
            None => Ok(()),
        }
    }

    /// Reports before and while the server is working, the latter from another thread, and cancels
    /// what is running there to stop.
    pub(super) fn during<T>(
        &mut self,
        conn: &mut RedshiftConnection,
        progress: &Progress,
        run: impl FnOnce(&mut RedshiftConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.call(progress)?;
        if self.0.is_none() {
            return run(conn);
        }
        let cancel = conn.cancel_handle()?;
        thread::scope(|scope| {
            let (work_runs, work_end) = channel::<()>();
            let watcher = scope.spawn(move || {
                let mut told = Ok(Ok(()));
                let mut cancelled: Option<Instant> = None;
                while work_end.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    if let Ok(Ok(())) = told {
                        told = catch_unwind(AssertUnwindSafe(|| self.call(progress)));
                    }
                    let is_stopped = !matches!(told, Ok(Ok(())));
                    if is_stopped && cancelled.is_none_or(|at| at.elapsed() >= CANCEL_AGAIN) {
                        // Repeated: the first may arrive between two statements.
                        let _ = cancel.cancel_within(CANCEL_WITHIN);
                        cancelled = Some(Instant::now());
                    }
                }
                told
            });
            let outcome = run(conn);
            drop(work_runs);
            let told = watcher.join().and_then(|told| told);
            if !matches!(told, Ok(Ok(()))) && !conn.is_in_transaction() {
                // A request that arrives after the statement's end hits the next one: let that be none of the caller's.
                let _ = conn.batch_execute("SELECT 1");
            }
            match told {
                Ok(Ok(())) => outcome,
                // What finished all the same has been done.
                Ok(Err(stopped)) => outcome.map_err(|_| stopped),
                Err(panic) => resume_unwind(panic),
            }
        })
    }
}
