//! The client's side of a connection.

use std::io::{self, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use crate::engine::{Failure, os};
use crate::protocol::{Head, Inbox, SqlError};

/// Small things are collected up to this many bytes.
const COLLECTED: usize = 64 * 1024;

/// From here on copying costs more than a system call.
const LARGE: usize = 16 * 1024;

pub(crate) struct Client {
    stream: TcpStream,
    inbox: Inbox,
    /// Messages that are ready to be sent.
    pub(crate) out: Vec<u8>,
}

fn gone<T>(result: io::Result<T>) -> Result<T, Failure> {
    result.map_err(|_| Failure::ClientGone)
}

impl Client {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            inbox: Inbox::new(),
            out: Vec::with_capacity(COLLECTED),
        })
    }

    /// The next message; none when the client closed the connection.
    pub(super) fn message(&mut self) -> Result<Option<(Head, Vec<u8>)>, Failure> {
        let head = match self.inbox.wait(&mut self.stream) {
            Ok(head) => head,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(violation(error).into());
            }
            Err(_) => return Ok(None),
        };
        let body = self.inbox.body(head).to_vec();
        self.inbox.consume(head.total);
        Ok(Some((head, body)))
    }

    /// The first packet, which has no type: its contents after the length.
    pub(super) fn first_packet(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            if let [a, b, c, d, rest @ ..] = self.inbox.pending() {
                let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                if !(8..=10_000).contains(&length) {
                    return Err(SqlError::new("08P01", "invalid length of startup packet").into());
                }
                if let Some(contents) = rest.get(..length - 4) {
                    let contents = contents.to_vec();
                    self.inbox.consume(length);
                    return Ok(Some(contents));
                }
            }
            match self.inbox.fill(&mut self.stream) {
                Ok(0) | Err(_) => return Ok(None),
                Ok(_) => {}
            }
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        if !self.out.is_empty() {
            gone(self.stream.write_all(&self.out))?;
            self.out.clear();
        }
        Ok(())
    }

    /// Sends bytes as they are.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.len() >= LARGE {
            self.flush()?;
            return gone(self.stream.write_all(bytes));
        }
        self.out.extend_from_slice(bytes);
        if self.out.len() >= COLLECTED {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Whether the client has closed its connection in the middle of a statement.
    pub(crate) fn has_left(&self) -> bool {
        os::readable(self.stream.as_fd())
            && !matches!(self.stream.peek(&mut [0]), Ok(read) if read > 0)
    }
}

/// An error for a message that is none.
pub(super) fn violation(error: io::Error) -> SqlError {
    SqlError::new("08P01", format!("invalid message: {error}"))
}
