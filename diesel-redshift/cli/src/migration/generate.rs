//! `migration generate`.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use fd_lock::RwLock;

use crate::arguments::GenerateArguments;
use crate::failure::Failure;
use crate::{output, project};

pub(super) fn run(folder: &Path, arguments: &GenerateArguments) -> Result<(), Failure> {
    if arguments.name.contains(['/', '\\', '\0']) || arguments.name.is_empty() {
        return Err(Failure::with_code(
            2,
            format!(
                "invalid name of a migration: {:?}; expected a few words such as create_users",
                arguments.name
            ),
        ));
    }
    // Two at the same time find two versions.
    let mut lock = RwLock::new(lock_file(folder)?);
    let _held = lock
        .write()
        .map_err(|error| Failure::of_file(&folder.join(LOCK_FILE), &error))?;
    let path = create_folder(folder, arguments)?;
    create_file(&path.join("up.sql"), "-- Your SQL goes here\n")?;
    if !arguments.no_down {
        let head = "-- This file should undo anything in `up.sql`\n";
        create_file(&path.join("down.sql"), head)?;
    }
    Ok(())
}

/// diesel_cli's, so that both wait for each other.
const LOCK_FILE: &str = ".diesel_lock";

fn lock_file(folder: &Path) -> Result<File, Failure> {
    let path = folder.join(LOCK_FILE);
    let file = match File::create_new(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => File::open(&path),
        file => file,
    };
    file.map_err(|error| Failure::of_file(&path, &error))
}

fn create_file(path: &Path, text: &str) -> Result<(), Failure> {
    output::line(format!("Creating {}", project::shown(path)))?;
    fs::write(path, text).map_err(|error| Failure::of_file(path, &error))
}

/// The folder of a new version: that which is given, or the time and a number that nobody has.
fn create_folder(folder: &Path, arguments: &GenerateArguments) -> Result<PathBuf, Failure> {
    let failed = |path: &Path, error: &_| Failure::of_file(path, error);
    let mut taken = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let entry = entry.map_err(|error| failed(folder, &error))?;
        taken.push(entry.file_name().to_string_lossy().into_owned());
    }
    let is_taken = |version: &str| taken.iter().any(|name| name.starts_with(version));
    let version = match &arguments.version {
        Some(version) if is_taken(version) => {
            return Err(Failure::new(format!(
                "there is a migration of version {version} in {}",
                folder.display()
            )));
        }
        Some(version) => version.clone(),
        None => {
            let now = now();
            (0..=u16::MAX)
                .map(|number| format!("{now}-{number:04x}"))
                .find(|version| !is_taken(version))
                .ok_or_else(|| Failure::new("too many migrations of one second"))?
        }
    };
    let path = folder.join(format!("{version}_{}", arguments.name));
    fs::create_dir(&path).map_err(|error| failed(&path, &error))?;
    Ok(path)
}

fn now() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs().cast_signed());
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.format("%Y-%m-%d-%H%M%S").to_string()
}
