//! The few calls of the operating system that the standard library does not offer.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};

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

/// Whether a read would return at once: with data, with an end, or with an error.
pub(crate) fn readable(descriptor: BorrowedFd<'_>) -> bool {
    let mut poll = libc::pollfd {
        fd: descriptor.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: the pointer is to one pollfd that lives for the call, as the count says, and the descriptor is
    // borrowed, thus open.
    let ready = unsafe { libc::poll(&mut poll, 1, 0) };
    ready > 0 && poll.revents != 0
}

/// Whether this process may change users.
pub(crate) fn is_root() -> bool {
    // SAFETY: geteuid has no arguments and cannot fail.
    unsafe { libc::geteuid() == 0 }
}
