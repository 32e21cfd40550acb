//! A process that loads is killed at any moment: nothing is half loaded, and what it leaves lies below its folder.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::store::FolderStore;
use diesel_redshift::{RedshiftConnection, copy};
use diesel_redshift_tests::{World, sandbox};

use super::role;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
    }
}

const ROWS: i64 = 40_000;

const DATABASE: &str = "KILLED_LOAD_DATABASE";
const STORE: &str = "KILLED_LOAD_STORE";
const FOLDER: &str = "KILLED_LOAD_FOLDER";
const BATCH: &str = "KILLED_LOAD_BATCH";

/// What the test below starts; without a database it is none.
#[test]
fn loads() {
    let Ok(url) = env::var(DATABASE) else {
        return;
    };
    let given = |name| env::var(name).unwrap();
    let mut conn = RedshiftConnection::establish(&url).unwrap();
    let batch = given(BATCH);
    let rows = (0..ROWS).map(|id| {
        let name = format!("{batch} {:x}", id.wrapping_mul(0x5851_f42d_4c95_7f2d));
        (users::id.eq(id), users::name.eq(name))
    });
    let load = copy(users::table)
        .from_insertable(rows)
        .through(&FolderStore::new(given(STORE)), given(FOLDER))
        .iam_role(role())
        .uncompressed()
        .file_size(1_000_000);
    // Every other one puts its rows in place of those that are there.
    let outcome = match batch.ends_with("replace") {
        true => load.replace().execute(&mut conn),
        false => load.execute(&mut conn),
    };
    assert_eq!(outcome.unwrap().rows, ROWS as u64);
}

fn start(world: &World, batch: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "stage::kills::loads"])
        .env(DATABASE, world.url())
        .env(STORE, sandbox().store().path())
        .env(FOLDER, world.uri("staged/"))
        .env(BATCH, batch)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// How many rows each batch has in the table.
fn batches(conn: &mut RedshiftConnection) -> Vec<(String, i64)> {
    #[derive(QueryableByName)]
    struct Batch {
        #[diesel(sql_type = diesel::sql_types::Text)]
        batch: String,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        rows: i64,
    }

    diesel::sql_query(
        "SELECT split_part(name, ' ', 1) AS batch, count(*)::bigint AS rows FROM users GROUP BY 1 ORDER BY 1",
    )
    .load::<Batch>(conn)
    .unwrap()
    .into_iter()
    .map(|Batch { batch, rows }| (batch, rows))
    .collect()
}

#[test]
fn a_load_whose_process_is_killed_is_whole_or_not_at_all() {
    let kills: u32 = env::var("KILLED_LOADS").map_or(20, |kills| kills.parse().unwrap());
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(100))")
        .unwrap();
    let start_of_first = Instant::now();
    assert!(start(&world, "first").wait().unwrap().success());
    let takes = u64::try_from(start_of_first.elapsed().as_millis()).unwrap();
    assert_eq!(batches(&mut conn), [("first".to_owned(), ROWS)]);
    let (mut killed, mut left) = (0, 0);
    for number in 0..kills {
        let batch = format!("{number}{}", if number % 2 == 0 { "" } else { "replace" });
        let mut load = start(&world, &batch);
        thread::sleep(Duration::from_millis(
            RandomState::new().hash_one(number) % takes,
        ));
        killed += u32::from(load.try_wait().unwrap().is_none());
        load.kill().unwrap();
        load.wait().unwrap();
        let found = batches(&mut conn);
        assert!(!found.is_empty(), "{batch}: the old rows are gone");
        for (batch, rows) in found {
            assert_eq!(rows, ROWS, "{batch}");
        }
        let keys = world.list("");
        left += usize::from(!keys.is_empty());
        for key in keys {
            assert!(key.starts_with("staged/"), "{key}");
            sandbox().store().delete(&world.uri(&key)).unwrap();
        }
    }
    println!("{killed} of {kills} killed in the first {takes} ms, {left} left files");
    assert!(killed > kills / 3, "{killed} of {kills}");
    // What is left of the killed ones hinders nobody.
    assert!(start(&world, "last-replace").wait().unwrap().success());
    assert_eq!(batches(&mut conn), [("last-replace".to_owned(), ROWS)]);
}
