//! JSON and Parquet, and what only one of them holds.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::copy::{
    self as load, DateFormat, JsonPath, JsonPaths, S3Manifest, TimeFormat,
};
use diesel_redshift::{IamRole, RedshiftConnection, copy, unload, unload as write};

use super::{
    ALL, FAR, LINES, NONE, ROWS, bytes, differences, documents, next, number, round_trip, t, u,
    uri, world,
};

#[test]
fn json() {
    let (world, mut conn) = world(&[ROWS, LINES]);
    macro_rules! auto {
        ($format:expr) => {
            $format
                .date_format(DateFormat::Auto)
                .time_format(TimeFormat::Auto)
        };
    }
    let found = round_trip!(world, conn,
        unload format(write::Json::new()),
        copy format(auto!(load::Json::auto())));
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Json::new()).gzip(),
        copy format(auto!(load::Json::auto_ignore_case())).gzip());
    assert_eq!(found, NONE);
    let paths: Vec<_> = ALL
        .split(", ")
        .map(|name| JsonPath::member(name).unwrap())
        .collect();
    world.put("paths.json", JsonPaths::new(paths).to_json());
    let found = round_trip!(world, conn,
        unload format(write::Json::new()).zstd().parallel_off(),
        copy format(auto!(load::Json::paths(uri(&world, "paths.json")))).zstd());
    assert_eq!(found, NONE);

    conn.batch_execute("CREATE TABLE documents (doc SUPER)")
        .unwrap();
    let files = uri(&world, "documents/");
    unload(t::table)
        .to(files.clone())
        .iam_role(IamRole::Default)
        .format(write::Json::new())
        .bzip2()
        .execute(&mut conn)
        .unwrap();
    copy(documents::table)
        .from(files)
        .iam_role(IamRole::Default)
        .format(load::Json::no_shred())
        .bzip2()
        .execute(&mut conn)
        .unwrap();
    let docs: Vec<diesel_redshift::data_types::Json<serde_json::Value>> = documents::table
        .select(documents::doc)
        .load(&mut conn)
        .unwrap();
    assert_eq!(docs.len(), 13);
    let first = docs.iter().find(|doc| doc.0["id"] == 1).unwrap();
    assert_eq!(first.0["j"]["c"], "x\"y\\z\n|,");
    assert_eq!(first.0["b"], true);
    // JSON has no number for it.
    assert!(docs.iter().any(|doc| doc.0["f"] == "-Infinity"));
}

#[test]
fn a_null_of_super_is_jsons() {
    let (world, mut conn) = world(&["(1)"]);
    let is_null =
        |conn: &mut RedshiftConnection| number(conn, "SELECT count(*) FROM u WHERE j IS NULL");
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as("@")),
        copy format(load::Csv::new().null_as("@")));
    assert_eq!((found, is_null(&mut conn)), (vec!["1".to_owned(); 2], 0));
    let found = round_trip!(world, conn,
        unload format(write::Json::new()),
        copy format(load::Json::auto()));
    assert_eq!((found, is_null(&mut conn)), (vec!["1".to_owned(); 2], 0));
    conn.batch_execute("DELETE FROM u").unwrap();
    world.put("missing.json", "{\"id\": 1}");
    copy(u::table)
        .from(uri(&world, "missing.json"))
        .iam_role(IamRole::Default)
        .format(load::Json::auto())
        .execute(&mut conn)
        .unwrap();
    assert_eq!(is_null(&mut conn), 1);
}

#[test]
fn parquet() {
    let (world, mut conn) = world(&[ROWS, LINES, FAR]);
    // Parquet has no time with a zone.
    let columns = (
        t::id,
        t::s,
        t::l,
        t::r,
        t::f,
        t::p,
        t::n,
        t::b,
        t::d,
        t::tm,
        t::ts,
        t::tz,
        t::c,
        t::v,
        t::j,
    );
    let into = (
        u::id,
        u::s,
        u::l,
        u::r,
        u::f,
        u::p,
        u::n,
        u::b,
        u::d,
        u::tm,
        u::ts,
        u::tz,
        u::c,
        u::v,
        u::j,
    );
    conn.batch_execute("UPDATE t SET tt = NULL").unwrap();
    let written = |key: &str| {
        unload(t::table.select(columns))
            .to(uri(&world, key))
            .iam_role(IamRole::Default)
            .format(write::Parquet::new().row_group_size(64))
    };
    written("one/").parallel_off().execute(&mut conn).unwrap();
    assert_eq!(world.list("one/"), ["one/000.parquet"]);
    written("several/x_").manifest().execute(&mut conn).unwrap();
    for manifest in [false, true] {
        conn.batch_execute("DELETE FROM u").unwrap();
        let load = copy(u::table).columns(into);
        let format = load::Parquet::new().serialize_to_json();
        let outcome = if manifest {
            load.from(S3Manifest::at(uri(&world, "several/x_manifest")))
                .iam_role(IamRole::Default)
                .format(format)
                .execute(&mut conn)
        } else {
            load.from(uri(&world, "one/"))
                .iam_role(IamRole::Default)
                .format(format)
                .execute(&mut conn)
        };
        assert_eq!(outcome.unwrap().rows, 15);
        assert_eq!(differences(&mut conn, ALL), NONE);
    }
    let error = unload(t::table.select((t::id, t::tt)))
        .to(uri(&world, "zone/"))
        .iam_role(IamRole::Default)
        .format(write::Parquet::new())
        .execute(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("\"tt\""), "{error}");
}

