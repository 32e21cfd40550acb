//! What stands in S3 beside the data and in it: manifests, JSONPaths, widths of fields, and the
//! rows of files.

#[cfg(feature = "stage")]
mod compression;
#[cfg(feature = "stage")]
mod csv;
mod fixed_width;
mod json;
mod json_paths;
mod load_manifest;
#[cfg(feature = "stage")]
mod marker;
#[cfg(feature = "stage")]
mod row;
#[cfg(feature = "serde_json")]
mod unload_manifest;
#[cfg(feature = "stage")]
mod values;
#[cfg(feature = "stage")]
mod writer;

#[cfg(feature = "stage")]
pub(crate) use self::compression::{Compression, Compressor, decompress};
#[cfg(feature = "stage")]
pub(crate) use self::csv::Records;
pub(crate) use self::fixed_width::Widths;
pub(crate) use self::json::push_json_string;
pub use self::json_paths::{JsonPath, JsonPaths};
pub use self::load_manifest::{LoadManifest, ManifestEntry};
#[cfg(feature = "stage")]
pub(crate) use self::marker::{NullMarker, random_name};
#[cfg(feature = "stage")]
pub(crate) use self::row::{FileColumn, FileRow};
#[cfg(feature = "serde_json")]
pub use self::unload_manifest::{UnloadManifest, UnloadedColumn, UnloadedFile};
#[cfg(feature = "stage")]
pub use self::values::FileValues;
#[cfg(feature = "stage")]
pub(crate) use self::values::columns_of;
#[cfg(feature = "stage")]
pub(crate) use self::writer::RowWriter;
