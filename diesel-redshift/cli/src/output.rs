//! Standard output, which may be a pipe that nobody reads any more, and standard error.

use std::io::{self, ErrorKind, Write};

use crate::failure::Failure;

/// Writes bytes.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|error| failed(&error))
}

/// Writes a line.
pub(crate) fn line(text: impl AsRef<str>) -> Result<(), Failure> {
    bytes(format!("{}\n", text.as_ref()).as_bytes())
}

/// Writes what has been done, or is about to be: that nobody reads it keeps nothing from being
/// done, and changes no exit code.
pub(crate) fn told(text: impl AsRef<str>) -> Result<(), Failure> {
    let text = text.as_ref();
    Unread
        .write_all(text.as_bytes())
        .and_then(|()| Unread.flush())
        .map_err(|error| failed(&error))
}

/// Writes a line to standard error, where nothing can be done about a failure.
pub(crate) fn aside(text: impl AsRef<str>) {
    let _ = io::stderr().write_all(format!("{}\n", text.as_ref()).as_bytes());
}

/// `1 row`, `2 rows`.
pub(crate) fn rows(number: u64) -> String {
    match number {
        1 => "1 row".to_owned(),
        number => format!("{number} rows"),
    }
}

/// What is wrong with standard output.
pub(crate) fn failed(error: &io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe => Failure::closed_pipe(),
        _ => Failure::new(format!("standard output: {error}")),
    }
}

/// Standard output for what has to go on when nobody reads it.
pub(crate) struct Unread;

impl Write for Unread {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match io::stdout().write(buffer) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(buffer.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match io::stdout().flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}
