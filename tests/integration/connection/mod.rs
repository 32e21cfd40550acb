//! Connecting, settings of the session, prepared statements, what breaks.

mod statements;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::result::{ConnectionError, DatabaseErrorKind, Error};
use diesel::sql_types::{BigInt, Integer, Text};
use diesel_redshift::RedshiftConnection;
use diesel_redshift::connection::RowByRowLoadingMode;
use diesel_redshift_tests::{World, engine, sandbox};

diesel::table! {
    numbers (n) {
        n -> Integer,
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

fn ask(conn: &mut RedshiftConnection, sql: &str) -> String {
    diesel::sql_query(sql)
        .get_result::<Answer>(conn)
        .unwrap()
        .answer
}

#[test]
fn the_server_is_redshift() {
    let world = World::new();
    let mut conn = world.connect();
    let version = ask(&mut conn, "SELECT version()::varchar AS answer");
    assert!(version.contains("Redshift"), "{version}");
    assert!(conn.server_parameter("padb_version").is_some());
    assert_eq!(conn.server_parameter("standard_conforming_strings"), None);
    assert!(conn.backend_pid() > 0);
}

#[test]
fn a_wrong_password_is_told() {
    let world = World::new();
    let url = world.url().replace("awsuser:", "awsuser:wrong");
    let Err(ConnectionError::BadConnection(message)) = RedshiftConnection::establish(&url) else {
        panic!("connected");
    };
    assert!(
        message.contains("password authentication failed"),
        "{message}"
    );
    assert!(!message.contains("wrong"), "{message}");
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("postgresql://ada:secret@127.0.0.1:{port}/dev");
    let Err(ConnectionError::BadConnection(message)) = RedshiftConnection::establish(&url) else {
        panic!("connected");
    };
    assert!(message.contains("refused"), "{message}");
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn a_missing_database_is_told() {
    let world = World::new();
    let url = world.url().replace("/test_", "/gone_");
    let Err(error) = RedshiftConnection::establish(&url) else {
        panic!("connected");
    };
    assert!(error.to_string().contains("does not exist"), "{error}");
}

#[test]
fn floats_come_back_whole() {
    let world = World::new();
    let mut conn = world.connect();
    let value: f64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::Double>(
        "0.1::float8 + 0.2::float8",
    ))
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(value, 0.1 + 0.2);
}

#[test]
fn the_instrumentation_sees_statements_and_no_password() {
    let world = World::new();
    let mut conn = world.connect();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        into.lock().unwrap().push(format!("{event:?}"));
    });
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    diesel::insert_into(numbers::table)
        .values(numbers::n.eq(7))
        .execute(&mut conn)
        .unwrap();
    let found: Vec<i32> = numbers::table.select(numbers::n).load(&mut conn).unwrap();
    assert_eq!(found, [7]);
    let rows: Vec<i32> = numbers::table
        .select(numbers::n)
        .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
        .unwrap()
        .collect::<QueryResult<_>>()
        .unwrap();
    assert_eq!(rows, [7]);
    diesel::sql_query("SELEC").execute(&mut conn).unwrap_err();
    let seen = seen.lock().unwrap();
    let count = |what: &str| seen.iter().filter(|event| event.starts_with(what)).count();
    assert_eq!(count("StartQuery"), 5, "{seen:#?}");
    assert_eq!(count("FinishQuery"), 5, "{seen:#?}");
    assert_eq!(count("CacheQuery"), 2, "{seen:#?}");
    assert!(
        seen.iter().any(|event| event.contains("binds: [7]")),
        "{seen:#?}"
    );
}

/// Whoever prints the queries that it is told of would panic at one that cannot be written.
#[test]
fn the_instrumentation_is_not_told_of_a_query_that_cannot_be_written() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    conn.set_instrumentation(|event: InstrumentationEvent<'_>| {
        let _ = format!("{event:?}");
    });
    let query = numbers::table.select(numbers::n);
    let error = query.limit(1 << 40).load::<i32>(&mut conn).unwrap_err();
    assert!(error.to_string().contains("0 to 2147483647"), "{error}");
    let error = query.offset(-1).execute(&mut conn).unwrap_err();
    assert!(error.to_string().contains("OFFSET: -1"), "{error}");
    assert!(query.limit(1).load::<i32>(&mut conn).unwrap().is_empty());
}

