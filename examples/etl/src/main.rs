//! The job, as a scheduler starts it.
//!
//! `DATABASE_URL`, `ETL_INCOMING` and `ETL_REJECTED` (`s3://…/`), `ETL_ROLE`; `S3_ENDPOINT` where something stands in for S3.
//! It ends with 0 when every file is in the table, with 1 when one was rejected, and with 2 when the job itself failed.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use diesel::prelude::*;
use diesel_redshift::store::S3Store;
use diesel_redshift::{RedshiftConnection, S3Uri};
use etl::Job;

fn run() -> Result<bool, Box<dyn Error>> {
    let setting = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let mut store = S3Store::builder();
    if let Ok(endpoint) = env::var("S3_ENDPOINT") {
        store = store.endpoint(endpoint);
    }
    let job = Job {
        store: store.build()?,
        incoming: S3Uri::parse(&setting("ETL_INCOMING")?)?,
        rejected: S3Uri::parse(&setting("ETL_REJECTED")?)?,
        role: setting("ETL_ROLE")?.parse()?,
        max_errors: 0,
    };
    let url = setting("DATABASE_URL")?;
    let report = job.run(|| RedshiftConnection::establish(&url))?;
    print!("{report}");
    Ok(report.has_rejected())
}

fn main() -> ExitCode {
    match run() {
        Ok(has_rejected) => ExitCode::from(u8::from(has_rejected)),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
