//! Starting, reaching and stopping a sandbox.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::engine::Engine;
use crate::session::{self, Shared};
use crate::sql::quote_identifier;
use crate::{Error, Store};

const DATABASE: &str = "dev";
const USER: &str = "awsuser";
const PASSWORD: &str = "Sandbox1";

/// A running local Redshift. Dropping it stops everything and removes its temporary folder.
///
/// Even when its process is killed, nothing stays behind.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    password: String,
    stop: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

/// Settings of a [`Sandbox`] that is about to start.
#[derive(Clone, Debug)]
pub struct Builder {
    store: Option<PathBuf>,
    user: String,
    password: String,
    port: u16,
}

impl Builder {
    /// Takes an existing folder as the object store; it is kept when the sandbox ends.
    pub fn store(mut self, path: impl Into<PathBuf>) -> Self {
        self.store = Some(path.into());
        self
    }

    /// Names the user and the password; `awsuser` and `Sandbox1` otherwise.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Self {
        self.user = name.into();
        self.password = password.into();
        self
    }

    /// Listens on this port of 127.0.0.1; on a free one otherwise.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the sandbox.
    pub fn start(self) -> Result<Sandbox, Error> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let listener = TcpListener::bind(address)
            .map_err(Error::io("cannot listen on", address.to_string()))?;
        let address = listener
            .local_addr()
            .map_err(Error::io("cannot listen on", address.to_string()))?;
        let engine = Engine::start(&self.user, &self.password)?;
        let store = Store::open(self.store.unwrap_or_else(|| engine.folder().join("store")))?;
        let shared = Arc::new(Shared::new(engine, store));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (shared, stop) = (Arc::clone(&shared), Arc::clone(&stop));
            thread::Builder::new()
                .name("redshift-sandbox".to_owned())
                .spawn(move || listen(&listener, &shared, &stop))
                .map_err(Error::io("cannot start a thread for", address.to_string()))?
        };
        let sandbox = Sandbox {
            shared,
            address,
            password: self.password,
            stop,
            listener: Some(thread),
        };
        sandbox.create_database(DATABASE)?;
        Ok(sandbox)
    }
}

impl Sandbox {
    /// Starts a sandbox with the usual settings.
    pub fn start() -> Result<Self, Error> {
        Self::builder().start()
    }

    /// Settings to change before the start.
    pub fn builder() -> Builder {
        Builder {
            store: None,
            user: USER.to_owned(),
            password: PASSWORD.to_owned(),
            port: 0,
        }
    }

    /// The URL of the database `dev`.
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// The URL of any of its databases.
    pub fn url_of(&self, database: &str) -> String {
        let part = |text: &str| percent_encode(text);
        format!(
            "postgresql://{}:{}@{}/{}?sslmode=disable",
            part(self.shared.engine.superuser()),
            part(&self.password),
            self.address,
            part(database)
        )
    }

    /// Creates an empty database and returns its URL: a fast way to give every test its own.
    pub fn create_database(&self, name: &str) -> Result<String, Error> {
        let name = name.to_ascii_lowercase();
        self.shared
            .engine
            .run(&format!("CREATE DATABASE {}", quote_identifier(&name)))?;
        Ok(self.url_of(&name))
    }

    /// The object store.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Which PostgreSQL stands behind the sandbox, for people.
    pub fn engine(&self) -> &str {
        self.shared.engine.description()
    }

    /// The way past the proxy, straight to PostgreSQL, for benchmarks.
    pub fn engine_url(&self, database: &str) -> String {
        self.shared.engine.url(database)
    }

    /// Failure injection: ends PostgreSQL at once, as a crash would. The sandbox is of no use afterwards, except to
    /// see what clients make of it.
    pub fn kill_engine(&self) {
        self.shared.engine.kill();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        self.shared.close();
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>, stop: &AtomicBool) {
    for client in listener.incoming() {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let Ok(client) = client else {
            // Out of file descriptors, most likely: they come back when other sessions end.
            thread::sleep(Duration::from_millis(10));
            continue;
        };
        let shared = Arc::clone(shared);
        // A client that finds no thread sees its connection closed.
        let _ = thread::Builder::new()
            .name("redshift-session".to_owned())
            .spawn(move || session::serve(client, &shared));
    }
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
