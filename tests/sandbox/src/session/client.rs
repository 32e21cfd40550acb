//! The client's side of a connection.

use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::ServerConfig;

use super::stream::Stream;
use crate::engine::Failure;
use crate::protocol::{Head, Inbox, SqlError};

/// Small things are collected up to this many bytes.
const COLLECTED: usize = 64 * 1024;

/// From here on copying costs more than a system call.
const LARGE: usize = 16 * 1024;

pub(crate) struct Client {
    stream: Stream,
    inbox: Inbox,
    /// Messages that are ready to be sent.
    pub(crate) out: Vec<u8>,
    /// Nothing is sent any more.
    mute: bool,
}

fn gone<T>(result: io::Result<T>) -> Result<T, Failure> {
    result.map_err(|_| Failure::ClientGone)
}

impl Client {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        Ok(Self {
            stream: Stream::new(stream)?,
            inbox: Inbox::new(),
            out: Vec::with_capacity(COLLECTED),
            mute: false,
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
        if self.mute {
            self.out.clear();
        }
        if !self.out.is_empty() {
            gone(self.stream.write_all(&self.out))?;
            gone(self.stream.flush())?;
            self.out.clear();
        }
        Ok(())
    }

    /// Sends bytes as they are.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.mute {
            return Ok(());
        }
        if bytes.len() >= LARGE {
            self.flush()?;
            gone(self.stream.write_all(bytes))?;
            return gone(self.stream.flush());
        }
        self.out.extend_from_slice(bytes);
        if self.out.len() >= COLLECTED {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Lets the client begin TLS.
    pub(super) fn start_tls(&mut self, config: &Arc<ServerConfig>) -> Result<(), Failure> {
        if !self.inbox.pending().is_empty() {
            // Somebody on the way could have put it there, to have it taken for what came encrypted.
            return Err(
                SqlError::new("08P01", "received unencrypted data after SSL request").into(),
            );
        }
        self.out.push(b'S');
        self.flush()?;
        gone(self.stream.start_tls(config))
    }

    /// Whether the client is known to send a Sync next.
    pub(super) fn next_is_sync(&self) -> bool {
        self.inbox.pending().first() == Some(&b'S')
    }

    pub(super) fn is_tls(&self) -> bool {
        self.stream.is_tls()
    }

    pub(super) fn address(&self) -> String {
        let address = self.stream.socket().peer_addr();
        address.map_or_else(|_| "???".to_owned(), |address| address.ip().to_string())
    }

    /// Whether the client has closed its connection in the middle of a statement.
    pub(crate) fn has_left(&mut self) -> bool {
        self.stream.has_ended()
    }

    /// Sends what is ready, and nothing from now on.
    pub(super) fn mute(&mut self) -> Result<(), Failure> {
        self.flush()?;
        self.mute = true;
        Ok(())
    }

    pub(super) fn is_mute(&self) -> bool {
        self.mute
    }

    /// Sends what is ready and breaks the connection off.
    pub(crate) fn cut(&mut self) -> Failure {
        let _ = self.flush();
        self.stream.cut();
        Failure::ClientGone
    }
}

/// An error for a message that is none.
pub(super) fn violation(error: io::Error) -> SqlError {
    SqlError::new("08P01", format!("invalid message: {error}"))
}
