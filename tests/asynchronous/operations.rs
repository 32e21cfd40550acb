//! What `run` lends the connection for: dropped at any time, and beside other tasks.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel_async::SimpleAsyncConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use diesel_redshift::copy::Csv;
use diesel_redshift::maintenance::{analyze, truncate, vacuum};
use diesel_redshift::store::FolderStore;
use diesel_redshift::upsert::upsert;
use diesel_redshift::{
    AsyncRedshiftConnection, Error, IamRole, RedshiftConnection, RedshiftMigrations, S3Uri, copy,
    unload,
};
use diesel_redshift_tests::{ROLE, World, sandbox};
use futures_util::TryStreamExt;

use crate::{add, connect, on_one_thread, users, world};

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: String,
}

const ROWS: i64 = 2000;

fn rows() -> Vec<User> {
    let named = |id| User {
        id,
        name: format!("user {id}"),
    };
    (0..ROWS).map(named).collect()
}

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

type Operation = Box<dyn FnOnce(&mut RedshiftConnection) -> Result<(), Error> + Send>;

/// Everything that takes longer than a query, by its name.
fn operations(world: &World) -> Vec<(&'static str, Operation)> {
    let role = || ROLE.parse::<IamRole>().unwrap();
    let store = FolderStore::new(sandbox().store().path());
    let csv: String = rows()
        .iter()
        .map(|user| format!("{},{}\n", user.id, user.name))
        .collect();
    world.put("csv/users.csv", csv);
    let at = |key: &str| S3Uri::parse(&world.uri(key)).unwrap();
    let (from, to, staged, back) = (at("csv/"), at("out/"), at("staged/"), at("back/"));
    let (writes, reads) = (store.clone(), store);
    vec![
        (
            "COPY",
            Box::new(move |conn| {
                let load = copy(users::table)
                    .from(from)
                    .iam_role(role())
                    .format(Csv::new());
                load.execute(conn).map(drop)
            }),
        ),
        (
            "UNLOAD",
            Box::new(move |conn| {
                let store = unload(users::table)
                    .to(to)
                    .iam_role(role())
                    .allow_overwrite();
                store.format(unload::Csv::new()).execute(conn).map(drop)
            }),
        ),
        (
            "rows in",
            Box::new(move |conn| {
                copy(users::table)
                    .from_insertable(&rows())
                    .through(&writes, staged)
                    .iam_role(role())
                    .execute(conn)
                    .map(drop)
            }),
        ),
        (
            "rows out",
            Box::new(move |conn| {
                let found: Vec<User> = unload(users::table.order(users::id))
                    .through(&reads, back)
                    .iam_role(role())
                    .load(conn)?;
                drop(found);
                Ok(())
            }),
        ),
        (
            "upsert",
            Box::new(|conn| {
                let rows = rows();
                for rows in rows.chunks(500) {
                    let upsert = upsert(rows).into(users::table).key((users::id,));
                    upsert.update_all().execute(conn)?;
                }
                Ok(())
            }),
        ),
        (
            "maintenance",
            Box::new(|conn| {
                vacuum(users::table).execute(conn)?;
                analyze(users::table).execute(conn)?;
                truncate(users::table).execute(conn)?;
                Ok(())
            }),
        ),
    ]
}

#[test]
fn each_can_be_dropped_at_any_time() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let pid = conn.backend_pid();
        let names: Vec<_> = operations(&world)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        for (at, name) in names.into_iter().enumerate() {
            for pause in [0, 1, 3, 8, 20, 50, 120] {
                conn.batch_execute("TRUNCATE users").await.unwrap();
                let (_, operation) = operations(&world).remove(at);
                let limit = Duration::from_millis(pause);
                let outcome = tokio::time::timeout(limit, conn.run(operation)).await;
                let start = Instant::now();
                let count = diesel_async::RunQueryDsl::get_result(users::table.count(), &mut conn);
                let left: i64 = match count.await {
                    Ok(left) => left,
                    Err(error) => panic!("{name} after {pause} ms, {outcome:?}: {error:?}"),
                };
                assert!(
                    start.elapsed() < Duration::from_secs(5),
                    "{name} after {pause} ms"
                );
                // An upsert is whole by its 500 rows.
                assert!(left % 500 == 0, "{name} after {pause} ms: {left} rows");
                if let Ok(outcome) = outcome {
                    outcome.unwrap();
                }
                // Nothing is open, and nothing is left that the next one would meet.
                assert_eq!(add(&mut conn, -1).await, Ok(1));
                let mut other = world.connect();
                let seen: i64 = RunQueryDsl::get_result(users::table.count(), &mut other).unwrap();
                assert_eq!(seen, left + 1, "{name} after {pause} ms");
            }
            assert_eq!(conn.backend_pid(), pid, "{name}");
        }
    });
}

