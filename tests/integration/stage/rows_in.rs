//! `copy(…).from_insertable(…)`.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::stage::{CleanUp, Phase};
use diesel_redshift::{Error, RedshiftConnection, copy, error::StageError};
use diesel_redshift_tests::{World, sandbox};

use super::{assert_clean, folder, role, store};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
        score -> Nullable<Double>,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: Option<String>,
    score: Option<f64>,
}

fn user(id: i64) -> User {
    User {
        id,
        name: (id % 3 > 0).then(|| format!("user, \"{id}\" ")),
        score: (id % 5 > 0).then(|| id as f64 / 7.0),
    }
}

fn users(count: i64) -> Vec<User> {
    (0..count).map(user).collect()
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20), score DOUBLE PRECISION)",
    )
    .unwrap();
    (world, conn)
}

fn loaded(world: &World) -> Vec<User> {
    users::table
        .order(users::id)
        .load(&mut world.connect())
        .unwrap()
}

macro_rules! staged {
    ($world:expr, $rows:expr) => {
        copy(users::table)
            .from_insertable($rows)
            .through(&store(), folder(&$world))
            .iam_role(role())
    };
}

#[test]
fn structs_to_a_table_in_one_call() {
    let (world, mut conn) = world();
    let rows = users(1000);
    let outcome = staged!(world, &rows).execute(&mut conn).unwrap();
    assert_eq!((outcome.rows, outcome.files), (1000, 1));
    assert!(outcome.compressed_bytes < outcome.bytes);
    assert!(outcome.upload >= outcome.encoding && outcome.encoding > Duration::ZERO);
    assert!(outcome.copy > Duration::ZERO);
    assert!(outcome.warnings.is_empty());
    assert_eq!(loaded(&world), rows);
    assert_clean(&world);
}

#[test]
fn any_iterator_tuples_and_no_rows() {
    let (world, mut conn) = world();
    let tuples = (0..10).map(|id| (users::name.eq(Some(format!("n{id}"))), users::id.eq(id)));
    let outcome = staged!(world, tuples).execute(&mut conn).unwrap();
    assert_eq!(outcome.rows, 10);
    let outcome = staged!(world, users(3)).gzip().execute(&mut conn).unwrap();
    assert_eq!(outcome.rows, 3);
    let outcome = staged!(world, &users(2)[..])
        .uncompressed()
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.bytes), (2, outcome.compressed_bytes));
    let none: [User; 0] = [];
    let outcome = staged!(world, none).execute(&mut conn).unwrap();
    assert_eq!((outcome.rows, outcome.files), (0, 0));
    assert!(outcome.load.is_none());
    assert_eq!(loaded(&world).len(), 15);
    assert_clean(&world);
}

#[test]
fn many_rows_are_several_files_of_a_manifest() {
    let (world, mut conn) = world();
    let staged = staged!(world, (0..200_000).map(user))
        .file_size(1_000_000)
        .clean_up(CleanUp::Never)
        .upload();
    let mut staged = staged.unwrap();
    assert!(staged.files() > 1, "{staged:?}");
    let outcome = staged.copy(&mut conn).unwrap();
    assert_eq!(outcome.rows, 200_000);
    assert_eq!(outcome.load.unwrap().rows, 200_000);
    assert!(staged.clean_up().is_empty());
    let files = world.list("staged/");
    assert_eq!(files.len() as u64, outcome.files + 1, "{files:?}");
    let manifest = files.iter().find(|file| file.ends_with("manifest"));
    let manifest = String::from_utf8(world.get(manifest.unwrap())).unwrap();
    assert_eq!(
        manifest.matches("\"mandatory\":true").count() as u64,
        outcome.files
    );
}

#[test]
fn a_retried_transaction_uploads_nothing_again() {
    let (world, mut conn) = world();
    let mut staged = staged!(world, users(100)).upload().unwrap();
    let files = world.list("");
    sandbox()
        .fail_next(world.database(), "serialization failure on commit")
        .unwrap();
    let mut tries = 0;
    let outcome = conn.retry_serializable(5, |conn| {
        tries += 1;
        assert_eq!(world.list(""), files);
        staged.copy(conn)
    });
    assert_eq!((outcome.unwrap().rows, tries), (100, 2));
    assert!(staged.clean_up().is_empty());
    assert_eq!(loaded(&world).len(), 100);
    assert_clean(&world);
}

#[test]
fn a_commit_that_fails_leaves_neither_rows_nor_files() {
    let (world, mut conn) = world();
    sandbox()
        .fail_next(world.database(), "serialization failure on commit")
        .unwrap();
    staged!(world, users(100)).execute(&mut conn).unwrap_err();
    assert!(loaded(&world).is_empty());
    assert_clean(&world);
    staged!(world, users(100)).execute(&mut conn).unwrap();
}

#[test]
fn what_types_forbid_is_told_before_anything_is_uploaded() {
    let (world, mut conn) = world();
    let mut rows = users(10);
    rows[7].name = Some("a\0b".to_owned());
    let error = staged!(world, &rows).execute(&mut conn).unwrap_err();
    let Error::Stage(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!((error.row(), error.column()), (Some(7), Some("name")));
    rows[7].name = Some("x".repeat(5_000_000));
    let error = staged!(world, &rows).execute(&mut conn).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("row 7, column \"name\": 5000000 bytes"),
        "{error}"
    );
    assert_clean(&world);
    assert!(loaded(&world).is_empty());
}

