//! Upserts whose rows travel through files.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::store::{FolderStore, Store, StoreError};
use diesel_redshift::upsert::{UpsertOutcome, incoming, upsert};
use diesel_redshift::{Error, IamRole, RedshiftConnection, S3Uri};
use diesel_redshift_tests::{ROLE, World, sandbox};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        hits -> BigInt,
        gone -> Nullable<Bool>,
    }
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: String,
    hits: i64,
    gone: Option<bool>,
}

fn user(id: i64, name: &str, hits: i64) -> User {
    User {
        id,
        name: name.to_owned(),
        hits,
        gone: None,
    }
}

/// A folder that counts what is written to it.
#[derive(Clone)]
struct Counted {
    folder: FolderStore,
    puts: Arc<AtomicUsize>,
}

impl Store for Counted {
    fn put(&self, location: &S3Uri, body: &[u8]) -> Result<(), StoreError> {
        self.puts.fetch_add(1, Ordering::Relaxed);
        self.folder.put(location, body)
    }

    fn get(&self, location: &S3Uri) -> Result<Box<dyn Read + Send>, StoreError> {
        self.folder.get(location)
    }

    fn delete(&self, locations: &[S3Uri]) -> Result<(), StoreError> {
        self.folder.delete(locations)
    }

    fn list(&self, folder: &S3Uri) -> Result<Vec<S3Uri>, StoreError> {
        self.folder.list(folder)
    }
}

fn store() -> Counted {
    Counted {
        folder: FolderStore::new(sandbox().store().path()),
        puts: Arc::default(),
    }
}

fn puts(store: &Counted) -> usize {
    store.puts.load(Ordering::Relaxed)
}

fn folder(world: &World) -> S3Uri {
    S3Uri::parse(&world.uri("upserts/")).unwrap()
}

fn role() -> IamRole {
    ROLE.parse().unwrap()
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20) NOT NULL, hits BIGINT NOT NULL, gone BOOLEAN,
             number BIGINT IDENTITY(1, 1), city VARCHAR(20) DEFAULT 'Oslo');
         CREATE VIEW names AS SELECT name FROM users;
         INSERT INTO users (id, name, hits, city) VALUES (1, 'one', 10, 'Rome'), (2, 'two', 20, 'Bonn');",
    )
    .unwrap();
    (world, conn)
}

fn counts(outcome: UpsertOutcome) -> (u64, u64, u64, u64) {
    (
        outcome.staged,
        outcome.updated,
        outcome.inserted,
        outcome.deleted,
    )
}

fn rows(conn: &mut RedshiftConnection) -> Vec<(i64, String, i64)> {
    users::table
        .select((users::id, users::name, users::hits))
        .order(users::id)
        .load(conn)
        .unwrap()
}

fn cities(conn: &mut RedshiftConnection) -> Vec<Option<String>> {
    diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Text>>(
        "SELECT city FROM users ORDER BY id",
    )
    .load(conn)
    .unwrap()
}

macro_rules! by_files {
    ($world:expr, $store:expr, $rows:expr) => {
        upsert($rows)
            .into(users::table)
            .key((users::id,))
            .update_all()
            .through($store, folder(&$world))
            .iam_role(role())
            .insert_up_to(0)
    };
}

/// Neither files nor a temporary table is left.
#[track_caller]
fn assert_clean(world: &World, conn: &mut RedshiftConnection) {
    assert!(world.list("").is_empty(), "{:?}", world.list(""));
    let found: i64 = diesel::dsl::sql::<diesel::sql_types::BigInt>(
        "SELECT COUNT(*) FROM pg_class WHERE relname LIKE 'diesel_redshift_stage%'",
    )
    .get_result(conn)
    .unwrap();
    assert_eq!(found, 0);
}

