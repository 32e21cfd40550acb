//! Failures on demand.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::Error;

/// What can be asked for; `README.md` shows the same list.
pub(crate) const VOCABULARY: [&str; 11] = [
    "serialization failure [at end] [on <verb>]",
    "conflict [at end] [on <verb>]",
    "missing relation [at end] [on <verb>]",
    "dropped table [at end] [on <verb>]",
    "cancel [at end] [on <verb>]",
    "cut after <n> rows [on <verb>]",
    "cut before answer [on <verb>]",
    "cut before ready [on <verb>]",
    "s3 <403|404|500|503> <s3://prefix>",
    "slow s3 <n> ms [per mb] <s3://prefix>",
    "none",
];

/// What happens to a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Error {
        cause: Cause,
        /// The statement runs, and fails when its own transaction is to commit.
        at_end: bool,
    },
    CutAfter(u64),
    /// The connection breaks when all is done, before the client hears of it.
    CutBeforeAnswer,
    /// The connection breaks when all is done and the tag is sent.
    CutBeforeReady,
}

/// Why a statement fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    SerializationFailure,
    Conflict,
    MissingRelation,
    DroppedTable,
    Cancel,
}

impl Effect {
    fn parse(words: &[&str]) -> Option<Self> {
        let cut = match words {
            ["cut", "after", rows, "rows" | "row"] => return rows.parse().ok().map(Self::CutAfter),
            ["cut", "before", "answer"] => Some(Self::CutBeforeAnswer),
            ["cut", "before", "ready"] => Some(Self::CutBeforeReady),
            _ => None,
        };
        let (words, at_end) = match words {
            [words @ .., "at", "end"] => (words, true),
            words => (words, false),
        };
        let cause = match words {
            ["serialization", "failure"] => Some(Cause::SerializationFailure),
            ["conflict"] => Some(Cause::Conflict),
            ["missing", "relation"] => Some(Cause::MissingRelation),
            ["dropped", "table"] => Some(Cause::DroppedTable),
            ["cancel"] => Some(Cause::Cancel),
            _ => None,
        };
        cut.or(cause.map(|cause| Self::Error { cause, at_end }))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Statement {
        effect: Effect,
        /// Only a statement that begins with this word.
        verb: Option<String>,
    },
    S3 {
        status: u16,
        prefix: String,
    },
    SlowS3 {
        wait: Duration,
        per_megabyte: bool,
        prefix: String,
    },
    None,
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let lower = text.to_ascii_lowercase();
        let lower: Vec<_> = lower.split_ascii_whitespace().collect();
        // Keys have upper and lower case.
        let prefix = || {
            let last = text.split_ascii_whitespace().next_back();
            last.filter(|last| last.starts_with("s3://") && last.len() > 5)
                .map(str::to_owned)
        };
        let (words, verb) = match &lower[..] {
            [words @ .., "on", verb] => (words, Some((*verb).to_owned())),
            words => (words, None),
        };
        let fault = match (Effect::parse(words), &lower[..]) {
            (Some(effect), _) => Some(Self::Statement { effect, verb }),
            (None, ["s3", status @ ("403" | "404" | "500" | "503"), _]) => status
                .parse()
                .ok()
                .zip(prefix())
                .map(|(status, prefix)| Self::S3 { status, prefix }),
            (None, ["slow", "s3", wait, "ms", rest @ ..]) => {
                let per_megabyte = matches!(rest, ["per", "mb", _]);
                wait.parse()
                    .ok()
                    .zip(prefix())
                    .filter(|_| per_megabyte || rest.len() == 1)
                    .map(|(wait, prefix)| Self::SlowS3 {
                        wait: Duration::from_millis(wait),
                        per_megabyte,
                        prefix,
                    })
            }
            (None, [] | ["none"]) => Some(Self::None),
            _ => None,
        };
        fault.ok_or_else(|| Error::Fault {
            text: text.to_owned(),
            known: VOCABULARY.join(", "),
        })
    }
}

/// The failures that are still to come, of all databases.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Whether there is any: looked at before every statement.
    armed: AtomicBool,
    waiting: Mutex<Vec<Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    database: String,
    fault: Fault,
}

impl Faults {
    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one behind those that wait already; [`Fault::None`] takes all of the database's away.
    pub(crate) fn add(&self, database: &str, fault: Fault) {
        let mut waiting = self.waiting();
        if fault == Fault::None {
            waiting.retain(|waiting| waiting.database != database);
        } else {
            waiting.push(Waiting {
                database: database.to_owned(),
                fault,
            });
        }
        self.armed.store(!waiting.is_empty(), Ordering::SeqCst);
    }

    pub(crate) fn armed(&self) -> bool {
        self.armed.load(Ordering::SeqCst)
    }

    fn take<T>(&self, find: impl Fn(&Waiting) -> Option<T>) -> Option<T> {
        if !self.armed() {
            return None;
        }
        let mut waiting = self.waiting();
        let (at, found) = waiting
            .iter()
            .enumerate()
            .find_map(|(at, waiting)| Some((at, find(waiting)?)))?;
        waiting.remove(at);
        self.armed.store(!waiting.is_empty(), Ordering::SeqCst);
        Some(found)
    }

