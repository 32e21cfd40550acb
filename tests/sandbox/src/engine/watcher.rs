//! Stops PostgreSQL and removes the sandbox's folder, even when the sandbox was killed.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::os;
use crate::Error;

/// Waits for the end of its input, which comes when the last holder of the pipe, the sandbox's process, ends in any
/// way. Lines before that name the process to stop. Fast shutdown first, then the hard way. Where nobody waits for
/// orphans a process that ended can still be signalled, so what counts is its lock file.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
postmaster=
while read -r line; do postmaster=$line; done
if [ -n "$postmaster" ]; then
  kill -INT "$postmaster" 2>/dev/null
  tries=0
  while [ -e "$2/postmaster.pid" ] && [ "$tries" -lt 60 ]; do sleep 0.05; tries=$((tries + 1)); done
  kill -KILL "$postmaster" 2>/dev/null
fi
rm -rf -- "$1" 2>/dev/null || { sleep 1; rm -rf -- "$1"; }
"#;

/// The child process that outlives the sandbox by a moment.
#[derive(Debug)]
pub(super) struct Watcher {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Watcher {
    /// Starts watching over `folder`, which is removed at the end, and over the server of the cluster in `data`.
    pub(super) fn start(folder: &Path, data: &Path) -> Result<Self, Error> {
        // A Ctrl-C at the terminal is for the sandbox, not for the one who cleans up after it.
        let mut child = os::apart_from_terminal(&mut Command::new("/bin/sh"))
            .args(["-c", SCRIPT, "redshift-sandbox-watcher"])
            .arg(folder)
            .arg(data)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(Error::io("cannot start", "/bin/sh"))?;
        let pipe = child.stdin.take();
        Ok(Self { child, pipe })
    }

    /// Tells which process to stop.
    pub(super) fn watch(&mut self, postmaster: u32) -> Result<(), Error> {
        match &mut self.pipe {
            Some(pipe) => {
                writeln!(pipe, "{postmaster}").map_err(Error::io("cannot write to", "the watcher"))
            }
            None => Ok(()),
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.pipe = None;
        let _ = self.child.wait();
    }
}
