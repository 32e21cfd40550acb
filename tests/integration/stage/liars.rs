//! Stores and iterators of an application that do not keep their word.

use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::stage::insert_rows;
use diesel_redshift::store::{FolderStore, Store, StoreError, StoreErrorKind};
use diesel_redshift::{Error, RedshiftConnection, S3Uri, copy, error::StageError, unload};
use diesel_redshift_tests::World;

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

fn user(id: i64) -> User {
    User {
        id,
        name: format!("user {id}"),
    }
}

fn users(count: i64) -> Vec<User> {
    (0..count).map(user).collect()
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

/// What a store does instead of what it is asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    /// Says that it has written a data file, and has not.
    PutsNothing,
    /// Writes half of a data file.
    PutsHalf,
    /// Writes a data file without its last line.
    PutsALineLess,
    /// Gives a byte or some at a time, and is interrupted in between.
    GetsLittle,
    /// Breaks off in the middle of a data file.
    GetsHalf,
    /// Panics in the middle of a data file.
    PanicsInGet,
    PanicsInDelete,
    PanicsInPutAndDelete,
    PanicsInList,
    /// Lists a file that is none of the folder.
    ListsOthers,
    /// The manifest tells of one row more in the first of its files.
    CountsMore,
    /// The manifest tells of one row more in the first of its files, and of one less in the second.
    CountsOtherwise,
    /// The manifest's numbers add up to more than there can be.
    CountsTooMuch,
    /// The manifest tells of other sizes.
    OtherSizes,
    /// The manifest ends in the middle.
    HalfAManifest,
}

#[derive(Debug, Clone)]
struct Liar {
    store: FolderStore,
    lie: Lie,
    /// What must stay is asked to be deleted.
    has_deleted_others: Arc<AtomicBool>,
}

fn liar(lie: Lie) -> Liar {
    Liar {
        store: store(),
        lie,
        has_deleted_others: Arc::default(),
    }
}

fn is_manifest(location: &S3Uri) -> bool {
    location.key().ends_with("manifest")
}

impl Store for Liar {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        let mut body = body;
        if !is_manifest(location) {
            match self.lie {
                Lie::PutsNothing => return Ok(()),
                Lie::PutsHalf => body = &body[..body.len() / 2],
                Lie::PutsALineLess => {
                    let lines = body.strip_suffix(b"\n").unwrap();
                    let end = lines.iter().rposition(|byte| *byte == b'\n').unwrap();
                    body = &body[..=end];
                }
                Lie::PanicsInPutAndDelete => panic!("put panics"),
                _ => {}
            }
        }
        self.store.put(location, body)
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        let mut body = Vec::new();
        self.store.get(location)?.read_to_end(&mut body).unwrap();
        if is_manifest(location) {
            return Ok(Box::new(Cursor::new(self.manifest(&body))));
        }
        let break_at = body.len() / 2;
        let body = Cursor::new(body);
        Ok(match self.lie {
            Lie::GetsLittle => Box::new(Little(body, 0)),
            Lie::GetsHalf => Box::new(body.take(break_at as u64).chain(Breaks(location.clone()))),
            Lie::PanicsInGet => Box::new(body.take(break_at as u64).chain(Panics)),
            _ => Box::new(body),
        })
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        let is_other = |location: &S3Uri| !location.key().starts_with("staged/");
        if locations.iter().any(is_other) {
            self.has_deleted_others.store(true, Ordering::Relaxed);
        }
        match self.lie {
            Lie::PanicsInDelete | Lie::PanicsInPutAndDelete => panic!("delete panics"),
            _ => self.store.delete(locations),
        }
    }

    fn list(&self, prefix: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        let mut found = self.store.list(prefix)?;
        match self.lie {
            Lie::PanicsInList => panic!("list panics"),
            Lie::ListsOthers => found.push(S3Uri::new(prefix.bucket(), "precious").unwrap()),
            _ => {}
        }
        Ok(found)
    }
}

