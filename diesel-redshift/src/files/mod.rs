//! What stands in S3 beside the data and in it: manifests, JSONPaths, widths of fields.

mod fixed_width;
mod json;
mod json_paths;
mod load_manifest;
#[cfg(feature = "serde_json")]
mod unload_manifest;

pub(crate) use self::fixed_width::Widths;
pub(crate) use self::json::push_json_string;
pub use self::json_paths::{JsonPath, JsonPaths};
pub use self::load_manifest::{LoadManifest, ManifestEntry};
#[cfg(feature = "serde_json")]
pub use self::unload_manifest::{UnloadManifest, UnloadedColumn, UnloadedFile};