#[test]
fn a_row_that_redshift_rejects_is_told_by_its_number() {
    let (world, mut conn) = world();
    let mut rows = users(1000);
    rows[617].name = Some("longer than twenty bytes".to_owned());
    let error = staged!(world, &rows).execute(&mut conn).unwrap_err();
    let Error::Load(error) = error else {
        panic!("{error:?}")
    };
    assert_eq!(error.rows()[0].line, 618);
    assert!(loaded(&world).is_empty());
    let outcome = staged!(world, &rows)
        .max_error(5)
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.rejected), (999, vec![617]));
    assert_clean(&world);
}

#[test]
fn an_iterator_that_panics_leaves_nothing() {
    let (world, mut conn) = world();
    let rows = (0..100_000).map(|id| {
        assert!(id < 60_000, "the end of the iterator");
        user(id)
    });
    let panic = catch_unwind(AssertUnwindSafe(|| staged!(world, rows).execute(&mut conn)));
    panic.unwrap_err();
    assert_clean(&world);
    assert!(loaded(&world).is_empty());
    staged!(world, users(1)).execute(&mut conn).unwrap();
}

#[test]
fn dropped_rows_are_deleted_unless_they_are_to_stay() {
    let (world, mut conn) = world();
    drop(staged!(world, users(10)).upload().unwrap());
    assert_clean(&world);
    let keep_failures = || staged!(world, users(10)).clean_up(CleanUp::OnSuccess);
    keep_failures().execute(&mut conn).unwrap();
    assert_clean(&world);
    drop(keep_failures().upload().unwrap());
    assert_eq!(world.list("").len(), 2);
}

#[test]
fn the_old_rows_are_replaced_as_one() {
    let (world, mut conn) = world();
    staged!(world, users(10)).execute(&mut conn).unwrap();
    staged!(world, users(5)).execute(&mut conn).unwrap();
    assert_eq!(loaded(&world).len(), 15);
    staged!(world, users(3))
        .replace()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(loaded(&world), users(3));
    let mut bad = users(3);
    bad[1].name = Some("longer than twenty bytes".to_owned());
    staged!(world, &bad)
        .replace()
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(loaded(&world), users(3));
    let none: [User; 0] = [];
    staged!(world, none).replace().execute(&mut conn).unwrap();
    assert!(loaded(&world).is_empty());
    staged!(world, users(4)).execute(&mut conn).unwrap();
    staged!(world, users(2))
        .truncate()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(loaded(&world), users(2));
    let within: Result<(), Error> = conn.transaction(|conn| {
        staged!(world, users(7)).truncate().execute(conn)?;
        Ok(())
    });
    assert!(within.unwrap_err().to_string().contains("TRUNCATE"));
    assert_eq!(loaded(&world), users(2));
    assert_clean(&world);
}

#[test]
fn progress_is_told_and_can_stop() {
    let (world, mut conn) = world();
    let phases = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&phases);
    staged!(world, (0..50_000).map(user))
        .on_progress(move |progress| {
            seen.lock().unwrap().push((progress.phase, progress.rows));
            ControlFlow::Continue(())
        })
        .execute(&mut conn)
        .unwrap();
    let phases = phases.lock().unwrap();
    assert_eq!(phases.first().unwrap().0, Phase::Upload);
    assert_eq!(phases.last().unwrap(), &(Phase::Copy, 50_000));
    let error = staged!(world, (0..50_000).map(user))
        .on_progress(|_| ControlFlow::Break(()))
        .execute(&mut conn)
        .unwrap_err();
    assert!(matches!(error, Error::Stage(error) if matches!(*error, StageError::Stopped)));
    assert_eq!(loaded(&world).len(), 50_000);
    assert_clean(&world);
}

#[test]
fn texts_are_places_and_roles_or_refused_before_anything_is_written() {
    let (world, mut conn) = world();
    let rows = users(3);
    let place = folder(&world);
    let load = |folder: &str, role: &str| {
        copy(users::table)
            .from_insertable(&rows)
            .through(&store(), folder)
            .iam_role(role)
    };
    for (place, role, message) in [
        ("bucket/key", "default", "invalid S3 location"),
        (place.as_str(), "Loader", "invalid IAM_ROLE"),
    ] {
        let error = load(place, role).execute(&mut conn).unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
        assert!(error.to_string().contains(message), "{error}");
    }
    // Told before the rows are.
    let error = copy(users::table)
        .iam_role("Loader")
        .from_insertable(&rows)
        .through(&store(), place.as_str())
        .execute(&mut conn)
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    assert_eq!(loaded(&world), []);
    assert_clean(&world);
    load(place.as_str(), &role().to_string())
        .execute(&mut conn)
        .unwrap();
    assert_eq!(loaded(&world), rows);
}

#[test]
fn options_that_are_told_before_the_rows_stay() {
    let (world, mut conn) = world();
    let rows = users(1);
    let long = User {
        name: Some("twenty-one characters".to_owned()),
        ..user(2)
    };
    let outcome = copy(users::table)
        .max_error(2)
        .from_insertable([&rows[0], &long])
        .through(&store(), folder(&world))
        .iam_role(role())
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.skipped_rows), (1, 1));
    assert_eq!(loaded(&world), rows);
}
