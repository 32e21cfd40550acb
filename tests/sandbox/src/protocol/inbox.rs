//! What has arrived on one side and is not handled yet.

use std::io::{self, Read};

/// Large enough that relaying a big result costs few system calls.
const CAPACITY: usize = 256 * 1024;

/// No message of a client needs more: a statement is at most 16 MB long, a load's row 4 MB.
const LONGEST_MESSAGE: usize = 256 * 1024 * 1024;

/// The beginning of a message: its type, and its length on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) tag: u8,
    pub(crate) total: usize,
}

pub(crate) struct Inbox {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; CAPACITY],
            start: 0,
            end: 0,
        }
    }

    pub(crate) fn pending(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    pub(crate) fn consume(&mut self, length: usize) {
        self.start = (self.start + length).min(self.end);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Reads once; zero means that the other side closed.
    pub(crate) fn fill(&mut self, from: &mut impl Read) -> io::Result<usize> {
        if self.end == self.bytes.len() {
            if self.start > 0 {
                self.bytes.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else {
                let longer = self.bytes.len() * 2;
                self.bytes.resize(longer, 0);
            }
        }
        loop {
            match from.read(&mut self.bytes[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next message's head, if that much has arrived.
    pub(crate) fn head(&self) -> io::Result<Option<Head>> {
        head_of(self.pending())
    }

    /// Waits for the whole of the next message.
    pub(crate) fn wait(&mut self, from: &mut impl Read) -> io::Result<Head> {
        loop {
            if let Some(head) = self.head()?
                && self.pending().len() >= head.total
            {
                return Ok(head);
            }
            if self.fill(from)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// The contents of a message that [`Inbox::wait`] returned.
    pub(crate) fn body(&self, head: Head) -> &[u8] {
        &self.bytes[self.start + 5..self.start + head.total]
    }
}

pub(crate) fn head_of(bytes: &[u8]) -> io::Result<Option<Head>> {
    let [tag, a, b, c, d, ..] = *bytes else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    if !(4..=LONGEST_MESSAGE).contains(&length) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a message of impossible length",
        ));
    }
    Ok(Some(Head {
        tag,
        total: length + 1,
    }))
}