#[test]
fn rows_come_by_files_and_columns_they_lack_stay() {
    let (world, mut conn) = world();
    let store = store();
    let many: Vec<User> = (2..5_002).map(|id| user(id, "it's, \"x\"\n", id)).collect();
    let outcome = upsert(&many)
        .into(users::table)
        .key((users::id,))
        .update_all()
        .through(&store, folder(&world))
        .iam_role(role())
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (5_000, 1, 4_999, 0));
    assert!(puts(&store) >= 2, "{}", puts(&store));
    let found = rows(&mut conn);
    assert_eq!(found.len(), 5_001);
    assert_eq!(found[0], (1, "one".to_owned(), 10));
    assert_eq!(found[1], (2, "it's, \"x\"\n".to_owned(), 2));
    let cities = cities(&mut conn);
    assert_eq!(cities[1].as_deref(), Some("Bonn"));
    assert_eq!(cities[2].as_deref(), Some("Oslo"));
    assert_clean(&world, &mut conn);
}

#[test]
fn few_rows_are_inserted_and_none_are_nothing() {
    let (world, mut conn) = world();
    let store = store();
    let three = [user(2, "TWO", 1), user(3, "three", 3), user(4, "four", 4)];
    let run = |rows: &[User], conn: &mut RedshiftConnection| {
        let upsert = upsert(rows)
            .into(users::table)
            .key((users::id,))
            .set(users::hits.eq(users::hits + incoming(users::hits)))
            .through(&store, folder(&world))
            .iam_role(role());
        counts(upsert.execute(conn).unwrap())
    };
    assert_eq!(run(&three, &mut conn), (3, 1, 2, 0));
    assert_eq!(run(&[], &mut conn), (0, 0, 0, 0));
    assert_eq!(puts(&store), 0);
    assert_eq!(
        counts(by_files!(world, &store, &three).execute(&mut conn).unwrap()),
        (3, 3, 0, 0)
    );
    assert_eq!(puts(&store), 2);
    assert_eq!(rows(&mut conn)[1], (2, "TWO".to_owned(), 1));
    assert_clean(&world, &mut conn);
}

#[test]
fn a_retried_upsert_uploads_nothing_again() {
    let (world, mut conn) = world();
    let store = store();
    let new = [user(1, "ONE", 1), user(3, "three", 3)];
    let upsert = by_files!(world, &store, &new);
    sandbox()
        .fail_next(world.database(), "serialization failure on commit")
        .unwrap();
    let mut tries = 0;
    let outcome = conn.retry_serializable(5, |conn| {
        tries += 1;
        upsert.execute(conn)
    });
    assert_eq!(counts(outcome.unwrap()), (2, 1, 1, 0));
    assert_eq!((tries, puts(&store)), (2, 2));
    assert_eq!(rows(&mut conn).len(), 3);
    assert!(upsert.clean_up().is_empty());
    assert_clean(&world, &mut conn);
}

#[test]
fn upserts_at_the_same_time_are_tried_again() {
    const TIMES: i64 = 3;
    let (world, mut conn) = world();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut conn = world.connect();
                let new = [user(1, "one", 1)];
                let upsert = upsert(&new)
                    .into(users::table)
                    .key((users::id,))
                    .set(users::hits.eq(users::hits + incoming(users::hits)))
                    .through(&store(), folder(&world))
                    .iam_role(role())
                    .insert_up_to(0);
                for _ in 0..TIMES {
                    let outcome = conn.retry_serializable(50, |conn| upsert.execute(conn));
                    assert_eq!(counts(outcome.unwrap()), (1, 1, 0, 0));
                }
            });
        }
    });
    assert_eq!(rows(&mut conn)[0].2, 10 + 2 * TIMES);
    assert_clean(&world, &mut conn);
}

#[test]
fn it_joins_the_transaction() {
    let (world, mut conn) = world();
    let before = rows(&mut conn);
    let store = store();
    let new = [user(1, "ONE", 1)];
    conn.transaction(|conn| -> Result<(), Error> {
        by_files!(world, &store, &new).execute(conn)?;
        assert_eq!(rows(conn)[0].1, "ONE");
        Err(diesel::result::Error::RollbackTransaction.into())
    })
    .unwrap_err();
    assert_eq!(rows(&mut conn), before);
    assert_clean(&world, &mut conn);

    let error = conn
        .build_transaction()
        .read_only()
        .run(|conn| by_files!(world, &store, &new).execute(conn))
        .unwrap_err();
    assert!(
        error.to_string().contains("in a read-only transaction"),
        "{error}"
    );
    assert_clean(&world, &mut conn);
}