impl Liar {
    fn manifest(&self, body: &[u8]) -> Vec<u8> {
        let mut json: serde_json::Value = serde_json::from_slice(body).unwrap();
        let mut add = |file: usize, key: &str, more: i64| {
            let number = &mut json["entries"][file]["meta"][key];
            *number = (number.as_i64().unwrap() + more).into();
        };
        match self.lie {
            Lie::CountsMore => add(0, "record_count", 1),
            Lie::CountsOtherwise => {
                add(0, "record_count", 1);
                add(1, "record_count", -1);
            }
            Lie::CountsTooMuch => {
                for entry in json["entries"].as_array_mut().unwrap() {
                    entry["meta"]["record_count"] = u64::MAX.into();
                }
            }
            Lie::OtherSizes => {
                add(0, "content_length", -1);
                json["meta"]["content_length"] = 1.into();
            }
            Lie::HalfAManifest => return body[..body.len() / 2].to_vec(),
            _ => {}
        }
        serde_json::to_vec(&json).unwrap()
    }
}

/// Some bytes at a time.
struct Little(Cursor<Vec<u8>>, usize);

impl Read for Little {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1.is_multiple_of(3) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = into.len().min(1 + self.1 % 7);
        self.0.read(&mut into[..length])
    }
}

struct Breaks(S3Uri);

impl Read for Breaks {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        let kind = StoreErrorKind::Incomplete;
        Err(StoreError::new(kind, &self.0, "it broke off").into())
    }
}

struct Panics;

impl Read for Panics {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("the reader panics")
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
fn what_a_store_did_not_write_is_not_loaded() {
    let (world, mut conn) = world();
    for lie in [Lie::PutsNothing, Lie::PutsHalf] {
        let error = staged!(world, &liar(lie), users(1000))
            .execute(&mut conn)
            .unwrap_err();
        assert!(
            matches!(
                error,
                Error::Storage(_) | Error::Load(_) | Error::Database(_)
            ),
            "{lie:?}: {error:?}"
        );
        assert_eq!(count(&mut conn), 0, "{lie:?}");
        assert_clean(&world);
    }
    // All that is there can be loaded, and only the count tells.
    let error = staged!(world, &liar(Lie::PutsALineLess), users(1000))
        .uncompressed()
        .execute(&mut conn)
        .unwrap_err();
    let Error::Stage(error) = error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(
            *error,
            StageError::LoadedOtherwise {
                written: 1000,
                loaded: 999,
                rejected: 0
            }
        ),
        "{error:?}"
    );
    assert_eq!(count(&mut conn), 0);
    assert_clean(&world);
}

#[test]
fn what_a_store_gives_otherwise_is_told() {
    let (world, mut conn) = world();
    staged!(world, &store(), users(20_000))
        .execute(&mut conn)
        .unwrap();
    let mut told = |lie| {
        let read = unloaded!(world, &liar(lie)).load::<User>(&mut conn);
        assert_clean(&world);
        read
    };
    for lie in [Lie::GetsLittle, Lie::OtherSizes] {
        let mut rows = told(lie).unwrap();
        rows.sort_by_key(|user| user.id);
        assert!(rows == users(20_000), "{lie:?}");
    }
    let error = told(Lie::GetsHalf).unwrap_err();
    assert!(
        matches!(&error, Error::Store(error) if error.kind() == StoreErrorKind::Incomplete),
        "{error:?}"
    );
    for lie in [Lie::CountsMore, Lie::CountsOtherwise, Lie::CountsTooMuch] {
        let error = told(lie).unwrap_err();
        assert!(
            matches!(&error, Error::Stage(error) if matches!(**error, StageError::ReadOtherwise { .. })),
            "{lie:?}: {error:?}"
        );
    }
    let error = told(Lie::HalfAManifest).unwrap_err();
    assert!(
        matches!(&error, Error::Stage(error) if matches!(**error, StageError::Manifest { .. })),
        "{error:?}"
    );
}

