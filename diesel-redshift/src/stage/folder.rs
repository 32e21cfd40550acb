//! The folder of one load or unload, and its clean-up.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::aws::S3Uri;
use crate::error::{Error, InvalidValue};
use crate::files::random_name;
use crate::store::{Store, StoreError, StoreErrorKind};

/// When the files of a load or unload are deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CleanUp {
    /// In any case: after success, an error, a panic, a drop.
    #[default]
    Always,
    /// Only after success, so that the files of a failed load can be inspected.
    OnSuccess,
    /// Never; leave it to a lifecycle rule of the bucket.
    Never,
}

/// A folder with a random name, and the keys that were written there. Dropping it deletes them,
/// subject to [`CleanUp`].
pub(super) struct Folder {
    store: Arc<dyn Store>,
    location: S3Uri,
    state: Mutex<State>,
}

struct State {
    clean_up: CleanUp,
    has_succeeded: bool,
    written: Vec<S3Uri>,
    /// Whether the folder may contain files other than the known ones: the server writes there.
    may_have_others: bool,
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Folder").field(&self.location).finish()
    }
}

impl Folder {
    /// A new folder below `within`.
    pub(super) fn new(
        store: Arc<dyn Store>,
        within: &S3Uri,
        clean_up: CleanUp,
    ) -> Result<Self, InvalidValue> {
        Ok(Self::at(store, Self::location_below(within)?, clean_up))
    }

    /// A new location below `within`.
    pub(super) fn location_below(within: &S3Uri) -> Result<S3Uri, InvalidValue> {
        let separator = match within.key() {
            "" => "",
            key if key.ends_with('/') => "",
            _ => "/",
        };
        within.join(&format!("{separator}{}/", random_name()))
    }

    /// The folder at a location, which ends in `/`.
    pub(super) fn at(store: Arc<dyn Store>, location: S3Uri, clean_up: CleanUp) -> Self {
        Self {
            store,
            location,
            state: Mutex::new(State {
                clean_up,
                has_succeeded: false,
                written: Vec::new(),
                may_have_others: false,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(super) fn location(&self) -> &S3Uri {
        &self.location
    }

    /// Writes a file of that name.
    pub(super) fn put(&self, name: &str, body: &[u8]) -> Result<S3Uri, Error> {
        let location = self.location.join(name)?;
        // Recorded before it is written: a write that fails may still have taken effect.
        self.state().written.push(location.clone());
        self.store.put(&location, body)?;
        Ok(location)
    }

    /// Takes over the clean-up of files that others wrote.
    pub(super) fn adopt(&self, files: impl IntoIterator<Item = S3Uri>) {
        self.state().written.extend(files);
    }

    /// Sets whether the server may have written unknown files here.
    pub(super) fn set_may_have_others(&self, may_have_others: bool) {
        self.state().may_have_others = may_have_others;
    }

    /// Records that the files have served their purpose.
    pub(super) fn succeed(&self) {
        self.state().has_succeeded = true;
    }

    /// Leaves the files to others.
    pub(super) fn disown(&self) {
        self.state().clean_up = CleanUp::Never;
    }

    /// Deletes the files now, subject to [`CleanUp`], and returns what went wrong.
    pub(super) fn clean_up(&self) -> Vec<Error> {
        let (mut files, may_have_others) = {
            let mut state = self.state();
            let wanted = match state.clean_up {
                CleanUp::Always => true,
                CleanUp::OnSuccess => state.has_succeeded,
                CleanUp::Never => false,
            };
            if !wanted {
                return Vec::new();
            }
            let may_have_others = std::mem::take(&mut state.may_have_others);
            (std::mem::take(&mut state.written), may_have_others)
        };
        let mut warnings = Vec::new();
        if may_have_others {
            match self.attempt(|store| store.list(&self.location)) {
                Ok(found) => files.extend(
                    found
                        .into_iter()
                        .filter(|found| found.as_str().starts_with(self.location.as_str())),
                ),
                Err(error) => warnings.push(error.into()),
            }
            files.sort_unstable();
            files.dedup();
        }
        if !files.is_empty()
            && let Err(error) = self.attempt(|store| store.delete(&files))
        {
            warnings.push(error.into());
        }
        warnings
    }

    /// A panic of the store is an error of it here: rows may be committed, and a panic while
    /// another one unwinds would end the process.
    fn attempt<T>(
        &self,
        request: impl FnOnce(&dyn Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        catch_unwind(AssertUnwindSafe(|| request(&*self.store))).unwrap_or_else(|_| {
            let kind = StoreErrorKind::Unexpected;
            Err(StoreError::new(kind, &self.location, "the store panicked"))
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // There is nobody left to report it to.
        let _ = self.clean_up();
    }
}
