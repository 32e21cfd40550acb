//! The PostgreSQL that comes with this crate, for machines that have none.

use std::path::{Path, PathBuf};

use crate::Error;

#[cfg(bundled_engine)]
static ARCHIVE: Option<&[u8]> = Some(include_bytes!(concat!(env!("OUT_DIR"), "/engine.tar.zst")));
#[cfg(not(bundled_engine))]
static ARCHIVE: Option<&[u8]> = None;

/// Unpacks it below `folder` and returns the folder of its programs.
pub(super) fn unpack(folder: &Path) -> Result<PathBuf, Error> {
    let archive = ARCHIVE.ok_or_else(|| {
        Error::NoEngine(
            "no PostgreSQL 13 or newer was found, and none is bundled for this kind of machine: install PostgreSQL, \
             or name its folder of programs in REDSHIFT_SANDBOX_PG_BIN"
                .to_owned(),
        )
    })?;
    let failed = |error| Error::io("cannot unpack the bundled PostgreSQL to", folder)(error);
    let stream = zstd::Decoder::with_buffer(archive).map_err(failed)?;
    tar::Archive::new(stream).unpack(folder).map_err(failed)?;
    Ok(folder.join("bin"))
}
