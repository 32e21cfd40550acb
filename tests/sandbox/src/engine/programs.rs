//! Where PostgreSQL's programs come from.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::bundled;
use crate::Error;

/// A folder with `postgres` and `initdb` to take before any other.
const FOLDER_VARIABLE: &str = "REDSHIFT_SANDBOX_PG_BIN";

/// `bundled` or `installed`, to take only that one.
const CHOICE_VARIABLE: &str = "REDSHIFT_SANDBOX_ENGINE";

const OLDEST: u32 = 13;

/// A PostgreSQL that can be started.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub(super) folder: PathBuf,
    /// The first number of its version.
    pub(super) major: u32,
    /// For people: which version, and from where.
    pub(super) description: String,
}

impl Programs {
    /// Looks in the folder that the environment names, then for an installed PostgreSQL, then takes the bundled one.
    /// `unpack_to` is where the bundled one would go.
    pub(super) fn find(unpack_to: &Path) -> Result<Self, Error> {
        if let Some(folder) = env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()) {
            let folder = PathBuf::from(folder);
            let version = version_of(&folder).ok_or_else(|| {
                Error::NoEngine(format!(
                    "{FOLDER_VARIABLE} is {}, which holds no `postgres` {OLDEST} or newer with its `initdb`",
                    folder.display()
                ))
            })?;
            return Ok(Self::describe(folder, &version, FOLDER_VARIABLE));
        }
        let choice = env::var(CHOICE_VARIABLE).unwrap_or_default();
        match &*choice {
            "" => {
                if let Some(installed) = Self::installed() {
                    return Ok(installed);
                }
                Self::bundled(unpack_to)
            }
            "bundled" => Self::bundled(unpack_to),
            "installed" => Self::installed().ok_or_else(|| {
                Error::NoEngine(format!(
                    "no installed PostgreSQL {OLDEST} or newer was found on this machine"
                ))
            }),
            other => Err(Error::NoEngine(format!(
                "{CHOICE_VARIABLE} is `{other}`; it can be `bundled` or `installed`"
            ))),
        }
    }

    fn describe(folder: PathBuf, version: &str, source: &str) -> Self {
        let description = format!("PostgreSQL {version} ({source}: {})", folder.display());
        Self {
            folder,
            major: major(version),
            description,
        }
    }

    fn installed() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
        folders.extend(newest_first("/usr/lib/postgresql", "bin"));
        folders.extend(
            newest_first("/usr", "bin")
                .into_iter()
                .filter(|folder| is_pgsql(folder)),
        );
        for prefix in [
            "/opt/homebrew/opt",
            "/usr/local/opt",
            "/home/linuxbrew/.linuxbrew/opt",
        ] {
            folders.extend(
                newest_first(prefix, "bin")
                    .into_iter()
                    .filter(|folder| is_pgsql(folder)),
            );
        }
        folders.into_iter().find_map(|folder| {
            // initdb looks for its neighbours beside itself, so a folder of links is followed.
            let program = folder.join("postgres").canonicalize().ok()?;
            let folder = program.parent()?.to_path_buf();
            let version = version_of(&folder)?;
            Some(Self::describe(folder, &version, "installed"))
        })
    }

    fn bundled(unpack_to: &Path) -> Result<Self, Error> {
        let folder = bundled::unpack(unpack_to)?;
        let version = version_of(&folder).ok_or_else(|| {
            Error::NoEngine(
                "the bundled PostgreSQL does not run on this machine (it needs glibc 2.34 or newer): \
                 install PostgreSQL, or name its folder of programs in REDSHIFT_SANDBOX_PG_BIN"
                    .to_owned(),
            )
        })?;
        Ok(Self {
            major: major(&version),
            description: format!("PostgreSQL {version} (bundled)"),
            folder,
        })
    }
}

fn is_pgsql(folder: &Path) -> bool {
    folder
        .parent()
        .and_then(Path::file_name)
        .is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with("postgresql") || name.starts_with("pgsql")
        })
}

/// `<parent>/*/<child>`, the highest version first.
fn newest_first(parent: &str, child: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| {
            (
                number_in(&entry.file_name().to_string_lossy()),
                entry.path().join(child),
            )
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}

fn number_in(name: &str) -> u32 {
    name.rsplit(|character: char| !character.is_ascii_digit())
        .find_map(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// The version of the `postgres` in a folder, if it runs, is new enough, and has an `initdb` beside it.
fn version_of(folder: &Path) -> Option<String> {
    if !folder.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    (major(version) >= OLDEST).then(|| version.to_owned())
}

fn major(version: &str) -> u32 {
    let digits = version
        .split(|character: char| !character.is_ascii_digit())
        .next();
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_number_counts() {
        assert_eq!(number_in("postgresql@17"), 17);
        assert_eq!(number_in("15"), 15);
        assert_eq!(number_in("pgsql"), 0);
    }
}
