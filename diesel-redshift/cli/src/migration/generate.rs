//! `migration generate`.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_redshift::RedshiftConnection;
use diesel_redshift::reflection::Schema;
use fd_lock::RwLock;

use super::difference::Difference;
use super::schema_file::SchemaFile;
use crate::arguments::{GenerateArguments, Global};
use crate::config::{Config, PrintSchema};
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::{output, print_schema, project};

pub(super) fn run(
    global: &Global,
    config: &Config,
    folder: &Path,
    arguments: &GenerateArguments,
) -> Result<(), Failure> {
    let is_refused = |text: &str| {
        text.is_empty()
            || text.contains(|character: char| "/\\".contains(character) || character.is_control())
    };
    let version = arguments.version.as_deref();
    for (what, text, expected) in [
        (
            "name",
            Some(&*arguments.name),
            "a few words such as create_users",
        ),
        ("version", version, "digits such as 2026-01-31-120000"),
    ] {
        if let Some(text) = text.filter(|text| is_refused(text)) {
            return Err(Failure::with_code(
                Failure::WRONG_ARGUMENTS,
                format!("invalid {what} of a migration: {text:?}; expected {expected}"),
            ));
        }
    }
    let difference = match &arguments.diff_schema {
        Some(file) => difference(global, config, file.as_deref(), arguments)?,
        None => Difference::default(),
    };
    // Two at the same time find two versions.
    let mut lock = RwLock::new(lock_file(folder)?);
    let _held = lock
        .write()
        .map_err(|error| Failure::of_file(&folder.join(LOCK_FILE), &error))?;
    let path = create_folder(folder, &arguments.name, arguments.version.as_deref())?;
    let rebuilds: String = difference
        .rebuilds
        .iter()
        .map(|rebuild| {
            format!(
                "-- Not possible in place, so the table has to be made anew: {}\n",
                one_line(rebuild)
            )
        })
        .collect();
    create_files(
        &path,
        &(rebuilds + &difference.up),
        &difference.down,
        arguments.no_down,
    )?;
    if !difference.up_alone.is_empty() {
        let name = format!("{}_outside_transaction", arguments.name);
        let version = arguments
            .version
            .as_ref()
            .map(|version| format!("{version}-1"));
        let path = create_folder(folder, &name, version.as_deref())?;
        create_files(
            &path,
            &difference.up_alone,
            &difference.down_alone,
            arguments.no_down,
        )?;
        create_file(&path.join("metadata.toml"), "run_in_transaction = false\n")?;
    }
    if arguments.diff_schema.is_some() && difference == Difference::default() {
        output::aside("warning: nothing differs, so the migration is empty");
    }
    for rebuild in &difference.rebuilds {
        output::aside(format!("warning: not possible in place: {rebuild}"));
    }
    Ok(())
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn create_files(path: &Path, up: &str, down: &str, no_down: bool) -> Result<(), Failure> {
    create_file(
        &path.join("up.sql"),
        &format!("-- Your SQL goes here\n{up}"),
    )?;
    if no_down {
        return Ok(());
    }
    let head = "-- This file should undo anything in `up.sql`\n";
    create_file(&path.join("down.sql"), &format!("{head}{down}"))
}

/// What is between a file and the database.
fn difference(
    global: &Global,
    config: &Config,
    file: Option<&Path>,
    arguments: &GenerateArguments,
) -> Result<Difference, Failure> {
    let keys = [arguments.schema_key.clone()];
    let mut section: PrintSchema = config
        .sections(&keys)?
        .into_iter()
        .next()
        .cloned()
        .unwrap_or_default();
    let file = file.or(section.file.as_deref()).ok_or_else(|| {
        Failure::with_code(
            2,
            "--diff-schema needs a file, or print_schema.file in diesel.toml",
        )
    })?;
    let text = fs::read_to_string(file).map_err(|error| Failure::of_file(file, &error))?;
    let mut declared = SchemaFile::parse(&text)
        .map_err(|problem| Failure::new(format!("{}: {problem}", file.display())))?;
    if declared.tables.is_empty() && !text.contains("@generated") {
        return Err(Failure::new(format!(
            "{} declares no table!, so all tables would be dropped; is it the file that was meant?",
            file.display()
        )));
    }
    print_schema::choose_tables(
        &mut section,
        &arguments.tables,
        arguments.only_tables,
        arguments.except_tables,
    )?;
    section.include_views = true;
    let mut conn = DatabaseUrl::of(global)?.connect()?;
    let database = Schema::load(
        &mut conn,
        &print_schema::filter(&section, section.schemas()),
    )?;
    let mut chosen = Vec::new();
    for table in declared.tables {
        if is_chosen(&mut conn, &section, &table.name)? {
            chosen.push(table);
        }
    }
    declared.tables = chosen;
    Difference::of(&declared, &database)
}

#[derive(QueryableByName)]
struct Matched {
    #[diesel(sql_type = Bool)]
    matches: bool,
}

/// Whether a section has tables of this name. The database knows its own regular expressions.
fn is_chosen(
    conn: &mut RedshiftConnection,
    section: &PrintSchema,
    name: &str,
) -> Result<bool, Failure> {
    let (expressions, is_except) =
        match (&section.filter.only_tables, &section.filter.except_tables) {
            (Some(only), _) => (only, false),
            (_, Some(except)) => (except, true),
            _ => return Ok(true),
        };
    for expression in expressions {
        let matched: Matched = diesel::sql_query("SELECT $1::varchar ~ $2::varchar AS matches")
            .bind::<Text, _>(name)
            .bind::<Text, _>(expression)
            .get_result(conn)?;
        if matched.matches {
            return Ok(!is_except);
        }
    }
    Ok(is_except)
}

/// diesel_cli's, so that both wait for each other.
const LOCK_FILE: &str = ".diesel_lock";

fn lock_file(folder: &Path) -> Result<File, Failure> {
    let path = folder.join(LOCK_FILE);
    let file = match File::create_new(&path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => File::open(&path),
        file => file,
    };
    file.map_err(|error| Failure::of_file(&path, &error))
}

fn create_file(path: &Path, text: &str) -> Result<(), Failure> {
    output::told(format!("Creating {}\n", project::shown(path)))?;
    fs::write(path, text).map_err(|error| Failure::of_file(path, &error))
}

/// The folder of a new version: that which is given, or the time and a number that nobody has.
fn create_folder(folder: &Path, name: &str, version: Option<&str>) -> Result<PathBuf, Failure> {
    let failed = |path: &Path, error: &_| Failure::of_file(path, error);
    let mut taken = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let entry = entry.map_err(|error| failed(folder, &error))?;
        taken.push(entry.file_name().to_string_lossy().into_owned());
    }
    let is_taken = |version: &str| {
        let version = version_of(version);
        taken.iter().any(|name| version_of(name) == version)
    };
    let version = match version {
        Some(version) if is_taken(version) => {
            return Err(Failure::new(format!(
                "there is a migration of version {version} in {}",
                folder.display()
            )));
        }
        Some(version) => version.to_owned(),
        None => {
            let now = now();
            (0..=u16::MAX)
                .map(|number| format!("{now}-{number:04x}"))
                .find(|version| !is_taken(version))
                .ok_or_else(|| Failure::new("too many migrations of one second"))?
        }
    };
    let path = folder.join(format!("{version}_{name}"));
    fs::create_dir(&path).map_err(|error| failed(&path, &error))?;
    Ok(path)
}

/// The version as Diesel has it, of a folder's name or its beginning.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

fn now() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs().cast_signed());
    let time = DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    time.format("%Y-%m-%d-%H%M%S").to_string()
}
