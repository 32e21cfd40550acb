//! What the integration tests share: one sandbox for the process, a database for each test.

pub mod measures;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::Connection;
use diesel_redshift::RedshiftConnection;
use redshift_sandbox::Sandbox;

/// The role that the sample statements assume.
pub const ROLE: &str = "arn:aws:iam::012345678901:role/Loader";

/// The sandbox of this test process; its engine ends with the process.
pub fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| Sandbox::start().expect("the sandbox starts"))
}

/// A connection to the PostgreSQL behind a sandbox, for what the sandbox refuses.
pub fn engine(sandbox: &Sandbox) -> RedshiftConnection {
    RedshiftConnection::builder()
        .url(sandbox.engine_url("dev"))
        .accept_postgresql()
        .establish()
        .expect("connects to the engine")
}

/// A database and a bucket that no other test uses.
pub struct World {
    name: String,
    url: String,
    bucket: String,
}

impl World {
    /// An empty database and an empty bucket.
    pub fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let url = sandbox().create_database(&name).expect("a database");
        Self {
            name,
            url,
            bucket: format!("bucket-{number}"),
        }
    }

    /// The URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name of the database.
    pub fn database(&self) -> &str {
        &self.name
    }

    /// The URL of the database over TLS.
    pub fn tls_url(&self) -> String {
        sandbox().tls_url_of(&self.name)
    }

    /// A connection of its own.
    pub fn connect(&self) -> RedshiftConnection {
        RedshiftConnection::establish(&self.url).expect("connects")
    }

    /// The `s3://` URI of a key in the bucket.
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    /// Puts an object into the bucket.
    pub fn put(&self, key: &str, content: impl AsRef<[u8]>) {
        sandbox()
            .store()
            .put(&self.uri(key), content)
            .expect("the store takes it");
    }

    /// The keys in the bucket under a prefix, in order.
    pub fn list(&self, prefix: &str) -> Vec<String> {
        let root = self.uri("");
        let uris = sandbox().store().list(&self.uri(prefix)).expect("lists");
        uris.iter()
            .map(|uri| uri.strip_prefix(&root).unwrap_or(uri).to_owned())
            .collect()
    }

    /// The content of an object.
    pub fn get(&self, key: &str) -> Vec<u8> {
        sandbox().store().get(&self.uri(key)).expect("the object")
    }

    /// The name of the bucket.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
