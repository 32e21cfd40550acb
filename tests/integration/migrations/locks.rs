//! One process migrates at a time, and nothing keeps a lock.

use super::*;

/// The numbers of the sessions that hold the lock, or wait for it, as PostgreSQL knows them.
fn lock_sessions(world: &World, granted: bool) -> Vec<i32> {
    #[derive(QueryableByName)]
    struct Session {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        pid: i32,
    }

    let mut engine = PgConnection::establish(&sandbox().engine_url(world.database())).unwrap();
    diesel::sql_query(format!(
        "SELECT pid FROM pg_locks JOIN pg_class ON pg_class.oid = relation \
         WHERE relname = '__diesel_redshift_migrations_lock' AND mode = 'AccessExclusiveLock' AND granted = {granted}"
    ))
    .load::<Session>(&mut engine)
    .unwrap()
    .into_iter()
    .map(|session| session.pid)
    .collect()
}

#[test]
fn each_migration_runs_once_whatever_starts_at_the_same_time() {
    const PROCESSES: usize = 8;
    let world = world();
    world.put("a.csv", "3,Tess\n");
    world.put("more.csv", "4,Jim\n5,Joe\n");
    sandbox()
        .fail_next(
            world.database(),
            &format!("slow s3 50 ms {}", world.uri("")),
        )
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "2026-01-02-000001_outside",
        "VACUUM users; COPY users (id, name) FROM 's3://${seed_bucket}/a.csv' IAM_ROLE '${seed_role}' CSV",
        false,
    );
    let start = Barrier::new(PROCESSES);
    let ran: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..PROCESSES)
            .map(|_| {
                scope.spawn(|| {
                    let mut conn = world.connect();
                    let files = FileBasedMigrations::from_path(folder.path()).unwrap();
                    start.wait();
                    lock_and_run(&mut conn, with_seed(&world, "more.csv").sql(files)).unwrap()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(ran, 5);
    assert_eq!(names(&world), ["Ada", "Eve", "Tess", "Jim", "Joe"]);
    let mut conn = world.connect();
    assert_eq!(count(&mut conn, "__diesel_schema_migrations"), 5);
    assert!(lock_sessions(&world, true).is_empty());
}

#[test]
fn a_panic_and_an_error_leave_no_lock() {
    let world = World::new();
    let mut conn = world.connect();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        conn.lock_migrations(|_| -> diesel::migration::Result<()> {
            std::panic::resume_unwind(Box::new(7))
        })
    }));
    assert!(panicked.is_err());
    let failed = conn.lock_migrations(|_| -> diesel::migration::Result<()> { Err("no".into()) });
    assert_eq!(failed.unwrap_err().to_string(), "no");
    assert!(lock_sessions(&world, true).is_empty());
    // One within the other does not wait for itself.
    conn.lock_migrations(|conn| conn.lock_migrations(|_| Ok(())))
        .unwrap();
}

/// What [`a_killed_process_leaves_no_lock`] starts; a test of its own it is not.
#[test]
fn a_process_that_waits_in_the_lock() {
    let Ok(url) = std::env::var("LOCK_MIGRATIONS_OF") else {
        return;
    };
    let mut conn = RedshiftConnection::establish(&url).unwrap();
    let _: diesel::migration::Result<()> = conn.lock_migrations(|_| {
        println!("\nlocked");
        thread::sleep(Duration::from_secs(60));
        Ok(())
    });
}

#[test]
fn a_killed_process_leaves_no_lock() {
    let world = world();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "migrations::locks::a_process_that_waits_in_the_lock",
            "--nocapture",
        ])
        .env("LOCK_MIGRATIONS_OF", world.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(holder.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap() == "locked"));
    let (ran, has_run) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let run = lock_and_run(&mut world.connect(), migrations(&world));
            ran.send(run.unwrap()).unwrap();
        });
        let early = has_run.recv_timeout(Duration::from_millis(500));
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert!(early.is_err(), "it waits for the lock");
        let ran = has_run.recv_timeout(Duration::from_secs(20));
        assert_eq!(ran, Ok(3));
    });
}

