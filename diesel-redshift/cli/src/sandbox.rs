//! `sandbox`, a local Redshift.

use std::path::PathBuf;

use clap::Args;
use redshift_sandbox::{Sandbox, StopSignals};

use crate::failure::Failure;
use crate::output;

/// Where files lie on their way.
const STAGING: &str = "s3://sandbox/staging";

/// Start a local Redshift with S3, print the variables of an application's environment, and run
/// until Ctrl-C
#[derive(Args, Debug)]
pub(crate) struct SandboxArguments {
    /// The port for SQL on 127.0.0.1; a free one otherwise
    #[arg(long)]
    port: Option<u16>,
    /// The port for S3 on 127.0.0.1; a free one otherwise
    #[arg(long)]
    s3_port: Option<u16>,
    /// The folder that stands for S3
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
    /// Keep everything in this folder for the next start
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

pub(crate) fn run(arguments: SandboxArguments) -> Result<(), Failure> {
    let signals = StopSignals::hold();
    let mut builder = Sandbox::builder();
    if let Some(port) = arguments.port {
        builder = builder.port(port);
    }
    if let Some(port) = arguments.s3_port {
        builder = builder.s3_port(port);
    }
    if let Some(folder) = arguments.store {
        builder = builder.store(folder);
    }
    if let Some(folder) = arguments.data {
        builder = builder.data(folder);
    }
    let sandbox = builder.start().map_err(|error| Failure::of(&error))?;
    let (id, secret) = sandbox.s3_key();
    // The bucket is there with its first file.
    let keep = format!("{STAGING}/.keep");
    let kept = sandbox.store().put(&keep, "");
    kept.map_err(|error| Failure::of(&error))?;
    for (name, value) in [
        ("DATABASE_URL", &*sandbox.url()),
        ("AWS_ENDPOINT_URL_S3", &sandbox.s3_endpoint()),
        ("AWS_ENDPOINT_URL_REDSHIFT", &sandbox.s3_endpoint()),
        (
            "AWS_ENDPOINT_URL_REDSHIFT_SERVERLESS",
            &sandbox.s3_endpoint(),
        ),
        ("AWS_ACCESS_KEY_ID", id),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", "us-east-1"),
        ("REDSHIFT_STAGING", STAGING),
    ] {
        output::line(format!("export {name}='{}'", value.replace('\'', "'\\''")))?;
    }
    signals.wait();
    Ok(())
}
