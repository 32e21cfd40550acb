use std::time::Duration;

use crate::backoff::wait_after;

/// How often a request is sent, and how long to wait in between.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    attempts: u32,
    made: u32,
}

impl Backoff {
    /// Allows this many attempts in total.
    pub(crate) fn new(attempts: u32) -> Self {
        Self { attempts, made: 0 }
    }

    /// Counts a failed attempt, and returns how long to wait before the next one, if there is one.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        self.made += 1;
        (self.made < self.attempts).then(|| wait_after(self.made))
    }

    /// How many attempts have failed.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_end() {
        let mut backoff = Backoff::new(3);
        assert!(backoff.next().is_some() && backoff.next().is_some());
        assert_eq!(backoff.next(), None);
        assert_eq!(backoff.made(), 3);
        assert_eq!(Backoff::new(1).next(), None);
    }
}
