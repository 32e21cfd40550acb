//! Ctrl-C: what runs on the server is cancelled, and then the command ends as after any error,
//! cleaning up.

use std::fs;
use std::process;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use diesel_redshift::{RedshiftConnection, connection::CancelHandle};

use crate::failure::Failure;

static HAS_COME: AtomicBool = AtomicBool::new(false);
static RUNNING: Mutex<Option<CancelHandle>> = Mutex::new(None);

/// How long the server may take to hear of it.
const CANCEL_WITHIN: Duration = Duration::from_secs(10);

/// The time between two requests to cancel.
const AGAIN: Duration = Duration::from_millis(300);

/// Takes Ctrl-C, SIGTERM and SIGHUP from now on. The second one ends the process at once.
pub(crate) fn listen() {
    if hangups_are_ignored() {
        return;
    }
    // Without it, the signal ends the process, and the server finds out by itself.
    let _ = ctrlc::set_handler(|| {
        if HAS_COME.swap(true, Ordering::SeqCst) || running().is_none() {
            process::exit(Failure::INTERRUPTED.into());
        }
        // Not here, where a second signal would wait for it.
        thread::spawn(cancel_until_the_end);
    });
}

/// Cancels, time and again: between two statements there is nothing to cancel, and the next one is
/// to end too.
fn cancel_until_the_end() {
    while let Some(handle) = running() {
        let _ = handle.cancel_within(CANCEL_WITHIN);
        thread::sleep(AGAIN);
    }
}

fn running() -> Option<CancelHandle> {
    RUNNING.lock().ok().and_then(|running| running.clone())
}

/// Whether `nohup` has started the program: it is to go on when its terminal goes, and a handler
/// would take that away.
fn hangups_are_ignored() -> bool {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return false;
    };
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // SIGHUP is the first signal.
    ignored.is_some_and(|mask| mask & 1 == 1)
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