#[test]
fn far_years_are_for_parquet_only() {
    let (world, mut conn) = world(&[FAR]);
    unload(t::table)
        .to(uri(&world, "x"))
        .iam_role(IamRole::Default)
        .format(write::Csv::new())
        .execute(&mut conn)
        .unwrap();
    let load = |format: load::Csv| {
        copy(u::table)
            .from(uri(&world, "x"))
            .iam_role(IamRole::Default)
            .format(format)
            .max_error(100)
    };
    let outcome = load(load::Csv::new()).execute(&mut conn).unwrap();
    assert_eq!((outcome.rows, outcome.skipped_rows), (0, 2));
    let codes: Vec<_> = outcome.rejected_rows.iter().map(|row| row.code).collect();
    assert_eq!(codes, [1205, 1205]);
    // Years before Christ are known to 'auto'.
    let auto = load::Csv::new().date_format("auto").time_format("auto");
    let outcome = load(auto).execute(&mut conn).unwrap();
    assert_eq!((outcome.rows, outcome.skipped_rows), (1, 1));
}

#[test]
fn bytes_go_through_text() {
    let (world, mut conn) = world(&[]);
    conn.batch_execute(
        "CREATE TABLE bytes (id INT NOT NULL, v VARBYTE(300)); \
         INSERT INTO bytes VALUES (1, from_hex('00ff0a0d227c2c5c')), (2, from_hex('')), (3, NULL)",
    )
    .unwrap();
    let expected: Vec<(i32, Option<Vec<u8>>)> =
        bytes::table.order(bytes::id).load(&mut conn).unwrap();
    assert_eq!(expected[0].1.as_deref(), Some(&b"\x00\xff\n\r\"|,\\"[..]));
    let (one, other) = (uri(&world, "csv/"), uri(&world, "text/"));
    unload(bytes::table)
        .to(one.clone())
        .iam_role(IamRole::Default)
        .format(write::Csv::new().null_as("@"))
        .execute(&mut conn)
        .unwrap();
    unload(bytes::table)
        .to(other.clone())
        .iam_role(IamRole::Default)
        .format(write::Delimited::new().null_as("@"))
        .execute(&mut conn)
        .unwrap();
    let load = copy(bytes::table).from(one).iam_role(IamRole::Default);
    for text in [false, true] {
        conn.batch_execute("DELETE FROM bytes").unwrap();
        if text {
            copy(bytes::table)
                .from(other.clone())
                .iam_role(IamRole::Default)
                .format(load::Delimited::new().null_as("@"))
                .execute(&mut conn)
                .unwrap();
        } else {
            load.clone()
                .format(load::Csv::new().null_as("@"))
                .execute(&mut conn)
                .unwrap();
        }
        let mut found: Vec<(i32, Option<Vec<u8>>)> =
            bytes::table.order(bytes::id).load(&mut conn).unwrap();
        // A field without digits is empty, and an empty field that is no text is NULL.
        assert_eq!(found[1].1, None);
        found[1].1 = Some(Vec::new());
        assert_eq!(found, expected);
    }
    for (format, name) in [(true, "JSON"), (false, "PARQUET")] {
        let files = uri(&world, "refused/");
        let statement = unload(bytes::table).to(files).iam_role(IamRole::Default);
        let error = if format {
            statement.format(write::Json::new()).execute(&mut conn)
        } else {
            statement.format(write::Parquet::new()).execute(&mut conn)
        };
        let error = error.unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("VARBYTE"), "{error}");
    }
}
