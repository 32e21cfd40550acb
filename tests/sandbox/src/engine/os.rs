//! The few calls of the operating system that the standard library does not offer.
#![allow(unsafe_code)]

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
pub(crate) use std::os::unix::net::UnixStream as Stream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Version;
use crate::Error;

/// Whether the sandbox runs on this system: it does.
pub(super) fn check() -> Result<(), Error> {
    Ok(())
}

/// Opens a session with the server whose socket this is.
pub(crate) fn connect(socket: &Path) -> io::Result<Stream> {
    Stream::connect(socket)
}

/// Sets the permissions of a file or a folder.
pub(crate) fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Gives a file or a folder to another user.
pub(super) fn give(path: &Path, user: u32, group: u32) -> io::Result<()> {
    chown(path, Some(user), Some(group))
}

/// Has a program run as another user.
pub(super) fn run_as(command: &mut Command, user: u32, group: u32) {
    command.uid(user).gid(group);
}

/// Keeps the signals of the terminal from a program.
pub(super) fn apart_from_terminal(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// By what a file is known again as long as nobody has changed it.
pub(crate) fn version(file: &Metadata) -> Option<Version> {
    let changed = (file.mtime(), file.mtime_nsec());
    Some((file.dev(), file.ino(), file.len(), changed.0, changed.1))
}

/// Which signal to send to a process.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    /// PostgreSQL's fast shutdown.
    Interrupt,
    Kill,
}

/// Sends a signal; a process that is gone already is no error.
pub(crate) fn signal(process: u32, signal: Signal) {
    let number = match signal {
        Signal::Interrupt => libc::SIGINT,
        Signal::Kill => libc::SIGKILL,
    };
    let Ok(process) = libc::pid_t::try_from(process) else {
        return;
    };
    if process > 1 {
        // SAFETY: kill takes two integers and touches no memory of ours. Zero and negative numbers, which would mean
        // whole groups of processes, are excluded above.
        unsafe { libc::kill(process, number) };
    }
}

/// The signals by which a program is told to end, held back until somebody waits for them.
#[derive(Debug)]
pub struct StopSignals(());

impl StopSignals {
    /// Holds back SIGINT, SIGTERM and SIGHUP. Has to come before any other thread is started.
    pub fn hold() -> Self {
        let set = stop_set();
        // SAFETY: the set is initialized, and the old mask is not asked for.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
        Self(())
    }

    /// Waits for one of them; the next one ends the program at once.
    pub fn wait(self) {
        let set = stop_set();
        let mut signal = 0;
        // SAFETY: both pointers are to values that live for the calls.
        unsafe {
            libc::sigwait(&raw const set, &raw mut signal);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, std::ptr::null_mut());
        }
    }
}

fn stop_set() -> libc::sigset_t {
    let mut set = std::mem::MaybeUninit::uninit();
    // SAFETY: sigemptyset initializes the whole set, after which sigaddset may change it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        set.assume_init()
    }
}

/// Whether within this time, in whole milliseconds, a read would return: with data, with an end, or with an error.
pub(crate) fn readable(stream: &impl AsFd, within: Duration) -> bool {
    let descriptor = stream.as_fd();
    let millis = libc::c_int::try_from(within.as_millis()).unwrap_or(libc::c_int::MAX);
    let mut poll = libc::pollfd {
        fd: descriptor.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: the pointer is to one pollfd that lives for the call, as the count says, and the descriptor is
    // borrowed, thus open.
    let ready = unsafe { libc::poll(&mut poll, 1, millis) };
    ready > 0 && poll.revents != 0
}

/// Whether this process may change users.
pub(crate) fn is_root() -> bool {
    // SAFETY: geteuid has no arguments and cannot fail.
    unsafe { libc::geteuid() == 0 }
}
