//! Starting, reaching and stopping a sandbox.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{DataFolder, Engine};
use crate::listener::Listener;
use crate::s3;
use crate::session::{self, PortTls, Shared};
use crate::sql::quote_identifier;
use crate::tls::{Authority, Tls};
use crate::{AccessKey, Error, Permissions, Store};

const DATABASE: &str = "dev";
const USER: &str = "awsuser";
const PASSWORD: &str = "Sandbox1";

/// A running local Redshift. Dropping it stops everything and removes its temporary folder.
///
/// Even when its process is killed, nothing stays behind.
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    password: String,
    authority: Authority,
    ca_certificate: PathBuf,
    s3: SocketAddr,
    listeners: Mutex<Vec<Listener>>,
}

/// Settings of a [`Sandbox`] that is about to start.
#[derive(Clone, Debug)]
pub struct Builder {
    store: Option<PathBuf>,
    user: String,
    password: String,
    port: u16,
    tls: Tls,
    s3_port: u16,
    data: Option<PathBuf>,
    log: bool,
}

impl Builder {
    /// Takes an existing folder as the object store; it is kept when the sandbox ends.
    pub fn store(mut self, path: impl Into<PathBuf>) -> Self {
        self.store = Some(path.into());
        self
    }

    /// Keeps everything in this folder, and goes on with what an earlier sandbox left there: databases, users and, unless
    /// [`Builder::store`] names another folder, objects.
    pub fn data(mut self, path: impl Into<PathBuf>) -> Self {
        self.data = Some(path.into());
        self
    }

    /// Writes every statement to standard error, without the secrets in it.
    pub fn log_statements(mut self, log: bool) -> Self {
        self.log = log;
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

    /// Serves S3 on this port of 127.0.0.1; on a free one otherwise.
    pub fn s3_port(mut self, port: u16) -> Self {
        self.s3_port = port;
        self
    }

    /// What happens when a client asks for TLS; it is offered otherwise.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Starts the sandbox.
    pub fn start(self) -> Result<Sandbox, Error> {
        let socket = Listener::bind(self.port)?;
        let s3_socket = Listener::bind(self.s3_port)?;
        let data_folder = self.data.map(DataFolder::open).transpose()?;
        let engine = Engine::start(&self.user, &self.password, data_folder.as_ref())?;
        let store = Store::open(self.store.unwrap_or_else(|| {
            let folder = data_folder
                .as_ref()
                .map_or(engine.folder(), DataFolder::folder);
            folder.join("store")
        }))?;
        let authority = Authority::new()?;
        let ca_certificate = engine.folder().join("ca.pem");
        fs::write(&ca_certificate, authority.pem())
            .map_err(Error::io("cannot write", &ca_certificate))?;
        let mut sandbox = Sandbox {
            shared: Arc::new(Shared::new(engine, store, self.log, data_folder.is_some())),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            password: self.password,
            authority,
            ca_certificate,
            s3: SocketAddr::from(([127, 0, 0, 1], 0)),
            listeners: Mutex::default(),
        };
        if !sandbox.shared.engine.has_database(DATABASE)? {
            sandbox.create_database(DATABASE)?;
        }
        sandbox.address = sandbox.open_door(socket, self.tls)?;
        let _ = sandbox.shared.log_ins.address.set(sandbox.address);
        let shared = Arc::clone(&sandbox.shared);
        let listener = Listener::start(s3_socket, move |client| s3::serve(client, &shared))?;
        sandbox.s3 = listener.address();
        sandbox.keep(listener);
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
            tls: Tls::default(),
            s3_port: 0,
            data: None,
            log: false,
        }
    }

    /// The URL of the database `dev`.
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// The URL of any of its databases.
    pub fn url_of(&self, database: &str) -> String {
        self.build_url(&self.address.to_string(), database, "sslmode=disable")
    }

    /// The URL of the database `dev` over TLS, by which libpq checks the certificate.
    pub fn tls_url(&self) -> String {
        self.tls_url_of(DATABASE)
    }

    /// The URL of any of its databases over TLS.
    pub fn tls_url_of(&self, database: &str) -> String {
        let host = format!("localhost:{}", self.address.port());
        let file = percent_encode(&self.ca_certificate.to_string_lossy());
        self.build_url(
            &host,
            database,
            &format!("sslmode=verify-full&sslrootcert={file}"),
        )
    }

