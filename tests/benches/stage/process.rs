//! What a piece of work costs: time, this process's processor time, and memory beyond what there was.

use std::fs;
use std::time::{Duration, Instant};

pub(crate) struct Cost {
    pub(crate) wall: Duration,
    pub(crate) processor: Duration,
    /// In megabytes.
    pub(crate) memory: f64,
}

/// The processor's time of this process so far, of all its threads, those that ended too.
fn processor() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn megabytes(figure: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(figure))
        .unwrap();
    let kilobytes: f64 = line
        .split_ascii_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap();
    kilobytes / 1024.0
}

pub(crate) fn cost<T>(run: impl FnOnce() -> T) -> (T, Cost) {
    // The peak is that of now.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let (start, before, memory) = (Instant::now(), processor(), megabytes("VmRSS:"));
    let outcome = run();
    let cost = Cost {
        wall: start.elapsed(),
        processor: processor() - before,
        memory: megabytes("VmHWM:") - memory,
    };
    (outcome, cost)
}
