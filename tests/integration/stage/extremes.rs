//! Rows and lines at their limits: very long and wide rows, a store that is busy for long, credentials that end in the middle.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel_redshift::store::{S3Store, Store, StoreError, StoreErrorKind};
use diesel_redshift::{
    Error, RedshiftConnection, S3Uri, copy, data_types::Json, error::StageError, unload,
};
use diesel_redshift_tests::{World, sandbox};
use serde_json::{Value, json};

use super::{assert_clean, folder, over_http, role, store};

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    documents (id) {
        id -> BigInt,
        title -> Text,
        body -> Nullable<Super>,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = documents, treat_none_as_default_value = false)]
struct Document {
    id: i64,
    title: String,
    body: Option<Json<Value>>,
}

fn documents(count: i64) -> Vec<Document> {
    (0..count)
        .map(|id| Document {
            id,
            title: format!("{:x}", id.wrapping_mul(0x5851_f42d_4c95_7f2d)),
            body: (id % 3 > 0).then(|| Json(json!({"id": id}))),
        })
        .collect()
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    world.put("exists", "");
    sandbox().store().delete(&world.uri("exists")).unwrap();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE documents (id BIGINT NOT NULL, title VARCHAR(65535), body SUPER)",
    )
    .unwrap();
    (world, conn)
}

fn count(world: &World) -> i64 {
    documents::table
        .count()
        .get_result(&mut world.connect())
        .unwrap()
}

macro_rules! staged {
    ($world:expr, $store:expr, $rows:expr) => {
        copy(documents::table)
            .from_insertable($rows)
            .through($store, folder(&$world))
            .iam_role(role())
    };
}

macro_rules! unloaded {
    ($world:expr, $store:expr) => {
        unload(documents::table.order(documents::id))
            .through($store, folder(&$world))
            .iam_role(role())
            .ordered()
    };
}

#[test]
fn a_row_of_five_megabytes_is_told_and_one_just_below_the_limit_is_loaded() {
    let (world, mut conn) = world();
    let sized = |bytes: usize| {
        let mut rows = documents(3);
        rows[1].body = Some(Json(json!("x".repeat(bytes))));
        rows
    };
    let error = staged!(world, &store(), sized(5_000_000))
        .execute(&mut conn)
        .unwrap_err();
    let Error::Stage(error) = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(*error, StageError::RowTooLong { row: 1, .. }),
        "{error}"
    );
    assert_clean(&world);
    assert_eq!(count(&world), 0);
    let rows = sized(4_000_000);
    staged!(world, &store(), &rows).execute(&mut conn).unwrap();
    let back: Vec<Document> = unloaded!(world, &store()).load(&mut conn).unwrap();
    assert!(back == rows);
    assert_clean(&world);
}

/// The most that Redshift lets a table have, by a query whose row takes a part by name.
#[test]
fn sixteen_hundred_columns_come_back() {
    #[derive(Debug, PartialEq, QueryableByName)]
    struct Ends {
        #[diesel(sql_type = Integer)]
        c0: i32,
        #[diesel(sql_type = Integer)]
        c1599: i32,
    }

    let (world, mut conn) = world();
    let columns = |each: fn(usize) -> String| {
        let columns: Vec<_> = (0..1600).map(each).collect();
        columns.join(", ")
    };
    conn.batch_execute(&format!(
        "CREATE TABLE wide ({}); INSERT INTO wide VALUES ({})",
        columns(|number| format!("c{number} INTEGER")),
        columns(|number| number.to_string())
    ))
    .unwrap();
    let rows: Vec<Ends> = unload(diesel::sql_query("SELECT * FROM wide"))
        .through(&store(), folder(&world))
        .iam_role(role())
        .load(&mut conn)
        .unwrap();
    assert_eq!(rows, [Ends { c0: 0, c1599: 1599 }]);
    assert_clean(&world);
}

/// Of ten requests at most one in three is answered, both of the application and of the cluster.
#[test]
fn a_storm_of_503_is_weathered() {
    let (world, mut conn) = world();
    let rows = documents(50_000);
    let storm = |times: usize| {
        for _ in 0..times {
            let fault = format!("s3 503 {}", world.uri("staged/"));
            sandbox().fail_next(world.database(), &fault).unwrap();
        }
    };
    let s3 = over_http();
    storm(4);
    let mut staged = staged!(world, &s3, &rows)
        .uncompressed()
        .file_size(1_000_000)
        .files_at_once(1)
        .upload()
        .unwrap();
    assert_eq!(staged.copy(&mut conn).unwrap().rows, 50_000);
    storm(2);
    drop(staged);
    assert_clean(&world);

    // One that does not end is told as it is, and leaves nothing loaded.
    storm(1000);
    let error = staged!(world, &s3, &rows).execute(&mut conn).unwrap_err();
    assert!(
        matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::Unavailable),
        "{error:?}"
    );
    assert_eq!(count(&world), 50_000);
    conn.batch_execute("SELECT 1").unwrap();
}

/// The sandbox's S3 as long as its credentials are good.
#[derive(Debug, Clone)]
struct Expiring {
    store: S3Store,
    requests: Arc<AtomicUsize>,
    good_for: usize,
}

impl Expiring {
    fn ask(&self, location: &S3Uri) -> Result<(), StoreError> {
        if self.requests.fetch_add(1, Ordering::Relaxed) < self.good_for {
            return Ok(());
        }
        let kind = StoreErrorKind::Credentials;
        Err(StoreError::new(kind, location, "ExpiredToken"))
    }
}

impl Store for Expiring {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        self.ask(location)?;
        self.store.put(location, body)
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        self.ask(location)?;
        self.store.get(location)
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        self.ask(&locations[0])?;
        self.store.delete(locations)
    }

    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        self.ask(prefix)?;
        self.store.list(prefix)
    }
}

#[test]
fn credentials_that_expire_at_any_request_are_told_and_nothing_is_half_done() {
    let (world, mut conn) = world();
    let rows = documents(50_000);
    let expiring = |good_for| Expiring {
        store: over_http(),
        requests: Arc::default(),
        good_for,
    };
    let is_told = |error: &Error| matches!(error, Error::Store(error) if error.kind() == StoreErrorKind::Credentials);
    let (mut loaded, mut refused) = (0, 0);
    for good_for in 0..8 {
        let load = staged!(world, &expiring(good_for), &rows)
            .uncompressed()
            .file_size(1_000_000)
            .files_at_once(2);
        match load.execute(&mut conn) {
            Ok(outcome) => {
                loaded += 1;
                assert_eq!(outcome.rows, 50_000);
                assert_eq!(outcome.warnings.is_empty(), world.list("").is_empty());
            }
            Err(error) => {
                refused += 1;
                assert!(is_told(&error), "{good_for}: {error:?}");
            }
        }
        assert_eq!(count(&world), 50_000 * loaded, "{good_for}");
        world.list("").iter().for_each(|key| {
            assert!(key.starts_with("staged/"), "{key}");
            sandbox().store().delete(&world.uri(key)).unwrap();
        });
    }
    assert!(loaded > 1 && refused > 2, "{loaded}, {refused}");
    let mut read = 0;
    for good_for in 0..5 {
        match unloaded!(world, &expiring(good_for)).load::<Document>(&mut conn) {
            Ok(rows) => {
                read += 1;
                assert_eq!(rows.len(), count(&world) as usize);
            }
            Err(error) => assert!(is_told(&error), "{good_for}: {error:?}"),
        }
    }
    assert!((1..4).contains(&read), "{read}");
}
