//! `print-schema`, and the file that it keeps.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use diesel_redshift::RedshiftConnection;
use diesel_redshift::reflection::{self, Docs, Filter, Relation, RustOptions, Schema};
use similar::TextDiff;

use crate::arguments::{Global, PrintSchemaArguments};
use crate::config::{
    ColumnSorting, Config, DocConfig, PrintSchema, SameQuery, TableFilter, WithDocs,
};
use crate::database_url::DatabaseUrl;
use crate::failure::Failure;
use crate::{output, patch};

pub(crate) fn run(global: &Global, arguments: &PrintSchemaArguments) -> Result<(), Failure> {
    let config = Config::read(global)?;
    let mut sections = Vec::new();
    for section in config.sections(&arguments.schema_key)? {
        sections.push(with_arguments(section.clone(), arguments)?);
    }
    let mut conn = DatabaseUrl::of(global)?.connect()?;
    for section in &sections {
        let schemas = match &arguments.schema[..] {
            [] => section.schemas(),
            schemas => schemas,
        };
        let text = match &arguments.structs {
            Some(module) => {
                let schema = Schema::load(&mut conn, &filter(section, schemas))?;
                check_keys(&schema, section)?;
                schema.to_structs(&options(section), module)
            }
            None => printed(&mut conn, section, schemas)?,
        };
        output::bytes(text.as_bytes())?;
    }
    Ok(())
}

/// Writes each section's file anew, or fails if it is not up to date.
pub(crate) fn refresh(
    global: &Global,
    config: &Config,
    conn: &mut RedshiftConnection,
) -> Result<(), Failure> {
    for section in config.print_schema.values() {
        let Some(file) = &section.file else {
            continue;
        };
        let text = printed(conn, section, section.schemas())?;
        if global.locked_schema {
            compare(file, &text)?;
        } else {
            write(file, &text)?;
        }
    }
    Ok(())
}

fn compare(file: &Path, text: &str) -> Result<(), Failure> {
    let before = fs::read_to_string(file).map_err(|error| Failure::of_file(file, &error))?;
    if before.lines().eq(text.lines()) {
        return Ok(());
    }
    output::told(difference(file, &before, text))?;
    Err(Failure::with_code(
        Failure::DIFFERS,
        format!(
            "{} is not what the database has; run the command without --locked-schema to write it",
            file.display()
        ),
    ))
}

/// What would change in a file, as a unified diff.
pub(crate) fn difference(file: &Path, before: &str, after: &str) -> String {
    let name = file.display().to_string();
    TextDiff::from_lines(before, after)
        .unified_diff()
        .header(&name, "the database")
        .to_string()
}

/// The file is there whole, or as it was before.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: &_| Failure::of_file(file, error);
    // A link stays one.
    let target = file.canonicalize();
    let file = target.as_deref().unwrap_or(file);
    match fs::read(file) {
        Ok(before) if before == text.as_bytes() => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(&error)),
        _ => {}
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(|error| Failure::of_file(folder, &error))?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let written = fs::write(&new, text).and_then(|()| fs::rename(&new, file));
    written.map_err(|error| {
        let _ = fs::remove_file(&new);
        failed(&error)
    })
}

/// What a section prints of these schemas, or of the current one.
pub(crate) fn printed(
    conn: &mut RedshiftConnection,
    section: &PrintSchema,
    schemas: &[String],
) -> Result<String, Failure> {
    let schema = Schema::load(conn, &filter(section, schemas))?;
    check_keys(&schema, section)?;
    let text = schema.to_rust(&options(section));
    match &section.patch_file {
        None => Ok(text),
        Some(file) => {
            let diff = fs::read_to_string(file).map_err(|error| Failure::of_file(file, &error))?;
            patch::apply(&text, &diff)
                .map_err(|problem| Failure::new(format!("{}: {problem}", file.display())))
        }
    }
}

