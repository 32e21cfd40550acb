//! A client's socket, with TLS or without.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::engine::os;

pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Stream {
    pub(super) fn new(socket: TcpStream) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        Ok(Self::Plain(socket))
    }

    /// Shakes hands; the client has been told that it may.
    pub(super) fn start_tls(&mut self, config: &Arc<ServerConfig>) -> io::Result<()> {
        let Self::Plain(socket) = self else {
            return Err(io::Error::other("TLS is on already"));
        };
        let socket = socket.try_clone()?;
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        *self = Self::Tls(Box::new(stream));
        Ok(())
    }

    pub(super) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    pub(super) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &stream.sock,
        }
    }

    /// Whether the other side has closed, without waiting for it.
    pub(super) fn has_ended(&mut self) -> bool {
        if !os::readable(self.socket(), Duration::ZERO) {
            return false;
        }
        match self {
            Self::Plain(socket) => !matches!(socket.peek(&mut [0]), Ok(read) if read > 0),
            Self::Tls(stream) => {
                // What has been read already has to be fetched before more can be.
                if !stream.conn.wants_read() {
                    return false;
                }
                match stream.conn.read_tls(&mut stream.sock) {
                    Ok(0) | Err(_) => true,
                    Ok(_) => match stream.conn.process_new_packets() {
                        Ok(state) => state.peer_has_closed(),
                        Err(_) => true,
                    },
                }
            }
        }
    }

    /// Ends the connection as a broken line would.
    pub(super) fn cut(&self) {
        let _ = self.socket().shutdown(Shutdown::Both);
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Self::Tls(stream) = self {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }
}
