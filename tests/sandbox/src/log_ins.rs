//! Temporary credentials that were given out, and who may log in with them.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use ring::rand::{SecureRandom, SystemRandom};

/// Who may log in by a password of the service's.
#[derive(Clone)]
pub(crate) struct LogIn {
    pub(crate) password: String,
    pub(crate) expires: SystemTime,
    /// The user of the database.
    pub(crate) user: String,
    /// Whether the user is created when it is not there.
    pub(crate) creates: bool,
    /// The one database that it is good for.
    pub(crate) database: Option<String>,
}

#[derive(Default)]
struct State {
    given: HashMap<String, Vec<LogIn>>,
    count: usize,
    throttled: u32,
}

/// What the Redshift service of the sandbox knows.
#[derive(Default)]
pub(crate) struct LogIns {
    state: Mutex<State>,
    /// Where clusters and workgroups are said to be.
    pub(crate) address: OnceLock<SocketAddr>,
}

impl fmt::Debug for LogIns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LogIns")
            .field("count", &self.count())
            .finish_non_exhaustive()
    }
}

impl LogIns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a password for `name`, as which a client logs in.
    pub(crate) fn give(&self, name: &str, log_in: impl FnOnce(String) -> LogIn) -> Option<LogIn> {
        let mut random = [0; 48];
        SystemRandom::new().fill(&mut random).ok()?;
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let password = random
            .iter()
            .map(|byte| char::from(letters[usize::from(byte & 63)]))
            .chain("==".chars())
            .collect();
        let given = log_in(password);
        let mut state = self.state();
        state.count += 1;
        let of_name = state.given.entry(name.to_owned()).or_default();
        of_name.retain(|log_in| log_in.expires > SystemTime::now());
        of_name.push(given.clone());
        Some(given)
    }

    /// The passwords that are good for `name` now.
    pub(crate) fn of(&self, name: &str) -> Vec<LogIn> {
        let now = SystemTime::now();
        let given = self.state().given.get(name).cloned().unwrap_or_default();
        given
            .into_iter()
            .filter(|log_in| log_in.expires > now)
            .collect()
    }

    /// How many passwords were given.
    pub(crate) fn count(&self) -> usize {
        self.state().count
    }

    /// Has every password expire that was given.
    pub(crate) fn expire(&self) {
        let over = SystemTime::now() - Duration::from_secs(1);
        for log_in in self.state().given.values_mut().flatten() {
            log_in.expires = over;
        }
    }

    pub(crate) fn throttle(&self, requests: u32) {
        self.state().throttled = requests;
    }

    /// Whether this request is one too many.
    pub(crate) fn is_throttled(&self) -> bool {
        let mut state = self.state();
        let throttled = state.throttled > 0;
        state.throttled = state.throttled.saturating_sub(1);
        throttled
    }
}
