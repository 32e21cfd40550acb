use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// How long to wait before a request is retried: exponentially longer, and differently for each client.
#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    attempts: u32,
    made: u32,
}

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

impl Backoff {
    /// Allows this many attempts in total.
    pub(crate) fn new(attempts: u32) -> Self {
        Self { attempts, made: 0 }
    }

    /// Counts a failed attempt, and returns how long to wait before the next one, if there is one.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        self.made += 1;
        if self.made >= self.attempts {
            return None;
        }
        let doubled = FIRST * 2_u32.saturating_pow((self.made - 1).min(16));
        let most = doubled.min(LONGEST);
        // At least half of it, so that a store has time to recover.
        Some(most / 2 + (most / 2).mul_f64(random()))
    }

    /// How many attempts have failed.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }
}

/// From 0 to 1; the hasher's keys are random.
fn random() -> f64 {
    f64::from((RandomState::new().hash_one(0) >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let mut backoff = Backoff::new(12);
        let mut most = FIRST;
        for _ in 1..12 {
            let wait = backoff.next().expect("another attempt");
            assert!((most / 2..=most).contains(&wait), "{wait:?} of {most:?}");
            most = (most * 2).min(LONGEST);
        }
        assert_eq!(backoff.next(), None);
        assert_eq!(backoff.made(), 12);
        assert_eq!(Backoff::new(1).next(), None);
    }
}