#[test]
fn a_lock_that_is_lost_stops_the_migrations() {
    let world = world();
    world.put("more.csv", "3,Tess\n");
    let mut conn = world.connect();
    let lose_lock = || {
        let mut engine = PgConnection::establish(&sandbox().engine_url(world.database())).unwrap();
        for session in lock_sessions(&world, true) {
            diesel::sql_query(format!("SELECT pg_terminate_backend({session}, 5000)"))
                .execute(&mut engine)
                .unwrap();
        }
    };
    let lost = |error: diesel::migration::Result<()>| {
        let error = error.unwrap_err();
        let error = error.downcast_ref::<MigrationError>().unwrap();
        assert!(matches!(error, MigrationError::LockLost { .. }), "{error}");
        error.to_string()
    };
    let before = lost(conn.lock_migrations(|conn| {
        lose_lock();
        conn.run_pending_migrations(migrations(&world))?;
        Ok(())
    }));
    assert!(before.contains("create_users was not run"), "{before}");
    assert!(conn.batch_execute("SELECT 1 FROM users").is_err());

    lock_and_run(&mut conn, migrations(&world)).unwrap();
    let seeds = Arc::new(Mutex::new(0));
    let within = lost(conn.lock_migrations(|conn| {
        let seeds = Arc::clone(&seeds);
        let engine = sandbox().engine_url(world.database());
        let sessions = lock_sessions(&world, true);
        let seeding = migrations(&world).seed(
            "2026-01-03-000000_more_users",
            move |conn| {
                *seeds.lock().unwrap() += 1;
                diesel::insert_into(users::table)
                    .values((users::id.eq(9), users::name.eq("Zoe")))
                    .execute(conn)?;
                let mut engine = PgConnection::establish(&engine)?;
                for session in &sessions {
                    diesel::sql_query(format!("SELECT pg_terminate_backend({session}, 5000)"))
                        .execute(&mut engine)?;
                }
                Ok(())
            },
            |_| Ok(()),
        );
        conn.run_pending_migrations(seeding)?;
        Ok(())
    }));
    assert!(within.contains("not recorded"), "{within}");
    assert_eq!(*seeds.lock().unwrap(), 1);
    assert_eq!(names(&world), ["Ada", "Eve"]);
}

#[test]
fn what_would_wait_for_the_lock_is_refused() {
    let world = world();
    let mut conn = world.connect();
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "2026-01-05-000000_tidy",
        "VACUUM users; VACUUM;",
        false,
    );
    let tidy = || {
        let files = FileBasedMigrations::from_path(folder.path()).unwrap();
        migrations(&world).sql(files)
    };
    let error = lock_and_run(&mut conn, tidy()).unwrap_err();
    let error = error.downcast_ref::<MigrationError>().unwrap();
    assert_eq!(
        *error,
        MigrationError::AllTables {
            statement: "VACUUM"
        }
    );
    conn.lock_migrations(|conn| {
        let error = vacuum_database().execute(conn).unwrap_err();
        assert!(
            matches!(
                error,
                diesel_redshift::Error::Migration(MigrationError::AllTables {
                    statement: "VACUUM"
                })
            ),
            "{error}"
        );
        Ok(())
    })
    .unwrap();
    // The harness alone takes the lock too.
    let error = conn.run_pending_migrations(tidy()).unwrap_err();
    assert!(
        error.to_string().contains("VACUUM of all tables"),
        "{error}"
    );

    let error = conn
        .transaction(|conn| conn.lock_migrations(|_| Ok(())))
        .unwrap_err();
    assert!(
        matches!(
            error.downcast_ref(),
            Some(diesel_redshift::error::TransactionError::InTransaction { .. })
        ) || error.to_string().contains("transaction"),
        "{error}"
    );
}

#[test]
fn locks_are_of_a_schema() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE SCHEMA \"other one\"").unwrap();
    conn.lock_migrations(|_| {
        let mut other = world.connect();
        other.set_search_path(["other one"])?;
        // It would wait if both had one lock.
        other.lock_migrations(|_| {
            assert_eq!(lock_sessions(&world, true).len(), 2);
            Ok(())
        })
    })
    .unwrap();
}

