//! What a migration that fails tells.

use super::*;

/// The texts of an error and its causes, as those who print chains print them.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[test]
fn a_bad_row_of_an_sql_seed_is_told_with_its_place() {
    let world = world();
    world.put("bad.csv", "3,Tess\nnot a number,Jim\n");
    for in_transaction in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let name = "2026-01-05-000000_bad";
        let copy =
            "COPY users (id, name) FROM 's3://${seed_bucket}/bad.csv' IAM_ROLE '${seed_role}' CSV";
        write(folder.path(), name, copy, in_transaction);
        let files = FileBasedMigrations::from_path(folder.path()).unwrap();
        let mut conn = world.connect();
        let error = lock_and_run(&mut conn, migrations(&world).sql(files)).unwrap_err();
        let text = chain(&*error);
        for part in [
            "the migration 2026-01-05-000000_bad failed: Load into table 'users' failed: ",
            &format!(
                "{}, line 2, column id of type int8: Invalid digit",
                world.uri("bad.csv")
            ),
        ] {
            assert_eq!(text.matches(part).count(), 1, "{text}");
        }
        let failed = error.downcast_ref::<MigrationFailed>().unwrap();
        let Some(diesel_redshift::Error::Load(load)) = failed.error().downcast_ref() else {
            panic!("{:?}", failed.error());
        };
        assert_eq!(load.rows()[0].raw_line(), Some("not a number,Jim"));
        // What the row holds is behind `raw_line` and `raw_value` only.
        assert!(!text.contains("not a number"), "{text}");
        assert_eq!(names(&world), ["Ada", "Eve"]);
    }
}

#[test]
fn what_s3_refuses_to_an_sql_seed_has_its_kind() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let copy =
        "COPY users (id, name) FROM 's3://${seed_bucket}/none.csv' IAM_ROLE '${seed_role}' CSV";
    write(folder.path(), "2026-01-05-000000_none", copy, true);
    let files = FileBasedMigrations::from_path(folder.path()).unwrap();
    let mut conn = world.connect();
    let error = lock_and_run(&mut conn, migrations(&world).sql(files)).unwrap_err();
    let failed = error.downcast_ref::<MigrationFailed>().unwrap();
    let Some(diesel_redshift::Error::Storage(storage)) = failed.error().downcast_ref() else {
        panic!("{:?}", failed.error());
    };
    assert_eq!(storage.kind(), StorageErrorKind::NotFound);
    assert!(
        failed.to_string().contains("check the bucket and the key"),
        "{failed}"
    );
}

#[test]
fn the_load_errors_of_raw_sql_can_be_asked_for() {
    let world = world();
    world.put("bad.csv", "3,Tess\nnot a number,Jim\n");
    world.put("worse.csv", "3,Tess\n4,Jim\nnothing,Jim\n");
    let mut conn = world.connect();
    conn.run_pending_migrations(migrations(&world)).unwrap();
    assert_eq!(conn.load_errors().unwrap(), []);
    let copy = |key: &str| {
        let from = world.uri(key);
        diesel::sql_query(format!(
            "COPY users (id, name) FROM '{from}' IAM_ROLE '{ROLE}' CSV"
        ))
    };
    copy("bad.csv").execute(&mut conn).unwrap_err();
    let rows = conn.load_errors().unwrap();
    assert_eq!((rows.len(), rows[0].line), (1, 2));
    assert_eq!(rows[0].file, world.uri("bad.csv"));
    // In a transaction that can only be rolled back, too.
    conn.transaction(|conn| {
        let error = copy("worse.csv").execute(conn).unwrap_err();
        let rows = conn.load_errors()?;
        assert_eq!((rows.len(), rows[0].line), (1, 3));
        assert_eq!(rows[0].file, world.uri("worse.csv"));
        Err::<(), _>(error)
    })
    .unwrap_err();
    assert_eq!(world.connect().load_errors().unwrap(), []);
}

#[test]
fn a_migration_that_fails_tells_what_the_server_said() {
    let world = World::new();
    let mut conn = world.connect();
    let folder = tempfile::tempdir().unwrap();
    let failing = |up: &str| {
        write(folder.path(), "2026-01-01-000000_fails", up, true);
        RedshiftMigrations::new().sql(FileBasedMigrations::from_path(folder.path()).unwrap())
    };
    let error = conn
        .run_pending_migrations(failing(
            "CREATE TABLE t (at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
        ))
        .unwrap_err();
    let text = chain(&*error);
    for part in [
        "2026-01-01-000000_fails failed",
        "(one per INFO message)",
        "It runs only on the leader node",
    ] {
        assert_eq!(text.matches(part).count(), 1, "{text}");
    }

    let procedure = "CREATE PROCEDURE p() AS $$ BEGIN RAISE INFO 'about to fail'; \
        RAISE EXCEPTION 'it failed'; END; $$ LANGUAGE plpgsql; CALL p();";
    let error = conn.run_pending_migrations(failing(procedure)).unwrap_err();
    let text = chain(&*error);
    assert_eq!(
        text,
        "the migration 2026-01-01-000000_fails failed: it failed\nINFO: about to fail"
    );
    let failed = error.downcast_ref::<MigrationFailed>().unwrap();
    assert_eq!(failed.migration(), "2026-01-01-000000_fails");
    assert_eq!(failed.notices().len(), 1);
    let server = DatabaseError::of(failed.error()).unwrap();
    assert_eq!(server.sqlstate(), Some("P0001"));
    let told = conn.take_notices();
    assert!(
        told.iter()
            .any(|notice| notice.message() == "about to fail")
    );

    // A seed in Rust is told alike.
    let seed = RedshiftMigrations::new().seed(
        "2026-01-02-000000_seed",
        |conn| Ok(conn.batch_execute("SELECT 1 AS \"O'Brien\", nothing")?),
        |_| Ok(()),
    );
    let text = chain(&*conn.run_pending_migrations(seed).unwrap_err());
    assert_eq!(
        text,
        "the migration 2026-01-02-000000_seed failed: column \"nothing\" does not exist"
    );
}
