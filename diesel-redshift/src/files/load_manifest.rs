//! The manifest that names what a COPY loads.

use super::push_json_string;
use crate::aws::S3Uri;

/// A manifest for COPY: exactly the objects to load.
///
/// Write [`to_json`](LoadManifest::to_json) to S3 and load it with
/// [`S3Manifest`](crate::copy::S3Manifest). Unlike a prefix it loads nothing else, and a missing
/// object is an error.
///
/// ```
/// use diesel_redshift::S3Uri;
/// use diesel_redshift::copy::{LoadManifest, ManifestEntry};
///
/// let manifest: LoadManifest = [
///     ManifestEntry::new(S3Uri::parse("s3://bucket/users/1.parquet")?).content_length(5_956_875),
///     ManifestEntry::new(S3Uri::parse("s3://bucket/users/2.parquet")?).content_length(12).optional(),
/// ]
/// .into_iter()
/// .collect();
/// assert_eq!(
///     manifest.to_json(),
///     r#"{"entries":[{"url":"s3://bucket/users/1.parquet","mandatory":true,"meta":{"content_length":5956875}},"#
///         .to_owned()
///         + r#"{"url":"s3://bucket/users/2.parquet","mandatory":false,"meta":{"content_length":12}}]}"#
/// );
/// # Ok::<(), diesel_redshift::error::InvalidValue>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoadManifest {
    entries: Vec<ManifestEntry>,
}

/// One object in a [`LoadManifest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEntry {
    url: S3Uri,
    mandatory: bool,
    content_length: Option<u64>,
}

impl ManifestEntry {
    /// The object with exactly this key. The load fails when it does not exist.
    pub fn new(url: S3Uri) -> Self {
        Self {
            url,
            mandatory: true,
            content_length: None,
        }
    }

    /// Loads the others when this one does not exist. If none exists, COPY fails all the same.
    pub fn optional(mut self) -> Self {
        self.mandatory = false;
        self
    }

    /// The object's exact size in bytes, which COPY needs for Parquet and ORC.
    pub fn content_length(mut self, bytes: u64) -> Self {
        self.content_length = Some(bytes);
        self
    }

    /// The object.
    pub fn url(&self) -> &S3Uri {
        &self.url
    }
}

impl From<S3Uri> for ManifestEntry {
    fn from(url: S3Uri) -> Self {
        Self::new(url)
    }
}

impl<E: Into<ManifestEntry>> FromIterator<E> for LoadManifest {
    fn from_iter<I: IntoIterator<Item = E>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().map(Into::into).collect(),
        }
    }
}

impl<E: Into<ManifestEntry>> Extend<E> for LoadManifest {
    fn extend<I: IntoIterator<Item = E>>(&mut self, entries: I) {
        self.entries.extend(entries.into_iter().map(Into::into));
    }
}

impl LoadManifest {
    /// The objects; one that is listed twice is loaded twice.
    pub fn entries(&self) -> &[ManifestEntry] {
        &self.entries
    }

    /// The manifest as COPY reads it, in JSON.
    pub fn to_json(&self) -> String {
        let mut json = String::from("{\"entries\":[");
        for (at, entry) in self.entries.iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            json.push_str("{\"url\":");
            push_json_string(&mut json, entry.url.as_str());
            json.push_str(",\"mandatory\":");
            json.push_str(if entry.mandatory { "true" } else { "false" });
            if let Some(bytes) = entry.content_length {
                json.push_str(",\"meta\":{\"content_length\":");
                json.push_str(itoa::Buffer::new().format(bytes));
                json.push('}');
            }
            json.push('}');
        }
        json.push_str("]}");
        json
    }
}
