//! A folder that keeps the cluster from one start to the next.

use std::fs;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};

use super::account::Account;
use super::os;
use crate::{Error, catalog};

/// Tells what the folder was made with.
const MARK: &str = "sandbox";

#[derive(Debug)]
pub(crate) struct DataFolder {
    folder: PathBuf,
}

impl DataFolder {
    /// Creates the folder if there is none.
    pub(crate) fn open(folder: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(&folder).map_err(Error::io("cannot create the folder", &folder))?;
        // PostgreSQL is started elsewhere.
        let folder = folder
            .canonicalize()
            .map_err(Error::io("cannot open the folder", &folder))?;
        Ok(Self { folder })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of PostgreSQL's own.
    pub(super) fn cluster(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Makes sure that this sandbox can go on with what is there; true if there is nothing yet.
    pub(super) fn prepare(
        &self,
        account: Account,
        engine: &str,
        superuser: &str,
    ) -> Result<bool, Error> {
        let path = self.folder.join(MARK);
        match fs::read_to_string(&path) {
            Ok(mark) if mark == text(engine, superuser) => return Ok(false),
            Ok(mark) => {
                return Err(Error::DataFolder {
                    path: self.folder.clone(),
                    found: mark.trim().replace('\n', ", "),
                    required: text(engine, superuser).trim().replace('\n', ", "),
                });
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("cannot read", path)(error)),
        }
        let data = self.cluster();
        if data.exists() {
            // A start that did not get to its end, if it is ours at all.
            return Err(Error::DataFolder {
                path: self.folder.clone(),
                found: "a folder `data` that no sandbox finished".to_owned(),
                required: "an empty folder".to_owned(),
            });
        }
        fs::create_dir(&data).map_err(Error::io("cannot create the folder", &data))?;
        os::set_mode(&data, 0o700).map_err(Error::io("cannot set the permissions of", &data))?;
        account.own(&data)?;
        Ok(true)
    }

    /// Remembers what the cluster was made with, once it is.
    pub(super) fn mark(&self, engine: &str, superuser: &str) -> Result<(), Error> {
        let path = self.folder.join(MARK);
        fs::write(&path, text(engine, superuser)).map_err(Error::io("cannot write", path))
    }
}

/// A cluster is of use only to the same catalog, the same major version of PostgreSQL and the same first user.
fn text(engine: &str, superuser: &str) -> String {
    let catalog: String = digest(&SHA256, catalog::SCRIPT.as_bytes()).as_ref()[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let version = engine
        .split(|character: char| !character.is_ascii_digit())
        .find(|digits| !digits.is_empty());
    let source = if engine.ends_with("(bundled)") {
        "bundled"
    } else {
        "installed"
    };
    format!(
        "catalog {catalog}\nPostgreSQL {} {source}\nuser {superuser}\n",
        version.unwrap_or_default()
    )
}
