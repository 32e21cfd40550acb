//! `statement_timeout` and the end of deadlocks, for the bundled PostgreSQL: its build has no timers.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::Connection;

/// How often the running statements are looked at.
const INTERVAL: Duration = Duration::from_millis(50);

/// Every running statement: its process, how long it has run, and the process that blocks it.
const RUNNING: &str = "SELECT pid, (extract(epoch FROM clock_timestamp() - query_start) * 1000)::bigint, \
    CASE WHEN wait_event_type = 'Lock' THEN (pg_blocking_pids(pid))[1] END \
    FROM pg_stat_activity \
    WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// What the thread that stands in for the timers and the sessions tell each other.
#[derive(Default)]
pub(crate) struct Timers {
    /// Milliseconds, by process.
    statement_timeouts: Mutex<HashMap<i32, u64>>,
    deadlocked: Mutex<HashSet<i32>>,
}

impl Timers {
    /// Starts the thread; it ends with the engine.
    pub(super) fn start(mut connection: Connection) -> Arc<Self> {
        let timers = Arc::new(Self::default());
        let own = Arc::clone(&timers);
        // Without the thread a session can hang as it would with no timers, which is no reason not to start.
        let _ = thread::Builder::new()
            .name("redshift-timers".to_owned())
            .spawn(move || while own.look(&mut connection).is_some() {});
        timers
    }

    /// Limits the statements of a session; 0 takes the limit away.
    pub(crate) fn set_statement_timeout(&self, pid: i32, millis: u64) {
        let mut timeouts = lock(&self.statement_timeouts);
        if millis == 0 {
            timeouts.remove(&pid);
        } else {
            timeouts.insert(pid, millis);
        }
    }

    /// Whether the session's statement was cancelled to end a deadlock; asked once.
    pub(crate) fn take_deadlocked(&self, pid: i32) -> bool {
        lock(&self.deadlocked).remove(&pid)
    }

    /// Forgets a session that has ended; its process number may come again.
    pub(crate) fn forget(&self, pid: i32) {
        self.set_statement_timeout(pid, 0);
        self.take_deadlocked(pid);
    }

    /// Looks once; `None` when the engine is gone.
    fn look(&self, connection: &mut Connection) -> Option<()> {
        thread::sleep(INTERVAL);
        let running = connection.run(RUNNING).ok()?.rows;
        let mut blocked = HashMap::new();
        for row in running {
            let number = |at: usize| row.get(at)?.as_ref()?.parse::<i64>().ok();
            let (Some(pid), Some(millis)) = (number(0), number(1)) else {
                continue;
            };
            let pid = i32::try_from(pid).ok()?;
            let timeout = lock(&self.statement_timeouts).get(&pid).copied();
            if timeout.is_some_and(|timeout| u64::try_from(millis).is_ok_and(|run| run >= timeout))
            {
                cancel(connection, pid)?;
            }
            if let Some(blocker) = number(2).and_then(|pid| i32::try_from(pid).ok()) {
                blocked.insert(pid, blocker);
            }
        }
        if let Some(victim) = in_a_circle(&blocked) {
            lock(&self.deadlocked).insert(victim);
            cancel(connection, victim)?;
        }
        Some(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn cancel(connection: &mut Connection, pid: i32) -> Option<()> {
    connection
        .run(&format!("SELECT pg_cancel_backend({pid})"))
        .ok()?;
    Some(())
}

/// A process that waits, by way of others, for itself.
fn in_a_circle(blocked: &HashMap<i32, i32>) -> Option<i32> {
    let mut waiting: Vec<_> = blocked.keys().copied().collect();
    waiting.sort_unstable();
    waiting.into_iter().find(|start| {
        let mut at = *start;
        // A longer way than there are processes goes round a circle that the start is not in.
        for _ in 0..blocked.len() {
            match blocked.get(&at) {
                Some(next) if next == start => return true,
                Some(next) => at = *next,
                None => return false,
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_number_can_come_again() {
        let timers = Timers::default();
        timers.set_statement_timeout(7, 100);
        lock(&timers.deadlocked).insert(7);
        timers.forget(7);
        assert!(lock(&timers.statement_timeouts).is_empty());
        assert!(!timers.take_deadlocked(7));
    }

    #[test]
    fn circles_are_found() {
        let blocked = |pairs: &[(i32, i32)]| pairs.iter().copied().collect();
        assert_eq!(in_a_circle(&blocked(&[])), None);
        assert_eq!(in_a_circle(&blocked(&[(1, 2), (2, 3)])), None);
        assert_eq!(in_a_circle(&blocked(&[(1, 2), (2, 1)])), Some(1));
        assert_eq!(in_a_circle(&blocked(&[(1, 2), (2, 3), (3, 2)])), Some(2));
    }
}
