//! The files of migrations, and the values of their placeholders.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use diesel::migration::MigrationSource;
use diesel_migrations::FileBasedMigrations;
use diesel_redshift::RedshiftMigrations;

use crate::arguments::Global;
use crate::failure::Failure;

/// The migrations of a folder. The values may be secrets and are never shown.
pub(crate) struct Sources {
    pub(crate) files: FileBasedMigrations,
    values: BTreeMap<String, String>,
}

impl Sources {
    pub(crate) fn read(global: &Global, folder: &Path) -> Result<Self, Failure> {
        let files = FileBasedMigrations::from_path(folder).map_err(|error| match error {
            diesel_migrations::MigrationError::UnknownMigrationFormat(path) => Failure::new(
                format!("{} is no migration: it has no up.sql", path.display()),
            ),
            error => Failure::of(&error),
        })?;
        let mut values = BTreeMap::new();
        if let Some(file) = &global.values_file {
            let text = fs::read_to_string(file).map_err(|error| Failure::of_file(file, &error))?;
            for (at, line) in text.lines().enumerate() {
                if line.trim().is_empty() || line.starts_with('#') {
                    continue;
                }
                // The line is not shown, since it may be a secret.
                let (name, value) = line.split_once('=').ok_or_else(|| {
                    Failure::new(format!(
                        "{}, line {}: expected NAME=VALUE",
                        file.display(),
                        at + 1
                    ))
                })?;
                values.insert(name.trim().to_owned(), value.to_owned());
            }
        }
        for given in &global.values {
            let (name, value) = given
                .split_once('=')
                .ok_or_else(|| Failure::with_code(2, "--set is written NAME=VALUE"))?;
            values.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self { files, values })
    }

    /// Fails if a placeholder has no value, or the files are no migrations.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let outcome = self.migrations().migrations();
        outcome.map(drop).map_err(super::failure)
    }

    /// The migrations with their placeholders filled, from the arguments, the file, the
    /// environment.
    pub(crate) fn migrations(&self) -> RedshiftMigrations<'static> {
        let migrations = RedshiftMigrations::new().sql(self.files.clone());
        self.values
            .iter()
            .fold(migrations, |migrations, (name, value)| {
                migrations.value(name, value)
            })
            .values_from_env()
    }
}
