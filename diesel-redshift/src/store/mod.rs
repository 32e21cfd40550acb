//! Where an application puts files for COPY and fetches those of UNLOAD.
//!
//! The statements name `s3://bucket/key` and the cluster reads or writes there; a [`Store`] is the application's own
//! way to the same objects. [`FolderStore`] is a folder, such as the sandbox's; `S3Store` (feature `s3`) is Amazon S3
//! or what speaks its protocol. An application that has a client already puts it behind the trait, which asks for
//! four things only:
//!
//! ```
//! use std::collections::BTreeMap;
//! use std::io::{Cursor, Read};
//! use std::sync::Mutex;
//!
//! use diesel_redshift::S3Uri;
//! use diesel_redshift::store::{Store, StoreError, StoreErrorKind};
//!
//! #[derive(Default)]
//! struct Memory(Mutex<BTreeMap<S3Uri, Vec<u8>>>);
//!
//! impl Memory {
//!     fn objects(&self) -> std::sync::MutexGuard<'_, BTreeMap<S3Uri, Vec<u8>>> {
//!         self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
//!     }
//! }
//!
//! impl Store for Memory {
//!     fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
//!         self.objects().insert(location.clone(), body.to_vec());
//!         Ok(())
//!     }
//!
//!     fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
//!         match self.objects().get(location) {
//!             Some(body) => Ok(Box::new(Cursor::new(body.clone()))),
//!             None => Err(StoreError::new(StoreErrorKind::NotFound, location, "there is no such object")),
//!         }
//!     }
//!
//!     fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
//!         let mut objects = self.objects();
//!         for location in locations {
//!             objects.remove(location);
//!         }
//!         Ok(())
//!     }
//!
//!     fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
//!         let objects = self.objects();
//!         Ok(objects.keys().filter(|found| found.as_str().starts_with(prefix.as_str())).cloned().collect())
//!     }
//! }
//!
//! let store = Memory::default();
//! let location = S3Uri::parse("s3://bucket/users.csv")?;
//! store.put(&location, b"1,Ada\n")?;
//! let mut text = String::new();
//! store.get(&location)?.read_to_string(&mut text)?;
//! assert_eq!(text, "1,Ada\n");
//! assert_eq!(store.list(&S3Uri::parse("s3://bucket/us")?)?, [location.clone()]);
//! store.delete(&[location.clone()])?;
//! assert_eq!(store.get(&location).err().map(|error| error.kind()), Some(StoreErrorKind::NotFound));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod folder;

use std::io::Read;
use std::sync::Arc;

use crate::aws::S3Uri;

pub use self::folder::FolderStore;
pub use crate::error::{StoreError, StoreErrorKind};

/// The largest body that [`Store::put`] takes, in bytes: 64 MB, which one request carries.
///
/// Redshift loads files of 1 MB to 1 GB after compression well; what is larger is several files.
pub const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// The objects that COPY reads and UNLOAD writes, as the application reaches them.
///
/// Several threads use one store at once. Each method returns only when it is done: a client that is asynchronous
/// is driven on a thread of its own within the implementation.
pub trait Store: Send + Sync {
    /// Writes an object of at most [`LARGEST_BODY`] bytes, whole or not at all, in place of one that exists.
    ///
    /// # Errors
    ///
    /// When the object may not have been written. Trying again is harmless.
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError>;

    /// Opens an object for reading from its beginning.
    ///
    /// The reader ends where the object ends and nowhere else: what breaks in the middle is an error of the reader,
    /// which [`StoreError::reading`] takes back out of the [`std::io::Error`].
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::NotFound`] when there is no such object, others as the store tells them.
    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError>;

    /// Deletes objects; one that does not exist is deleted already.
    ///
    /// # Errors
    ///
    /// The first that could not be deleted; the others were tried nevertheless.
    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError>;

    /// The objects whose keys start with that of `prefix`, in the order of their keys; a folder therefore ends in `/`.
    ///
    /// # Errors
    ///
    /// As the store tells them. That there is none is no error.
    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError>;
}

macro_rules! is_the_store_it_points_to {
    ($($pointer:ty),*) => {$(
        impl<S: Store + ?Sized> Store for $pointer {
            fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
                (**self).put(location, body)
            }

            fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
                (**self).get(location)
            }

            fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
                (**self).delete(locations)
            }

            fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
                (**self).list(prefix)
            }
        }
    )*};
}

is_the_store_it_points_to!(&S, Box<S>, Arc<S>);

/// Refuses a body that one request does not carry.
fn check_body(location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
    if body.len() > LARGEST_BODY {
        return Err(StoreError::new(
            StoreErrorKind::Refused,
            location,
            format!(
                "invalid length of a body: {} bytes; expected 0 to {LARGEST_BODY}",
                body.len()
            ),
        ));
    }
    Ok(())
}

/// Refuses a bucket or a folder where one object is meant: a request without a key would concern the bucket.
fn check_object(location: &S3Uri) -> Result<(), StoreError> {
    if location.key().is_empty() {
        return Err(StoreError::new(
            StoreErrorKind::Refused,
            location,
            "it names no object; expected a key after the bucket",
        ));
    }
    Ok(())
}

/// Deletes each of the locations, and tells the first failure.
fn delete_each(
    locations: &[S3Uri],
    mut delete: impl FnMut(&S3Uri) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut failed: Option<(StoreError, usize)> = None;
    for location in locations {
        if let Err(error) = delete(location) {
            failed = Some(match failed {
                None => (error, 0),
                Some((first, others)) => (first, others + 1),
            });
        }
    }
    match failed {
        None => Ok(()),
        Some((first, others)) => Err(first.and_others(others)),
    }
}
