//! The object store: a plain folder.

mod bucket;
mod location;
mod object_writer;
mod uploads;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::Error;
pub(crate) use location::Location;
use location::{beside_folder, decode};
pub(crate) use object_writer::ObjectWriter;
pub(crate) use uploads::Uploads;

/// The folder that stands for S3: `s3://bucket/key` is the file `<folder>/bucket/key`.
///
/// Files may also be put there by hand. A key that a file system cannot hold is kept under an encoded name
/// (`%` and control characters as `%25`, …).
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    pub(crate) fn open(root: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(&root).map_err(Error::io("cannot create the object store", &root))?;
        Ok(Self { root })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Writes an object, replacing one that exists.
    pub fn put(&self, uri: &str, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
        let mut object = self.create(uri)?;
        io::Write::write_all(&mut object, bytes.as_ref())
            .map_err(Error::io("cannot write", uri))?;
        self.finish(object)
    }

    /// Reads an object.
    pub fn get(&self, uri: &str) -> Result<Vec<u8>, Error> {
        let path = self.file_of(uri)?;
        fs::read(&path).map_err(|error| unreadable(error, uri, path))
    }

    /// The locations of all objects that start with `prefix_uri`, in the order of their keys.
    pub fn list(&self, prefix_uri: &str) -> Result<Vec<String>, Error> {
        let prefix = Location::parse(prefix_uri)?;
        let folder = prefix.folder_of_prefix(&self.root);
        let parent = prefix.key.rsplit_once('/').map_or("", |(parent, _)| parent);
        let mut keys = Vec::new();
        collect(
            &folder,
            parent,
            parent.is_empty() && !prefix.key.contains('/'),
            &mut keys,
        )?;
        keys.retain(|key| key.starts_with(&prefix.key));
        keys.sort_unstable();
        keys.dedup();
        Ok(keys
            .into_iter()
            .map(|key| {
                Location {
                    bucket: prefix.bucket.clone(),
                    key,
                }
                .uri()
            })
            .collect())
    }

    /// Removes an object; it is no error if there is none.
    pub fn delete(&self, uri: &str) -> Result<(), Error> {
        match self.file_of(uri) {
            Ok(path) => match fs::remove_file(&path) {
                // Somebody else was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed.map_err(Error::io("cannot remove", path)),
            },
            Err(Error::NoSuchObject { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn read(&self, uri: &str) -> Result<File, Error> {
        let path = self.file_of(uri)?;
        File::open(&path).map_err(|error| unreadable(error, uri, path))
    }

    /// Begins an object that nobody sees before [`Store::finish`].
    pub(crate) fn create(&self, uri: &str) -> Result<ObjectWriter, Error> {
        ObjectWriter::create(&self.root, Location::parse_object(uri)?)
    }

    pub(crate) fn finish(&self, object: ObjectWriter) -> Result<(), Error> {
        let location = object.location().clone();
        let [target, ..] = &location.candidates(&self.root)[..] else {
            return Ok(());
        };
        self.make_folders(target)?;
        let target = if target.is_dir() {
            beside_folder(target)
        } else {
            target.clone()
        };
        object.rename(&target)
    }

    fn file_of(&self, uri: &str) -> Result<PathBuf, Error> {
        Location::parse_object(uri)?
            .candidates(&self.root)
            .into_iter()
            .find(|path| path.is_file())
            .ok_or_else(|| Error::NoSuchObject {
                uri: uri.to_owned(),
            })
    }

    /// Creates the folders above `target`; an object that has the name of one of them moves beside it.
    fn make_folders(&self, target: &Path) -> Result<(), Error> {
        let Some(parent) = target.parent() else {
            return Ok(());
        };
        let mut above: Vec<_> = parent
            .ancestors()
            .take_while(|path| *path != self.root)
            .collect();
        above.reverse();
        for folder in above {
            if folder.is_file() {
                fs::rename(folder, beside_folder(folder))
                    .map_err(Error::io("cannot rename", folder))?;
            }
        }
        fs::create_dir_all(parent).map_err(Error::io("cannot create the folder", parent))
    }
}

/// A file that was there a moment ago may have been deleted.
fn unreadable(error: io::Error, uri: &str, path: PathBuf) -> Error {
    if error.kind() == io::ErrorKind::NotFound {
        let uri = uri.to_owned();
        return Error::NoSuchObject { uri };
    }
    Error::io("cannot read", path)(error)
}

fn collect(folder: &Path, key: &str, is_bucket: bool, keys: &mut Vec<String>) -> Result<(), Error> {
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
        Err(error) => return Err(Error::io("cannot list", folder)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(Error::io("cannot list", folder))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let key = if is_bucket {
            decode(name)
        } else {
            format!("{key}/{}", decode(name))
        };
        if entry.path().is_dir() {
            collect(&entry.path(), &key, false, keys)?;
        } else {
            keys.push(key);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path().join("store")).expect("a store");
        (folder, store)
    }

    #[test]
    fn lists_by_prefix_in_key_order() {
        let (_folder, store) = store();
        for key in ["data", "data2.csv", "data/b", "data/a", "other", "dat/x"] {
            store.put(&format!("s3://b/{key}"), key).expect("put");
        }
        let keys = |prefix: &str| store.list(prefix).expect("list");
        assert_eq!(
            keys("s3://b/data"),
            [
                "s3://b/data",
                "s3://b/data/a",
                "s3://b/data/b",
                "s3://b/data2.csv"
            ]
        );
        assert_eq!(keys("s3://b/data/"), ["s3://b/data/a", "s3://b/data/b"]);
        assert_eq!(keys("s3://b/").len(), 6);
        assert!(keys("s3://b/nothing").is_empty());
        assert!(keys("s3://nobody/").is_empty());
    }

    #[test]
    fn an_object_may_have_the_name_of_a_folder() {
        let (_folder, store) = store();
        store.put("s3://b/a", "first").expect("put");
        store.put("s3://b/a/b", "second").expect("put");
        assert_eq!(store.get("s3://b/a").expect("get"), b"first");
        store.put("s3://b/a", "third").expect("put");
        assert_eq!(store.get("s3://b/a").expect("get"), b"third");
        assert_eq!(
            store.list("s3://b/a").expect("list"),
            ["s3://b/a", "s3://b/a/b"]
        );
        store.delete("s3://b/a").expect("delete");
        assert!(matches!(
            store.get("s3://b/a"),
            Err(Error::NoSuchObject { .. })
        ));
        assert_eq!(store.get("s3://b/a/b").expect("get"), b"second");
    }

    #[test]
    fn an_object_is_not_seen_before_it_is_finished() {
        let (_folder, store) = store();
        let object = store.create("s3://b/k").expect("create");
        assert!(store.list("s3://b/").expect("list").is_empty());
        drop(object);
        assert!(store.list("s3://b/").expect("list").is_empty());
    }
}
