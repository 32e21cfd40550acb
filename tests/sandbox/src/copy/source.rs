//! The files of a load.

use std::io::{self, BufReader, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;

use super::format::Format;
use super::options::Compression;
use super::statement::Statement;
use crate::protocol::{SqlError, SqlResult};
use crate::store::Location;
use crate::{Error, Store};

/// The locations of all files, in the order in which they are loaded.
pub(super) fn files(store: &Store, statement: &Statement, query: i32) -> SqlResult<Vec<String>> {
    let refuse = |error: Error| SqlError::internal(error.to_string());
    if statement.options.manifest {
        return manifest(store, statement, query);
    }
    let location = Location::parse(&statement.source).map_err(refuse)?;
    let files = store.list(&statement.source).map_err(refuse)?;
    // A prefix of Parquet files that matches nothing loads nothing.
    if files.is_empty() && statement.options.format != Format::Parquet {
        let prefix = location.key;
        let message = format!("The specified S3 prefix '{prefix}' does not exist");
        return Err(SqlError::internal(&message).boxed(8001, &message, &statement.source, query));
    }
    Ok(files)
}

fn manifest(store: &Store, statement: &Statement, query: i32) -> SqlResult<Vec<String>> {
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
        Err(error) => return Err(problem(error.to_string())),
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
        if is_columnar && entry["meta"]["content_length"].as_u64().is_none() {
            return Err(problem(format!(
                "The entry {url} of the manifest file has no \"meta\" with \"content_length\", which PARQUET needs"
            )));
        }
        let mandatory = entry["mandatory"].as_bool().unwrap_or(false);
        let exists = store
            .exists(url)
            .map_err(|error| problem(error.to_string()))?;
        if exists {
            files.push(url.to_owned());
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

/// A file's contents, unpacked.
pub(super) fn open(
    store: &Store,
    uri: &str,
    compression: Option<Compression>,
) -> io::Result<Box<dyn Read>> {
    let file = store.read(uri).map_err(io::Error::other)?;
    if file.metadata()?.len() == 0 {
        return Ok(Box::new(io::empty()));
    }
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
