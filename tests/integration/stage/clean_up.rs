//! When files are deleted, and when a load or unload is stopped.

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::stage::{CleanUp, Phase};
use diesel_redshift::store::{FolderStore, Store, StoreError, StoreErrorKind};
use diesel_redshift::{
    Error, RedshiftConnection, RedshiftCopy, S3Uri, copy, error::StageError, unload,
};
use diesel_redshift_tests::{World, sandbox};

use super::{assert_clean, folder, role, store};

diesel::table! {
    users (id) {
        id -> BigInt,
        #[max_length = 20]
        name -> Text,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: String,
}

fn users(count: i64) -> Vec<User> {
    (0..count)
        .map(|id| User {
            id,
            name: format!("user {id}"),
        })
        .collect()
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20))")
        .unwrap();
    (world, conn)
}

fn count(conn: &mut RedshiftConnection) -> i64 {
    users::table.count().get_result(conn).unwrap()
}

/// The sandbox's store, which deletes nothing.
#[derive(Debug, Clone)]
struct Undeletable(FolderStore);

impl Store for Undeletable {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        self.0.put(location, body)
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        self.0.get(location)
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        let kind = StoreErrorKind::AccessDenied;
        Err(StoreError::new(kind, &locations[0], "403"))
    }

    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        self.0.list(prefix)
    }
}

macro_rules! staged {
    ($world:expr, $rows:expr) => {
        copy(users::table)
            .from_insertable($rows)
            .through(&store(), folder(&$world))
            .iam_role(role())
    };
}

macro_rules! unloaded {
    ($world:expr, $store:expr) => {
        unload(users::table)
            .through($store, folder(&$world))
            .iam_role(role())
    };
}

#[test]
fn a_load_in_a_transaction_that_fails_is_no_success() {
    let (world, mut conn) = world();
    let mut staged = staged!(world, users(10))
        .clean_up(CleanUp::OnSuccess)
        .upload()
        .unwrap();
    let rolled_back: QueryResult<()> = conn.transaction(|conn| {
        staged.copy(conn).unwrap();
        Err(diesel::result::Error::RollbackTransaction)
    });
    rolled_back.unwrap_err();
    drop(staged);
    assert_eq!(world.list("").len(), 2, "the files of a failed load stay");

    let (world, mut conn) = self::world();
    let mut staged = staged!(world, users(10))
        .clean_up(CleanUp::OnSuccess)
        .upload()
        .unwrap();
    conn.transaction(|conn| staged.copy(conn)).unwrap();
    assert!(staged.clean_up().is_empty());
    assert_clean(&world);
}

#[test]
fn a_transaction_that_is_tried_again_finds_its_files() {
    let (world, mut conn) = world();
    let fault = "serialization failure on commit";
    sandbox().fail_next(world.database(), fault).unwrap();
    let mut staged = staged!(world, users(10)).upload().unwrap();
    let mut tries = 0;
    conn.retry_serializable(5, |conn| {
        tries += 1;
        staged.copy(conn)
    })
    .unwrap();
    assert_eq!((tries, count(&mut conn)), (2, 10));
    drop(staged);
    assert_clean(&world);
    // In one call it is uploaded again.
    sandbox().fail_next(world.database(), fault).unwrap();
    conn.retry_serializable(5, |conn| staged!(world, users(10)).execute(conn))
        .unwrap();
    assert_eq!(count(&mut conn), 20);
    assert_clean(&world);
}

#[test]
fn what_an_unload_cannot_delete_is_a_warning() {
    let (world, mut conn) = world();
    staged!(world, users(10)).execute(&mut conn).unwrap();
    let store = Undeletable(store());
    let mut rows = unloaded!(world, &store)
        .load_iter::<User>(&mut conn)
        .unwrap();
    assert_eq!(rows.by_ref().map(Result::unwrap).count(), 10);
    let [Error::Store(warning)] = rows.warnings() else {
        panic!("{:?}", rows.warnings())
    };
    assert_eq!(warning.kind(), StoreErrorKind::AccessDenied);
}

#[test]
fn all_rejected_rows_are_counted() {
    let (world, mut conn) = world();
    let mut rows = users(500);
    for row in &mut rows[100..250] {
        row.name = "longer than twenty bytes".to_owned();
    }
    let outcome = staged!(world, &rows)
        .max_error(1000)
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.skipped_rows), (350, 150));
    assert_eq!(outcome.rejected.len(), 100);
    assert_eq!(outcome.rejected[0], 100);
}