/// A key of columns that a table has not would not compile.
fn check_keys(schema: &Schema, section: &PrintSchema) -> Result<(), Failure> {
    for (table, columns) in &section.primary_keys {
        let is_it = |relation: &&Relation| {
            relation.name == *table || format!("{}.{}", relation.schema, relation.name) == *table
        };
        let Some(relation) = schema.relations.iter().find(is_it) else {
            continue;
        };
        let missing = columns
            .iter()
            .find(|column| relation.column(column).is_none());
        if let Some(column) = missing {
            return Err(Failure::new(format!(
                "the primary key that was chosen for {table} has {column:?}, which is no column of it"
            )));
        }
    }
    Ok(())
}

/// Which tables a section has.
pub(crate) fn filter(section: &PrintSchema, schemas: &[String]) -> Filter {
    let mut filter = Filter::schemas(schemas);
    if !section.include_views {
        filter = filter.without_views();
    }
    match (&section.filter.only_tables, &section.filter.except_tables) {
        (Some(only), _) => filter.only_tables(only),
        (_, Some(except)) => filter.except_tables(except),
        _ => filter,
    }
}

fn options(section: &PrintSchema) -> RustOptions {
    let docs = match section.with_docs {
        WithDocs::Switch(false) | WithDocs::Config(DocConfig::NoDocComments) => Docs::None,
        WithDocs::Config(DocConfig::OnlyDatabaseComments) => Docs::OnlyDatabaseComments,
        _ => Docs::DatabaseCommentsOrGenerated,
    };
    let same_query = match section.allow_tables_to_appear_in_same_query_config {
        SameQuery::FkRelatedTables => reflection::SameQuery::ForeignKeyRelatedTables,
        SameQuery::AllTables => reflection::SameQuery::AllTables,
        SameQuery::None => reflection::SameQuery::None,
    };
    let sorting = match section.column_sorting {
        ColumnSorting::OrdinalPosition => reflection::ColumnSorting::OrdinalPosition,
        ColumnSorting::Name => reflection::ColumnSorting::Name,
    };
    let mut options = RustOptions::new()
        .docs(docs)
        .same_query(same_query)
        .column_sorting(sorting)
        .import_types(&section.import_types);
    if section.include_views {
        options = options.include_views();
    }
    for (table, columns) in &section.primary_keys {
        options = options.primary_key(table, columns);
    }
    options
}

/// Puts what the arguments say of tables in place of a section's filter.
pub(crate) fn choose_tables(
    section: &mut PrintSchema,
    tables: &[String],
    is_only: bool,
    is_except: bool,
) -> Result<(), Failure> {
    if tables.is_empty() {
        return Ok(());
    }
    let tables = Some(tables.to_vec());
    section.filter = TableFilter::default();
    if is_only {
        section.filter.only_tables = tables;
    } else if is_except {
        section.filter.except_tables = tables;
    } else {
        return Err(Failure::with_code(
            2,
            "names of tables need --only-tables or --except-tables",
        ));
    }
    Ok(())
}

/// What the arguments say, in place of what the file says.
fn with_arguments(
    mut section: PrintSchema,
    arguments: &PrintSchemaArguments,
) -> Result<PrintSchema, Failure> {
    choose_tables(
        &mut section,
        &arguments.tables,
        arguments.only_tables,
        arguments.except_tables,
    )?;
    if arguments.with_docs {
        section.with_docs = WithDocs::Switch(true);
    }
    if let Some(config) = arguments.with_docs_config {
        section.with_docs = WithDocs::Config(config);
    }
    if let Some(config) = arguments.allow_tables_to_appear_in_same_query_config {
        section.allow_tables_to_appear_in_same_query_config = config;
    }
    if let Some(sorting) = arguments.column_sorting {
        section.column_sorting = sorting;
    }
    if let Some(file) = &arguments.patch_file {
        section.patch_file = Some(file.clone());
    }
    if !arguments.import_types.is_empty() {
        section.import_types.clone_from(&arguments.import_types);
    }
    section.include_views |= arguments.include_views;
    for key in &arguments.primary_key {
        let (table, columns) = key.split_once('=').ok_or_else(|| {
            Failure::with_code(
                2,
                format!("--primary-key is written TABLE=COLUMN,…, not {key:?}"),
            )
        })?;
        let columns = columns.split(',').map(|column| column.trim().to_owned());
        section
            .primary_keys
            .insert(table.to_owned(), columns.collect());
    }
    Ok(section)
}
