//! The manifest that an UNLOAD wrote.

use serde::Deserialize;

use super::{LoadManifest, ManifestEntry};
use crate::aws::S3Uri;
use crate::error::InvalidValue;

/// The manifest of an UNLOAD with [`manifest`](crate::unload::UnloadStatement::manifest) or
/// [`manifest_verbose`](crate::unload::UnloadStatement::manifest_verbose), at `<prefix>manifest`.
///
/// Only the files are in every manifest; unknown keys are ignored, so that newer manifests can be
/// read too.
///
/// ```
/// use diesel_redshift::copy::LoadManifest;
/// use diesel_redshift::unload::UnloadManifest;
///
/// let manifest = UnloadManifest::parse(
///     br#"{
///         "entries": [
///             {"url": "s3://bucket/venue_0000_part_00", "meta": {"content_length": 32295, "record_count": 10}}
///         ],
///         "schema": {"elements": [{"name": "venueid", "type": {"base": "integer"}}]},
///         "meta": {"content_length": 32295, "record_count": 10},
///         "author": {"name": "Amazon Redshift", "version": "1.0.0"}
///     }"#,
/// )?;
/// assert_eq!(manifest.files[0].url.key(), "venue_0000_part_00");
/// assert_eq!(manifest.record_count, Some(10));
/// assert_eq!(manifest.columns[0].name, "venueid");
///
/// // COPY reads it as it is, or with other files beside:
/// let mut load = LoadManifest::from(&manifest);
/// load.extend(["s3://bucket/more.csv".parse::<diesel_redshift::S3Uri>()?]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnloadManifest {
    /// The files.
    pub files: Vec<UnloadedFile>,
    /// The columns of the query, those of PARTITION BY among them; empty unless the manifest is
    /// verbose.
    pub columns: Vec<UnloadedColumn>,
    /// The size of all files in bytes, if the manifest is verbose.
    pub content_length: Option<u64>,
    /// The number of rows in all files, header lines included, if the manifest is verbose.
    pub record_count: Option<u64>,
}

/// A file that an UNLOAD wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnloadedFile {
    /// The object.
    pub url: S3Uri,
    /// Its size in bytes, if the manifest tells.
    pub content_length: Option<u64>,
    /// The number of its rows, its header line included, if the manifest is verbose.
    pub record_count: Option<u64>,
}

/// A column that an UNLOAD wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnloadedColumn {
    /// Its name.
    pub name: String,
    /// Its type, such as `character varying`.
    pub base: String,
    /// The length of a CHAR or VARCHAR, in bytes.
    pub max_length: Option<u32>,
    /// The precision of a DECIMAL.
    pub precision: Option<u32>,
    /// The scale of a DECIMAL.
    pub scale: Option<u32>,
}

#[derive(Deserialize)]
struct Document {
    entries: Vec<Entry>,
    #[serde(default)]
    schema: Schema,
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize)]
struct Entry {
    url: Url,
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize, Default)]
struct Meta {
    content_length: Option<u64>,
    record_count: Option<u64>,
}

#[derive(Deserialize, Default)]
struct Schema {
    #[serde(default)]
    elements: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    name: String,
    #[serde(rename = "type", default)]
    kind: Kind,
}

#[derive(Deserialize, Default)]
struct Kind {
    #[serde(default)]
    base: String,
    max_length: Option<u32>,
    precision: Option<u32>,
    scale: Option<u32>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Url(S3Uri);

impl TryFrom<String> for Url {
    type Error = InvalidValue;

    fn try_from(url: String) -> Result<Self, Self::Error> {
        S3Uri::parse(&url).map(Self)
    }
}

impl UnloadManifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is no JSON, has no `entries`, or one of them is no location in S3.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidValue> {
        let document: Document = serde_json::from_slice(json).map_err(|error| {
            InvalidValue::new(
                "UNLOAD manifest",
                error.to_string(),
                "JSON with the `entries` of an UNLOAD",
            )
        })?;
        Ok(Self {
            files: document
                .entries
                .into_iter()
                .map(|entry| UnloadedFile {
                    url: entry.url.0,
                    content_length: entry.meta.content_length,
                    record_count: entry.meta.record_count,
                })
                .collect(),
            columns: document
                .schema
                .elements
                .into_iter()
                .map(|element| UnloadedColumn {
                    name: element.name,
                    base: element.kind.base,
                    max_length: element.kind.max_length,
                    precision: element.kind.precision,
                    scale: element.kind.scale,
                })
                .collect(),
            content_length: document.meta.content_length,
            record_count: document.meta.record_count,
        })
    }
}

impl From<&UnloadManifest> for LoadManifest {
    /// All files, each of which has to exist.
    fn from(manifest: &UnloadManifest) -> Self {
        manifest
            .files
            .iter()
            .map(|file| {
                let entry = ManifestEntry::new(file.url.clone());
                match file.content_length {
                    Some(bytes) => entry.content_length(bytes),
                    None => entry,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_verbose() {
        let plain = UnloadManifest::parse(br#"{"entries": [{"url": "s3://bucket/a"}], "new": 1}"#)
            .expect("a manifest");
        assert_eq!(plain.files.len(), 1);
        assert_eq!(plain.files[0].content_length, None);
        assert!(plain.columns.is_empty());

        let verbose = UnloadManifest::parse(
            br#"{"entries": [{"url": "s3://bucket/a", "meta": {"content_length": 7, "record_count": 2}}],
                "schema": {"elements": [
                    {"name": "v", "type": {"base": "character varying", "max_length": 25}},
                    {"name": "n", "type": {"base": "numeric", "precision": 8, "scale": 2}}]},
                "meta": {"content_length": 7, "record_count": 2},
                "author": {"name": "Amazon Redshift", "version": "1.0.0"}}"#,
        )
        .expect("a manifest");
        assert_eq!(verbose.columns[0].max_length, Some(25));
        assert_eq!(
            (verbose.columns[1].precision, verbose.columns[1].scale),
            (Some(8), Some(2))
        );
        assert_eq!(
            LoadManifest::from(&verbose).to_json(),
            r#"{"entries":[{"url":"s3://bucket/a","mandatory":true,"meta":{"content_length":7}}]}"#
        );
    }

    #[test]
    fn what_is_no_manifest_is_an_error() {
        for json in ["", "[]", "{}", r#"{"entries": [{"url": "https://x/y"}]}"#] {
            assert!(UnloadManifest::parse(json.as_bytes()).is_err(), "{json}");
        }
    }
}
