//! Loading rows with COPY and unloading them with UNLOAD, through files in a store.
//!
//! The files are below a folder with a random name, so that two loads never collide, and are
//! deleted key by key.

mod folder;
mod insert;
mod load;
mod outcome;
mod parts;
mod progress;
mod read;
mod rows;
mod shared;
mod staged;
mod unloaded;
mod unloaded_files;
mod upload;

pub use self::folder::CleanUp;
pub use self::insert::insert_rows;
pub use self::load::UnloadThrough;
pub use self::outcome::StagedOutcome;
pub use self::progress::{Phase, Progress};
pub use self::rows::{CopyRows, CopyRowsThrough};
pub use self::shared::{LoadPart, LoadPlan};
pub(crate) use self::staged::Load;
pub use self::staged::StagedRows;
pub use self::unloaded::UnloadedRows;
pub use self::unloaded_files::UnloadedFiles;
pub use crate::files::FileValues;
