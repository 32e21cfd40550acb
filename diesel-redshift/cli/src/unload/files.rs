//! Files on this machine, of what UNLOAD wrote to S3.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{FileFormat, UnloadArguments};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::staging::Staging;

/// A file that is whole, or is not there.
struct Partial<'a> {
    path: &'a Path,
    part: PathBuf,
}

impl<'a> Partial<'a> {
    fn create(path: &'a Path) -> Result<(Self, File), Failure> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let file = File::create(&part).map_err(|error| Failure::of_file(&part, &error))?;
        Ok((Self { path, part }, file))
    }

    fn finish(self, file: File) -> Result<String, Failure> {
        file.sync_all()
            .and_then(|()| fs::rename(&self.part, self.path))
            .map_err(|error| Failure::of_file(self.path, &error))?;
        Ok(self.path.display().to_string())
    }
}

impl Drop for Partial<'_> {
    fn drop(&mut self) {
        // Gone already when it was finished.
        let _ = fs::remove_file(&self.part);
    }
}

/// Makes one file of all objects.
pub(super) fn fetch_one(
    staging: &Staging,
    path: &Path,
    format: FileFormat,
    arguments: &UnloadArguments,
) -> Result<String, Failure> {
    let objects = staging.list()?;
    if objects.len() > 1 && (format == FileFormat::Parquet || arguments.header) {
        return Err(Failure::new(format!(
            "the result is of {} files, which cannot be one; give a folder, with / at its end",
            objects.len()
        )));
    }
    let mut progress = Progress::of_bytes("download", 0, arguments.storage.quiet);
    let (partial, mut file) = Partial::create(path)?;
    for object in &objects {
        staging.download(object, path, &mut file, &mut progress)?;
    }
    partial.finish(file)
}

/// What has been made here, and goes again unless all of it comes.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Made {
    /// Makes a folder and those that it lies in.
    fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let missing: Vec<_> = folder.ancestors().take_while(is_missing).collect();
        for folder in missing.into_iter().rev() {
            fs::create_dir(folder).map_err(|error| Failure::of_file(folder, &error))?;
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    /// Keeps it, and tells the names of the files.
    fn keep(mut self) -> Vec<String> {
        self.folders.clear();
        let files = std::mem::take(&mut self.files);
        files
            .iter()
            .map(|file| file.display().to_string())
            .collect()
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Makes a file of each object.
pub(super) fn fetch_all(
    staging: &Staging,
    folder: &Path,
    arguments: &UnloadArguments,
) -> Result<Vec<String>, Failure> {
    let mut progress = Progress::of_bytes("download", 0, arguments.storage.quiet);
    let mut made = Made::default();
    made.folder(folder)?;
    for object in staging.list()? {
        let name = object
            .key()
            .strip_prefix(staging.location.key())
            .unwrap_or(object.key());
        let path = local_path(folder, name)?;
        if let Some(folder) = path.parent() {
            made.folder(folder)?;
        }
        let (partial, mut file) = Partial::create(&path)?;
        staging.download(&object, &path, &mut file, &mut progress)?;
        partial.finish(file)?;
        made.files.push(path);
    }
    Ok(made.keep())
}

/// The path of an object below a folder. What PARTITION BY takes from the data must not lead out of
/// it.
fn local_path(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    let mut path = folder.to_owned();
    for part in name.split('/') {
        if part.is_empty() || part == "." || part == ".." || part.contains('\\') {
            return Err(Failure::new(format!(
                "{name:?} cannot be the name of a file here"
            )));
        }
        path.push(part);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_object_leads_out_of_the_folder() {
        let folder = Path::new("out");
        assert_eq!(
            local_path(folder, "a=1/0000_part_00").ok(),
            Some(PathBuf::from("out/a=1/0000_part_00"))
        );
        for name in ["../x", "a/../../x", "/x", "a//b"] {
            assert!(local_path(folder, name).is_err(), "{name}");
        }
    }
}
