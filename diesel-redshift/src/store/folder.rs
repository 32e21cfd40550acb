use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Failures, Store, StoreError, StoreErrorKind, check_body, check_object};
use crate::aws::S3Uri;

/// A folder that takes the place of S3, as in the sandbox: `s3://bucket/key` is the file
/// `<folder>/bucket/key`.
///
/// An object appears whole or not at all: it is written under another name and then renamed. A key
/// may contain whatever S3 accepts, except for a part `..`, which would leave the folder; what a
/// file system cannot store is encoded (`%` and control characters as `%25`, …), as in the sandbox.
///
/// ```
/// use std::io::Read;
///
/// use diesel_redshift::S3Uri;
/// use diesel_redshift::store::{FolderStore, Store};
///
/// # let folder = std::env::temp_dir().join(format!("folder-store-{}", std::process::id()));
/// let store = FolderStore::new(&folder);
/// let location = S3Uri::parse("s3://bucket/users/ada + grace.csv")?;
/// store.put(&location, b"1,Ada\n")?;
/// assert_eq!(std::fs::read(folder.join("bucket/users/ada + grace.csv"))?, b"1,Ada\n");
///
/// let mut text = String::new();
/// store.get(&location)?.read_to_string(&mut text)?;
/// assert_eq!(text, "1,Ada\n");
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: PathBuf,
}

/// Contains what is being written; no bucket's name starts with a dot.
const UNFINISHED: &str = ".unfinished";

/// Ends the name of an object's file if a folder of the same name must exist as well: S3 has `a`
/// next to `a/b`.
const BESIDE_FOLDER: &str = "%object";

impl FolderStore {
    /// The folder at `path`; its missing parts are created with the first object.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { root: path.into() }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Writes a file that is not an object yet.
    fn write_unfinished(&self, body: &[u8]) -> io::Result<PathBuf> {
        static WRITTEN: AtomicU64 = AtomicU64::new(0);
        let folder = self.root.join(UNFINISHED);
        fs::create_dir_all(&folder)?;
        let (path, mut file) = loop {
            let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{}-{number}", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => break (path, file),
                // Left by a killed process with the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            }
        };
        match file.write_all(body) {
            Ok(()) => Ok(path),
            Err(error) => {
                drop(file);
                let _ = fs::remove_file(&path);
                Err(error)
            }
        }
    }

    /// Gives a finished file the object's name.
    fn finish(&self, unfinished: &Path, location: &S3Uri) -> io::Result<()> {
        let target = self.encoded(location);
        let put = || {
            if let Some(parent) = target.parent() {
                self.make_folders(parent)?;
            }
            self.rename(unfinished, &target)
        };
        // Another process that deletes the last object of a folder may remove the folder in between.
        for _ in 0..100 {
            match put() {
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists
                    ) => {}
                done => return done,
            }
        }
        put()
    }

    fn rename(&self, unfinished: &Path, target: &Path) -> io::Result<()> {
        match fs::rename(unfinished, target) {
            Err(_) if target.is_dir() => fs::rename(unfinished, beside_folder(target)),
            renamed => renamed,
        }
    }

    /// Removes the folders of a deleted object if they are empty; S3 has none either. The bucket's
    /// stays.
    fn remove_empty_folders(&self, object: &Path, location: &S3Uri) {
        let bucket = self.root.join(location.bucket());
        for folder in object.ancestors().skip(1) {
            if !folder.starts_with(&bucket) || folder == bucket || fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }

    /// Creates a folder and those above it; an object that has the name of one of them moves beside
    /// it.
    fn make_folders(&self, folder: &Path) -> io::Result<()> {
        let mut above: Vec<_> = folder
            .ancestors()
            .take_while(|path| *path != self.root)
            .collect();
        above.reverse();
        for folder in above {
            if folder.is_file() {
                fs::rename(folder, beside_folder(folder))?;
            }
        }
        fs::create_dir_all(folder)
    }

    /// The path to which the object is written.
    fn encoded(&self, location: &S3Uri) -> PathBuf {
        let mut path = self.root.join(location.bucket());
        path.extend(location.key().split('/').map(encode));
        path
    }

    /// The object's file, if there is one.
    fn find(&self, location: &S3Uri) -> Option<PathBuf> {
        let encoded = self.encoded(location);
        let beside = beside_folder(&encoded);
        // A file that a person put there has the name that they gave it, unless that is another object's.
        let plain = Path::new(location.key());
        let plain = plain
            .components()
            .all(|part| matches!(part, Component::Normal(name) if name.to_str().is_some_and(|name| decode(name) == name)))
            .then(|| self.root.join(location.bucket()).join(plain));
        [Some(encoded), Some(beside), plain]
            .into_iter()
            .flatten()
            .find(|path| path.is_file())
    }
}

