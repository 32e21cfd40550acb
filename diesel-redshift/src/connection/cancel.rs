//! Cancelling a statement from another thread.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use diesel::result::{ConnectionError, ConnectionResult};

use super::raw::RawCancel;

/// Cancels, from any thread, the statement that is running on a connection.
///
/// ```no_run
/// # use diesel::prelude::*;
/// # fn run(mut conn: diesel_redshift::RedshiftConnection) -> Result<(), Box<dyn std::error::Error>> {
/// let handle = conn.cancel_handle()?;
/// std::thread::spawn(move || handle.cancel());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CancelHandle(Arc<RawCancel>);

impl CancelHandle {
    pub(super) fn new(raw: RawCancel) -> Self {
        Self(Arc::new(raw))
    }

    /// Asks the server to cancel the running statement, which then ends with an error, unless it
    /// has ended before.
    ///
    /// The request uses a separate connection. With the feature `bundled`, it has the same TLS
    /// settings, server verification and `connect_timeout`. Without it, as with any libpq older
    /// than 17, the request is unencrypted and may wait minutes for a silent server;
    /// [`cancel_within`](Self::cancel_within) limits that. An eavesdropper learns only a key that
    /// cancels this session's statements.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached. That the request arrived does not mean that anything was
    /// cancelled.
    pub fn cancel(&self) -> ConnectionResult<()> {
        self.0.cancel().map_err(ConnectionError::BadConnection)
    }

    /// Like [`cancel`](Self::cancel), but waits no longer than `timeout`.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # fn run(handle: diesel_redshift::connection::CancelHandle) -> diesel::ConnectionResult<()> {
    /// handle.cancel_within(Duration::from_secs(5))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`cancel`](Self::cancel), or if the time is over; the request may still arrive
    /// then.
    pub fn cancel_within(&self, timeout: Duration) -> ConnectionResult<()> {
        // libpq's request blocks without a timeout, so it is left to a thread that ends when libpq gives up.
        let (done, outcome) = channel();
        let raw = Arc::clone(&self.0);
        thread::Builder::new()
            .name("redshift-cancel".to_owned())
            .spawn(move || done.send(raw.cancel()))
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        match outcome.recv_timeout(timeout) {
            Ok(cancelled) => cancelled.map_err(ConnectionError::BadConnection),
            Err(_) => Err(ConnectionError::BadConnection(format!(
                "the server did not answer the request to cancel within {timeout:?}"
            ))),
        }
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CancelHandle")
            .finish_non_exhaustive()
    }
}
