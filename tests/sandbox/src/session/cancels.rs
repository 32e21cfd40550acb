//! Which loads are to stop: PostgreSQL hears of a cancel only when rows come.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// By the keys of their sessions, whether a cancel has come since their latest statement in S3 began.
#[derive(Debug, Default)]
pub(crate) struct Cancels(Mutex<HashMap<Box<[u8]>, bool>>);

impl Cancels {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Box<[u8]>, bool>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn begin(&self, key: &[u8]) {
        self.with(|sessions| sessions.insert(key.into(), false));
    }

    pub(super) fn end(&self, key: &[u8]) {
        self.with(|sessions| sessions.remove(key));
    }

    /// Whoever has the key may ask for it.
    pub(super) fn ask(&self, key: &[u8]) {
        self.with(|sessions| {
            if let Some(asked) = sessions.get_mut(key) {
                *asked = true;
            }
        });
    }

    pub(crate) fn asked(&self, key: &[u8]) -> bool {
        self.with(|sessions| sessions.get(key) == Some(&true))
    }
}
