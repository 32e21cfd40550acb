//! The command line of diesel-redshift: what `diesel` does, for Amazon Redshift, and the daily work besides.

mod arguments;
mod check;
mod config;
mod copy;
mod database;
mod database_url;
mod failure;
mod interrupt;
mod migration;
mod output;
mod patch;
mod print_schema;
mod progress;
mod project;
mod query;
mod records;
mod rejected;
mod rows;
#[cfg(feature = "sandbox")]
mod sandbox;
mod sql_name;
mod staging;
mod unload;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use arguments::{Cli, Command};
use failure::Failure;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

fn run() -> Result<(), Failure> {
    match dotenvy::dotenv() {
        Err(error) if !error.not_found() => {
            // The error shows the line, which may hold a password.
            return Err(Failure::new(
                ".env could not be read: a line in it is not NAME=value",
            ));
        }
        _ => {}
    }
    let cli = Cli::parse();
    let Cli { global, command } = cli;
    #[cfg(feature = "sandbox")]
    let command = match command {
        Command::Sandbox(arguments) => return sandbox::run(arguments),
        command => command,
    };
    interrupt::listen();
    match command {
        #[cfg(feature = "sandbox")]
        Command::Sandbox(_) => Ok(()),
        Command::Setup { .. } => database::setup(&global),
        Command::Migration(arguments) => migration::run(&global, arguments.command),
        Command::Database(arguments) => database::run(&global, &arguments.command),
        Command::PrintSchema(arguments) => print_schema::run(&global, &arguments),
        Command::Copy(arguments) => copy::run(&global, &arguments),
        Command::Unload(arguments) => unload::run(&global, &arguments),
        Command::Query(arguments) => query::run(&global, &arguments),
        Command::Check(arguments) => check::run(&global, &arguments),
        Command::Errors(arguments) => rejected::run(&global, &arguments),
        Command::Completions { shell } => {
            let mut command = Cli::command();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "diesel-redshift", &mut script);
            output::bytes(&script)
        }
    }
}
