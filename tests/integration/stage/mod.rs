//! Rows in by COPY and out by UNLOAD, through files in the sandbox's store.

mod any_rows;
mod callbacks;
mod clean_up;
mod extremes;
mod faults;
mod kills;
mod liars;
mod literals;
mod parts;
mod renewed;
mod rows_in;
mod rows_out;
mod several;

use diesel_redshift::aws::{AccessKey, Region};
use diesel_redshift::store::{FolderStore, S3Store};
use diesel_redshift::{IamRole, S3Uri};
use diesel_redshift_tests::{ROLE, World, sandbox};

fn store() -> FolderStore {
    FolderStore::new(sandbox().store().path())
}

/// The same objects over HTTP.
fn over_http() -> S3Store {
    let (id, secret) = sandbox().s3_key();
    S3Store::builder()
        .endpoint(sandbox().s3_endpoint())
        .region(Region::parse("us-east-1").unwrap())
        .access_key(AccessKey::new(id, secret).unwrap())
        .build()
        .unwrap()
}

fn role() -> IamRole {
    ROLE.parse().unwrap()
}

fn folder(world: &World) -> S3Uri {
    S3Uri::parse(&world.uri("staged/")).unwrap()
}

/// Nothing is left in the bucket.
#[track_caller]
fn assert_clean(world: &World) {
    assert!(world.list("").is_empty(), "{:?}", world.list(""));
}