#[test]
fn too_many_binds_point_to_copy() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    let rows: Vec<_> = (0..32_767).map(|n| numbers::n.eq(n)).collect();
    assert_eq!(
        diesel::insert_into(numbers::table)
            .values(&rows)
            .execute(&mut conn)
            .unwrap(),
        32_767
    );
    let rows: Vec<_> = (0..32_768).map(|n| numbers::n.eq(n)).collect();
    let error = diesel::insert_into(numbers::table)
        .values(&rows)
        .execute(&mut conn)
        .unwrap_err();
    assert!(matches!(error, Error::SerializationError(_)));
    assert!(error.to_string().contains("COPY"), "{error}");
}

/// A server that is none of Amazon's may begin one.
#[test]
fn a_copy_over_the_connection_is_an_error_and_not_waited_for() {
    let mut conn = engine(sandbox());
    conn.batch_execute("CREATE TEMP TABLE t AS SELECT generate_series(1, 10000) AS n")
        .unwrap();
    for sql in ["COPY t FROM STDIN", "COPY t TO STDOUT"] {
        let error = conn.batch_execute(sql).unwrap_err().to_string();
        assert!(error.contains("COPY over the connection"), "{error}");
        let error = diesel::sql_query(sql).execute(&mut conn).unwrap_err();
        assert!(error.to_string().contains("COPY"), "{error}");
        let rows = diesel::sql_query("SELECT count(*)::integer AS n FROM t")
            .get_result::<Counted>(&mut conn)
            .unwrap();
        assert_eq!(rows.n, 10_000);
    }
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Integer)]
    n: i32,
}

#[test]
fn nul_is_refused_and_the_connection_stays() {
    let world = World::new();
    let mut conn = world.connect();
    let error = diesel::select("a\0b".into_sql::<Text>())
        .get_result::<String>(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("NUL character"), "{error}");
    assert!(conn.batch_execute("SELECT 1\0").is_err());
    let one: i32 = diesel::select(1.into_sql::<Integer>())
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(one, 1);
}

#[test]
fn rows_load_one_by_one_and_may_be_left() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    let rows: Vec<_> = (0..5000).map(|n| numbers::n.eq(n)).collect();
    diesel::insert_into(numbers::table)
        .values(&rows)
        .execute(&mut conn)
        .unwrap();
    let query = numbers::table.select(numbers::n).order(numbers::n);
    let sum: i64 = query
        .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
        .unwrap()
        .map(|n| i64::from(n.unwrap()))
        .sum();
    assert_eq!(sum, 4999 * 5000 / 2);
    let first = query
        .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
        .unwrap()
        .next();
    assert_eq!(first.unwrap().unwrap(), 0);
    let count: i64 = numbers::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 5000);
    // An error may come after rows.
    let failing = diesel::dsl::sql::<Integer>("10 / (n - 4000)");
    let outcome: QueryResult<Vec<i32>> = numbers::table
        .select(failing)
        .order(numbers::n)
        .load_iter::<i32, RowByRowLoadingMode>(&mut conn)
        .and_then(Iterator::collect);
    assert!(
        outcome
            .unwrap_err()
            .to_string()
            .contains("division by zero")
    );
    let count: i64 = numbers::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 5000);
}

#[test]
fn another_thread_can_cancel() {
    let world = World::new();
    let mut conn = world.connect();
    let handle = conn.cancel_handle().unwrap();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        handle.cancel().unwrap();
    });
    let error = conn.batch_execute("SELECT pg_sleep(30)").unwrap_err();
    canceller.join().unwrap();
    assert!(error.to_string().contains("cancel"), "{error}");
    conn.batch_execute("SELECT 1").unwrap();
}

