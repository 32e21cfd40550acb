//! An object that is being written.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::Location;
use crate::Error;

/// Lies in the store's folder, so that finishing is a rename; no bucket's name can start with a dot.
pub(super) const FOLDER: &str = ".unfinished";

pub(crate) struct Unfinished {
    file: NamedTempFile,
    location: Location,
}

impl Unfinished {
    pub(super) fn create(root: &Path, location: Location) -> Result<Self, Error> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("cannot create the folder", &folder))?;
        let file = NamedTempFile::new_in(&folder)
            .map_err(Error::io("cannot create a file in", &folder))?;
        Ok(Self { file, location })
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    pub(crate) fn len(&self) -> u64 {
        let metadata = self.file.as_file().metadata();
        metadata.map_or(0, |metadata| metadata.len())
    }

    pub(super) fn rename(self, target: &Path) -> Result<(), Error> {
        let file: File = self
            .file
            .persist(target)
            .map_err(|failed| Error::io("cannot write", target)(failed.error))?;
        // Temporary files are private; objects can be read by whoever can read the folder.
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .map_err(Error::io("cannot set the permissions of", target))?;
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_file_mut().flush()
    }
}
