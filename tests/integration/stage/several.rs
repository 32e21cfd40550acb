//! Loads and unloads that several processes share; here each is a process of its own indeed.

use std::ops::ControlFlow;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::stage::{LoadPart, LoadPlan, UnloadedFiles};
use diesel_redshift::store::FolderStore;
use diesel_redshift::{copy, unload};
use diesel_redshift_tests::{World, sandbox};

use super::{assert_clean, folder, role, store};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Insertable, Queryable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: Option<String>,
}

fn users(ids: std::ops::Range<i64>) -> Vec<User> {
    ids.map(|id| User {
        id,
        name: (id % 2 == 0).then(|| format!("user {id}")),
    })
    .collect()
}

const PROCESSES: usize = 4;

/// What a process is given and gives: files in a folder, and the store.
const FOLDER: &str = "STAGE_PROCESS_FOLDER";
const STORE: &str = "STAGE_PROCESS_STORE";
const NUMBER: &str = "STAGE_PROCESS_NUMBER";

/// Runs one of the tests below in so many processes.
fn run(test: &str, folder: &std::path::Path) {
    let children: Vec<_> = (0..PROCESSES)
        .map(|number| {
            Command::new(env::current_exe().unwrap())
                .args(["--exact", test, "--ignored"])
                .env(FOLDER, folder)
                .env(STORE, sandbox().store().path())
                .env(NUMBER, number.to_string())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
}

fn given(name: &str) -> String {
    env::var(name).unwrap()
}

fn read<T: serde::de::DeserializeOwned>(folder: &str, name: &str) -> T {
    serde_json::from_slice(&fs::read(format!("{folder}/{name}")).unwrap()).unwrap()
}

#[test]
#[ignore = "a process of `four_processes_write_one_load`"]
fn writes_a_part() {
    let folder = given(FOLDER);
    let number: i64 = given(NUMBER).parse().unwrap();
    let plan: LoadPlan = read(&folder, "plan");
    let part = copy(users::table)
        .from_insertable(users(number * 1000..(number + 1) * 1000))
        .through(&FolderStore::new(given(STORE)), plan.folder().unwrap())
        .upload_part(&plan)
        .unwrap();
    fs::write(
        format!("{folder}/part{number}"),
        serde_json::to_vec(&part).unwrap(),
    )
    .unwrap();
}

#[test]
fn four_processes_write_one_load() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT, name VARCHAR(20))")
        .unwrap();
    let shared = tempfile::tempdir().unwrap();
    let plan = LoadPlan::new(folder(&world)).unwrap();
    fs::write(
        shared.path().join("plan"),
        serde_json::to_vec(&plan).unwrap(),
    )
    .unwrap();
    run("stage::several::writes_a_part", shared.path());
    let shared = shared.path().to_str().unwrap();
    let parts: Vec<LoadPart> = (0..PROCESSES)
        .map(|number| read(shared, &format!("part{number}")))
        .collect();
    let mut staged = copy(users::table)
        .iam_role(role())
        .from_parts(&store(), &plan, parts)
        .unwrap();
    let outcome = staged.copy(&mut conn).unwrap();
    assert_eq!((outcome.rows, outcome.files), (4000, PROCESSES as u64));
    assert!(staged.clean_up().is_empty());
    let loaded: Vec<User> = users::table.order(users::id).load(&mut conn).unwrap();
    assert_eq!(loaded, users(0..4000));
    assert_clean(&world);
}

#[test]
#[ignore = "a process of `four_processes_read_one_unload`"]
fn reads_its_files() {
    let folder = given(FOLDER);
    let number: usize = given(NUMBER).parse().unwrap();
    let files: Vec<UnloadedFiles> = read(&folder, "files");
    let rows = files[number]
        .load::<User, _>(&FolderStore::new(given(STORE)), users::table)
        .unwrap();
    let ids: Vec<_> = rows.map(|row| row.unwrap().id).collect();
    fs::write(
        format!("{folder}/ids{number}"),
        serde_json::to_vec(&ids).unwrap(),
    )
    .unwrap();
}

