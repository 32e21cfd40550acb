//! `setup`, and `database setup`, `reset`, `drop`.

use std::env;
use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_redshift::RedshiftConnection;

use crate::arguments::{DatabaseCommand, Global};
use crate::config::Config;
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::migration::{self, Sources};
use crate::sql_name::quoted;
use crate::{output, print_schema, project};

/// The database that every cluster has at its start.
const MAINTENANCE_DATABASE: &str = "dev";

const CONFIG: &str = "\
# For documentation on how to configure this file,
# see https://diesel.rs/guides/configuring-diesel-cli

[print_schema]
file = \"src/schema.rs\"

[migrations_directory]
dir = ";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub(crate) fn setup(global: &Global) -> Result<(), Failure> {
    let config_file = Config::path(global);
    let config = if config_file.exists() {
        Config::read(global)?
    } else {
        Config::default()
    };
    let folder = match project::configured(global, &config) {
        Some(folder) => folder,
        None => project::migrations(global, &config).or_else(|_| {
            let root = project::root().ok_or_else(|| {
                Failure::new("there is no Cargo.toml or diesel.toml here or in a folder above")
            })?;
            Ok::<_, Failure>(root.join("migrations"))
        })?,
    };
    if !folder.exists() {
        output::told(format!(
            "Creating migrations directory at: {}\n",
            folder.display()
        ))?;
        fs::create_dir_all(&folder).map_err(|error| Failure::of_file(&folder, &error))?;
        let keep = folder.join(".keep");
        fs::write(&keep, "").map_err(|error| Failure::of_file(&keep, &error))?;
    }
    if !config_file.exists() {
        let base = config_file.parent().unwrap_or(Path::new(""));
        let relative = relative(&folder, base);
        let text = format!("{CONFIG}{}\n", serde_json::Value::from(relative));
        fs::write(&config_file, text).map_err(|error| Failure::of_file(&config_file, &error))?;
    }
    create_and_migrate(global, &folder, MAINTENANCE_DATABASE)?;
    Ok(())
}

/// A path as it is from a folder, if it is below it.
fn relative(path: &Path, folder: &Path) -> String {
    let absolute = |path: &Path| env::current_dir().unwrap_or_default().join(path);
    let (path, folder) = (absolute(path), absolute(folder));
    path.strip_prefix(&folder)
        .unwrap_or(&path)
        .display()
        .to_string()
}

pub(crate) fn run(global: &Global, command: &DatabaseCommand) -> Result<(), Failure> {
    match command {
        DatabaseCommand::Drop(options) => drop(global, &options.maintenance_database),
        DatabaseCommand::Setup(options) => set_up(global, &options.maintenance_database),
        DatabaseCommand::Reset(options) => {
            // What is wrong with the migrations is told before anything is lost.
            let config = Config::read(global)?;
            Sources::read(global, &project::migrations(global, &config)?)?.check()?;
            drop(global, &options.maintenance_database)?;
            set_up(global, &options.maintenance_database)
        }
    }
}

fn set_up(global: &Global, maintenance: &str) -> Result<(), Failure> {
    let config = Config::read(global)?;
    let folder = project::migrations(global, &config)?;
    let mut conn = create_and_migrate(global, &folder, maintenance)?;
    print_schema::refresh(global, &config, &mut conn)
}

/// Creates the database if need be, and runs the migrations if none has run in it.
fn create_and_migrate(
    global: &Global,
    folder: &Path,
    maintenance: &str,
) -> Result<RedshiftConnection, Failure> {
    let sources = Sources::read(global, folder)?;
    sources.check()?;
    let url = DatabaseUrl::of(global)?;
    let name = url.database()?;
    let mut conn = match url.connect() {
        Err(failure) if failure.says(&format!("database \"{name}\" does not exist")) => {
            output::told(format!("Creating database: {name}\n"))?;
            let mut conn = url.with_database(maintenance).connect()?;
            conn.batch_execute(&format!("CREATE DATABASE {}", quoted(&name)?))?;
            url.connect()?
        }
        connected => connected?,
    };
    let tables: Count = diesel::sql_query(
        "SELECT count(*)::bigint AS count FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname = '__diesel_schema_migrations' AND n.nspname = current_schema()",
    )
    .get_result(&mut conn)?;
    if tables.count == 0 {
        migration::run_pending(&mut conn, &sources)?;
    }
    Ok(conn)
}

fn drop(global: &Global, maintenance: &str) -> Result<(), Failure> {
    let url = DatabaseUrl::of(global)?;
    let name = url.database()?;
    if name == maintenance {
        return Err(Failure::new(format!(
            "the database {name} cannot be dropped from within itself; name another one by --maintenance-database"
        )));
    }
    let mut conn = url.with_database(maintenance).connect()?;
    let found: Count =
        diesel::sql_query("SELECT count(*)::bigint AS count FROM pg_database WHERE datname = $1")
            .bind::<Text, _>(&name)
            .get_result(&mut conn)?;
    if found.count > 0 {
        output::told(format!("Dropping database: {name}\n"))?;
        conn.batch_execute(&format!("DROP DATABASE {}", quoted(&name)?))?;
    }
    Ok(())
}
