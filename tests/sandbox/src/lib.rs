//! A local stand-in for Amazon Redshift.
//!
//! A proxy speaks Redshift's dialect of the PostgreSQL protocol in front of a real PostgreSQL server, and a plain
//! folder stands for S3. It refuses what Redshift refuses, so a test that passes here means something.
//!
//! ```no_run
//! # fn main() -> Result<(), redshift_sandbox::Error> {
//! let sandbox = redshift_sandbox::Sandbox::start()?;
//! sandbox.store().put("s3://bucket/users.csv", "1,Ada\n2,Grace\n")?;
//! println!("psql {}", sandbox.url());
//! // COPY users FROM 's3://bucket/users.csv' IAM_ROLE default CSV
//! # Ok(()) }
//! ```

mod catalog;
mod copy;
mod engine;
mod error;
mod fault;
mod history;
mod listener;
mod log_ins;
mod parameters;
mod protocol;
mod s3;
mod sandbox;
mod session;
mod sql;
mod store;
mod tls;
mod unload;

pub use engine::os::StopSignals;
pub use error::Error;
pub use s3::{AccessKey, Permissions};
pub use sandbox::{Builder, Sandbox};
pub use store::Store;
pub use tls::Tls;
