//! What other processes tell of their parts, and of the files of an UNLOAD, when it is not true; and the text for NULL, which such
//! plans show.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::stage::{LoadPart, LoadPlan, StagedRows, UnloadedFiles};
use diesel_redshift::{Error, IamRole, RedshiftConnection, copy, error::StageError, unload};
use diesel_redshift_tests::World;
use serde_json::{Value, json};

use super::{assert_clean, folder, role, store};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

diesel::table! {
    others (id) {
        id -> BigInt,
        colour -> Nullable<Text>,
    }
}

type Row = (i64, Option<String>);

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT, name VARCHAR(100)); CREATE TABLE others (id BIGINT, colour VARCHAR(100))",
    )
    .unwrap();
    (world, conn)
}

fn part_of(plan: &LoadPlan, rows: Vec<Row>) -> Result<LoadPart, Error> {
    let rows = rows
        .into_iter()
        .map(|(id, name)| (users::id.eq(id), users::name.eq(name)));
    copy(users::table)
        .from_insertable(rows)
        .through(&store(), plan.folder().unwrap())
        .upload_part(plan)
}

fn part(plan: &LoadPlan) -> LoadPart {
    part_of(plan, (0..10).map(|id| (id, None)).collect()).unwrap()
}

/// What it says, changed.
fn changed<T: serde::Serialize + serde::de::DeserializeOwned>(
    of: &T,
    change: impl FnOnce(&mut Value),
) -> T {
    let mut json = serde_json::to_value(of).unwrap();
    change(&mut json);
    serde_json::from_value(json).unwrap()
}

fn together(
    plan: &LoadPlan,
    parts: Vec<LoadPart>,
) -> Result<StagedRows<users::table, IamRole>, Error> {
    copy(users::table)
        .iam_role(role())
        .from_parts(&store(), plan, parts)
}

#[test]
fn a_part_that_counts_otherwise_than_copy_is_rolled_back() {
    let (world, mut conn) = world();
    for rows in [9, 11, u64::MAX] {
        let plan = LoadPlan::new(folder(&world)).unwrap();
        let wrong = changed(&part(&plan), |json| {
            for number in ["rows", "bytes", "compressed_bytes"] {
                json[number] = rows.into();
            }
        });
        // Numbers that add up to more than there can be are only wrong.
        let mut staged = together(&plan, vec![part(&plan), wrong]).unwrap();
        let error = staged.copy(&mut conn).unwrap_err();
        assert!(
            matches!(&error, Error::Stage(error)
                if matches!(**error, StageError::LoadedOtherwise { loaded: 20, rejected: 0, .. })),
            "{error:?}"
        );
        let loaded: i64 = users::table.count().get_result(&mut conn).unwrap();
        assert_eq!(loaded, 0);
        drop(staged);
        assert_clean(&world);
    }
}

