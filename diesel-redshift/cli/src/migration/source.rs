//! The files of migrations, and the values of their placeholders.

use std::collections::BTreeMap;
use std::path::Path;

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
            // Its own error shows the line, which may be a secret.
            let unreadable =
                || Failure::new(format!("{}: expected lines NAME=VALUE", file.display()));
            let lines = dotenvy::from_path_iter(file).map_err(|error| match error {
                dotenvy::Error::Io(error) => Failure::of_file(file, &error),
                _ => unreadable(),
            })?;
            for line in lines {
                let (name, value) = line.map_err(|_| unreadable())?;
                values.insert(name, value);
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

    /// The migrations with their placeholders filled, from the arguments, the file, the environment.
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