#[test]
fn a_text_over_its_max_length_is_told_before_anything_is_loaded() {
    let (world, mut conn) = world();
    let mut rows = users(10);
    rows[7].name = "äöü".repeat(4);
    let error = staged!(world, &rows)
        .check_length(users::name)
        .max_error(1000)
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 7, column \"name\": 24 bytes; expected at most 20"
    );
    assert_eq!(count(&mut conn), 0);
    assert_clean(&world);
}

/// The derive sees which columns have one, those of an embedded struct too.
#[test]
fn a_struct_that_derives_copy_has_its_lengths_checked() {
    #[derive(Insertable, RedshiftCopy)]
    #[diesel(table_name = users, treat_none_as_default_value = false)]
    struct Outer {
        id: i64,
        #[diesel(embed)]
        inner: Inner,
    }

    #[derive(Insertable, RedshiftCopy)]
    #[diesel(table_name = users, treat_none_as_default_value = false)]
    struct Inner {
        name: String,
    }

    let (world, mut conn) = world();
    let rows = |name: &str| {
        [("Ada", 1), (name, 2)].map(|(name, id)| Outer {
            id,
            inner: Inner {
                name: name.to_owned(),
            },
        })
    };
    macro_rules! load {
        ($rows:expr) => {
            Outer::copy()
                .columns((users::id, users::name))
                .from_insertable(&$rows)
                .through(&store(), folder(&world))
                .iam_role(role())
                .execute(&mut conn)
        };
    }
    let error = load!(rows(&"äöü".repeat(4))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 1, column \"name\": 24 bytes; expected at most 20"
    );
    assert_clean(&world);
    assert_eq!(load!(rows(&"ä".repeat(10))).unwrap().rows, 2);
}

#[test]
fn the_slices_of_the_cluster_can_be_asked_for() {
    let (world, mut conn) = world();
    let slices = conn.slices().unwrap();
    assert_eq!(slices, 2);
    let rows = (0..150_000).map(|id| User {
        id: i64::MAX - id,
        name: format!("{id:020}"),
    });
    let outcome = staged!(world, rows)
        .uncompressed()
        .files_at_once(slices)
        .execute(&mut conn)
        .unwrap();
    assert!((1..=2).contains(&outcome.files), "{}", outcome.files);
    conn.batch_execute("BEGIN").unwrap();
    conn.batch_execute("SELECT * FROM nowhere").unwrap_err();
    conn.slices().unwrap_err();
}

#[test]
fn progress_cancels_what_the_server_does() {
    let (world, mut conn) = world();
    staged!(world, users(1000)).execute(&mut conn).unwrap();
    let slow = format!("slow s3 3000 ms {}", world.uri("staged/"));
    let stopped = |error: Error| {
        let Error::Stage(error) = error else {
            panic!("{error:?}")
        };
        assert!(matches!(*error, StageError::Stopped), "{error:?}");
    };
    // The second call of a phase comes while the statement runs.
    let second = |phase| {
        let mut calls = 0;
        move |progress: &diesel_redshift::stage::Progress| {
            calls += u32::from(progress.phase == phase);
            match calls {
                2 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    };
    sandbox().fail_next(world.database(), &slow).unwrap();
    let load = staged!(world, users(10)).on_progress(second(Phase::Copy));
    stopped(load.execute(&mut conn).unwrap_err());
    assert_eq!(count(&mut conn), 1000);
    let rows = unloaded!(world, &store())
        .on_progress(second(Phase::Unload))
        .load::<User>(&mut conn);
    stopped(rows.unwrap_err());
    sandbox().fail_next(world.database(), "none").unwrap();
    assert_clean(&world);
    assert_eq!(count(&mut conn), 1000);
}

#[test]
fn a_download_tells_its_bytes() {
    let (world, mut conn) = world();
    staged!(world, users(3000)).execute(&mut conn).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let rows: Vec<User> = unloaded!(world, &store())
        .on_progress(move |progress| {
            told.lock().unwrap().push(*progress);
            ControlFlow::Continue(())
        })
        .load(&mut conn)
        .unwrap();
    let seen = seen.lock().unwrap();
    let last = seen.last().unwrap();
    assert_eq!((last.phase, last.rows), (Phase::Download, 3000));
    let texts: usize = rows
        .iter()
        .map(|row| row.id.to_string().len() + row.name.len())
        .sum();
    assert!(last.bytes >= texts as u64, "{last:?}");
    assert!(seen.is_sorted_by_key(|progress| progress.bytes));
}
