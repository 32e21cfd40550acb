//! A folder with a project in it, and a database.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel_redshift::RedshiftConnection;
use redshift_sandbox::Sandbox;
use tempfile::TempDir;

/// The sandbox of this process.
pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| Sandbox::start().expect("the sandbox starts"))
}

/// A project of its own, with a database and a bucket that exist already.
pub(crate) struct Project {
    folder: TempDir,
    pub(crate) database: String,
    pub(crate) url: String,
}

impl Project {
    /// A folder with nothing but a `Cargo.toml`.
    pub(crate) fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let database = format!("cli_{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        let url = sandbox().create_database(&database).unwrap();
        let bucket = format!("s3://{}/bucket", database.replace('_', "-"));
        sandbox().store().put(&bucket, "").unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        Self {
            folder,
            database,
            url,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A migration; its version is its name up to the first `_`.
    pub(crate) fn migration(&self, name: &str, up: &str, down: &str) -> &Self {
        self.write(&format!("migrations/{name}/up.sql"), up)
            .write(&format!("migrations/{name}/down.sql"), down)
    }

    pub(crate) fn connect(&self) -> RedshiftConnection {
        RedshiftConnection::establish(&self.url).unwrap()
    }

    /// The program with these arguments, in the project's folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diesel-redshift"));
        let (id, secret) = sandbox().s3_key();
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", &self.url)
            .env("AWS_ENDPOINT_URL_S3", sandbox().s3_endpoint())
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", secret)
            .env("AWS_REGION", "us-east-1")
            .stdin(Stdio::null());
        command
    }

    /// The same, with a pipe for its output that nobody reads.
    pub(crate) fn run_unread(&self, arguments: &[&str]) -> Ran {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        Ran::of(&self.command(arguments).stdout(writer).output().unwrap())
    }

    /// The same, with a full disk for its output.
    pub(crate) fn run_full(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        Ran::of(&command.stdout(full()).output().unwrap())
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&self.command(arguments).output().unwrap())
    }
}

/// A disk that takes nothing more.
pub(crate) fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// What a process said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What it printed; it has to have succeeded.
    pub(crate) fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// What it said of its failure; it has to have ended with this code, and to show no password.
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(!self.stderr.contains("Sandbox1"), "{self:?}");
        self.stderr
    }
}

/// The names in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A project with a schema and tables.
pub(crate) fn warehouse() -> Project {
    let project = Project::new();
    project
        .connect()
        .batch_execute(
            "CREATE SCHEMA sales; CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(5), PRIMARY KEY (id)); \
             CREATE TABLE sales.orders (id BIGINT IDENTITY(1, 1), document SUPER, paid BOOLEAN)",
        )
        .unwrap();
    project
}

/// A location of its own in S3.
pub(crate) fn staging(project: &Project) -> String {
    format!("s3://{}/staging", project.database.replace('_', "-"))
}

/// What lies there.
pub(crate) fn left_in_s3(project: &Project) -> Vec<String> {
    sandbox().store().list(&staging(project)).unwrap()
}
