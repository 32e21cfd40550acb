//! Credentials that end while a load or an unload is under way, and that their provider renews.

use std::io::Read;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use chrono::{SecondsFormat, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::aws::Region;
use diesel_redshift::store::{S3Store, Store, StoreError};
use diesel_redshift::{RedshiftConnection, S3Uri, copy, unload};
use diesel_redshift_tests::ROLE;
use redshift_sandbox::{AccessKey, Permissions, Sandbox};

use super::role;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
    }
}

const ROWS: i64 = 60_000;

/// Where the test below keeps its profile and counts its keys.
const HOME: &str = "RENEWED_CREDENTIALS_HOME";

fn key(number: usize) -> AccessKey {
    AccessKey::new(format!("AKIA{number:016}"), format!("secret{number}"))
}

/// S3, whose service ends the current credentials at every second request.
#[derive(Clone)]
struct Ending {
    s3: S3Store,
    sandbox: Arc<Sandbox>,
    /// A character for each key that the provider has given.
    given: Arc<str>,
    requests: Arc<AtomicUsize>,
    ended: Arc<AtomicUsize>,
}

impl Ending {
    fn before(&self) {
        let count = fs::read_to_string(&*self.given).unwrap_or_default();
        if self.requests.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            self.ended.fetch_add(1, Ordering::Relaxed);
            let current = key(count.len()).expired();
            self.sandbox.add_key(current, Permissions::all());
        }
    }
}

impl Store for Ending {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        self.before();
        self.s3.put(location, body)
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        self.before();
        self.s3.get(location)
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        self.before();
        self.s3.delete(locations)
    }

    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        self.before();
        self.s3.list(prefix)
    }
}

/// A profile is found by the environment, which is that of a process: of one that the test below starts.
#[test]
fn loads_with_credentials_that_are_renewed() {
    let Ok(home) = env::var(HOME) else {
        return;
    };
    // From now on only these exist, and their signatures are checked.
    let sandbox = Arc::new(Sandbox::start().unwrap());
    sandbox.add_role(ROLE, Permissions::all());
    for number in 1..200 {
        sandbox.add_key(key(number), Permissions::all());
    }
    sandbox.store().put("s3://bucket/exists", "").unwrap();
    let s3 = S3Store::builder()
        .endpoint(sandbox.s3_endpoint())
        .region(Region::parse("us-east-1").unwrap())
        .profile("loader")
        .build()
        .unwrap();
    let store = Ending {
        s3,
        sandbox: Arc::clone(&sandbox),
        given: format!("{home}/given").into(),
        requests: Arc::default(),
        ended: Arc::default(),
    };
    let mut conn = RedshiftConnection::establish(&sandbox.url()).unwrap();
    conn.batch_execute("CREATE TABLE users (id BIGINT, name VARCHAR(100))")
        .unwrap();
    let rows = (0..ROWS).map(|id| (users::id.eq(id), users::name.eq(format!("{id:060}"))));
    let outcome = copy(users::table)
        .from_insertable(rows)
        .through(&store, "s3://bucket/staged/")
        .iam_role(role())
        .uncompressed()
        .file_size(1_000_000)
        // Else one thread's key may end while another renews its own.
        .files_at_once(1)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, ROWS as u64);
    assert!(outcome.files > 3, "{}", outcome.files);
    assert!(outcome.warnings.is_empty(), "{:?}", outcome.warnings);
    let ids: Vec<i64> = unload(users::table.select(users::id).order(users::id))
        .through(&store, "s3://bucket/staged/")
        .iam_role(role())
        .ordered()
        .load(&mut conn)
        .unwrap();
    assert!(ids.into_iter().eq(0..ROWS));
    let left = sandbox.store().list("s3://bucket/staged/").unwrap();
    assert!(left.is_empty(), "{left:?}");
    let given = fs::read_to_string(format!("{home}/given")).unwrap().len();
    let ended = store.ended.load(Ordering::Relaxed);
    assert!(ended > 3 && given > ended, "{given} given, {ended} ended");
}

fn run(expires: TimeDelta) {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let expires = (Utc::now() + expires).to_rfc3339_opts(SecondsFormat::Secs, true);
    // One more character each time it is called; several threads do not call it at once.
    let script = format!(
        "printf x >> {given}\nn=$(wc -c < {given})\n\
         printf '{{\"Version\": 1, \"AccessKeyId\": \"AKIA%016d\", \"SecretAccessKey\": \"secret%d\", \"Expiration\": \"{expires}\"}}' $n $n\n",
        given = path("given"),
    );
    fs::write(path("keys.sh"), script).unwrap();
    let config = format!(
        "[profile loader]\ncredential_process = sh {}\n",
        path("keys.sh")
    );
    fs::write(path("config"), config).unwrap();
    let ended = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "stage::renewed::loads_with_credentials_that_are_renewed",
        ])
        .env(HOME, home.path())
        .env("AWS_CONFIG_FILE", path("config"))
        .status()
        .unwrap();
    assert!(ended.success());
}

/// The service says that they have expired, long before the provider said that they would.
#[test]
fn credentials_that_end_in_the_middle_are_fetched_anew() {
    run(TimeDelta::hours(1));
}

/// They are never good for long enough to be kept.
#[test]
fn credentials_for_a_minute_are_fetched_for_each_request() {
    run(TimeDelta::seconds(90));
}
