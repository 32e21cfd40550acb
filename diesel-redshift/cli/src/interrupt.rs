//! Ctrl-C: what runs on the server is cancelled, and then the command ends as after any error, cleaning up.

use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel_redshift::{RedshiftConnection, connection::CancelHandle};

use crate::failure::Failure;

static HAS_COME: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<Option<CancelHandle>> = Mutex::new(None);

/// How long the server may take to hear of it.
const CANCEL_WITHIN: Duration = Duration::from_secs(10);

/// Takes Ctrl-C and SIGTERM from now on. The second one ends the process at once.
pub(crate) fn listen() {
    // Without it, the signal ends the process, and the server finds out by itself.
    let _ = ctrlc::set_handler(|| {
        if HAS_COME.swap(true, Ordering::SeqCst) {
            process::exit(Failure::INTERRUPTED.into());
        }
        let handle = RUNNING.lock().ok().and_then(|running| running.clone());
        match handle {
            Some(handle) => {
                let _ = handle.cancel_within(CANCEL_WITHIN);
            }
            // Nothing runs that would end.
            None => process::exit(Failure::INTERRUPTED.into()),
        }
    });
}

/// What runs on this connection is cancelled.
pub(crate) fn watch(conn: &RedshiftConnection) {
    if let (Ok(handle), Ok(mut running)) = (conn.cancel_handle(), RUNNING.lock()) {
        *running = Some(handle);
    }
}

pub(crate) fn has_come() -> bool {
    HAS_COME.load(Ordering::SeqCst)
}

/// Ends what is done in steps.
pub(crate) fn check() -> Result<(), Failure> {
    if has_come() {
        return Err(Failure::new("interrupted"));
    }
    Ok(())
}
