//! COPY: what it loads, what it refuses, and that it commits.

use std::io::Write;
use std::sync::{Arc, Mutex};

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel_redshift::copy::{Csv, Delimited};
use diesel_redshift::{
    Error, IamRole, RedshiftConnection, RedshiftCopy, S3Uri, aws::AccessKey, copy,
};
use diesel_redshift_tests::{ROLE, World};

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Nullable<Text>,
    }
}

#[derive(RedshiftCopy)]
#[diesel(table_name = users)]
#[allow(dead_code)]
struct User {
    id: i64,
    name: Option<String>,
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20))")
        .unwrap();
    (world, conn)
}

fn role() -> IamRole {
    ROLE.parse().unwrap()
}

fn rows(world: &World) -> Vec<(i64, Option<String>)> {
    users::table
        .order(users::id)
        .load(&mut world.connect())
        .unwrap()
}

fn ids(world: &World) -> Vec<i64> {
    rows(world).into_iter().map(|(id, _)| id).collect()
}

macro_rules! csv {
    ($world:expr, $key:expr) => {
        copy(users::table)
            .from(S3Uri::parse(&$world.uri($key)).unwrap())
            .iam_role(role())
            .format(Csv::new())
    };
}

#[test]
fn the_statement_that_sqlalchemy_users_know() {
    let (world, mut conn) = world();
    world.put("file-name.csv", "id,name\n1,Ada\n2,\"a, \"\"b\"\"\"\n");
    let location = S3Uri::parse(&world.uri("file-name.csv")).unwrap();
    let built = copy(users::table)
        .columns((users::id, users::name))
        .from(location.clone())
        .iam_role(role())
        .format(Csv::new().ignore_header(1));
    let derived = User::copy()
        .from(location)
        .iam_role(role())
        .format(Csv::new().ignore_header(1));
    let expected = format!(
        r#"COPY "users" ("id", "name") FROM '{}' IAM_ROLE '{ROLE}' FORMAT AS CSV IGNOREHEADER 1"#,
        world.uri("file-name.csv")
    );
    assert_eq!(built.to_sql().unwrap(), expected);
    assert_eq!(derived.to_sql().unwrap(), expected);
    let outcome = built.execute(&mut conn).unwrap();
    assert_eq!(outcome.rows, 2);
    assert!(outcome.query_id.is_some());
    assert_eq!(
        outcome.notices[0].message(),
        "Load into table 'users' completed, 2 record(s) loaded successfully."
    );
    assert_eq!(derived.execute(&mut conn).unwrap().rows, 2);
    assert_eq!(
        rows(&world)[2..],
        [
            (2, Some("a, \"b\"".to_owned())),
            (2, Some("a, \"b\"".to_owned()))
        ]
    );
}

#[test]
fn alone_it_commits_and_within_a_transaction_it_joins() {
    let (world, mut conn) = world();
    world.put("1.csv", "1,a\n");
    world.put("2.csv", "2,b\n");
    csv!(world, "1.csv").execute(&mut conn).unwrap();
    assert_eq!(ids(&world), [1]);
    let outcome: QueryResult<()> = conn.transaction(|conn| {
        csv!(world, "2.csv").execute(conn)?;
        assert_eq!(ids(&world), [1]);
        Err(DieselError::RollbackTransaction)
    });
    assert!(outcome.is_err());
    assert_eq!(ids(&world), [1]);
    conn.transaction(|conn| {
        csv!(world, "2.csv").execute(conn)?;
        diesel::delete(users::table.filter(users::id.eq(1))).execute(conn)?;
        Ok::<_, Error>(())
    })
    .unwrap();
    assert_eq!(ids(&world), [2]);
}

#[test]
fn a_prefix_loads_every_object_under_it() {
    let (world, mut conn) = world();
    world.put("users/1.csv", "id,name\n1,a\n");
    world.put("users/2.csv", "id,name\n2,b\n");
    world.put("users.bak", "id,name\n3,c\n");
    let outcome = copy(users::table)
        .from(S3Uri::parse(&world.uri("users")).unwrap())
        .iam_role(IamRole::Default)
        .format(Csv::new().ignore_header(1))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, 3);
    assert_eq!(ids(&world), [1, 2, 3]);
}