#[test]
fn parts_that_cannot_be_are_refused_before_any_copy() {
    let (world, _conn) = world();
    let plan = LoadPlan::new(folder(&world)).unwrap();
    let good = part(&plan);
    let of_another_table = copy(others::table)
        .from_insertable(vec![(others::id.eq(1), others::colour.eq(Some("red")))])
        .through(&store(), plan.folder().unwrap())
        .upload_part(&plan)
        .unwrap();
    let file = serde_json::to_value(&good).unwrap()["files"][0].clone();
    for (parts, told) in [
        // Else nothing would be loaded, without a word.
        (
            vec![changed(&good, |json| json["rows"] = 0.into())],
            "a part of 0 rows names 1 files",
        ),
        (
            vec![changed(&good, |json| json["files"] = json!([]))],
            "a part of 10 rows names 0 files",
        ),
        (
            vec![changed(&good, |json| json["files"] = json!([file, file]))],
            "is given twice",
        ),
        (vec![good.clone(), good.clone()], "is given twice"),
        (vec![of_another_table.clone()], "a column \"colour\""),
        (vec![good.clone(), of_another_table], "as of the first part"),
        (
            vec![changed(&good, |json| json["extension"] = ".lzo".into())],
            "unknown compression",
        ),
        (
            vec![changed(&good, |json| {
                json["files"][0] = "s3://other/x".into()
            })],
            "not below",
        ),
    ] {
        let error = together(&plan, parts).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    for (key, value) in [("null_marker", ","), ("null_marker", "@abc@")] {
        let plan = changed(&plan, |json| json[key] = value.into());
        let error = together(&plan, vec![good.clone()]).unwrap_err();
        assert!(error.to_string().contains("no text for NULL"), "{error}");
        part_of(&plan, Vec::new()).unwrap_err();
    }
    for other in ["s3://bucket", "s3://bucket/", "s3://bucket/key", "bucket"] {
        let plan = changed(&plan, |json| json["folder"] = other.into());
        together(&plan, vec![good.clone()]).unwrap_err();
        plan.abort(&store()).unwrap_err();
    }
    plan.abort(&store()).unwrap();
    assert_clean(&world);
}

#[test]
fn no_rows_in_any_part_are_no_copy() {
    let (world, mut conn) = world();
    let plan = LoadPlan::new(folder(&world)).unwrap().parts(2);
    let empty = || part_of(&plan, Vec::new()).unwrap();
    let mut staged = together(&plan, vec![empty(), empty()]).unwrap();
    let outcome = staged.copy(&mut conn).unwrap();
    assert_eq!((outcome.rows, outcome.files), (0, 0));
    assert!(outcome.load.is_none());
    drop(staged);
    let mut staged = together(&plan, vec![empty(), part(&plan)]).unwrap();
    assert_eq!(staged.copy(&mut conn).unwrap().rows, 10);
    drop(staged);
    assert_clean(&world);
}

/// Whoever has the plan can make a value that equals the text for NULL: it is an error, and what only looks like it comes through.
#[test]
fn the_text_for_null_in_the_data_is_told() {
    let (world, mut conn) = world();
    let plan = LoadPlan::new(folder(&world)).unwrap();
    let plan_as_json = serde_json::to_value(&plan).unwrap();
    let marker = plan_as_json["null_marker"].as_str().unwrap();
    let text = |id, text: &str| (id, Some(text.to_owned()));
    let error = part_of(&plan, vec![text(0, "a"), text(1, marker)]).unwrap_err();
    let Error::Stage(error) = error else {
        panic!("{error:?}")
    };
    assert!(matches!(
        *error,
        StageError::EqualsNullMarker {
            row: 1,
            column: "name"
        }
    ));
    assert!(!error.to_string().contains(marker), "{error}");
    assert_clean(&world);
    let rows = vec![
        text(0, &format!("{marker} ")),
        text(1, &format!(" {marker}")),
        text(2, &format!("\"{marker}\"")),
        text(3, &marker.to_uppercase()),
        text(4, &format!("{marker}{marker}")),
        text(5, &format!("{marker}\n{marker},{marker}")),
        text(6, ""),
        text(7, "@NULL@"),
        (8, None),
    ];
    let part = part_of(&plan, rows.clone()).unwrap();
    let mut staged = together(&plan, vec![part]).unwrap();
    assert_eq!(staged.copy(&mut conn).unwrap().rows, 9);
    drop(staged);
    let back: Vec<Row> = unload(users::table.order(users::id))
        .through(&store(), folder(&world))
        .iam_role(role())
        .ordered()
        .load(&mut conn)
        .unwrap();
    assert_eq!(back, rows);
    assert_clean(&world);
}

#[test]
fn files_of_an_unload_that_are_told_wrongly() {
    let (world, mut conn) = world();
    conn.batch_execute("INSERT INTO users SELECT 1, 'one' UNION ALL SELECT 2, 'two'")
        .unwrap();
    let files = unload(users::table)
        .through(&store(), folder(&world))
        .iam_role(role())
        .unload(&mut conn)
        .unwrap();
    let read = |files: &UnloadedFiles| -> Result<Vec<Row>, Error> {
        files.load(&store(), users::table)?.collect()
    };
    assert_eq!(read(&files).unwrap().len(), 2);
    let twice = changed(&files, |json| {
        let file = json["files"][0].clone();
        json["files"].as_array_mut().unwrap().push(file);
    });
    for error in [
        read(&twice).unwrap_err(),
        twice.delete(&store()).unwrap_err(),
    ] {
        assert!(error.to_string().contains("is given twice"), "{error}");
    }
    for rows in [0, 7, u64::MAX] {
        let wrong = changed(&files, |json| {
            for file in json["files"].as_array_mut().unwrap() {
                file["rows"] = rows.into();
            }
        });
        let _ = wrong.rows();
        let error = read(&wrong).unwrap_err();
        assert!(
            matches!(&error, Error::Stage(error) if matches!(**error, StageError::ReadOtherwise { .. })),
            "{rows}: {error:?}"
        );
    }
    let more = changed(&files, |json| {
        json["columns"]
            .as_array_mut()
            .unwrap()
            .push(json!({"name": "more", "base": "integer"}));
    });
    assert!(
        read(&more)
            .unwrap_err()
            .to_string()
            .contains("3 columns; expected 2")
    );
    // What the files hold is looked at too.
    let three = users::table.select((users::id, users::name, users::id));
    let rows = more.load::<(i64, Option<String>, i64), _>(&store(), three);
    let error = rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap_err();
    assert!(
        error.to_string().ends_with("2 fields; expected 3"),
        "{error}"
    );
    let marked = changed(&files, |json| json["null_marker"] = "one".into());
    assert!(
        read(&marked)
            .unwrap_err()
            .to_string()
            .contains("no text for NULL")
    );
    files.delete(&store()).unwrap();
    assert_clean(&world);
}