    /// The failure of this statement of the database, once. Only one that `commits` by itself can fail at that.
    pub(crate) fn inject(&self, database: &str, verb: &str, commits: bool) -> Option<Effect> {
        // Settings and the edges of transactions are not what a test means by "the next statement".
        let counts = !matches!(
            verb,
            "set" | "reset" | "show" | "begin" | "start" | "rollback" | "abort"
        );
        self.take(|waiting| match &waiting.fault {
            Fault::Statement {
                effect,
                verb: required,
            } if waiting.database == database => {
                let meant = required
                    .as_ref()
                    .map_or(counts, |required| required == verb)
                    && (commits || !matches!(effect, Effect::Error { at_end: true, .. }));
                meant.then_some(*effect)
            }
            _ => None,
        })
    }

    /// The error that S3 answers with, once.
    pub(crate) fn s3(&self, uri: &str) -> Option<Error> {
        let status = self.take(|waiting| match &waiting.fault {
            Fault::S3 { status, prefix } if uri.starts_with(prefix.as_str()) => Some(*status),
            _ => None,
        })?;
        Some(match status {
            403 => Error::access_denied(),
            404 => Error::s3(404, "NoSuchKey", "The specified key does not exist."),
            503 => Error::s3(503, "SlowDown", "Please reduce your request rate."),
            _ => Error::s3(
                500,
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
        })
    }

    /// Waits as long as S3 is to take for so many bytes of an object, or until the statement is to end.
    pub(crate) fn slow_down(&self, uri: &str, bytes: u64, is_cancelled: impl Fn() -> bool) {
        const LOOK_AFTER: Duration = Duration::from_millis(50);
        if !self.armed() {
            return;
        }
        let total: Duration = self
            .waiting()
            .iter()
            .filter_map(|waiting| match &waiting.fault {
                Fault::SlowS3 {
                    wait,
                    per_megabyte,
                    prefix,
                } if uri.starts_with(prefix.as_str()) => Some(if *per_megabyte {
                    wait.mul_f64(bytes as f64 / (1024.0 * 1024.0))
                } else {
                    *wait
                }),
                _ => None,
            })
            .sum();
        let end = Instant::now() + total;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || is_cancelled() {
                return;
            }
            thread::sleep(left.min(LOOK_AFTER));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIALIZATION_FAILURE: Effect = Effect::Error {
        cause: Cause::SerializationFailure,
        at_end: false,
    };

    #[test]
    fn the_vocabulary_is_understood() {
        let fault = |text: &str| text.parse::<Fault>().expect(text);
        assert_eq!(
            fault("Serialization FAILURE on Commit"),
            Fault::Statement {
                effect: SERIALIZATION_FAILURE,
                verb: Some("commit".to_owned())
            }
        );
        for (text, cause) in [
            ("conflict at end", Cause::Conflict),
            ("missing relation at end", Cause::MissingRelation),
            ("dropped table at end", Cause::DroppedTable),
        ] {
            assert_eq!(
                fault(&format!("{text} on insert")),
                Fault::Statement {
                    effect: Effect::Error {
                        cause,
                        at_end: true
                    },
                    verb: Some("insert".to_owned())
                }
            );
        }
        assert_eq!(
            fault("cut after 10 rows"),
            Fault::Statement {
                effect: Effect::CutAfter(10),
                verb: None
            }
        );
        assert_eq!(
            fault("s3 503 s3://Bucket/Key"),
            Fault::S3 {
                status: 503,
                prefix: "s3://Bucket/Key".to_owned()
            }
        );
        assert_eq!(
            fault("slow s3 20 ms per mb s3://b/"),
            Fault::SlowS3 {
                wait: Duration::from_millis(20),
                per_megabyte: true,
                prefix: "s3://b/".to_owned()
            }
        );
        assert_eq!(fault(""), Fault::None);
        for text in [
            "cut after rows",
            "cut after -1 rows",
            "cut before",
            "cut before answer at end",
            "at end",
            "s3 418 s3://b",
            "s3 403 bucket",
            "slow s3 5 s s3://b",
            "slow s3 5 ms per mb",
            "serialization",
            "cancel on",
            "s3 403 s3://b on copy",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_fault_is_injected_once_and_where_it_is_meant() {
        let faults = Faults::default();
        faults.add("one", "cancel on copy".parse().expect("a fault"));
        faults.add("one", "serialization failure".parse().expect("a fault"));
        assert_eq!(faults.inject("two", "select", true), None);
        assert_eq!(faults.inject("one", "set", true), None);
        assert_eq!(
            faults.inject("one", "select", false),
            Some(SERIALIZATION_FAILURE)
        );
        assert_eq!(faults.inject("one", "select", true), None);
        let cancel = Effect::Error {
            cause: Cause::Cancel,
            at_end: false,
        };
        assert_eq!(faults.inject("one", "copy", true), Some(cancel));
        assert!(!faults.armed());
        faults.add("one", "cancel at end".parse().expect("a fault"));
        assert_eq!(faults.inject("one", "insert", false), None);
        assert!(faults.inject("one", "insert", true).is_some());
        faults.add("one", "cancel".parse().expect("a fault"));
        faults.add("two", Fault::None);
        assert!(faults.armed());
        faults.add("one", Fault::None);
        assert!(!faults.armed());
    }
}
