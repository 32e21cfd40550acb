//! An object that is being written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

use super::Location;
use crate::Error;
use crate::engine::os;

/// Lies in the store's folder, so that finishing is a rename; no bucket's name can start with a dot.
pub(super) const FOLDER: &str = ".unfinished";

pub(crate) struct ObjectWriter {
    /// None while the file is closed.
    file: Option<File>,
    path: TempPath,
    location: Location,
}

impl ObjectWriter {
    pub(super) fn create(root: &Path, location: Location) -> Result<Self, Error> {
        let folder = root.join(FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("cannot create the folder", &folder))?;
        let file = NamedTempFile::new_in(&folder)
            .map_err(Error::io("cannot create a file in", &folder))?;
        let (file, path) = file.into_parts();
        Ok(Self {
            file: Some(file),
            path,
            location,
        })
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    pub(crate) fn len(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// Closes the file until more is written: a process can have so many open only.
    pub(crate) fn close(&mut self) {
        self.file = None;
    }

    pub(super) fn rename(self, target: &Path) -> Result<(), Error> {
        self.path
            .persist(target)
            .map_err(|failed| Error::io("cannot write", target)(failed.error))?;
        // Temporary files are private; objects can be read by whoever can read the folder.
        os::set_mode(target, 0o644).map_err(Error::io("cannot set the permissions of", target))?;
        Ok(())
    }
}

impl Write for ObjectWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => OpenOptions::new().append(true).open(&self.path)?,
        };
        let written = file.write(bytes);
        self.file = Some(file);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}
