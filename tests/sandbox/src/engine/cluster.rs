//! A private PostgreSQL server in a temporary folder.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::account::Account;
use super::connection::Connection;
use super::data_folder::DataFolder;
use super::os::{self, Signal};
use super::programs::Programs;
use super::template;
use super::watcher::Watcher;
use crate::Error;
use crate::sql::settings;

/// Any number will do: it is only a part of the socket's name.
const PORT: u16 = 5432;

/// The longest path of a socket that every system takes.
const LONGEST_SOCKET: usize = 100;

/// Nothing here has to survive a power cut, and literals have backslash escapes. Shared memory is in files of the
/// cluster: a container may have no /dev/shm, or a small one.
const SETTINGS: &str = "
listen_addresses = ''
max_connections = 200
shared_buffers = '128MB'
dynamic_shared_memory_type = mmap
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = '2GB'
autovacuum = off
jit = off
max_parallel_workers_per_gather = 0
standard_conforming_strings = off
backslash_quote = on
escape_string_warning = off
extra_float_digits = 0
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'ISO, MDY'
lc_messages = 'C'
password_encryption = 'md5'
";

#[derive(Debug)]
pub(super) struct Cluster {
    folder: PathBuf,
    /// Whether it was made at this start.
    pub(super) is_new: bool,
    postmaster: Child,
    pub(super) description: String,
    // Last, because it removes the folder.
    _watcher: Watcher,
}