#[test]
fn migrations_can_be_dropped_at_any_time() {
    on_one_thread(async {
        for pause in [0, 5, 20, 50, 100, 200, 400] {
            let world = World::new();
            world.put(
                "seeds/users_1.csv",
                "id,name,note,joined_on\n1,Ada,,2024-01-01\n",
            );
            world.put(
                "seeds/users_2.csv",
                "id,name,note,joined_on\n2,Eve,\"a, b\",\n",
            );
            let mut conn = connect(&world).await;
            let first =
                tokio::time::timeout(Duration::from_millis(pause), migrate(&mut conn, &world));
            let _ = first.await;
            // Whoever comes next finds the lock free, and what is recorded done.
            let mut other = connect(&world).await;
            let again = tokio::time::timeout(Duration::from_secs(20), migrate(&mut other, &world));
            let ran = again.await.expect("the lock is free").unwrap();
            assert!(ran <= 3, "after {pause} ms");
            let mut seen = world.connect();
            let count: i64 = RunQueryDsl::get_result(
                diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM users"),
                &mut seen,
            )
            .unwrap();
            assert_eq!(count, 2, "after {pause} ms");
            conn.batch_execute("SELECT 1").await.unwrap();
        }
    });
}

fn migrate(
    conn: &mut AsyncRedshiftConnection,
    world: &World,
) -> impl Future<Output = diesel::migration::Result<usize>> {
    let bucket = world.bucket().to_owned();
    conn.run(move |conn| {
        let migrations = RedshiftMigrations::new()
            .sql(MIGRATIONS)
            .value("seed_bucket", &bucket)
            .value("seed_prefix", "seeds/")
            .value("seed_role", ROLE);
        conn.lock_migrations(|conn| Ok(conn.run_pending_migrations(migrations)?.len()))
    })
}

#[test]
fn waiting_for_the_lock_of_migrations_can_be_dropped() {
    let world = World::new();
    on_one_thread(async {
        let mut holder = connect(&world).await;
        let mut conn = connect(&world).await;
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (tell, held) = tokio::sync::oneshot::channel();
        let holding = holder.run(move |conn| {
            conn.lock_migrations(|_| {
                let _ = tell.send(());
                let _ = released.recv_timeout(Duration::from_secs(30));
                Ok(())
            })
        });
        let waiting = async {
            held.await.unwrap();
            let wait = conn.run(|conn| conn.lock_migrations(|_| Ok(())));
            tokio::time::timeout(Duration::from_millis(300), wait)
                .await
                .unwrap_err();
            let start = Instant::now();
            conn.batch_execute("SELECT 1").await.unwrap();
            assert!(
                start.elapsed() < Duration::from_secs(5),
                "{:?}",
                start.elapsed()
            );
            let _ = release.send(());
        };
        let (held, ()) = tokio::join!(holding, waiting);
        held.unwrap();
    });
}

#[test]
fn none_keeps_the_only_thread() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let longest = Arc::new(Mutex::new(Duration::ZERO));
        let told = Arc::clone(&longest);
        let beats = tokio::spawn(async move {
            let mut last = Instant::now();
            loop {
                tokio::time::sleep(Duration::from_millis(2)).await;
                let beat = last.elapsed();
                last = Instant::now();
                let mut longest = told.lock().unwrap();
                *longest = beat.max(*longest);
            }
        });
        for (name, operation) in operations(&world) {
            *longest.lock().unwrap() = Duration::ZERO;
            // It takes a second at least, of which the server's part is one.
            conn.run(|conn| conn.batch_execute("SELECT pg_sleep(1)"))
                .await
                .unwrap();
            conn.run(operation).await.unwrap();
            let longest = *longest.lock().unwrap();
            assert!(longest < Duration::from_millis(500), "{name}: {longest:?}");
        }
        beats.abort();
    });
}

#[test]
fn a_server_that_leaves_between_rows_is_told() {
    let world = world();
    on_one_thread(async {
        for in_transaction in [false, true] {
            let mut conn = connect(&world).await;
            if in_transaction {
                conn.batch_execute("BEGIN").await.unwrap();
            }
            sandbox()
                .fail_next(world.database(), "cut after 100 rows on select")
                .unwrap();
            let wide = crate::streams::wide(1000);
            let rows = diesel_async::RunQueryDsl::load_stream::<(i64, String)>(wide, &mut conn);
            let mut read = 0;
            let error = async {
                let mut rows = rows.await?;
                while rows.try_next().await?.is_some() {
                    read += 1;
                }
                QueryResult::Ok(())
            };
            let error = error.await.unwrap_err();
            assert!(
                matches!(
                    error,
                    DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
                ),
                "{error:?}"
            );
            assert!(read <= 100, "{read} rows");
            let start = Instant::now();
            add(&mut conn, 1).await.unwrap_err();
            assert!(diesel_async::pooled_connection::PoolableConnection::is_broken(&mut conn));
            assert!(start.elapsed() < Duration::from_secs(1));
        }
    });
}
