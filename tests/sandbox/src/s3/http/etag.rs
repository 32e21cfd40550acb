//! The hashes of objects' contents, by which clients tell versions apart.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::digest::{Checksum, hex};
use super::not_implemented;
use crate::Error;
use crate::engine::{Version, os};

/// A file that was changed a moment ago may be changed again within what its file system takes for the same moment.
const SETTLED: Duration = Duration::from_secs(1);

/// So many are remembered at most.
const MOST: usize = 100_000;

/// What was hashed already: a large object may be asked for in many ranges.
#[derive(Debug, Default)]
pub(crate) struct Etags(Mutex<HashMap<Version, String>>);

impl Etags {
    pub(super) fn of(&self, file: &mut File) -> Result<String, Error> {
        let failed = |error| Error::io("cannot read", "an object")(error);
        let metadata = file.metadata().map_err(failed)?;
        let version = os::version(&metadata);
        if let Some(known) = version.and_then(|version| self.lock().get(&version).cloned()) {
            return Ok(known);
        }
        let md5 = copy_hashed(file, &mut io::sink())
            .map_err(failed)?
            .ok_or_else(|| not_implemented("MD5"))?;
        file.rewind().map_err(failed)?;
        let etag = format!("\"{md5}\"");
        let changed = metadata.modified().ok();
        let age = changed.and_then(|changed| changed.elapsed().ok());
        if age.is_none_or(|age| age < SETTLED) {
            return Ok(etag);
        }
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        if let Some(version) = version {
            known.insert(version, etag.clone());
        }
        Ok(etag)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Version, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Copies bytes and returns their MD5.
pub(super) fn copy_hashed(from: &mut impl Read, to: &mut impl Write) -> io::Result<Option<String>> {
    let Some(mut digest) = Checksum::named("md5") else {
        return Ok(None);
    };
    let mut buffer = [0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
    to.flush()?;
    Ok(Some(hex(&digest.finish())))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn a_file_that_changes_twice_in_a_moment_has_two_hashes() {
        let etags = Etags::default();
        let mut file = tempfile::tempfile().expect("a file");
        let changed = SystemTime::now();
        let mut etag = |contents: &[u8], changed: SystemTime| {
            file.rewind().expect("a start");
            file.write_all(contents).expect("written");
            file.set_modified(changed).expect("a time");
            file.rewind().expect("a start");
            etags.of(&mut file).expect("a hash")
        };
        assert_ne!(etag(b"one", changed), etag(b"two", changed));
        // Known by its time of change, not by its contents.
        let settled = changed - 2 * SETTLED;
        assert_eq!(etag(b"one", settled), etag(b"two", settled));
    }
}
