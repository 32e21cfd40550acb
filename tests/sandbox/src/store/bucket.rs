//! Buckets, which are the folders at the top of the store.

use std::fs;
use std::io;

use super::{Location, Store};
use crate::Error;

impl Store {
    /// The names of all buckets, in order.
    pub(crate) fn buckets(&self) -> Result<Vec<String>, Error> {
        let entries = fs::read_dir(&self.root).map_err(Error::io("cannot list", &self.root))?;
        let mut names: Vec<_> = entries
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    pub(crate) fn has_bucket(&self, bucket: &str) -> bool {
        Location::parse(&format!("s3://{bucket}/")).is_ok() && self.root.join(bucket).is_dir()
    }

    pub(crate) fn create_bucket(&self, bucket: &str) -> Result<(), Error> {
        Location::parse(&format!("s3://{bucket}/"))?;
        let folder = self.root.join(bucket);
        fs::create_dir_all(&folder).map_err(Error::io("cannot create the folder", &folder))
    }

    /// Removes a bucket; false if there are objects in it.
    pub(crate) fn delete_bucket(&self, bucket: &str) -> Result<bool, Error> {
        let uri = format!("s3://{bucket}/");
        if !self.list(&uri)?.is_empty() {
            return Ok(false);
        }
        let folder = self.root.join(bucket);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io("cannot remove", folder)(error))
            }
            _ => Ok(true),
        }
    }
}
