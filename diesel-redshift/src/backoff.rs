//! How long to wait before something is tried again.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);

/// How long to wait after so many failures, 1 or more: 100 ms, doubled with each to at most 10 s,
/// half of it random, so that those who collided do not collide again.
pub(crate) fn wait_after(failures: u32) -> Duration {
    let doubled = FIRST * 2_u32.saturating_pow(failures.saturating_sub(1).min(16));
    let most = doubled.min(LONGEST);
    most / 2 + (most / 2).mul_f64(random())
}

/// From 0 to 1; the hasher's keys are random.
fn random() -> f64 {
    f64::from((RandomState::new().hash_one(0) >> 32) as u32) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest() {
        let mut most = FIRST;
        for failures in (1..12).chain([u32::MAX]) {
            let wait = wait_after(failures);
            assert!((most / 2..=most).contains(&wait), "{wait:?} of {most:?}");
            most = (most * 2).min(LONGEST);
        }
    }
}