#[test]
fn delimited_text_and_compression() {
    let (world, mut conn) = world();
    let text = "1|a\\|b\n2|\\N\n3|c\\\\d\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    world.put("text.gz", gzip.finish().unwrap());
    let outcome = copy(users::table)
        .from(S3Uri::parse(&world.uri("text.gz")).unwrap())
        .iam_role(role())
        .format(Delimited::new().escape())
        .gzip()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, 3);
    assert_eq!(
        rows(&world),
        [
            (1, Some("a|b".to_owned())),
            (2, None),
            (3, Some("c\\d".to_owned()))
        ]
    );
}

#[test]
fn a_manifest_names_what_is_loaded() {
    let (world, mut conn) = world();
    world.put("a", "1,a\n");
    world.put("b", "2,b\n");
    let manifest = format!(
        r#"{{"entries": [{{"url": "{}", "mandatory": true}}, {{"url": "{}"}}]}}"#,
        world.uri("b"),
        world.uri("gone")
    );
    world.put("manifest", manifest);
    let load = || {
        copy(users::table)
            .from(S3Uri::parse(&world.uri("manifest")).unwrap())
            .iam_role(role())
            .format(Csv::new())
            .manifest()
    };
    assert_eq!(load().execute(&mut conn).unwrap().rows, 1);
    assert_eq!(ids(&world), [2]);
    world.put(
        "manifest",
        format!(
            r#"{{"entries": [{{"url": "{}", "mandatory": true}}]}}"#,
            world.uri("gone")
        ),
    );
    assert!(load().execute(&mut conn).is_err());
}

#[test]
fn a_malformed_row_is_told_and_leaves_nothing() {
    let (world, mut conn) = world();
    world.put("good.csv", "1,a\n");
    world.put("load/1.csv", "2,b\n3,c\n");
    world.put("load/2.csv", "4,d\nfive,e\n");
    csv!(world, "good.csv").execute(&mut conn).unwrap();
    let error = csv!(world, "load/").execute(&mut conn).unwrap_err();
    let message = error.to_string();
    for part in ["load/2.csv, line 2", "column id", "1207"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(
        !message.contains('\n') && !message.contains("five"),
        "{message}"
    );
    let Error::Load(error) = error else {
        panic!("{error:?}");
    };
    let row = &error.rows()[0];
    assert_eq!(
        (row.line, row.column.as_deref(), row.code),
        (2, Some("id"), 1207)
    );
    assert_eq!(
        (row.raw_value(), row.raw_line()),
        (Some("five"), Some("five,e"))
    );
    assert_eq!(ids(&world), [1]);
    csv!(world, "good.csv").execute(&mut conn).unwrap();
    assert_eq!(ids(&world), [1, 1]);
}

#[test]
fn the_row_is_told_within_a_transaction_too() {
    let (world, mut conn) = world();
    world.put("1.csv", "1,a\n");
    world.put("bad.csv", "x,a\n");
    let error = conn
        .transaction(|conn| {
            csv!(world, "1.csv").execute(conn)?;
            csv!(world, "bad.csv").execute(conn)?;
            Ok::<_, Error>(())
        })
        .unwrap_err();
    assert!(
        matches!(&error, Error::Load(load) if load.rows()[0].file.ends_with("bad.csv")),
        "{error:?}"
    );
    // The newest load is the one at fault, and Diesel's error tells it as well.
    world.put("worse.csv", "1,a\n2,b,c\n");
    let error: DieselError = conn
        .transaction(|conn| {
            csv!(world, "worse.csv").execute(conn)?;
            QueryResult::Ok(())
        })
        .unwrap_err();
    assert!(error.to_string().contains("worse.csv, line 2"), "{error}");
    assert!(ids(&world).is_empty());
}

#[test]
fn rows_may_be_skipped_up_to_a_number() {
    let (world, mut conn) = world();
    world.put(
        "rows.csv",
        "1,a\nx,b\n3,a name of far too many bytes\n4,d\n",
    );
    let outcome = csv!(world, "rows.csv")
        .max_error(3)
        .execute(&mut conn)
        .unwrap();
    assert_eq!((outcome.rows, outcome.skipped_rows), (2, 2));
    assert_eq!(ids(&world), [1, 4]);
    assert!(
        csv!(world, "rows.csv")
            .max_error(2)
            .execute(&mut conn)
            .is_err()
    );
    assert_eq!(ids(&world), [1, 4]);
}

#[test]
fn no_load_checks_only() {
    let (world, mut conn) = world();
    world.put("good.csv", "1,a\n");
    world.put("bad.csv", "x,a\n");
    csv!(world, "good.csv")
        .no_load()
        .execute(&mut conn)
        .unwrap();
    assert!(csv!(world, "bad.csv").no_load().execute(&mut conn).is_err());
    assert!(ids(&world).is_empty());
}

#[test]
fn what_is_missing_is_told() {
    let (world, mut conn) = world();
    world.put("1.csv", "1,a\n");
    let error = csv!(world, "gone.csv")
        .execute(&mut conn)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("gone.csv") && error.contains("does not exist"),
        "{error}"
    );
    conn.batch_execute("ALTER TABLE users RENAME COLUMN name TO title")
        .unwrap();
    let error = csv!(world, "1.csv")
        .execute(&mut conn)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("name") && error.contains("does not exist"),
        "{error}"
    );
    conn.batch_execute("DROP TABLE users").unwrap();
    let error = csv!(world, "1.csv")
        .execute(&mut conn)
        .unwrap_err()
        .to_string();
    assert!(error.contains("nonexistent table users"), "{error}");
    conn.batch_execute("SELECT 1").unwrap();
}