#[test]
fn four_processes_read_one_unload() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT, name VARCHAR(20))")
        .unwrap();
    copy(users::table)
        .from_insertable(users(0..5000))
        .through(&store(), folder(&world))
        .iam_role(role())
        .execute(&mut conn)
        .unwrap();
    let files = unload(users::table)
        .through(&store(), folder(&world))
        .iam_role(role())
        .unload(&mut conn)
        .unwrap();
    assert_eq!(files.rows(), 5000);
    let shared = tempfile::tempdir().unwrap();
    let split = files.split(PROCESSES);
    fs::write(
        shared.path().join("files"),
        serde_json::to_vec(&split).unwrap(),
    )
    .unwrap();
    run("stage::several::reads_its_files", shared.path());
    let shared = shared.path().to_str().unwrap();
    let mut ids: Vec<i64> = (0..PROCESSES)
        .flat_map(|number| read::<Vec<i64>>(shared, &format!("ids{number}")))
        .collect();
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..5000));
    files.delete(&store()).unwrap();
    assert_clean(&world);
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let world = World::new();
    let plan = LoadPlan::new(folder(&world)).unwrap();
    let other = LoadPlan::new(folder(&world)).unwrap();
    let part = |plan: &LoadPlan| {
        copy(users::table)
            .from_insertable(users(0..10))
            .through(&store(), plan.folder().unwrap())
            .upload_part(plan)
            .unwrap()
    };
    let narrow = copy(users::table)
        .from_insertable((0..3).map(|id| users::id.eq(id)))
        .through(&store(), plan.folder().unwrap())
        .upload_part(&plan)
        .unwrap();
    let once = part(&plan);
    for (parts, told) in [
        (vec![once.clone(), once.clone()], "is given twice"),
        (vec![part(&plan), narrow], "as of the first part"),
        (vec![part(&plan), part(&other)], "not below"),
    ] {
        let error = copy(users::table)
            .iam_role(role())
            .from_parts(&store(), &plan, parts)
            .unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    } // What was refused is there still.
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT, name VARCHAR(20))")
        .unwrap();
    let mut staged = copy(users::table)
        .iam_role(role())
        .from_parts(&store(), &plan, [once])
        .unwrap();
    assert_eq!(staged.copy(&mut conn).unwrap().rows, 10);
}

#[test]
fn a_part_that_is_missing_is_missed_and_a_load_is_given_up() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT, name VARCHAR(20)); INSERT INTO users VALUES (77, 'old')",
    )
    .unwrap();
    let plan = LoadPlan::new(folder(&world)).unwrap().parts(2);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let first = copy(users::table)
        .from_insertable(users(0..20_000))
        .through(&store(), plan.folder().unwrap())
        .on_progress(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            ControlFlow::Continue(())
        })
        .upload_part(&plan)
        .unwrap();
    assert!(calls.load(Ordering::Relaxed) > 0);
    let second = copy(users::table)
        .from_insertable(users(20_000..20_010))
        .through(&store(), plan.folder().unwrap())
        .upload_part(&plan)
        .unwrap();
    let load = copy(users::table).iam_role(role());
    let error = load
        .from_parts(&store(), &plan, [first.clone()])
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("1 parts; expected 2, as its plan says"),
        "{error}"
    );
    let load = copy(users::table).iam_role(role());
    let mut staged = load
        .from_parts(&store(), &plan, [first, second])
        .unwrap()
        .replace();
    staged.copy(&mut conn).unwrap();
    drop(staged);
    let ids: Vec<i64> = users::table
        .select(users::id)
        .order(users::id)
        .load(&mut conn)
        .unwrap();
    assert!(ids.into_iter().eq(0..20_010));
    assert_clean(&world);

    let plan = LoadPlan::new(folder(&world)).unwrap();
    copy(users::table)
        .from_insertable(users(0..10))
        .through(&store(), plan.folder().unwrap())
        .upload_part(&plan)
        .unwrap();
    world.put("staged/of-another", "x");
    plan.abort(&store()).unwrap();
    assert_eq!(world.list(""), ["staged/of-another"]);
}

#[test]
fn files_of_an_unload_that_came_from_elsewhere_are_checked() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT, name VARCHAR(20)); INSERT INTO users VALUES (1, 'one')",
    )
    .unwrap();
    let files = unload(users::table)
        .through(&store(), folder(&world))
        .iam_role(role())
        .unload(&mut conn)
        .unwrap();
    let error = files
        .load::<i64, _>(&store(), users::table.select(users::id))
        .unwrap_err();
    assert!(
        error.to_string().contains("2 columns; expected 1"),
        "{error}"
    );
    let error = files
        .load::<(i64, bool), _>(&store(), users::table.select((users::id, users::id.gt(1))))
        .unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("\"name\"") || told.contains("BOOLEAN"),
        "{told}"
    );
    world.put("precious", "x");
    let mut json = serde_json::to_value(&files).unwrap();
    for foreign in [
        world.uri("precious"),
        format!("{}../../precious", json["folder"].as_str().unwrap()),
    ] {
        json["files"][0]["url"] = foreign.into();
        let other: UnloadedFiles = serde_json::from_value(json.clone()).unwrap();
        for error in [
            other.load::<User, _>(&store(), users::table).err().unwrap(),
            other.delete(&store()).unwrap_err(),
        ] {
            assert!(error.to_string().contains("not below"), "{error}");
        }
    }
    assert!(world.list("").contains(&"precious".to_owned()));
    files.delete(&store()).unwrap();
    assert_eq!(world.list(""), ["precious"]);
}