impl Cluster {
    /// Starts the cluster in `data_folder`, if there is such a folder, or else one that ends with the sandbox.
    pub(super) fn start(superuser: &str, data_folder: Option<&DataFolder>) -> Result<Self, Error> {
        let account = Account::choose()?;
        let folder = make_folder(account)?;
        let data = data_folder.map_or_else(|| folder.join("data"), DataFolder::cluster);
        let mut watcher = Watcher::start(&folder, &data)?;
        let programs = Programs::find(&folder.join("engine"))?;
        let is_new = match data_folder {
            None => true,
            Some(data_folder) => data_folder.prepare(account, &programs.description, superuser)?,
        };
        if is_new {
            template::make(
                &programs.description,
                superuser,
                account,
                &data,
                || make_folder(account),
                |data| init(&programs, account, data, superuser),
            )?;
        }
        let postmaster = run(&programs, account, &folder, &data)?;
        watcher.watch(postmaster.id())?;
        let mut cluster = Self {
            folder,
            is_new,
            postmaster,
            description: programs.description,
            _watcher: watcher,
        };
        cluster.wait_until_ready(superuser)?;
        Ok(cluster)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn socket_folder(&self) -> PathBuf {
        self.folder.join("socket")
    }

    pub(super) fn socket(&self) -> PathBuf {
        socket_in(&self.folder)
    }

    pub(super) fn kill(&self) {
        os::signal(self.postmaster.id(), Signal::Kill);
    }

    fn wait_until_ready(&mut self, superuser: &str) -> Result<(), Error> {
        let socket = self.socket();
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if socket.exists()
                && Connection::connect(&socket, [("user", superuser), ("database", "template1")])
                    .is_ok()
            {
                return Ok(());
            }
            let ended = self
                .postmaster
                .try_wait()
                .is_ok_and(|status| status.is_some());
            if ended || Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.join("postgres.log")).unwrap_or_default();
                return Err(Error::start("starting PostgreSQL", &log));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        os::signal(self.postmaster.id(), Signal::Interrupt);
        let deadline = Instant::now() + Duration::from_secs(3);
        while Instant::now() < deadline {
            if !matches!(self.postmaster.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
        os::signal(self.postmaster.id(), Signal::Kill);
        let _ = self.postmaster.wait();
    }
}

fn socket_in(folder: &Path) -> PathBuf {
    folder.join("socket").join(format!(".s.PGSQL.{PORT}"))
}

fn make_folder(account: Account) -> Result<PathBuf, Error> {
    // Another user cannot reach a private temporary folder of root's, and a long path does not fit a socket's name.
    let mut parents = vec![PathBuf::from("/tmp")];
    if account == Account::Own {
        parents.insert(0, env::temp_dir());
    }
    parents.retain(|parent| {
        socket_in(&parent.join("redshift-000000")).as_os_str().len() < LONGEST_SOCKET
    });
    let mut failure = None;
    for parent in parents {
        match tempfile::Builder::new()
            .prefix("redshift-")
            .rand_bytes(6)
            .tempdir_in(&parent)
        {
            Ok(folder) => {
                let folder = folder.keep();
                for (path, mode) in [
                    (folder.clone(), 0o755),
                    (folder.join("socket"), 0o755),
                    (folder.join("data"), 0o700),
                ] {
                    fs::create_dir_all(&path)
                        .map_err(Error::io("cannot create the folder", &path))?;
                    os::set_mode(&path, mode)
                        .map_err(Error::io("cannot set the permissions of", &path))?;
                }
                account.own(&folder.join("socket"))?;
                account.own(&folder.join("data"))?;
                return Ok(folder);
            }
            Err(error) => {
                failure = Some(Error::io("cannot create a temporary folder in", parent)(
                    error,
                ))
            }
        }
    }
    Err(failure.unwrap_or_else(|| {
        Error::NoEngine("there is no temporary folder with a short path".to_owned())
    }))
}

fn program(programs: &Programs, name: &str, account: Account) -> Command {
    let mut command = Command::new(programs.folder.join(name));
    for (variable, _) in env::vars_os() {
        if variable.to_string_lossy().starts_with("PG") {
            command.env_remove(variable);
        }
    }
    // The owner's folder may be one that the other user cannot enter.
    command
        .current_dir("/")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    account.apply(&mut command);
    command
}

/// Text is compared by its bytes, and letters of all languages have upper and lower case. What that is called differs
/// between systems; where nothing is found, only ASCII has cases.
fn locales(programs: &Programs) -> Vec<&'static [&'static str]> {
    const BUILTIN: u32 = 17;
    let mut locales: Vec<&'static [&'static str]> =
        vec![&["--lc-ctype=C.UTF-8"], &["--lc-ctype=en_US.UTF-8"], &[]];
    if programs.major >= BUILTIN {
        locales.insert(
            0,
            &["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        );
    }
    locales
}

fn init(programs: &Programs, account: Account, data: &Path, superuser: &str) -> Result<(), Error> {
    let mut failure = None;
    for locale in locales(programs) {
        // What a failed one has written, initdb removes itself.
        let output = program(programs, "initdb", account)
            .args([
                "--encoding=UTF8",
                "--locale=C",
                "--auth=trust",
                "--no-sync",
                "--username",
                superuser,
            ])
            .args(locale)
            .arg("--pgdata")
            .arg(data)
            .output()
            .map_err(Error::io("cannot run", programs.folder.join("initdb")))?;
        failure = (!output.status.success()).then_some(output.stderr);
        if failure.is_none() {
            break;
        }
    }
    if let Some(said) = failure {
        return Err(Error::start("initdb", &String::from_utf8_lossy(&said)));
    }
    let path = data.join("postgresql.conf");
    OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|mut file| {
            file.write_all((SETTINGS.to_owned() + &settings::defaults()).as_bytes())
        })
        .map_err(Error::io("cannot write", path))
}

fn run(programs: &Programs, account: Account, folder: &Path, data: &Path) -> Result<Child, Error> {
    let log = folder.join("postgres.log");
    let file = File::create(&log).map_err(Error::io("cannot create", log))?;
    os::apart_from_terminal(&mut program(programs, "postgres", account))
        .arg("-D")
        .arg(data)
        .arg("-k")
        .arg(folder.join("socket"))
        .args(["-p", &PORT.to_string()])
        .stdout(Stdio::null())
        .stderr(file)
        .spawn()
        .map_err(Error::io("cannot run", programs.folder.join("postgres")))
}
