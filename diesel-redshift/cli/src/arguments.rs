//! The arguments: those of `diesel`, and more.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::check::CheckArguments;
use crate::config::{ColumnSorting, DocConfig, SameQuery};
use crate::copy::CopyArguments;
use crate::query::QueryArguments;
use crate::rejected::ErrorsArguments;
use crate::unload::UnloadArguments;

/// What follows the help.
const AFTER_HELP: &str = "\
The variables of .env are read. The connection is DATABASE_URL:
  postgresql://user:password@host:5439/database?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt

Exit codes: 0 done; 1 refused or failed; 2 wrong arguments; 3 no connection; 4 what was compared differs
(--locked-schema, check); 5 rows were rejected; 130 interrupted, by Ctrl-C, SIGTERM or SIGHUP.";

/// diesel for Amazon Redshift: migrations, print-schema, and the daily work.
#[derive(Parser, Debug)]
#[command(name = "diesel-redshift", version, about, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Args, Debug)]
pub(crate) struct Global {
    /// The database to connect to, instead of the environment's DATABASE_URL
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Log in to this cluster with temporary credentials of IAM: its host and a password come from
    /// AWS, the database and options from the URL, if there is one
    #[arg(
        long,
        global = true,
        value_name = "IDENTIFIER",
        conflicts_with = "workgroup",
        help_heading = "IAM"
    )]
    pub(crate) cluster: Option<String>,
    /// Log in to this serverless workgroup with temporary credentials of IAM
    #[arg(long, global = true, value_name = "NAME", help_heading = "IAM")]
    pub(crate) workgroup: Option<String>,
    /// The region of the cluster or workgroup, instead of AWS_REGION or the profile's
    #[arg(long, global = true, value_name = "REGION", help_heading = "IAM")]
    pub(crate) cluster_region: Option<String>,
    /// The user to log in to the cluster as, instead of the one that the identity in AWS is mapped
    /// to
    #[arg(long, global = true, value_name = "NAME", help_heading = "IAM")]
    pub(crate) db_user: Option<String>,
    /// The database to log in to, if the URL names none
    #[arg(long, global = true, value_name = "NAME", help_heading = "IAM")]
    pub(crate) db_name: Option<String>,
    /// The configuration file, instead of the environment's DIESEL_CONFIG_FILE or the project's
    /// diesel.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config_file: Option<PathBuf>,
    /// Fail, with exit code 4, if print_schema.file is not what the database has, instead of
    /// writing it
    #[arg(long, global = true)]
    pub(crate) locked_schema: bool,
    /// The folder of migrations, instead of the environment's MIGRATION_DIRECTORY, diesel.toml's or
    /// the project's
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) migration_dir: Option<PathBuf>,
    /// The value of the placeholder ${NAME} in migrations; may be given more than once
    #[arg(long = "set", global = true, value_name = "NAME=VALUE")]
    pub(crate) values: Vec<String>,
    /// A file of lines NAME=VALUE with the values of placeholders, each as it stands after the
    /// first =; what has none there is taken from the environment
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) values_file: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Create the migrations folder, diesel.toml and the database, and run the migrations
    Setup {
        /// As diesel has it; there is no default migration for Redshift
        #[arg(long)]
        no_default_migration: bool,
    },
    /// Run, revert, list and generate migrations
    Migration(MigrationArguments),
    /// Create, reset and drop the database
    #[command(alias = "db")]
    Database(DatabaseArguments),
    /// Print the database's tables as Rust
    PrintSchema(Box<PrintSchemaArguments>),
    Copy(Box<CopyArguments>),
    Unload(Box<UnloadArguments>),
    Query(QueryArguments),
    Errors(ErrorsArguments),
    Check(CheckArguments),
    #[cfg(feature = "sandbox")]
    Sandbox(crate::sandbox::SandboxArguments),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Args, Debug)]
pub(crate) struct MigrationArguments {
    #[command(subcommand)]
    pub(crate) command: MigrationCommand,
}

#[derive(Subcommand, Debug)]
pub(crate) enum MigrationCommand {
    /// Run all pending migrations
    Run {
        /// Leave print_schema.file as it is
        #[arg(long)]
        no_schema: bool,
    },
    /// Revert migrations, the latest one by default
    Revert(Latest),
    /// Revert and run again migrations, the latest one by default
    Redo(Latest),
    /// List all migrations; those that have run are marked with an X
    List {
        /// Print a JSON array of {"version", "name", "applied"}
        #[arg(long)]
        json: bool,
    },
    /// Print true if there are pending migrations, else false
    Pending,
    /// Create a migration with files to write SQL in
    Generate(GenerateArguments),
}

#[derive(Args, Debug)]
pub(crate) struct Latest {
    /// All migrations
    #[arg(short, long, conflicts_with = "number")]
    pub(crate) all: bool,
    /// The latest N migrations
    #[arg(short, long, value_name = "N", default_value_t = 1)]
    pub(crate) number: u64,
}

