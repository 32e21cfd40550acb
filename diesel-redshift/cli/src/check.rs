//! `check`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use diesel_redshift::RedshiftMigrations;
use serde_json::json;
use toml::{Table, Value};

use crate::arguments::Global;
use crate::config::Config;
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::{output, print_schema, project};

/// Tell whether schema.rs is what the database has, and which migrations cannot run as they are
#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// Look at the migrations only, without a database
    #[arg(long)]
    migrations_only: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A statement that its migration cannot run.
struct Refused {
    file: PathBuf,
    statement: String,
}

pub(crate) fn run(global: &Global, arguments: &CheckArguments) -> Result<(), Failure> {
    let config = Config::read(global)?;
    let refused = match project::migrations(global, &config) {
        Ok(folder) => refused_below(&folder)?,
        // Without migrations the schema is all that there is to check.
        Err(_) if !arguments.migrations_only => Vec::new(),
        Err(failure) => return Err(failure),
    };
    let mut stale = Vec::new();
    if !arguments.migrations_only {
        let mut conn = DatabaseUrl::of(global)?.connect()?;
        for section in config.print_schema.values() {
            let Some(file) = &section.file else {
                continue;
            };
            let printed = print_schema::printed(&mut conn, section, section.schemas())?;
            let text = fs::read_to_string(file).map_err(|error| Failure::of_file(file, &error))?;
            if !text.lines().eq(printed.lines()) {
                stale.push((
                    file.clone(),
                    print_schema::difference(file, &text, &printed),
                ));
            }
        }
    }
    tell(arguments, &stale, &refused)?;
    if stale.is_empty() && refused.is_empty() {
        return Ok(());
    }
    Err(Failure::with_code(Failure::DIFFERS, ""))
}

fn tell(
    arguments: &CheckArguments,
    stale: &[(PathBuf, String)],
    refused: &[Refused],
) -> Result<(), Failure> {
    if arguments.json {
        let stale: Vec<_> = stale
            .iter()
            .map(|(file, diff)| json!({ "file": file, "diff": diff }))
            .collect();
        let refused: Vec<_> = refused
            .iter()
            .map(|refused| json!({ "file": refused.file, "statement": refused.statement }))
            .collect();
        let object = json!({ "schema": stale, "refused_in_transactions": refused });
        return output::told(format!("{object}\n"));
    }
    for (file, diff) in stale {
        output::told(diff)?;
        output::told(format!(
            "{} is not what the database has.\n",
            project::shown(file)
        ))?;
    }
    for refused in refused {
        output::told(format!(
            "{}: this cannot run in a transaction; put it into a migration of its own with `run_in_transaction = false` in its \
             metadata.toml: {}\n",
            project::shown(&refused.file),
            refused
                .statement
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        ))?;
    }
    if stale.is_empty() && refused.is_empty() {
        output::told("Nothing is wrong.\n")?;
    }
    Ok(())
}

/// The statements that are refused in the migrations of a folder that run in transactions.
fn refused_below(folder: &Path) -> Result<Vec<Refused>, Failure> {
    let failed = |path: &Path, error: &_| Failure::of_file(path, error);
    let mut migrations = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        migrations.push(entry.map_err(|error| failed(folder, &error))?.path());
    }
    migrations.sort();
    let mut refused = Vec::new();
    for migration in migrations {
        if !migration.is_dir() || !runs_in_transaction(&migration.join("metadata.toml"))? {
            continue;
        }
        for name in ["up.sql", "down.sql"] {
            let file = migration.join(name);
            let script = match fs::read_to_string(&file) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                script => script.map_err(|error| failed(&file, &error))?,
            };
            let statements = RedshiftMigrations::refused_in_transactions(&script);
            refused.extend(statements.into_iter().map(|statement| Refused {
                file: file.clone(),
                statement: statement.to_owned(),
            }));
        }
    }
    Ok(refused)
}

fn runs_in_transaction(metadata: &Path) -> Result<bool, Failure> {
    let Ok(text) = fs::read_to_string(metadata) else {
        return Ok(true);
    };
    let table: Table = toml::from_str(&text)
        .map_err(|error| Failure::new(format!("{}: {error}", metadata.display())))?;
    Ok(table.get("run_in_transaction") != Some(&Value::Boolean(false)))
}
