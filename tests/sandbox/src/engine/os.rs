//! The few calls of the operating system that the standard library does not offer.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

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
pub(crate) fn readable(descriptor: BorrowedFd<'_>, within: Duration) -> bool {
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
