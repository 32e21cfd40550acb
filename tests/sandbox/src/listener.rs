//! A port of the loopback interface, and a thread for each who connects.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Error;

/// Listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Takes the port, or a free one if it is 0, before anything slow is begun.
    pub(crate) fn bind(port: u16) -> Result<TcpListener, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        TcpListener::bind(address).map_err(Error::io("cannot listen on", address.to_string()))
    }

    pub(crate) fn start(
        socket: TcpListener,
        serve: impl Fn(TcpStream) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let address = socket
            .local_addr()
            .map_err(Error::io("cannot listen on", "a socket"))?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("redshift-sandbox".to_owned())
            .spawn(move || listen(&socket, &Arc::new(serve), &stopped))
            .map_err(Error::io("cannot start a thread for", address.to_string()))?;
        Ok(Self {
            address,
            stop,
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen<F: Fn(TcpStream) + Send + Sync + 'static>(
    socket: &TcpListener,
    serve: &Arc<F>,
    stop: &AtomicBool,
) {
    for client in socket.incoming() {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else {
            // Out of file descriptors, most likely: they come back when other sessions end.
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        let serve = Arc::clone(serve);
        // A client that finds no thread sees its connection closed.
        let _ = thread::Builder::new()
            .name("redshift-session".to_owned())
            .spawn(move || serve(client));
    }
}
