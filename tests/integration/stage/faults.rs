//! What goes wrong on the way, and what is left of it.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::store::{FolderStore, Store, StoreError, StoreErrorKind};
use diesel_redshift::{Error, RedshiftConnection, S3Uri, copy, error::StageError, unload};
use diesel_redshift_tests::{World, sandbox};

use super::{assert_clean, folder, role, store};

diesel::table! {
    users (id) {
        id -> BigInt,
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

fn count(world: &World) -> i64 {
    users::table
        .count()
        .get_result(&mut world.connect())
        .unwrap()
}

/// What the store does with a request.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// Refuses the second file.
    Put,
    Panic,
    Delete,
    /// Gives all but the last bytes of a data file.
    CutGet,
    /// A data file is gone.
    NoGet,
    /// The manifest names a file elsewhere.
    ForeignManifest,
    None,
}

/// The sandbox's store with a fault.
#[derive(Debug, Clone)]
struct Faulty {
    store: FolderStore,
    fault: Fault,
    puts: Arc<AtomicUsize>,
    gets: Arc<AtomicUsize>,
}

fn faulty(fault: Fault) -> Faulty {
    Faulty {
        store: store(),
        fault,
        puts: Arc::default(),
        gets: Arc::default(),
    }
}

impl Store for Faulty {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        let number = self.puts.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::Put if number == 1 => {
                // As a connection that breaks after the last byte.
                self.store.put(location, body)?;
                Err(StoreError::new(
                    StoreErrorKind::Unavailable,
                    location,
                    "connection reset",
                ))
            }
            Fault::Panic if number == 1 => panic!("the store panics"),
            _ => self.store.put(location, body),
        }
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        self.gets.fetch_add(1, Ordering::Relaxed);
        let mut body = Vec::new();
        let mut reader = self.store.get(location)?;
        reader.read_to_end(&mut body).unwrap();
        let is_manifest = location.key().ends_with("manifest");
        match self.fault {
            Fault::CutGet if !is_manifest => body.truncate(body.len() / 2),
            Fault::NoGet if !is_manifest => {
                return Err(StoreError::new(StoreErrorKind::NotFound, location, "gone"));
            }
            Fault::ForeignManifest if is_manifest => {
                let text = String::from_utf8(body).unwrap();
                body = text
                    .replacen("0000_part", "../0000_part", 1)
                    .replacen("/staged/", "/others/", 1)
                    .into_bytes();
            }
            _ => {}
        }
        Ok(Box::new(Cursor::new(body)))
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        match self.fault {
            Fault::Delete => Err(StoreError::new(
                StoreErrorKind::AccessDenied,
                &locations[0],
                "403",
            )),
            _ => self.store.delete(locations),
        }
    }

    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        self.store.list(prefix)
    }
}

macro_rules! staged {
    ($world:expr, $store:expr, $rows:expr) => {
        copy(users::table)
            .from_insertable($rows)
            .through($store, folder(&$world))
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
fn a_store_that_fails_or_panics_leaves_nothing() {
    let (world, mut conn) = world();
    let error = staged!(world, &faulty(Fault::Put), users(10))
        .execute(&mut conn)
        .unwrap_err();
    assert!(matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::Unavailable));
    assert_clean(&world);
    // With few rows it is the manifest, with more a file that another thread writes.
    for rows in [10, 100_000] {
        catch_unwind(AssertUnwindSafe(|| {
            staged!(world, &faulty(Fault::Panic), users(rows))
                .uncompressed()
                .file_size(1_000_000)
                .execute(&mut conn)
        }))
        .unwrap_err();
        assert_clean(&world);
    }
    assert_eq!(count(&world), 0);
    staged!(world, &store(), users(10))
        .execute(&mut conn)
        .unwrap();
}

#[test]
fn files_that_cannot_be_deleted_are_warnings() {
    let (world, mut conn) = world();
    let outcome = staged!(world, &faulty(Fault::Delete), users(10))
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.warnings.len()), (10, 1));
    assert_eq!(count(&world), 10);
    let rows: Vec<User> = unloaded!(world, &faulty(Fault::Delete))
        .load(&mut conn)
        .unwrap();
    assert_eq!(rows.len(), 10);
}

#[test]
fn a_file_that_is_gone_fails_the_copy_and_a_foreign_one_is_not_loaded() {
    let (world, mut conn) = world();
    let mut staged = staged!(world, &store(), users(10)).upload().unwrap();
    let files = world.list("");
    let data = files.iter().find(|file| file.ends_with(".zst")).unwrap();
    world.put(&format!("{data}.foreign"), "1000,x\n");
    assert_eq!(staged.copy(&mut conn).unwrap().rows, 10);
    sandbox().store().delete(&world.uri(data)).unwrap();
    staged.copy(&mut conn).unwrap_err();
    assert_eq!(count(&world), 10);
    drop(staged);
    assert_eq!(world.list("").len(), 1, "only the foreign file is left");
}

