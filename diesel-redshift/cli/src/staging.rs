//! A folder in S3 for the files of one command, which are deleted when it ends.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

use diesel_redshift::S3Uri;
use diesel_redshift::store::{LARGEST_BODY, S3Store, Store, StoreErrorKind};

use crate::failure::Failure;
use crate::progress::Progress;
use crate::records::{Records, Scanner};
use crate::{interrupt, output};

/// How many bytes of a file are looked at before it is seen whether a part is full.
const READ_AT_A_TIME: u64 = 1024 * 1024;

/// A folder with a name that nobody else takes.
pub(crate) struct Staging {
    store: S3Store,
    pub(crate) location: S3Uri,
}

/// An object that a file here became, or a part of one.
pub(crate) struct Uploaded {
    pub(crate) file: PathBuf,
    pub(crate) object: S3Uri,
    /// How many lines of the file come before it.
    pub(crate) lines_before: u64,
}

/// How files are taken apart that one object cannot hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Split {
    pub(crate) records: Records,
    /// How many lines at the beginning of each file are no data, and not uploaded.
    pub(crate) header: u32,
    /// How many bytes an object has.
    pub(crate) bytes: usize,
}

/// Whether one of the files is larger than an object can be.
pub(crate) fn is_any_large(files: &[PathBuf], largest: u64) -> Result<bool, Failure> {
    for file in files {
        if length(file)? > largest {
            return Ok(true);
        }
    }
    Ok(false)
}

fn length(file: &Path) -> Result<u64, Failure> {
    let metadata = fs::metadata(file).map_err(|error| Failure::of_file(file, &error))?;
    Ok(metadata.len())
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

    /// Puts the files there, under names in their order, whole or in parts.
    pub(crate) fn upload(
        &self,
        files: &[PathBuf],
        split: Option<Split>,
        is_quiet: bool,
    ) -> Result<Vec<Uploaded>, Failure> {
        let mut total = 0;
        for file in files {
            total += length(file)?;
        }
        let mut progress = Progress::of_bytes("upload", total, is_quiet);
        let mut uploaded = Vec::new();
        for file in files {
            match split {
                Some(split) => self.upload_parts(file, split, &mut uploaded, &mut progress)?,
                None => {
                    let body = fs::read(file).map_err(|error| Failure::of_file(file, &error))?;
                    self.put(file, &body, 0, &mut uploaded)?;
                    progress.add(body.len() as u64);
                }
            }
        }
        Ok(uploaded)
    }

    fn put(
        &self,
        file: &Path,
        body: &[u8],
        lines_before: u64,
        uploaded: &mut Vec<Uploaded>,
    ) -> Result<(), Failure> {
        interrupt::check()?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let object = self
            .location
            .join(&format!("{:05}-{name}", uploaded.len()))?;
        self.store.put(&object, body)?;
        uploaded.push(Uploaded {
            file: file.to_owned(),
            object,
            lines_before,
        });
        Ok(())
    }

    /// Puts a file there in parts that end where records do.
    fn upload_parts(
        &self,
        file: &Path,
        split: Split,
        uploaded: &mut Vec<Uploaded>,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let failed = |error: &io::Error| Failure::of_file(file, error);
        let mut reader = BufReader::new(File::open(file).map_err(|error| failed(&error))?);
        let mut skipped = Vec::new();
        for _ in 0..split.header {
            reader
                .read_until(b'\n', &mut skipped)
                .map_err(|error| failed(&error))?;
        }
        let mut lines = u64::from(split.header);
        let mut scanner = Scanner::new(split.records);
        let mut part: Vec<u8> = Vec::new();
        // The place behind the last record that is whole.
        let mut end = 0;
        loop {
            let start = part.len();
            let read = (&mut reader)
                .take(READ_AT_A_TIME)
                .read_to_end(&mut part)
                .map_err(|error| failed(&error))?;
            if let Some(last) = scanner.last_end(&part[start..]) {
                end = start + last;
            }
            let is_over = read == 0;
            if is_over {
                end = part.len();
            }
            if end > 0 && (is_over || part.len() >= split.bytes) {
                self.put(file, &part[..end], lines, uploaded)?;
                progress.add(end as u64);
                lines += part[..end].iter().filter(|byte| **byte == b'\n').count() as u64;
                part.drain(..end);
                end = 0;
            }
            if is_over {
                return Ok(());
            }
            if part.len() > LARGEST_BODY {
                return Err(Failure::new(format!(
                    "{}: a record after line {lines} is larger than {LARGEST_BODY} bytes",
                    file.display()
                )));
            }
        }
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
            output::aside(format!(
                "warning: files below {} are left: {error}",
                self.location
            ));
        }
    }
}
