//! Where a project has its things.

use std::env;
use std::path::{Path, PathBuf};

use crate::arguments::Global;
use crate::config::Config;
use crate::failure::Failure;

/// The folder with `diesel.toml`, else with `Cargo.toml`: this one or one above.
pub(crate) fn root() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    ["diesel.toml", "Cargo.toml"]
        .iter()
        .find_map(|file| above(&here, |folder| folder.join(file).is_file()))
}

fn above(here: &Path, is_it: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    here.ancestors()
        .find(|folder| is_it(folder))
        .map(Path::to_owned)
}

/// The folder of migrations, as the arguments, the environment, `diesel.toml` or the place say.
pub(crate) fn migrations(global: &Global, config: &Config) -> Result<PathBuf, Failure> {
    if let Some(folder) = configured(global, config) {
        if folder.is_dir() {
            return Ok(folder);
        }
        return Err(Failure::new(format!(
            "the folder of migrations {} does not exist; `diesel-redshift setup` creates it",
            folder.display()
        )));
    }
    let here = env::current_dir().map_err(|error| Failure::of_file(Path::new("."), &error))?;
    above(&here, |folder| folder.join("migrations").is_dir())
        .map(|folder| folder.join("migrations"))
        .ok_or_else(|| {
            Failure::new(format!(
                "there is no folder `migrations` in {} or above it; `diesel-redshift setup` creates one",
                here.display()
            ))
        })
}

/// The folder of migrations that is named somewhere.
pub(crate) fn configured(global: &Global, config: &Config) -> Option<PathBuf> {
    global
        .migration_dir
        .clone()
        .or_else(|| env::var_os("MIGRATION_DIRECTORY").map(PathBuf::from))
        .or_else(|| config.migrations_directory.clone())
}

/// A path as it is from here, if it is below.
pub(crate) fn shown(path: &Path) -> String {
    let here = env::current_dir().unwrap_or_default();
    path.strip_prefix(&here)
        .unwrap_or(path)
        .display()
        .to_string()
}
