//! Starts a local Redshift and keeps it until Ctrl-C.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;

use redshift_sandbox::Sandbox;

const HELP: &str = "\
A local stand-in for Amazon Redshift.

Usage: redshift-sandbox [--store PATH] [--port N]

  --store PATH   keep the object store in this folder (s3://bucket/key is PATH/bucket/key)
  --port N       listen on this port of 127.0.0.1; a free one otherwise
  --help         show this text

The PostgreSQL behind it is the one in the folder $REDSHIFT_SANDBOX_PG_BIN, an installed one, or a bundled one.
";

fn main() -> ExitCode {
    let mut builder = Sandbox::builder();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (&*argument, arguments.next()) {
            ("--help" | "-h", _) => {
                print!("{HELP}");
                return ExitCode::SUCCESS;
            }
            ("--store", Some(path)) => builder = builder.store(path),
            ("--port", Some(port)) => match port.parse() {
                Ok(port) => builder = builder.port(port),
                Err(_) => return usage(&format!("`{port}` is no port")),
            },
            (option @ ("--store" | "--port"), None) => {
                return usage(&format!("{option} needs a value"));
            }
            (other, _) => return usage(&format!("unknown argument `{other}`")),
        }
    }
    match builder.start() {
        Ok(sandbox) => {
            let text = format!(
                "{}\nobject store: {}\nengine: {}\nPress Ctrl-C to stop.\n",
                sandbox.url(),
                sandbox.store().path().display(),
                sandbox.engine()
            );
            // Whoever started it may have stopped listening; the sandbox is of use all the same.
            let _ = io::stdout().write_all(text.as_bytes());
            // Nothing to clean up here: the sandbox's watcher does it when this process ends.
            loop {
                thread::park();
            }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("error: {problem}\n\n{HELP}");
    ExitCode::FAILURE
}