#[test]
fn a_lost_connection_says_so() {
    use diesel::r2d2::R2D2Connection;

    let world = World::new();
    let mut conn = world.connect();
    assert!(!conn.is_broken());
    conn.ping().unwrap();
    let pid = conn.backend_pid();
    let mut other = world.connect();
    other
        .batch_execute(&format!("SELECT pg_terminate_backend({pid})"))
        .unwrap();
    let error = conn.batch_execute("SELECT 1").unwrap_err();
    assert!(
        matches!(
            error,
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
        ),
        "{error:?}"
    );
    assert!(conn.is_broken());
    assert!(conn.ping().is_err());
}

#[test]
fn a_pool_replaces_what_broke() {
    use diesel::r2d2::{ConnectionManager, Pool};

    let world = World::new();
    let manager = ConnectionManager::<RedshiftConnection>::new(world.url());
    let pool = Pool::builder().max_size(1).build(manager).unwrap();
    let first = pool.get().unwrap().backend_pid();
    {
        let mut conn = pool.get().unwrap();
        assert_eq!(conn.backend_pid(), first);
        conn.batch_execute("BEGIN").unwrap();
    }
    let second = pool.get().unwrap().backend_pid();
    assert_ne!(
        first, second,
        "a transaction that was left open breaks a connection"
    );
}

#[test]
fn the_last_error_has_its_sqlstate() {
    let world = World::new();
    let mut conn = world.connect();
    assert_eq!(conn.last_error(), None);
    conn.batch_execute("SELECT * FROM nowhere").unwrap_err();
    let error = conn.last_error().unwrap();
    assert_eq!(error.sqlstate(), Some("42P01"));
    assert!(error.message().contains("nowhere"));
}

#[test]
fn settings_of_the_session() {
    let world = World::new();
    let mut conn = world.connect();
    let show = |conn: &mut RedshiftConnection, setting: &str| {
        ask(
            conn,
            &format!("SELECT current_setting('{setting}')::varchar AS answer"),
        )
    };
    conn.set_search_path(["public", "we\"ird"]).unwrap();
    assert_eq!(show(&mut conn, "search_path"), r#"public, "we""ird""#);
    conn.set_time_zone("America/New_York").unwrap();
    assert_eq!(show(&mut conn, "timezone"), "America/New_York");
    conn.set_application_name("it's \\ me").unwrap();
    conn.set_case_sensitive_identifiers(false).unwrap();
    conn.set_case_sensitive_super_attributes(false).unwrap();
    conn.set_query_group("nightly").unwrap();
    conn.reset_query_group().unwrap();
    assert!(conn.set_query_group(&"x".repeat(31)).is_err());
    assert!(conn.set_search_path([]).is_err());
    assert!(
        conn.set_statement_timeout(Some(Duration::from_micros(1)))
            .is_err()
    );
    conn.set_statement_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let error = conn.batch_execute("SELECT pg_sleep(10)").unwrap_err();
    assert!(error.to_string().contains("cancel"), "{error}");
    conn.set_statement_timeout(None).unwrap();
    conn.batch_execute("SELECT pg_sleep(0.2)").unwrap();
}

#[test]
fn a_pool_asks_for_credentials_before_each_connect() {
    use std::sync::atomic::{AtomicU32, Ordering};

    use diesel::r2d2::Pool;
    use diesel_redshift::{RedshiftConnectionManager, connection::DatabaseCredentials};

    let world = World::new();
    let (address, password) = {
        let (user, address) = world.url().split_once('@').unwrap();
        (
            address.to_owned(),
            user.rsplit_once(':').unwrap().1.to_owned(),
        )
    };
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let manager = RedshiftConnectionManager::new(format!("postgresql://{address}"), move || {
        if count.fetch_add(1, Ordering::Relaxed) < 2 {
            Ok(DatabaseCredentials::new("awsuser", password.clone()))
        } else {
            Err(ConnectionError::BadConnection("no credentials".to_owned()))
        }
    });
    let pool = Pool::builder()
        .max_size(3)
        .min_idle(Some(0))
        .connection_timeout(Duration::from_secs(2))
        .build(manager)
        .unwrap();
    let first = pool.get().unwrap();
    let second = pool.get().unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    let error = pool.get().unwrap_err();
    assert!(error.to_string().contains("no credentials"), "{error}");
    drop((first, second));
}
