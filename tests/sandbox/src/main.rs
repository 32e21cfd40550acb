//! Starts a local Redshift and keeps it until Ctrl-C.

mod arguments;

use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Arguments, Request};
use redshift_sandbox::{Error, Sandbox, StopSignals};

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1);
    let arguments = match arguments::parse(arguments) {
        Ok(Request::Start(arguments)) => *arguments,
        Ok(Request::Help) => {
            print(arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Request::Version) => {
            print(&format!("redshift-sandbox {}\n", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("error: {problem}\nredshift-sandbox --help tells what there is.");
            return ExitCode::from(2);
        }
    };
    let signals = StopSignals::hold();
    match start(arguments) {
        Ok(sandbox) => {
            print(&announcement(&sandbox));
            signals.wait();
            drop(sandbox);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever started it may have stopped listening; the sandbox is of use all the same.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn start(arguments: Arguments) -> Result<Sandbox, Error> {
    let sandbox = arguments.builder.start()?;
    for (role, permissions) in arguments.roles {
        sandbox.add_role(&role, permissions);
    }
    for (key, permissions) in arguments.keys {
        sandbox.add_key(key, permissions);
    }
    for (bucket, region) in arguments.regions {
        sandbox.set_region(&bucket, &region);
    }
    Ok(sandbox)
}

fn announcement(sandbox: &Sandbox) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let (id, secret) = sandbox.s3_key();
    let mut text = format!(
        "{}\nobject store: {}\nengine: {}\nS3: {}\n\n",
        sandbox.url(),
        sandbox.store().path().display(),
        sandbox.engine(),
        sandbox.s3_endpoint()
    );
    for (name, value) in [
        ("DATABASE_URL", &*sandbox.url()),
        ("DATABASE_TLS_URL", &sandbox.tls_url()),
        ("PGSSLROOTCERT", &sandbox.ca_certificate().to_string_lossy()),
        ("AWS_ENDPOINT_URL_S3", &sandbox.s3_endpoint()),
        ("AWS_ENDPOINT_URL_REDSHIFT", &sandbox.s3_endpoint()),
        (
            "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS",
            &sandbox.s3_endpoint(),
        ),
        ("AWS_ACCESS_KEY_ID", id),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", "us-east-1"),
    ] {
        text.push_str(&format!("export {name}={}\n", quoted(value)));
    }
    text.push_str("\nPress Ctrl-C to stop.\n");
    text
}