impl Store for FolderStore {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        check_within(location)?;
        check_object(location)?;
        check_body(location, body)?;
        let unfinished = self
            .write_unfinished(body)
            .map_err(|error| StoreError::io(location, error))?;
        self.finish(&unfinished, location).map_err(|error| {
            let _ = fs::remove_file(&unfinished);
            StoreError::io(location, error)
        })
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        check_within(location)?;
        check_object(location)?;
        let Some(path) = self.find(location) else {
            return Err(StoreError::new(
                StoreErrorKind::NotFound,
                location,
                "there is no such object",
            ));
        };
        match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(StoreError::io(location, error)),
        }
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        let mut failures = Failures::default();
        failures.of_each(locations, |location| {
            check_within(location)?;
            check_object(location)?;
            let Some(path) = self.find(location) else {
                return Ok(());
            };
            match fs::remove_file(&path) {
                Ok(()) => {
                    self.remove_empty_folders(&path, location);
                    Ok(())
                }
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(StoreError::io(location, error)),
            }
        });
        failures.result()
    }

    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        check_within(prefix)?;
        let (folders, _) = prefix.key().rsplit_once('/').unwrap_or_default();
        let mut folder = self.root.join(prefix.bucket());
        let mut above = String::new();
        if prefix.key().contains('/') {
            folder.extend(folders.split('/').map(encode));
            above = format!("{folders}/");
        }
        let mut keys = Vec::new();
        collect(&folder, &above, &mut keys).map_err(|error| StoreError::io(prefix, error))?;
        keys.retain(|key| key.starts_with(prefix.key()));
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter()
            .map(|key| {
                S3Uri::new(prefix.bucket(), &key).map_err(|error| {
                    StoreError::new(StoreErrorKind::Unexpected, prefix, error.to_string())
                })
            })
            .collect()
    }
}

/// Adds the keys of the files below `folder`, each after `above`.
fn collect(folder: &Path, above: &str, keys: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        // A name that is not UTF-8 is not a key.
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let key = format!("{above}{}", decode(name));
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{key}/"), keys)?;
        } else {
            keys.push(key);
        }
    }
    Ok(())
}

/// Refuses what is not below the bucket's folder.
fn check_within(location: &S3Uri) -> Result<(), StoreError> {
    let refuse = |said| Err(StoreError::new(StoreErrorKind::Refused, location, said));
    if !location
        .bucket()
        .starts_with(|first: char| first.is_ascii_alphanumeric())
    {
        return refuse("invalid bucket; expected a letter or a digit at its beginning");
    }
    if location.key().split('/').any(|part| part == "..") {
        return refuse("invalid key; expected no part `..`, which leaves the folder");
    }
    Ok(())
}

fn beside_folder(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(BESIDE_FOLDER);
    path.into()
}

/// One part of a key as the name of a file or folder.
fn encode(part: &str) -> String {
    match part {
        "" => return "%".to_owned(),
        "." => return "%2E".to_owned(),
        _ => {}
    }
    let mut name = String::with_capacity(part.len());
    for character in part.chars() {
        match character {
            '%' | '\\' | '\0'..='\x1f' | '\x7f' => {
                name.push_str(&format!("%{:02X}", u32::from(character)));
            }
            _ => name.push(character),
        }
    }
    name
}

/// The part of a key that the name of a file or folder represents.
fn decode(name: &str) -> String {
    if name == "%" {
        return String::new();
    }
    let mut rest = name.strip_suffix(BESIDE_FOLDER).unwrap_or(name);
    let mut part = String::with_capacity(rest.len());
    while let Some(at) = rest.find('%') {
        part.push_str(&rest[..at]);
        let byte = rest
            .get(at + 1..at + 3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(u8::is_ascii);
        match byte {
            Some(byte) => {
                part.push(char::from(byte));
                rest = &rest[at + 3..];
            }
            None => {
                part.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    part.push_str(rest);
    part
}

#[cfg(test)]
mod tests;