#[test]
fn files_of_an_unload_that_are_not_whole_are_errors() {
    let (world, mut conn) = world();
    staged!(world, &store(), users(20_000))
        .execute(&mut conn)
        .unwrap();
    let error = unloaded!(world, &faulty(Fault::CutGet))
        .load::<User>(&mut conn)
        .unwrap_err();
    let told = error.to_string();
    assert!(
        matches!(&error, Error::Stage(_)) && told.contains("_part_00.zst"),
        "{told}"
    );
    let error = unloaded!(world, &faulty(Fault::NoGet))
        .load::<User>(&mut conn)
        .unwrap_err();
    assert!(matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::NotFound));
    let error = unloaded!(world, &faulty(Fault::ForeignManifest))
        .load::<User>(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("not below"), "{error}");
    assert_clean(&world);
    let rows = unloaded!(world, &store())
        .load_iter::<User>(&mut conn)
        .unwrap();
    assert_eq!(rows.map(Result::unwrap).count(), 20_000);
}

#[test]
fn a_result_without_rows_costs_no_get() {
    let (world, mut conn) = world();
    let store = faulty(Fault::None);
    let rows: Vec<User> = unloaded!(world, &store).load(&mut conn).unwrap();
    assert!(rows.is_empty());
    assert_eq!(store.gets.load(Ordering::Relaxed), 0);
    assert_clean(&world);
}

#[test]
fn an_unload_that_fails_leaves_nothing() {
    let (world, mut conn) = world();
    staged!(world, &store(), users(10))
        .execute(&mut conn)
        .unwrap();
    let error = unload(diesel::sql_query(
        "SELECT id, 1 / (id - 5) AS name FROM users",
    ))
    .through(&store(), folder(&world))
    .iam_role(role())
    .load::<ByName>(&mut conn)
    .unwrap_err();
    assert!(matches!(error, Error::Database(_)), "{error:?}");
    assert_clean(&world);
    let error = unload(diesel::sql_query("SELECT id, name FROM users ORDER BY id"))
        .through(&store(), folder(&world))
        .iam_role(role())
        .ordered()
        .load::<ByName>(&mut conn)
        .unwrap_err();
    let Error::Stage(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.row(), Some(0));
    assert!(matches!(*error, StageError::Unreadable { .. }));
    assert!(error.to_string().contains("\"name\""), "{error}");
    assert_clean(&world);
}

#[derive(Debug, QueryableByName)]
#[allow(dead_code)]
struct ByName {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    id: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    name: i64,
}

#[test]
fn a_store_out_of_reach_for_the_cluster_is_told() {
    let (world, mut conn) = world();
    let fault = format!("s3 403 {}", world.uri("staged/"));
    sandbox().fail_next(world.database(), &fault).unwrap();
    let error = staged!(world, &store(), users(10))
        .execute(&mut conn)
        .unwrap_err();
    assert!(matches!(error, Error::Storage(_)), "{error:?}");
    assert_clean(&world);
    assert_eq!(count(&world), 0);
}

#[test]
fn two_loads_at_once_into_one_table() {
    let (world, _conn) = world();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut conn = world.connect();
                for _ in 0..3 {
                    let rows = staged!(world, &store(), users(500))
                        .execute(&mut conn)
                        .unwrap()
                        .rows;
                    assert_eq!(rows, 500);
                }
            });
        }
    });
    assert_eq!(count(&world), 3000);
    assert_clean(&world);
}

#[test]
fn a_bad_row_in_one_of_several_files_is_told_by_its_number() {
    let (world, mut conn) = world();
    let rows = (0..150_000_i64).map(|id| User {
        id,
        name: match id {
            77_777 => "longer than twenty bytes".to_owned(),
            _ => format!("{:x}", id.wrapping_mul(0x5851_f42d_4c95_7f2d)),
        },
    });
    let outcome = staged!(world, &store(), rows)
        .uncompressed()
        .file_size(1_000_000)
        .max_error(10)
        .execute(&mut conn)
        .unwrap();
    assert!(outcome.files > 2, "{}", outcome.files);
    assert_eq!((outcome.rows, outcome.rejected), (149_999, vec![77_777]));
    assert_eq!(count(&world), 149_999);
    assert_clean(&world);
}