#[test]
fn a_store_that_panics_anywhere_leaves_the_connection_usable() {
    let (world, mut conn) = world();
    // What is loaded is loaded, whatever becomes of the files.
    let outcome = staged!(world, &liar(Lie::PanicsInDelete), users(3000))
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.warnings.len()), (3000, 1));
    assert!(
        outcome.warnings[0].to_string().contains("panicked"),
        "{:?}",
        outcome.warnings
    );
    // A second panic while the first unwinds would end the process.
    let panic = catch_unwind(AssertUnwindSafe(|| {
        staged!(world, &liar(Lie::PanicsInPutAndDelete), users(10)).execute(&mut conn)
    }));
    assert_eq!(
        panic.unwrap_err().downcast_ref::<&str>(),
        Some(&"put panics")
    );
    let panic = catch_unwind(AssertUnwindSafe(|| {
        unloaded!(world, &liar(Lie::PanicsInGet)).load::<User>(&mut conn)
    }));
    assert_eq!(
        panic.unwrap_err().downcast_ref::<&str>(),
        Some(&"the reader panics")
    );
    let fails = unload(diesel::sql_query(
        "SELECT id, 1 / (id - 5) AS name FROM users",
    ))
    .through(&liar(Lie::PanicsInList), folder(&world))
    .iam_role(role())
    .unload(&mut conn);
    assert!(matches!(fails, Err(Error::Database(_))), "{fails:?}");
    assert_eq!(count(&mut conn), 3000);
}

#[test]
fn what_is_listed_besides_is_not_deleted() {
    let (world, mut conn) = world();
    staged!(world, &store(), users(10))
        .execute(&mut conn)
        .unwrap();
    world.put("precious", "x");
    let store = liar(Lie::ListsOthers);
    unload(diesel::sql_query(
        "SELECT id, 1 / (id - 5) AS name FROM users",
    ))
    .through(&store, folder(&world))
    .iam_role(role())
    .unload(&mut conn)
    .unwrap_err();
    assert!(!store.has_deleted_others.load(Ordering::Relaxed));
    assert_eq!(world.list(""), ["precious"]);
}

/// An iterator that says what it likes about its length, and goes on after its end.
struct Boastful(i64);

impl Iterator for Boastful {
    type Item = User;

    fn next(&mut self) -> Option<User> {
        self.0 += 1;
        (self.0 != 11).then(|| user(self.0))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, Some(0))
    }
}

#[test]
fn rows_come_from_whatever_iterates() {
    let (world, mut conn) = world();
    let outcome = staged!(world, &store(), Boastful(0))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, 10);
    assert_eq!(
        insert_rows(users::table, Boastful(0), &mut conn).unwrap(),
        10
    );
    // What is borrowed: rows of a filter, and texts of another value.
    let rows = users(10);
    let even = rows.iter().filter(|user| user.id % 2 == 0);
    let outcome = staged!(world, &store(), even).execute(&mut conn).unwrap();
    assert_eq!(outcome.rows, 5);
    let texts = String::from("one two three");
    let words = texts.split(' ').zip(100_i64..);
    let words = words.map(|(word, id)| (users::id.eq(id), users::name.eq(word)));
    let outcome = staged!(world, &store(), words).execute(&mut conn).unwrap();
    assert_eq!(outcome.rows, 3);
    // What asks the database on the way, by another connection.
    let mut other = world.connect();
    let rows = (0..3).map(|_| user(count(&mut other)));
    let outcome = staged!(world, &store(), rows).execute(&mut conn).unwrap();
    assert_eq!(outcome.rows, 3);
    assert_eq!(count(&mut conn), 31);
    assert_clean(&world);
}

#[test]
fn an_iterator_that_panics_in_insert_rows_inserts_nothing() {
    let (world, mut conn) = world();
    let rows = (0..40_000).map(|id| {
        assert!(id < 30_000, "the end of the iterator");
        user(id)
    });
    let inserted = AssertUnwindSafe(|| insert_rows(users::table, rows, &mut conn));
    catch_unwind(inserted).unwrap_err();
    assert_eq!(count(&mut world.connect()), 0);
}

#[test]
fn a_row_of_the_last_statement_that_is_refused_undoes_those_before() {
    let (world, mut conn) = world();
    let mut rows = users(40_000);
    rows[39_999].name = "longer than twenty bytes".to_owned();
    insert_rows(users::table, &rows, &mut conn).unwrap_err();
    assert_eq!(count(&mut conn), 0);
    rows.pop();
    assert_eq!(insert_rows(users::table, &rows, &mut conn).unwrap(), 39_999);
    assert_eq!(count(&mut world.connect()), 39_999);
}