#[test]
fn wrong_keys_and_values_are_told() {
    let (world, mut conn) = world();
    let before = rows(&mut conn);
    let store = store();
    let mut new = vec![user(7, "a", 1), user(8, "b", 1), user(8, "c", 1)];
    let mut run = |new: &[User]| {
        by_files!(world, &store, new)
            .execute(&mut conn)
            .unwrap_err()
    };
    assert_eq!(
        run(&new).to_string(),
        "invalid key (\"id\") of an upsert: (8) in 2 rows; expected each key once; or choose one row by `latest_by`"
    );
    new[2] = user(9, "a name of more than 20 bytes", 1);
    let error = run(&new);
    let Error::Load(error) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(error.rows()[0].column.as_deref(), Some("name"));

    let uploaded = puts(&store);
    let keyless = [users::name.eq("x")];
    let error = upsert(&keyless)
        .into(users::table)
        .key((users::id,))
        .update_all()
        .through(&store, folder(&world))
        .iam_role(role())
        .insert_up_to(0)
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid key of an upsert: \"id\"; expected a column that the rows have: \"name\""
    );
    assert_eq!(puts(&store), uploaded);
    assert_eq!(rows(&mut conn), before);
    assert_clean(&world, &mut conn);
}

#[test]
fn who_may_not_create_temporary_tables_is_told_so() {
    let (world, mut conn) = world();
    conn.batch_execute(&format!(
        "REVOKE TEMP ON DATABASE {} FROM PUBLIC; CREATE USER humble PASSWORD DISABLE;
         GRANT SELECT, INSERT, UPDATE ON users TO humble; SET SESSION AUTHORIZATION humble",
        world.database()
    ))
    .unwrap();
    let error = by_files!(world, &store(), &[user(1, "one", 0)])
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "permission denied to create temporary tables in database \"{}\"",
            world.database()
        )
    );
}

#[test]
fn flagged_rows_are_deleted() {
    let (world, mut conn) = world();
    let store = store();
    let gone = |id, gone| User {
        gone,
        ..user(id, "new", 1)
    };
    let new = [
        gone(1, Some(true)),
        gone(2, Some(false)),
        gone(3, None),
        gone(4, Some(true)),
    ];
    let deleting = || {
        upsert(&new)
            .into(users::table)
            .key((users::id,))
            .update_all()
            .delete_when(incoming(users::gone))
    };
    let outcome = deleting()
        .through(&store, folder(&world))
        .iam_role(role())
        .insert_up_to(0)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (4, 1, 1, 1));
    let ids: Vec<_> = rows(&mut conn).into_iter().map(|row| row.0).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(
        counts(deleting().lock().execute(&mut conn).unwrap()),
        (4, 2, 0, 0)
    );

    let outcome = upsert(&new)
        .into(users::table)
        .key((users::id,))
        .keep_existing()
        .delete_when(
            incoming(users::name)
                .eq("new")
                .and(incoming(users::id).eq(2)),
        )
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (4, 0, 2, 1));

    let error = upsert(&[(users::id.eq(1), users::name.eq("x"))])
        .into(users::table)
        .key((users::id,))
        .keep_existing()
        .delete_when(incoming(users::gone))
        .execute(&mut conn)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid incoming of an upsert: \"gone\"; expected a column that the rows have: \"id\", \"name\""
    );
    assert_clean(&world, &mut conn);
}

#[test]
fn rows_are_replaced_as_a_whole() {
    let (world, mut conn) = world();
    let new = [user(2, "TWO", 2), user(3, "three", 3)];
    let outcome = upsert(&new)
        .into(users::table)
        .key((users::id,))
        .replace()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(counts(outcome), (2, 1, 1, 0));
    // The city of row 2 is not that of the old row.
    let cities = cities(&mut conn);
    assert_eq!(cities[0].as_deref(), Some("Rome"));
    assert_eq!(cities[1].as_deref(), Some("Oslo"));
    assert_clean(&world, &mut conn);
}
