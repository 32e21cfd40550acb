//! The command line of diesel-redshift: what `diesel` does, for Amazon Redshift, and the daily work
//! besides.

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

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

use arguments::{Cli, Command};
use failure::Failure;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

/// Tells what is wrong with the arguments, or what was asked for, and ends.
fn refused(error: &clap::Error) -> ! {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if !error.use_stderr() || is_help {
        error.exit();
    }
    output::aside(without_passwords(&error.to_string()).trim_end());
    std::process::exit(error.exit_code());
}

/// A message that repeats arguments, one of which may be a URL in the wrong place.
fn without_passwords(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let secret = word
            .split_once("://")
            .and_then(|(_, rest)| rest.rsplit_once('@'));
        match secret {
            Some((secret, _)) => word.replace(secret, "…"),
            None => word.to_owned(),
        }
    });
    words.collect()
}

fn run() -> Result<(), Failure> {
    // Before the arguments, some of which have their values there; after them it is told, so that help is had in any case.
    let environment = dotenvy::dotenv();
    let Cli { global, command } = Cli::try_parse().unwrap_or_else(|error| refused(&error));
    match environment {
        Err(error) if error.not_found() => {}
        Err(dotenvy::Error::Io(error)) => {
            return Err(Failure::new(format!(".env could not be read: {error}")));
        }
        // The error shows the line, which may hold a password.
        Err(_) => {
            return Err(Failure::new(
                ".env could not be read: a line in it is not NAME=value; a value with blanks is in quotes",
            ));
        }
        Ok(_) => {}
    }
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
