//! The PostgreSQL server that stands behind the proxy.

mod account;
mod bundled;
mod cluster;
mod connection;
mod data_folder;
#[cfg_attr(not(unix), path = "elsewhere.rs")]
pub(crate) mod os;
mod programs;
mod template;
mod timers;
mod types;
mod watcher;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog;
use crate::sql::{quote_identifier, quote_literal};
use crate::{Error, protocol};
use cluster::Cluster;
pub(crate) use connection::{Answer, Connection, Failure};
pub(crate) use data_folder::DataFolder;
use timers::Timers;
pub(crate) use types::{GEOGRAPHY, GEOMETRY, HLLSKETCH, SUPER, Types, VARBYTE};

/// Device, file, length and time of the last change.
pub(crate) type Version = (u64, u64, u64, i64, i64);

/// The database where the sandbox's own session sits; every other one can be copied and dropped.
const OWN_DATABASE: &str = "postgres";

/// A running PostgreSQL with the sandbox's catalog in its template.
pub(crate) struct Engine {
    folder: PathBuf,
    socket: PathBuf,
    socket_folder: PathBuf,
    description: String,
    superuser: String,
    types: Types,
    timers: Option<Arc<Timers>>,
    own: Mutex<Option<Connection>>,
    cluster: Mutex<Option<Cluster>>,
}

impl Engine {
    pub(crate) fn start(
        superuser: &str,
        password: &str,
        data_folder: Option<&DataFolder>,
    ) -> Result<Self, Error> {
        os::check()?;
        let cluster = Cluster::start(superuser, data_folder)?;
        let is_new = cluster.is_new;
        let mut engine = Self {
            folder: cluster.folder().to_path_buf(),
            socket: cluster.socket(),
            socket_folder: cluster.socket_folder(),
            description: cluster.description.clone(),
            superuser: superuser.to_owned(),
            types: Types::default(),
            timers: None,
            own: Mutex::new(None),
            cluster: Mutex::new(Some(cluster)),
        };
        let mut template = engine.connect_own("template1")?;
        if is_new {
            run(&mut template, catalog::SCRIPT)?;
        }
        let (user, password) = (quote_identifier(superuser), quote_literal(password));
        run(
            &mut template,
            &format!("ALTER ROLE {user} PASSWORD {password}"),
        )?;
        if let Some(data_folder) = data_folder {
            data_folder.mark(&engine.description, superuser)?;
        }
        engine.types = Types::of(&mut template)?;
        if engine.description.ends_with("(bundled)") {
            engine.timers = Some(Timers::start(engine.connect_own(OWN_DATABASE)?));
        }
        // A database that somebody is connected to cannot be copied.
        template.close();
        Ok(engine)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    pub(crate) fn superuser(&self) -> &str {
        &self.superuser
    }

    /// The types that PostgreSQL has only from the catalog.
    pub(crate) fn types(&self) -> &Types {
        &self.types
    }

    /// What stands in for the timers of a PostgreSQL that has none.
    pub(crate) fn timers(&self) -> Option<&Timers> {
        self.timers.as_deref()
    }

    pub(crate) fn url(&self, database: &str) -> String {
        let folder = self.socket_folder.display().to_string().replace('/', "%2F");
        format!("postgresql://{}@{folder}/{database}", self.superuser)
    }

    /// Runs a statement in the sandbox's own session.
    pub(crate) fn run(&self, sql: &str) -> Result<Answer, Error> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.is_none() {
            *own = Some(self.connect_own(OWN_DATABASE)?);
        }
        match own.as_mut() {
            Some(connection) => {
                let answer = run(connection, sql);
                if answer.is_err() && connection.inbox.pending().is_empty() && connection.has_news()
                {
                    // The server went away: the next statement should not meet the same dead connection.
                    *own = None;
                }
                answer
            }
            None => Err(Error::NoEngine("PostgreSQL is gone".to_owned())),
        }
    }

    /// Opens a session of the superuser's in a database.
    pub(crate) fn connect_own(&self, database: &str) -> Result<Connection, Error> {
        Connection::connect(
            &self.socket,
            [("user", self.superuser.as_str()), ("database", database)],
        )
        .map_err(|failure| refused("connect", failure))
    }

    pub(crate) fn has_database(&self, name: &str) -> Result<bool, Error> {
        let name = quote_literal(name);
        let answer = self.run(&format!("SELECT 1 FROM pg_database WHERE datname = {name}"))?;
        Ok(!answer.rows.is_empty())
    }

    pub(crate) fn has_user(&self, user: &str) -> Result<bool, Error> {
        let user = quote_literal(user);
        let answer = self.run(&format!(
            "SELECT 1 FROM pg_roles WHERE rolname = {user} AND rolcanlogin"
        ))?;
        Ok(!answer.rows.is_empty())
    }

    /// Creates a user without a password.
    pub(crate) fn create_user(&self, user: &str) -> Result<(), Error> {
        // Another session may be at it.
        let (name, role) = (quote_literal(user), quote_identifier(user));
        self.run(&format!(
            "DO $d$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN CREATE ROLE {role} LOGIN; END IF; \
             END $d$"
        ))
        .map(|_| ())
    }

    /// What PostgreSQL keeps of a user's password: `md5` and the digest of password and name.
    pub(crate) fn password_of(&self, user: &str) -> Result<Option<String>, Error> {
        let user = quote_literal(user);
        let answer = self.run(&format!(
            "SELECT rolpassword FROM pg_authid WHERE rolname = {user} AND rolcanlogin"
        ))?;
        Ok(answer.rows.into_iter().flatten().next().flatten())
    }

    /// Stops the server and removes its folder.
    pub(crate) fn stop(&self) {
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = None;
        *self.cluster.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Ends every process of the server at once, as a crash would. Nothing is lost that was committed: commits do not wait
    /// until they are written, but this does.
    pub(crate) fn kill(&self) {
        let _ = self.run("CHECKPOINT");
        let processes = self
            .run("SELECT pid FROM pg_stat_activity")
            .unwrap_or_default();
        if let Some(cluster) = &*self.cluster.lock().unwrap_or_else(PoisonError::into_inner) {
            cluster.kill();
        }
        for pid in processes.rows.into_iter().flatten().flatten() {
            if let Ok(pid) = pid.parse() {
                os::signal(pid, os::Signal::Kill);
            }
        }
    }
}

fn run(connection: &mut Connection, sql: &str) -> Result<Answer, Error> {
    connection.run(sql).map_err(|failure| refused(sql, failure))
}

fn refused(statement: &str, failure: Failure) -> Error {
    let statement: String = statement.chars().take(80).collect();
    Error::Statement {
        statement,
        message: failure.message(),
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Engine")
            .field("description", &self.description())
            .finish_non_exhaustive()
    }
}

/// The 16 bytes that ask PostgreSQL to stop what a session is doing.
pub(crate) fn cancel(socket: &Path, key: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let mut stream = os::connect(socket)?;
    let mut packet = Vec::with_capacity(16);
    packet.extend_from_slice(&16_i32.to_be_bytes());
    packet.extend_from_slice(&protocol::frontend::CANCEL_REQUEST.to_be_bytes());
    packet.extend_from_slice(key);
    stream.write_all(&packet)
}
