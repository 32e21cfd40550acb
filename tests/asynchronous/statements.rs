//! The statements of this crate on an asynchronous connection.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use diesel_redshift::copy::Csv;
use diesel_redshift::ddl::{create_table, drop_table};
use diesel_redshift::maintenance::{analyze, truncate, vacuum};
use diesel_redshift::upsert::upsert;
use diesel_redshift::{Error, IamRole, RedshiftMigrations, S3Uri, copy, unload};
use diesel_redshift_tests::{ROLE, World, sandbox};

use crate::{connect, ids, ids_elsewhere, on_one_thread, users, world};

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct User {
    id: i64,
    name: String,
}

fn rows(count: i64) -> Vec<User> {
    (0..count)
        .map(|id| User {
            id,
            name: format!("user {id}"),
        })
        .collect()
}

fn role() -> IamRole {
    ROLE.parse().unwrap()
}

#[test]
fn rows_go_in_and_out_through_files() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let folder = S3Uri::parse(&world.uri("staged/")).unwrap();
        let store = diesel_redshift::store::FolderStore::new(sandbox().store().path());
        let (into, through) = (folder.clone(), store.clone());
        let outcome = conn
            .run(move |conn| {
                copy(users::table)
                    .from_insertable(&rows(5000))
                    .through(&through, into)
                    .iam_role(role())
                    .execute(conn)
            })
            .await
            .unwrap();
        assert_eq!(outcome.rows, 5000);
        let back: Vec<User> = conn
            .run(move |conn| {
                unload(users::table.order(users::id))
                    .through(&store, folder)
                    .iam_role(role())
                    .ordered()
                    .load(conn)
            })
            .await
            .unwrap();
        assert_eq!(back, rows(5000));
    });
}

#[test]
fn copy_and_unload_upsert_ddl_and_maintenance() {
    let world = world();
    on_one_thread(async {
        let mut conn = connect(&world).await;
        world.put("users.csv", "1,Ada\n2,Eve\n");
        let load = copy(users::table)
            .from(S3Uri::parse(&world.uri("users.csv")).unwrap())
            .iam_role(role())
            .format(Csv::new());
        let outcome = conn.run(move |conn| load.execute(conn)).await.unwrap();
        assert_eq!(outcome.rows, 2);
        world.put("wrong.csv", "3,Ada\nx,Eve\n");
        let load = copy(users::table)
            .from(S3Uri::parse(&world.uri("wrong.csv")).unwrap())
            .iam_role(role())
            .format(Csv::new());
        let error = conn.run(move |conn| load.execute(conn)).await.unwrap_err();
        let Error::Load(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.rows()[0].column.as_deref(), Some("id"));
        let store = unload(users::table)
            .to(S3Uri::parse(&world.uri("out/")).unwrap())
            .iam_role(role())
            .format(unload::Csv::new());
        let outcome = conn.run(move |conn| store.execute(conn)).await.unwrap();
        assert_eq!(outcome.rows, 2);
        let upserted = conn
            .run(|conn| {
                let rows = rows(4);
                let upsert = upsert(&rows).into(users::table).key((users::id,));
                upsert.update_all().execute(conn)
            })
            .await
            .unwrap();
        assert_eq!((upserted.updated, upserted.inserted), (2, 2));
        conn.run(|conn| vacuum(users::table).execute(conn))
            .await
            .unwrap();
        conn.run(|conn| analyze(users::table).execute(conn))
            .await
            .unwrap();
        let refused = conn
            .run(|conn| conn.transaction(|conn| vacuum(users::table).execute(conn)))
            .await;
        assert!(refused.is_err());
        conn.run(|conn| truncate(users::table).execute(conn))
            .await
            .unwrap();
        assert_eq!(ids(&mut conn).await, Ok(vec![]));
        conn.run(|conn| drop_table(users::table).execute(conn))
            .await
            .unwrap();
        conn.run(|conn| {
            create_table(users::table)
                .column(users::name, |column| column.varchar(20))
                .execute(conn)
        })
        .await
        .unwrap();
        assert_eq!(ids_elsewhere(&world), [0_i64; 0]);
    });
}

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");

#[test]
fn migrations_run_with_their_lock_and_seeds() {
    let world = World::new();
    world.put(
        "seeds/users_1.csv",
        "id,name,note,joined_on\n1,Ada,,2024-01-01\n",
    );
    world.put(
        "seeds/users_2.csv",
        "id,name,note,joined_on\n2,Eve,\"a, b\",\n",
    );
    on_one_thread(async {
        let mut conn = connect(&world).await;
        let bucket = world.bucket().to_owned();
        let ran = conn
            .run(move |conn| {
                let migrations = RedshiftMigrations::new()
                    .sql(MIGRATIONS)
                    .value("seed_bucket", &bucket)
                    .value("seed_prefix", "seeds/")
                    .value("seed_role", ROLE);
                conn.lock_migrations(|conn| Ok(conn.run_pending_migrations(migrations)?.len()))
            })
            .await
            .unwrap();
        assert_eq!(ran, 3);
        let names: Vec<String> = diesel_async::RunQueryDsl::load(
            users::table.select(users::name).order(users::id),
            &mut conn,
        )
        .await
        .unwrap();
        assert_eq!(names, ["Ada", "Eve"]);
        let wrong = conn
            .run(|conn| {
                conn.batch_execute("SELECT nothing")?;
                diesel::migration::Result::Ok(())
            })
            .await;
        assert!(wrong.unwrap_err().to_string().contains("nothing"));
    });
}
