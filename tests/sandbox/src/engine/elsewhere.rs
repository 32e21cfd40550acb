//! What stands in for the operating system's calls where the sandbox does not run: whoever starts it is told so, and the rest is never
//! reached.

use std::fs::Metadata;
use std::io;
pub(crate) use std::net::TcpStream as Stream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Version;
use crate::Error;

/// Which signal to send to a process.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    /// PostgreSQL's fast shutdown.
    Interrupt,
    Kill,
}

/// The signals by which a program is told to end, held back until somebody waits for them.
#[derive(Debug)]
pub struct StopSignals(());

impl StopSignals {
    /// Holds back SIGINT, SIGTERM and SIGHUP. Has to come before any other thread is started.
    pub fn hold() -> Self {
        Self(())
    }

    /// Waits for one of them; the next one ends the program at once.
    pub fn wait(self) {}
}

/// Whether the sandbox runs on this system: it does not.
pub(super) fn check() -> Result<(), Error> {
    Err(Error::NoEngine(format!(
        "the sandbox runs on Linux and macOS, and this is {}: start it there, in WSL or in a container, and connect to it from here",
        std::env::consts::OS
    )))
}

fn unsupported() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

pub(crate) fn connect(_: &Path) -> io::Result<Stream> {
    Err(unsupported())
}

pub(crate) fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

pub(super) fn give(_: &Path, _: u32, _: u32) -> io::Result<()> {
    Err(unsupported())
}

pub(super) fn run_as(_: &mut Command, _: u32, _: u32) {}

pub(super) fn apart_from_terminal(command: &mut Command) -> &mut Command {
    command
}

pub(crate) fn version(_: &Metadata) -> Option<Version> {
    None
}

pub(crate) fn signal(_: u32, _: Signal) {}

pub(crate) fn readable<S>(_: &S, _: Duration) -> bool {
    false
}

pub(super) fn is_root() -> bool {
    false
}
