//! A folder in S3 for the files of one command, which are deleted when it ends.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use diesel_redshift::S3Uri;
use diesel_redshift::store::{LARGEST_BODY, S3Store, Store, StoreErrorKind};

use crate::failure::Failure;
use crate::interrupt;
use crate::progress::Progress;

/// A folder with a name that nobody else takes.
pub(crate) struct Staging {
    store: S3Store,
    pub(crate) location: S3Uri,
}

/// A file here, and the object that it became.
pub(crate) struct Uploaded {
    pub(crate) file: PathBuf,
    pub(crate) object: S3Uri,
}

impl Staging {
    /// A folder below `within`.
    pub(crate) fn new(within: &S3Uri) -> Result<Self, Failure> {
        let time = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_nanos());
        let separator = if within.key().is_empty() || within.key().ends_with('/') {
            ""
        } else {
            "/"
        };
        let name = format!("{separator}diesel-redshift-{time:x}-{:x}/", process::id());
        Ok(Self {
            store: S3Store::from_env()?,
            location: within.join(&name)?,
        })
    }

    /// Puts the files there, under names in their order.
    pub(crate) fn upload(
        &self,
        files: &[PathBuf],
        is_quiet: bool,
    ) -> Result<Vec<Uploaded>, Failure> {
        let mut total = 0;
        for file in files {
            let length = fs::metadata(file)
                .map_err(|error| Failure::of_file(file, &error))?
                .len();
            if length > LARGEST_BODY as u64 {
                return Err(Failure::new(format!(
                    "{} has {length} bytes; expected {LARGEST_BODY} at most: split it, or compress it",
                    file.display()
                )));
            }
            total += length;
        }
        let mut progress = Progress::of_bytes("upload", total, is_quiet);
        let mut uploaded = Vec::new();
        for (number, file) in files.iter().enumerate() {
            interrupt::check()?;
            let body = fs::read(file).map_err(|error| Failure::of_file(file, &error))?;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let object = self.location.join(&format!("{number:05}-{name}"))?;
            self.store.put(&object, &body)?;
            progress.add(body.len() as u64);
            uploaded.push(Uploaded {
                file: file.clone(),
                object,
            });
        }
        Ok(uploaded)
    }

    /// The objects that are there.
    pub(crate) fn list(&self) -> Result<Vec<S3Uri>, Failure> {
        Ok(self.store.list(&self.location)?)
    }

    /// Appends an object to a file.
    pub(crate) fn download(
        &self,
        object: &S3Uri,
        path: &Path,
        to: &mut File,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let failed = |error: &io::Error| Failure::of_file(path, error);
        let mut reader = self.store.get(object)?;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            interrupt::check()?;
            let length = reader
                .read(&mut buffer)
                .map_err(|error| Failure::new(format!("{object}: {error}")))?;
            if length == 0 {
                return Ok(());
            }
            to.write_all(&buffer[..length])
                .map_err(|error| failed(&error))?;
            progress.add(length as u64);
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let deleted = self.store.list(&self.location).and_then(|objects| {
            if objects.is_empty() {
                return Ok(());
            }
            self.store.delete(&objects)
        });
        if let Err(error) = deleted
            && error.kind() != StoreErrorKind::NotFound
        {
            eprintln!("warning: files below {} are left: {error}", self.location);
        }
    }
}
