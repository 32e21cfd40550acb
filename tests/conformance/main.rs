//! What Redshift does, held against the sandbox and, where one is named, against a cluster: the sandbox is ours, so what it
//! answers proves something only if the service answers the same.
//!
//! `REDSHIFT_URL` names a database in which a schema can be created; each test makes one of its own and drops it.
//! `REDSHIFT_S3_PREFIX` (`s3://bucket/folder/`, whose contents are overwritten) and `REDSHIFT_IAM_ROLE` (an ARN, or `default`) are
//! for COPY and UNLOAD, without which those run against the sandbox only.
//!
//! ```sh
//! REDSHIFT_URL='postgresql://…' REDSHIFT_S3_PREFIX='s3://…/' REDSHIFT_IAM_ROLE=default \
//!     cargo test -p diesel-redshift-tests --test conformance
//! ```
#![allow(clippy::unwrap_used, missing_docs)]

mod files;
mod statements;
mod values;

use std::env;
use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::{IamRole, RedshiftConnection};
use diesel_redshift_tests::World;

/// Where files go, and who may put them there.
struct Storage {
    prefix: String,
    role: IamRole,
}

/// What is held against the facts.
struct Server {
    name: &'static str,
    url: String,
    storage: Option<Storage>,
    _world: Option<World>,
}

fn sandbox() -> Server {
    let world = World::new();
    Server {
        name: "the sandbox",
        url: world.url().to_owned(),
        storage: Some(Storage {
            prefix: world.uri(""),
            role: IamRole::Default,
        }),
        _world: Some(world),
    }
}

fn cluster() -> Option<Server> {
    let url = env::var("REDSHIFT_URL").ok()?;
    let storage = env::var("REDSHIFT_S3_PREFIX").ok().map(|prefix| {
        let role =
            env::var("REDSHIFT_IAM_ROLE").expect("REDSHIFT_IAM_ROLE with REDSHIFT_S3_PREFIX");
        let role = match role.as_str() {
            "default" => IamRole::Default,
            arn => arn.parse().expect("REDSHIFT_IAM_ROLE is an ARN or default"),
        };
        Storage { prefix, role }
    });
    Some(Server {
        name: "the cluster",
        url,
        storage,
        _world: None,
    })
}

impl Server {
    /// Runs `check` in a schema of its own, which is dropped whatever comes of it, and adds the deviations that it tells.
    fn check(
        &self,
        deviations: &mut Vec<String>,
        check: impl FnOnce(&mut RedshiftConnection) -> Result<Vec<String>, Box<dyn Error>>,
    ) {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let schema = format!(
            "diesel_redshift_conformance_{}_{number}",
            std::process::id()
        );
        let mut conn = RedshiftConnection::establish(&self.url).unwrap();
        conn.batch_execute(&format!("CREATE SCHEMA {schema}"))
            .unwrap();
        conn.set_search_path([schema.as_str()]).unwrap();
        let found = check(&mut conn).unwrap_or_else(|error| vec![error.to_string()]);
        deviations.extend(
            found
                .into_iter()
                .map(|found| format!("{}: {found}", self.name)),
        );
        // The one of the test may be in a transaction, or lost.
        let mut conn = RedshiftConnection::establish(&self.url).unwrap();
        conn.batch_execute(&format!("DROP SCHEMA {schema} CASCADE"))
            .unwrap();
    }
}

/// Checks every server, and fails with all that is not as it should be.
fn check(check: impl Fn(&Server, &mut RedshiftConnection) -> Result<Vec<String>, Box<dyn Error>>) {
    let mut deviations = Vec::new();
    for server in [Some(sandbox()), cluster()].into_iter().flatten() {
        server.check(&mut deviations, |conn| check(&server, conn));
    }
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
}