#[derive(Args, Debug)]
pub(crate) struct GenerateArguments {
    /// What the migration does, in a few words: create_users
    pub(crate) name: String,
    /// The version, instead of the current time (UTC)
    #[arg(long)]
    pub(crate) version: Option<String>,
    /// No down.sql: the migration cannot be reverted
    #[arg(short = 'u', long)]
    pub(crate) no_down: bool,
    /// The kind of migration
    #[arg(long, value_enum, default_value = "sql")]
    pub(crate) format: MigrationFormat,
    /// Write what brings the database to this schema.rs, by default print_schema.file; look at it
    /// before you run it
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub(crate) diff_schema: Option<Option<PathBuf>>,
    /// Regular expressions for names of tables, with --only-tables or --except-tables
    #[arg(requires = "diff_schema")]
    pub(crate) tables: Vec<String>,
    /// Only the tables that match
    #[arg(
        short,
        long,
        conflicts_with = "except_tables",
        overrides_with = "only_tables"
    )]
    pub(crate) only_tables: bool,
    /// All tables but those that match
    #[arg(short, long, overrides_with = "except_tables")]
    pub(crate) except_tables: bool,
    /// Which [print_schema.KEY] of diesel.toml
    #[arg(long, value_name = "KEY", default_value = "default")]
    pub(crate) schema_key: String,
}

#[derive(ValueEnum, Debug, Clone, Copy)]
pub(crate) enum MigrationFormat {
    /// up.sql and down.sql
    Sql,
}

#[derive(Args, Debug)]
pub(crate) struct DatabaseArguments {
    #[command(subcommand)]
    pub(crate) command: DatabaseCommand,
}

#[derive(Subcommand, Debug)]
pub(crate) enum DatabaseCommand {
    /// Create the database if it does not exist, and run the migrations if none has run
    Setup(DatabaseOptions),
    /// Drop the database and everything in it, create it again and run the migrations
    Reset(DatabaseOptions),
    /// Drop the database and everything in it
    Drop(DatabaseOptions),
}

#[derive(Args, Debug)]
pub(crate) struct DatabaseOptions {
    /// As diesel has it; there is no default migration for Redshift
    #[arg(long)]
    pub(crate) no_default_migration: bool,
    /// The database from which others are created and dropped
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) maintenance_database: String,
}

#[derive(Args, Debug, Default)]
pub(crate) struct PrintSchemaArguments {
    /// Regular expressions for names of tables, with --only-tables or --except-tables
    pub(crate) tables: Vec<String>,
    /// A schema, instead of the current one; may be given more than once
    #[arg(short, long, value_name = "NAME")]
    pub(crate) schema: Vec<String>,
    /// Only the tables that match
    #[arg(
        short,
        long,
        conflicts_with = "except_tables",
        overrides_with = "only_tables"
    )]
    pub(crate) only_tables: bool,
    /// All tables but those that match
    #[arg(short, long, overrides_with = "except_tables")]
    pub(crate) except_tables: bool,
    /// Views too, late-binding and materialized ones
    #[arg(long)]
    pub(crate) include_views: bool,
    /// Documentation comments: the database's, and generated ones where it has none
    #[arg(long)]
    pub(crate) with_docs: bool,
    /// Which documentation comments
    #[arg(long, value_enum, value_name = "CONFIG")]
    pub(crate) with_docs_config: Option<DocConfig>,
    /// Which tables may appear in the same query
    #[arg(long, value_enum, value_name = "CONFIG")]
    pub(crate) allow_tables_to_appear_in_same_query_config: Option<SameQuery>,
    /// The order of columns
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) column_sorting: Option<ColumnSorting>,
    /// A unified diff to apply to what is printed
    #[arg(long, value_name = "FILE")]
    pub(crate) patch_file: Option<PathBuf>,
    /// What each table imports, such as diesel::sql_types::*
    #[arg(long, value_name = "TYPES", value_delimiter = ',', num_args = 1..)]
    pub(crate) import_types: Vec<String>,
    /// The columns that are a table's primary key in Rust, for a table that has none:
    /// orders=id,line
    #[arg(long, value_name = "TABLE=COLUMNS")]
    pub(crate) primary_key: Vec<String>,
    /// Print structs with Diesel's and this crate's derives instead, for tables in this module,
    /// such as crate::schema
    #[arg(long, value_name = "MODULE")]
    pub(crate) structs: Option<String>,
    /// Which [print_schema.KEY] of diesel.toml; may be given more than once
    #[arg(long, value_name = "KEY")]
    pub(crate) schema_key: Vec<String>,
    /// As diesel has it, for other databases; it changes nothing here
    #[arg(long, hide = true)]
    pub(crate) no_generate_missing_sql_type_definitions: bool,
    /// As diesel has it, for other databases; it changes nothing here
    #[arg(long, hide = true, num_args = 1.., action = ArgAction::Append)]
    pub(crate) except_custom_type_definitions: Vec<String>,
    /// As diesel has it, for other databases; it changes nothing here
    #[arg(long, hide = true, num_args = 1.., action = ArgAction::Append)]
    pub(crate) custom_type_derives: Vec<String>,
    /// As diesel has it, for other databases; it changes nothing here
    #[arg(long, hide = true)]
    pub(crate) sqlite_integer_primary_key_is_bigint: bool,
    /// As diesel has it, for other databases; it changes nothing here
    #[arg(long, hide = true, num_args = 1.., action = ArgAction::Append)]
    pub(crate) pg_domains_as_custom_types: Vec<String>,
}