#[test]
fn a_broken_gzip_is_told() {
    let (world, mut conn) = world();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for n in 0..10_000 {
        writeln!(gzip, "{n},name").unwrap();
    }
    let whole = gzip.finish().unwrap();
    world.put("cut.gz", &whole[..whole.len() / 2]);
    world.put("none.gz", "1,a\n");
    for key in ["cut.gz", "none.gz"] {
        let error = csv!(world, key)
            .gzip()
            .execute(&mut conn)
            .unwrap_err()
            .to_string();
        assert!(error.contains(key), "{error}");
        assert!(ids(&world).is_empty());
    }
}

#[test]
fn awkward_keys_and_names_stay_in_their_literals() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20))")
        .unwrap();
    for key in [
        "it's",
        "back\\slash",
        "\\'; DROP TABLE users; --",
        "$1 $$ /* */",
        "naïve 🦀",
        "two\nlines",
    ] {
        world.put(key, "1,a\n");
        csv!(world, key).execute(&mut conn).unwrap();
    }
    assert_eq!(ids(&world), [1; 6]);
}

#[test]
fn secrets_are_nowhere() {
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const TOKEN: &str = "SessionTokenThatNobodySees";
    let (world, mut conn) = world();
    world.put("bad.csv", "x,a\n");
    let seen = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&seen);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        into.lock().unwrap().push_str(&format!("{event:?}\n"));
    });
    let key = AccessKey::new("AKIAIOSFODNN7EXAMPLE", SECRET)
        .and_then(|key| key.session_token(TOKEN))
        .unwrap();
    let statement = copy(users::table)
        .from(S3Uri::parse(&world.uri("bad.csv")).unwrap())
        .access_key(key)
        .format(Csv::new());
    let error = statement.execute(&mut conn).unwrap_err();
    let shown = [
        seen.lock().unwrap().clone(),
        format!("{statement:?}"),
        statement.to_sql().unwrap(),
        diesel::debug_query::<diesel_redshift::Redshift, _>(&statement).to_string(),
        format!("{error} {error:?}"),
        format!("{:?}", conn.last_error()),
        format!("{conn:?}"),
    ];
    assert!(shown[0].contains("COPY"));
    for text in shown {
        assert!(!text.contains(SECRET) && !text.contains(TOKEN), "{text}");
    }
    assert!(statement.to_sql_with_secrets().unwrap().contains(SECRET));
}

#[test]
fn a_server_that_dies_in_a_load_is_told() {
    use diesel::r2d2::R2D2Connection;

    let sandbox = redshift_sandbox::Sandbox::start().unwrap();
    let mut conn = RedshiftConnection::establish(&sandbox.url()).unwrap();
    conn.batch_execute("CREATE TABLE users (id BIGINT NOT NULL, name VARCHAR(20))")
        .unwrap();
    let rows = "1,a name of a user\n".repeat(2_000_000);
    sandbox.store().put("s3://bucket/many.csv", rows).unwrap();
    let load = std::thread::spawn(move || {
        let outcome = copy(users::table)
            .from(S3Uri::parse("s3://bucket/many.csv").unwrap())
            .iam_role(IamRole::Default)
            .format(Csv::new())
            .execute(&mut conn);
        (outcome, conn)
    });
    std::thread::sleep(std::time::Duration::from_millis(300));
    sandbox.kill_engine();
    let (outcome, mut conn) = load.join().unwrap();
    outcome.unwrap_err();
    assert!(conn.is_broken());
    assert!(conn.batch_execute("SELECT 1").is_err());
}
