//! Objects that arrive in parts.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

use super::{ObjectWriter, Store};
use crate::Error;

/// A part that is there.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) md5: String,
    pub(crate) bytes: u64,
    path: PathBuf,
}

#[derive(Debug)]
struct Upload {
    uri: String,
    folder: TempDir,
    parts: BTreeMap<u32, Part>,
}

/// The uploads that are under way. They end with the sandbox.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    last: Mutex<u64>,
    open: Mutex<HashMap<String, Upload>>,
}

impl Uploads {
    fn open(&self) -> MutexGuard<'_, HashMap<String, Upload>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an upload and returns its name.
    pub(crate) fn begin(&self, store: &Store, uri: &str) -> Result<String, Error> {
        let parent = store.unfinished_folder()?;
        let folder = tempfile::Builder::new()
            .prefix("upload-")
            .tempdir_in(&parent)
            .map_err(Error::io("cannot create a folder in", parent))?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        let id = format!("upload-{}-{last}", std::process::id());
        self.open().insert(
            id.clone(),
            Upload {
                uri: uri.to_owned(),
                folder,
                parts: BTreeMap::new(),
            },
        );
        Ok(id)
    }

    /// Whether the upload is under way, for this object.
    pub(crate) fn has(&self, id: &str, uri: &str) -> bool {
        self.open().get(id).is_some_and(|upload| upload.uri == uri)
    }

    /// Takes a file as a part, in place of one of the same number; false if the upload has ended meanwhile.
    pub(crate) fn add(
        &self,
        id: &str,
        number: u32,
        part: ObjectWriter,
        md5: String,
    ) -> Result<bool, Error> {
        let mut open = self.open();
        let Some(upload) = open.get_mut(id) else {
            return Ok(false);
        };
        let path = upload.folder.path().join(number.to_string());
        let bytes = part.len();
        part.rename(&path)?;
        upload.parts.insert(number, Part { md5, bytes, path });
        Ok(true)
    }

    /// The parts of an upload, by their numbers.
    pub(crate) fn parts(&self, id: &str) -> BTreeMap<u32, Part> {
        let open = self.open();
        open.get(id)
            .map(|upload| upload.parts.clone())
            .unwrap_or_default()
    }

    /// Forgets all of them: threads that wait for clients may outlive the sandbox.
    pub(crate) fn clear(&self) {
        self.open().clear();
    }

    /// Forgets an upload, with its files.
    pub(crate) fn end(&self, id: &str) {
        self.open().remove(id);
    }
}

impl Part {
    /// Appends the part's bytes.
    pub(crate) fn append_to(&self, out: &mut impl io::Write) -> Result<(), Error> {
        let mut file = File::open(&self.path).map_err(Error::io("cannot read", &self.path))?;
        io::copy(&mut file, out)
            .map(|_| ())
            .map_err(Error::io("cannot copy", &self.path))
    }
}

impl Store {
    /// Where files lie that are no objects yet.
    fn unfinished_folder(&self) -> Result<PathBuf, Error> {
        let folder = self.root.join(super::object_writer::FOLDER);
        fs::create_dir_all(&folder).map_err(Error::io("cannot create the folder", &folder))?;
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_that_has_ended_takes_no_parts() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path().to_path_buf()).expect("a store");
        let uploads = Uploads::default();
        let id = uploads.begin(&store, "s3://b/k").expect("an upload");
        let add = || {
            let part = store.create("s3://b/k").expect("a part");
            uploads.add(&id, 1, part, String::new()).expect("added")
        };
        assert!(add());
        assert_eq!(uploads.parts(&id).len(), 1);
        uploads.end(&id);
        assert!(!add());
    }
}
