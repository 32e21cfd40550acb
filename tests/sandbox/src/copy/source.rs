//! The files of a load.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;

use super::format::Format;
use super::parquet::Refusal;
use super::statement::Statement;
use crate::Error;
use crate::parameters::Compression;
use crate::protocol::{SqlError, SqlResult};
use crate::s3::{self, S3};
use crate::store::Location;

/// A file to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) uri: String,
    pub(super) bytes: u64,
}

/// All files, in the order in which they are loaded.
pub(super) fn files(store: &S3<'_>, statement: &Statement, query: i32) -> SqlResult<Vec<Source>> {
    let refuse = |error: Error| s3::refusal(&error, &statement.source, query);
    if statement.options.manifest {
        return manifest(store, statement, query);
    }
    let location = Location::parse(&statement.source).map_err(refuse)?;
    let mut files = Vec::new();
    for uri in store.list(&statement.source).map_err(refuse)? {
        let bytes = store.listed_length(&uri).map_err(refuse)?;
        // Markers of folders are no files of Parquet.
        if bytes > 0 || statement.options.format != Format::Parquet {
            files.push(Source { uri, bytes });
        }
    }
    // A prefix of Parquet files that matches nothing loads nothing.
    if files.is_empty() && statement.options.format != Format::Parquet {
        let prefix = location.key;
        let message = format!("The specified S3 prefix '{prefix}' does not exist");
        return Err(SqlError::internal(&message).boxed(8001, &message, &statement.source, query));
    }
    Ok(files)
}

fn manifest(store: &S3<'_>, statement: &Statement, query: i32) -> SqlResult<Vec<Source>> {
    let source = &*statement.source;
    let is_columnar = statement.options.format == Format::Parquet;
    let problem = |text: String| SqlError::internal(&text).boxed(8001, &text, source, query);
    let bytes = match store.get(source) {
        Ok(bytes) => bytes,
        Err(Error::NoSuchObject { .. } | Error::Location { .. }) => {
            return Err(SqlError::internal("No such file or directory").boxed(
                2,
                "The specified key does not exist",
                source,
                query,
            ));
        }
        Err(error) => return Err(s3::refusal(&error, source, query)),
    };
    let manifest: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|error| problem(format!("Manifest file is not valid JSON: {error}")))?;
    let entries = manifest["entries"]
        .as_array()
        .ok_or_else(|| problem("Manifest file has no array \"entries\"".to_owned()))?;
    let mut files = Vec::with_capacity(entries.len());
    for entry in entries {
        let url = entry["url"]
            .as_str()
            .ok_or_else(|| problem("An entry of the manifest file has no \"url\"".to_owned()))?;
        let mandatory = match &entry["mandatory"] {
            serde_json::Value::Null => false,
            serde_json::Value::Bool(mandatory) => *mandatory,
            other => {
                return Err(problem(format!(
                    "The entry {url} of the manifest file has \"mandatory\" {other}, which is neither true nor false"
                )));
            }
        };
        if Location::parse_object(url).is_err() {
            return Err(problem(format!(
                "COPY with MANIFEST parameter requires full path of an S3 object: {url}"
            )));
        }
        let found = match store.length(url) {
            Ok(bytes) => Some(bytes),
            Err(Error::NoSuchObject { .. }) => None,
            Err(error) => return Err(s3::refusal(&error, url, query)),
        };
        if let Some(bytes) = found {
            check_length(entry, url, bytes, is_columnar).map_err(problem)?;
            files.push(Source {
                uri: url.to_owned(),
                bytes,
            });
        } else if mandatory {
            if is_columnar {
                let message = "Spectrum Scan Error: File not found";
                return Err(SqlError::internal(message).boxed(15001, message, url, query));
            }
            let message = format!("The mandatory file {url} of the manifest does not exist");
            return Err(
                SqlError::internal("No such file or directory").boxed(2, &message, source, query)
            );
        }
    }
    if files.is_empty() {
        return Err(problem("No file of the manifest was found".to_owned()));
    }
    Ok(files)
}

/// Columnar files are found by their lengths, which the manifest has to tell; for others it may be left out.
fn check_length(
    entry: &serde_json::Value,
    url: &str,
    length: u64,
    is_columnar: bool,
) -> Result<(), String> {
    match &entry["meta"]["content_length"] {
        told if told.as_u64() == Some(length) => Ok(()),
        serde_json::Value::Null if is_columnar => Err(format!(
            "The entry {url} of the manifest file has no \"meta\" with \"content_length\", which PARQUET needs"
        )),
        told if is_columnar => Err(format!(
            "The entry {url} of the manifest file has the \"content_length\" {told}, but the file has {length} bytes"
        )),
        _ => Ok(()),
    }
}

/// A Parquet file; what its name says of a compression around it is undone.
pub(super) fn parquet(file: File, uri: &str) -> Result<File, Refusal> {
    let compression = match uri.rsplit_once('.') {
        Some((_, "gz")) => Compression::Gzip,
        Some((_, "bz2")) => Compression::Bzip2,
        Some((_, "snappy")) => {
            return Err(Refusal::NotImitated(
                "COPY of a Parquet file whose name ends in .snappy".to_owned(),
            ));
        }
        _ => return Ok(file),
    };
    let mut plain = tempfile::tempfile()?;
    io::copy(&mut unpack(file, Some(compression))?, &mut plain)?;
    Ok(plain)
}

/// What is in a file.
pub(super) struct Contents {
    /// Unpacked.
    pub(super) bytes: Box<dyn Read>,
    /// How much of the file itself has been read.
    pub(super) read: Rc<Cell<u64>>,
}

/// A file's contents.
pub(super) fn contents(file: File, compression: Option<Compression>) -> io::Result<Contents> {
    let read = Rc::new(Cell::new(0));
    if file.metadata()?.len() == 0 {
        let bytes = Box::new(io::empty());
        return Ok(Contents { bytes, read });
    }
    let counted = CountingReader {
        file,
        read: Rc::clone(&read),
    };
    let bytes = unpack(counted, compression)?;
    Ok(Contents { bytes, read })
}

struct CountingReader {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for CountingReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(out)?;
        self.read.set(self.read.get() + length as u64);
        Ok(length)
    }
}

fn unpack(
    file: impl Read + 'static,
    compression: Option<Compression>,
) -> io::Result<Box<dyn Read>> {
    Ok(match compression {
        None => Box::new(file),
        Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            64 * 1024,
            file,
        ))),
        Some(Compression::Bzip2) => Box::new(MultiBzDecoder::new(BufReader::with_capacity(
            64 * 1024,
            file,
        ))),
        Some(Compression::Zstd) => Box::new(zstd::Decoder::new(file)?),
    })
}