#[test]
fn the_harness_alone_runs_no_migration_twice() {
    const PROCESSES: usize = 8;
    let world = world();
    world.put("a.csv", "3,Tess\n");
    world.put("more.csv", "4,Jim\n5,Joe\n");
    sandbox()
        .fail_next(
            world.database(),
            &format!("slow s3 50 ms {}", world.uri("")),
        )
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "2026-01-02-000001_outside",
        "COPY users (id, name) FROM 's3://${seed_bucket}/a.csv' IAM_ROLE '${seed_role}' CSV; VACUUM users",
        false,
    );
    let all = || {
        let files = FileBasedMigrations::from_path(folder.path()).unwrap();
        with_seed(&world, "more.csv").sql(files)
    };
    let start = Barrier::new(PROCESSES);
    thread::scope(|scope| {
        for _ in 0..PROCESSES {
            scope.spawn(|| {
                let mut conn = world.connect();
                start.wait();
                if let Err(error) = conn.run_pending_migrations(all()) {
                    let told = error.downcast_ref();
                    assert!(
                        matches!(
                            told,
                            Some(MigrationError::Meanwhile {
                                done: "applied",
                                ..
                            })
                        ),
                        "{error}"
                    );
                }
            });
        }
    });
    assert_eq!(names(&world), ["Ada", "Eve", "Tess", "Jim", "Joe"]);
    let mut conn = world.connect();
    assert_eq!(count(&mut conn, "__diesel_schema_migrations"), 5);
    assert!(lock_sessions(&world, true).is_empty());
    conn.revert_all_migrations(all()).unwrap();
    assert_eq!(count(&mut conn, "__diesel_schema_migrations"), 0);
}

/// Who takes the list from the source and keeps it, as a program that shows what is pending does, keeps no lock with it.
#[test]
fn a_list_that_is_kept_keeps_no_lock() {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let outside = |name: &str| {
        write(
            folder.path(),
            name,
            "CREATE TABLE IF NOT EXISTS t (a INT)",
            false,
        );
    };
    outside("2026-01-02-000001_outside");
    outside("2026-01-02-000002_outside");
    let files = FileBasedMigrations::from_path(folder.path()).unwrap();
    let list = migrations(&world).sql(files).migrations().unwrap();
    let mut conn = world.connect();
    conn.setup().unwrap();
    for migration in &list {
        conn.run_migration(&**migration).unwrap();
        assert!(lock_sessions(&world, true).is_empty(), "it is recorded");
    }
    // A step that nobody records does not keep its connection waiting for itself either.
    let again = FileBasedMigrations::from_path(folder.path()).unwrap();
    let again = RedshiftMigrations::new().sql(again).migrations().unwrap();
    conn.revert_migration(&*again[0]).unwrap();
    again[0].run(&mut conn).unwrap();
    assert_eq!(
        lock_sessions(&world, true).len(),
        1,
        "until the next statement"
    );
    let (done, is_done) = mpsc::channel();
    let url = world.url().to_owned();
    thread::spawn(move || {
        conn.lock_migrations(|_| Ok(())).unwrap();
        let mut other = RedshiftConnection::establish(&url).unwrap();
        other.lock_migrations(|_| Ok(())).unwrap();
        done.send(()).unwrap();
    });
    is_done.recv_timeout(Duration::from_secs(20)).unwrap();
    drop((list, again));
}

/// The error of the LOCK, and not that of a ROLLBACK on a connection that is lost with it.
#[test]
fn a_lock_that_cannot_be_taken_says_why() {
    let world = world();
    let mut conn = world.connect();
    conn.lock_migrations(|_| Ok(())).unwrap();
    sandbox()
        .fail_next(world.database(), "cut before answer on lock")
        .unwrap();
    let error = conn
        .lock_migrations(|_| -> diesel::migration::Result<()> { panic!("it has no lock") })
        .unwrap_err();
    assert!(
        error.to_string().contains("server closed the connection"),
        "{error}"
    );
}