    fn build_url(&self, host: &str, database: &str, options: &str) -> String {
        let part = |text: &str| percent_encode(text);
        format!(
            "postgresql://{}:{}@{host}/{}?{options}",
            part(self.shared.engine.superuser()),
            part(&self.password),
            part(database)
        )
    }

    /// The file with the certificate that clients have to trust, for `sslrootcert`.
    pub fn ca_certificate(&self) -> &Path {
        &self.ca_certificate
    }

    /// Where S3 is served over HTTP, for clients that put files there themselves: path-style addresses, signed
    /// requests.
    ///
    /// Any S3 client will do that is given the endpoint, the key of [`Sandbox::s3_key`] and `us-east-1`.
    pub fn s3_endpoint(&self) -> String {
        format!("http://{}", self.s3)
    }

    /// The id and the secret of the access key that the sandbox knows until [`Sandbox::add_key`] tells it of others.
    pub fn s3_key(&self) -> (&'static str, &'static str) {
        (s3::KEY_ID, s3::SECRET_KEY)
    }

    /// How many temporary passwords the Redshift service on [`Sandbox::s3_endpoint`] has given.
    pub fn log_ins_given(&self) -> usize {
        self.shared.log_ins.count()
    }

    /// Has every temporary password expire at once, whatever their clients were told.
    pub fn expire_log_ins(&self) {
        self.shared.log_ins.expire();
    }

    /// Refuses so many coming requests for temporary passwords, as too many.
    pub fn throttle_log_ins(&self, requests: u32) {
        self.shared.log_ins.throttle(requests);
    }

    /// Opens one more port that treats TLS in another way, and returns its number.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), redshift_sandbox::Error> {
    /// # let sandbox = redshift_sandbox::Sandbox::start()?;
    /// let port = sandbox.listen(redshift_sandbox::Tls::Expired)?;
    /// # Ok(()) }
    /// ```
    pub fn listen(&self, tls: Tls) -> Result<u16, Error> {
        Ok(self.open_door(Listener::bind(0)?, tls)?.port())
    }

    fn open_door(&self, socket: TcpListener, tls: Tls) -> Result<SocketAddr, Error> {
        let tls = PortTls {
            tls: self.authority.server(tls)?,
            tls_only: tls == Tls::Required,
        };
        let shared = Arc::clone(&self.shared);
        let listener =
            Listener::start(socket, move |client| session::serve(client, &shared, &tls))?;
        let address = listener.address();
        self.keep(listener);
        Ok(address)
    }

    fn keep(&self, listener: Listener) {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
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

    /// Makes a coming statement of a database fail; see the README for the words.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), redshift_sandbox::Error> {
    /// # let sandbox = redshift_sandbox::Sandbox::start()?;
    /// sandbox.fail_next("dev", "serialization failure on commit")?;
    /// sandbox.fail_next("dev", "cut after 100 rows on copy")?;
    /// sandbox.fail_next("dev", "s3 503 s3://bucket/incoming/")?;
    /// sandbox.fail_next("dev", "none")?; // takes back what has not happened yet
    /// # Ok(()) }
    /// ```
    pub fn fail_next(&self, database: &str, fault: &str) -> Result<(), Error> {
        self.shared
            .faults
            .add(&database.to_ascii_lowercase(), fault.parse()?);
        Ok(())
    }

    /// Tells of a role (its ARN, or `default`) that COPY and UNLOAD can assume.
    ///
    /// Until the sandbox is told of a role or a key, every role and key of the right form may do everything. From then
    /// on only those exist that it was told of.
    pub fn add_role(&self, arn: &str, permissions: Permissions) {
        self.shared
            .update_identities(|identities| identities.add_role(arn, permissions));
    }

    /// Tells of an access key, for COPY and UNLOAD as for requests to [`Sandbox::s3_endpoint`].
    pub fn add_key(&self, key: AccessKey, permissions: Permissions) {
        self.shared
            .update_identities(|identities| identities.add_key(key, permissions));
    }

    /// Puts a bucket into a region; it is `us-east-1`, the cluster's, otherwise. COPY and UNLOAD find a bucket in another
    /// region only with the right REGION.
    pub fn set_region(&self, bucket: &str, region: &str) {
        self.shared
            .update_identities(|identities| identities.put_bucket(bucket, region));
    }

    /// Failure injection: ends PostgreSQL at once, as a crash would. The sandbox is of no use afterwards, except to
    /// see what clients make of it.
    pub fn kill_engine(&self) {
        self.shared.engine.kill();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.shared.close();
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("address", &self.address)
            .field("engine", &self.engine())
            .finish_non_exhaustive()
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
