//! Where an application puts files for COPY and fetches those of UNLOAD.
//!
//! The statements name `s3://bucket/key`, which the cluster reads or writes; a [`Store`] is the
//! application's own access to the same objects.
//!
#![doc = include_str!("../../doc/store.md")]

mod folder;
#[cfg(feature = "s3")]
mod s3;

use std::io::Read;
use std::sync::Arc;

use crate::aws::S3Uri;

pub use self::folder::FolderStore;
#[cfg(feature = "s3")]
pub use self::s3::{S3Store, S3StoreBuilder};
pub use crate::error::{StoreError, StoreErrorKind};

/// The largest body that [`Store::put`] accepts, in bytes: 64 MB, which fit in one request.
///
/// Redshift loads files of 1 MB to 1 GB after compression well; larger data goes into several
/// files.
pub const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// The objects that COPY reads and UNLOAD writes, as the application accesses them.
///
/// Several threads use one store at once. Each method returns only when it is done: an asynchronous
/// client is driven on a separate thread within the implementation.
pub trait Store: Send + Sync {
    /// Writes an object of at most [`LARGEST_BODY`] bytes, whole or not at all, replacing an
    /// existing one.
    ///
    /// # Errors
    ///
    /// If the object may not have been written. A retry is harmless.
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError>;

    /// Opens an object for reading from its beginning.
    ///
    /// The reader ends only where the object ends: a break before that is an error of the reader,
    /// which [`StoreError::reading`] recovers from the [`std::io::Error`].
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::NotFound`] if there is no such object, or any other error of the store.
    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError>;

    /// Deletes objects; deleting one that does not exist succeeds.
    ///
    /// # Errors
    ///
    /// That of the first object that could not be deleted; the others were tried nevertheless.
    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError>;

    /// The objects whose keys start with that of `prefix`, in the order of their keys; a folder
    /// therefore ends in `/`.
    ///
    /// # Errors
    ///
    /// Any error of the store. An empty result is not an error.
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

/// Refuses a body that does not fit in one request.
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

/// Refuses a bucket or a folder where one object is expected: a request without a key would concern
/// the bucket.
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

/// The first of several failures, and how many more there are.
#[derive(Default)]
struct Failures {
    first: Option<StoreError>,
    others: usize,
}

impl Failures {
    fn add(&mut self, failure: StoreError) {
        if self.first.is_some() {
            self.others += 1 + failure.others();
        } else {
            self.first = Some(failure);
        }
    }

    /// Runs `action` for each of the locations, and adds its failures.
    fn of_each(&mut self, locations: &[S3Uri], action: impl Fn(&S3Uri) -> Result<(), StoreError>) {
        for location in locations {
            if let Err(failure) = action(location) {
                self.add(failure);
            }
        }
    }

    fn result(self) -> Result<(), StoreError> {
        match self.first {
            None => Ok(()),
            Some(first) => {
                let others = first.others() + self.others;
                Err(first.and_others(others))
            }
        }
    }
}
