//! Cancelling a statement from another thread.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use diesel::result::{ConnectionError, ConnectionResult};

use super::raw::RawCancel;

/// Cancels, from any thread, the statement that runs on a connection.
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

    /// Asks the server to cancel what runs now; the statement ends with an error, if it has not ended before.
    ///
    /// The request is sent over a connection of its own. With the feature `bundled` it is made as the statement's is: over TLS if
    /// that is, with the same checks of the server, and within its `connect_timeout`. A libpq before 17 (what the system has may
    /// be one, so without `bundled` it is always done this way) sends it in the clear, and waits as long as the
    /// operating system takes to find out that a server does not answer, which may be minutes: [`cancel_within`](Self::cancel_within)
    /// does not. What can be read there is a key that cancels statements of this session, and nothing else.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached. That the request arrived does not mean that anything was cancelled.
    pub fn cancel(&self) -> ConnectionResult<()> {
        self.0.cancel().map_err(ConnectionError::BadConnection)
    }

    /// As [`cancel`](Self::cancel), but waits no longer than this.
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
    /// As for [`cancel`](Self::cancel), and when the time is over; the request may still arrive then.
    pub fn cancel_within(&self, timeout: Duration) -> ConnectionResult<()> {
        // libpq's request blocks and takes no timeout, so it is left to a thread that ends when libpq gives up.
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
