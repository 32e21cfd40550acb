//! `DATE`, `TIME`, `TIMETZ`, `TIMESTAMP` and `TIMESTAMPTZ` in ISO form, with microseconds.
//!
//! Redshift's years reach from 4713 BC to 294276. A value that the Rust type cannot hold is an
//! error on reading, one that Redshift cannot hold an error before it is sent.

#[cfg(feature = "chrono")]
mod chrono;
mod system_time;
mod text;
#[cfg(feature = "time")]
mod time;
mod timestamp;
mod timetz;

pub use self::timetz::TimeTz;

#[cfg(any(feature = "chrono", feature = "time"))]
const DATE: &str = "a DATE (YYYY-MM-DD) that the Rust type can hold";
#[cfg(any(feature = "chrono", feature = "time"))]
const TIME: &str = "a TIME (HH:MM:SS) that the Rust type can hold";
const TIMETZ: &str = "a TIMETZ (HH:MM:SS+00)";
const TIMESTAMP: &str = "a TIMESTAMP (YYYY-MM-DD HH:MM:SS) that the Rust type can hold";
const TIMESTAMPTZ: &str = "a TIMESTAMPTZ (YYYY-MM-DD HH:MM:SS+00) that the Rust type can hold";
