//! Every format, both ways: what UNLOAD writes of awkward data, COPY with the mirrored options reads back.

use std::cell::Cell;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_redshift::copy::{
    self as load, DateFormat, JsonPath, JsonPaths, LoadManifest, ManifestEntry, S3Manifest,
    TimeFormat,
};
use diesel_redshift::unload::{self as write, UnloadManifest};
use diesel_redshift::{Error, IamRole, RedshiftConnection, S3Uri, copy, unload};
use diesel_redshift_tests::World;
use proptest::prelude::*;

/// A table of values, and one for those that come back.
macro_rules! values {
    ($table:ident) => {
        diesel::table! {
            use diesel::sql_types::*;
            use diesel_redshift::sql_types::{Super, Timetz};

            $table (id) {
                id -> Integer,
                s -> Nullable<SmallInt>,
                l -> Nullable<BigInt>,
                r -> Nullable<Float>,
                f -> Nullable<Double>,
                p -> Nullable<Numeric>,
                n -> Nullable<Numeric>,
                b -> Nullable<Bool>,
                d -> Nullable<Date>,
                tm -> Nullable<Time>,
                tt -> Nullable<Timetz>,
                ts -> Nullable<Timestamp>,
                tz -> Nullable<Timestamptz>,
                c -> Nullable<Text>,
                v -> Nullable<Text>,
                j -> Nullable<Super>,
            }
        }
    };
}

values!(t);
values!(u);

diesel::table! {
    bytes (id) {
        id -> Integer,
        v -> Nullable<Binary>,
    }
}

diesel::table! {
    documents (doc) {
        doc -> diesel_redshift::sql_types::Super,
    }
}

diesel::table! {
    parts (id) {
        id -> Integer,
        year -> Nullable<Integer>,
        day -> Nullable<Date>,
        name -> Nullable<Text>,
    }
}

/// All columns of one row of each kind of trouble. Text formats have no form for 0x00, nor for years after 9999.
const ROWS: &str = r#"
    (1, 32767, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 9.9999999999999999999999999999999999999,
     99999999999999.9999, true, '9999-12-31', '23:59:59.999999', '12:34:56.789012+05:30', '9999-12-31 23:59:59.999999',
     '2024-02-29 12:34:56.789012+05:30', 'plain', 'plain', JSON_PARSE('{"a": [1, {"b": null}], "c": "x\\"y\\\\z\\n|,"}')),
    (2, -32768, -9223372036854775808, -1e-37, 2.2250738585072014e-308, -9.9999999999999999999999999999999999999,
     -99999999999999.9999, false, '0044-03-15 BC', '00:00:00', '00:00:00-12', '0001-12-31 23:59:59 BC',
     '0044-03-15 00:00:00 BC', '', '', JSON_PARSE('""')),
    (3, 0, 0, 'NaN', 'NaN', 0, 0, NULL, '1582-10-10', '24:00:00', '00:00:00+00', '1969-12-31 23:59:59.999999',
     '1582-10-10', ' lead', '  leading', JSON_PARSE('[]')),
    (4, 0, 0, 'Infinity', '-Infinity', 1e-37, -0.0001, NULL, NULL, NULL, NULL, NULL, NULL, '"', '"quoted", "" ''it''''s''',
     JSON_PARSE('-1.5')),
    (5, 0, 0, 0.1, 0.1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\\', 'back\\slash \\N \\\\', JSON_PARSE('"a\\tb"')),
    (6, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '|,;', 'delimiters | , ; ^ end|', JSON_PARSE('true')),
    (7, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'null', '\\N', JSON_PARSE('"null"')),
    (8, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '@', '漢字 😀 e\u0301 ß', JSON_PARSE('"😀"')),
    (9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, JSON_PARSE('0'))"#;

/// What only formats with quotes or escapes can hold.
const LINES: &str = r#"
    (20, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'a', 'line\nfeed\n', JSON_PARSE('1')),
    (21, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'b', '\r\ncarriage\rreturn\r', JSON_PARSE('1')),
    (22, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'c', 'tab\t \x01\x08\x0b\x0c\x1f\x7f', JSON_PARSE('1')),
    (23, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'd', 'trailing \t ', JSON_PARSE('1'))"#;

/// What a file of numbers holds and one of text does not.
const FAR: &str = r#"
    (30, 0, 0, NULL, NULL, NULL, NULL, NULL, '294276-12-31', NULL, NULL, '294276-12-31 23:59:59.999999', '10000-01-01', NULL, '', NULL),
    (31, 0, 0, NULL, NULL, NULL, NULL, NULL, '4713-01-01 BC', NULL, NULL, '4713-01-01 00:00:00 BC', '4713-01-01 BC', NULL, '', NULL)"#;

fn world(rows: &[&str]) -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE t (id INT NOT NULL, s SMALLINT, l BIGINT, r REAL, f DOUBLE PRECISION, p DECIMAL(38,37), \
         n DECIMAL(18,4), b BOOLEAN, d DATE, tm TIME, tt TIMETZ, ts TIMESTAMP, tz TIMESTAMPTZ, c CHAR(9), \
         v VARCHAR(65535), j SUPER); CREATE TABLE u (LIKE t)",
    )
    .unwrap();
    for rows in rows {
        conn.batch_execute(&format!("INSERT INTO t VALUES {rows}"))
            .unwrap();
    }
    (world, conn)
}

fn uri(world: &World, key: &str) -> S3Uri {
    S3Uri::parse(&world.uri(key)).unwrap()
}

#[derive(QueryableByName)]
struct Shown {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(conn: &mut RedshiftConnection, sql: &str) -> i64 {
    diesel::sql_query(format!("SELECT ({sql})::bigint AS number"))
        .get_result::<Shown>(conn)
        .unwrap()
        .number
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The ids of the rows that one table has and the other has not, as it is.
fn differences(conn: &mut RedshiftConnection, columns: &str) -> Vec<String> {
    let sql = format!(
        "SELECT id::varchar AS line FROM ((SELECT {columns} FROM t EXCEPT SELECT {columns} FROM u) UNION ALL \
         (SELECT {columns} FROM u EXCEPT SELECT {columns} FROM t)) AS d ORDER BY id"
    );
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    let count = number(conn, "(SELECT count(*) FROM u) - (SELECT count(*) FROM t)");
    let mut lines: Vec<_> = lines.into_iter().map(|line| line.line).collect();
    if count != 0 {
        lines.push(format!("{count} rows too many"));
    }
    lines
}

const ALL: &str = "id, s, l, r, f, p, n, b, d, tm, tt, ts, tz, c, v, j";

/// Unloads `t`, loads `u` from the files, and tells which rows differ. The options are calls of the two statements.
macro_rules! round_trip {
    ($world:expr, $conn:expr, unload $($written:ident($($value:expr),*)).+, copy $($read:ident($($given:expr),*)).+) => {
        round_trip!($world, $conn, ALL, unload $($written($($value),*)).+, copy $($read($($given),*)).+)
    };
    ($world:expr, $conn:expr, $columns:expr, unload $($written:ident($($value:expr),*)).+, copy $($read:ident($($given:expr),*)).+) => {{
        $conn.batch_execute("DELETE FROM u").unwrap();
        let files = uri(&$world, &format!("{}/x_", next()));
        let outcome = unload(t::table.order(t::id))
            .to(files.clone())
            .iam_role(IamRole::Default)
            $(.$written($($value),*))+
            .execute(&mut $conn)
            .unwrap();
        assert_eq!(i64::try_from(outcome.rows), Ok(number(&mut $conn, "SELECT count(*) FROM t")));
        copy(u::table)
            .from(files)
            .iam_role(IamRole::Default)
            $(.$read($($given),*))+
            .execute(&mut $conn)
            .unwrap();
        differences(&mut $conn, $columns)
    }};
}

/// A number that no other call gave, for a folder of its own.
fn next() -> u32 {
    thread_local!(static LAST: Cell<u32> = const { Cell::new(0) });
    LAST.with(|last| {
        last.set(last.get() + 1);
        last.get()
    })
}

const NONE: [&str; 0] = [];

#[test]
fn csv() {
    let (world, mut conn) = world(&[ROWS, LINES]);
    let marker = "\u{1}NULL";
    macro_rules! reading {
        ($format:expr) => {
            $format
                .null_as(marker)
                .date_format(DateFormat::Auto)
                .time_format(TimeFormat::Auto)
        };
    }
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker)),
        copy format(reading!(load::Csv::new())));
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker)).header().gzip(),
        copy format(reading!(load::Csv::new()).ignore_header(1)).gzip());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker).delimiter('\t')).bzip2().parallel(false),
        copy format(reading!(load::Csv::new().delimiter('\t'))).bzip2());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as(marker).delimiter('^')).zstd(),
        copy format(reading!(load::Csv::new().delimiter('^'))).zstd());
    assert_eq!(found, NONE);
    // A text like the marker becomes NULL.
    let found = round_trip!(world, conn,
        unload format(write::Csv::new().null_as("plain")),
        copy format(load::Csv::new().null_as("plain").date_format("auto").time_format("auto")));
    assert_eq!(found, ["1", "1"]);
    // Without one, NULL and the empty text look alike to COPY: both are empty texts, or both are NULL.
    let found = round_trip!(world, conn,
        unload format(write::Csv::new()),
        copy format(load::Csv::new().date_format("auto").time_format("auto")));
    assert_eq!(found, ["7", "7", "9", "9"]);
    let found = round_trip!(world, conn,
        unload format(write::Csv::new()),
        copy format(load::Csv::new().empty_as_null().date_format("auto").time_format("auto")));
    assert_eq!(found, ["2", "2", "7", "7"]);
}

#[test]
fn a_quote_is_doubled_or_another() {
    let (world, mut conn) = world(&[]);
    world.put("quoted.csv", "1;%a;%%b\n%;\"c\"\n2;%%;\n%3%;%;%;%\n%\n");
    conn.batch_execute("CREATE TABLE q (id INT, a VARCHAR(9), b VARCHAR(9))")
        .unwrap();
    diesel::table! { q (id) { id -> Integer, a -> Nullable<Text>, b -> Nullable<Text>, } }
    copy(q::table)
        .from(uri(&world, "quoted.csv"))
        .iam_role(IamRole::Default)
        .format(load::Csv::new().quote('%').delimiter(';'))
        .execute(&mut conn)
        .unwrap();
    let rows: Vec<(i32, Option<String>, Option<String>)> =
        q::table.order(q::id).load(&mut conn).unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        rows,
        [
            (1, text("a;%b\n"), text("\"c\"")),
            (2, text(""), text("")),
            (3, text(";"), text("\n"))
        ]
    );
}

#[test]
fn delimited() {
    let (world, mut conn) = world(&[ROWS, LINES]);
    let marker = "@NULL@";
    macro_rules! reading {
        ($format:expr) => {
            $format
                .null_as(marker)
                .date_format(DateFormat::Auto)
                .time_format(TimeFormat::Auto)
        };
    }
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().null_as(marker)),
        copy format(reading!(load::Delimited::new().escape())));
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().add_quotes().null_as(marker)).gzip().header(),
        copy format(reading!(load::Delimited::new().escape().remove_quotes()).ignore_header(1)).gzip());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().delimiter('\t').null_as(marker)).bzip2(),
        copy format(reading!(load::Delimited::new().escape().delimiter('\t'))).bzip2());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().delimiter('\u{1}').null_as(marker)).zstd(),
        copy format(reading!(load::Delimited::new().escape().delimiter('\u{1}'))).zstd());
    assert_eq!(found, NONE);
    // The default marker of COPY means NULL with its backslash escaped, too, so a text that looks like it is lost.
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().escape().null_as("\\N")),
        copy format(load::Delimited::new().escape().date_format("auto").time_format("auto")));
    assert_eq!(found, ["7", "7"]);
}

#[test]
fn delimited_without_escape() {
    let (world, mut conn) = world(&[ROWS]);
    // A delimiter that stands in no value, and quotes around those that have it.
    let found = round_trip!(world, conn,
        unload format(write::Delimited::new().delimiter('\u{2}').null_as("@NULL@")),
        copy format(load::Delimited::new().delimiter('\u{2}').null_as("@NULL@").date_format("auto").time_format("auto")));
    assert_eq!(found, NONE);
    let tame = "id, s, l, r, f, p, n, b, d, tm, tt, ts, tz, v";
    conn.batch_execute("UPDATE t SET v = 'a|b', c = 'c', j = NULL WHERE id IN (1, 4)")
        .unwrap();
    conn.batch_execute("UPDATE t SET j = JSON_PARSE('1')")
        .unwrap();
    let found = round_trip!(world, conn, tame,
        unload format(write::Delimited::new().add_quotes().null_as("@NULL@")),
        copy format(load::Delimited::new().remove_quotes().null_as("@NULL@").date_format("auto").time_format("auto")));
    assert_eq!(found, NONE);
    // Without quotes the delimiter within a value makes a field too many.
    let files = uri(&world, "bare/");
    unload(t::table)
        .to(files.clone())
        .iam_role(IamRole::Default)
        .format(write::Delimited::new())
        .execute(&mut conn)
        .unwrap();
    let error = copy(u::table)
        .from(files)
        .iam_role(IamRole::Default)
        .format(
            load::Delimited::new()
                .date_format("auto")
                .time_format("auto"),
        )
        .execute(&mut conn)
        .unwrap_err();
    let Error::Load(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.rows()[0].code, 1202);
}

#[test]
fn fixed_width() {
    let (world, mut conn) = world(&[ROWS]);
    let widths = [
        ("id", 4),
        ("s", 6),
        ("l", 20),
        ("r", 24),
        ("f", 24),
        ("p", 40),
        ("n", 20),
        ("b", 6),
        ("d", 13),
        ("tm", 15),
        ("tt", 21),
        ("ts", 30),
        ("tz", 35),
        ("c", 9),
        ("v", 40),
        ("j", 60),
    ];
    macro_rules! reading {
        () => {
            load::FixedWidth::new(widths)
                .null_as("<null>")
                .trim_blanks()
                .date_format(DateFormat::Auto)
                .time_format(TimeFormat::Auto)
        };
    }
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")),
        copy format(reading!()));
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")).gzip(),
        copy format(reading!()).gzip());
    assert_eq!(found, NONE);
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")).zstd(),
        copy format(reading!()).zstd());
    assert_eq!(found, NONE);
    // Blanks at the end are the padding's, or all padding is the value's.
    conn.batch_execute("UPDATE t SET v = 'trailing  ' WHERE id = 1")
        .unwrap();
    let found = round_trip!(world, conn,
        unload format(write::FixedWidth::new(widths).null_as("<null>")).bzip2(),
        copy format(reading!()).bzip2());
    assert_eq!(found, ["1", "1"]);
    let error = unload(t::table)
        .to(uri(&world, "narrow"))
        .iam_role(IamRole::Default)
        .format(write::FixedWidth::new(
            widths.map(|(name, width)| (name, width - 1)),
        ))
        .execute(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("too narrow"), "{error}");
}

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
        unload format(write::Json::new()).zstd().parallel(false),
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
    let docs: Vec<diesel_redshift::Json<serde_json::Value>> = documents::table
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
    written("one/").parallel(false).execute(&mut conn).unwrap();
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

#[test]
fn a_manifest_of_an_unload_feeds_a_copy() {
    let (world, mut conn) = world(&[ROWS, LINES]);
    let to = uri(&world, "out/x_");
    let statement = unload(t::table)
        .to(to)
        .iam_role(IamRole::Default)
        .format(write::Csv::new().null_as("@NULL@"))
        .header()
        .manifest_verbose()
        .gzip();
    assert_eq!(
        statement.manifest_location().unwrap(),
        uri(&world, "out/x_manifest")
    );
    statement.execute(&mut conn).unwrap();
    let manifest = UnloadManifest::parse(&world.get("out/x_manifest")).unwrap();
    assert_eq!(manifest.files.len(), 2);
    assert_eq!(manifest.record_count, Some(13 + 2));
    assert_eq!(manifest.columns[5].base, "numeric");
    assert_eq!(
        (manifest.columns[5].precision, manifest.columns[5].scale),
        (Some(38), Some(37))
    );
    assert_eq!(manifest.columns[13].max_length, Some(9));

    let mut files = LoadManifest::from(&manifest);
    files.extend([ManifestEntry::new(uri(&world, "not/there")).optional()]);
    world.put("load.manifest", files.to_json());
    let load = || {
        copy(u::table)
            .from(S3Manifest::at(uri(&world, "load.manifest")))
            .iam_role(IamRole::Default)
            .format(
                load::Csv::new()
                    .null_as("@NULL@")
                    .ignore_header(1)
                    .date_format("auto")
                    .time_format("auto"),
            )
            .gzip()
    };
    load().execute(&mut conn).unwrap();
    assert_eq!(differences(&mut conn, ALL), NONE);
    // One that has to be there fails, and nothing is loaded.
    files.extend([uri(&world, "not/there")]);
    world.put("load.manifest", files.to_json());
    load().execute(&mut conn).unwrap_err();
    assert_eq!(number(&mut conn, "SELECT count(*) FROM u"), 13);
}

#[test]
fn partitions_come_back_where_the_files_hold_the_column() {
    let (world, mut conn) = world(&[]);
    conn.batch_execute(
        "CREATE TABLE parts (id INT NOT NULL, year INT, day DATE, name VARCHAR(20)); \
         INSERT INTO parts VALUES (1, 2023, '2023-05-06', 'a/b'), (2, 2024, NULL, 'x y'), (3, NULL, '0044-03-15 BC', '')",
    )
    .unwrap();
    let expected: Vec<(i32, Option<i32>, Option<String>)> = parts::table
        .select((parts::id, parts::year, parts::name))
        .order(parts::id)
        .load(&mut conn)
        .unwrap();
    unload(parts::table)
        .to(uri(&world, "kept"))
        .iam_role(IamRole::Default)
        .format(write::Parquet::new())
        .partition_by_include((parts::year, parts::day))
        .execute(&mut conn)
        .unwrap();
    unload(parts::table)
        .to(uri(&world, "cut"))
        .iam_role(IamRole::Default)
        .format(write::Json::new())
        .partition_by((parts::year,))
        .parallel(false)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        world.list("cut"),
        [
            "cut/year=2023/000",
            "cut/year=2024/000",
            "cut/year=__HIVE_DEFAULT_PARTITION__/000"
        ]
    );
    conn.batch_execute("DELETE FROM parts").unwrap();
    copy(parts::table)
        .from(uri(&world, "kept/"))
        .iam_role(IamRole::Default)
        .format(load::Parquet::new())
        .execute(&mut conn)
        .unwrap();
    let mut found: Vec<(i32, Option<i32>, Option<String>)> = parts::table
        .select((parts::id, parts::year, parts::name))
        .order(parts::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(found, expected);
    assert_eq!(
        number(
            &mut conn,
            "SELECT count(*) FROM parts WHERE day = '0044-03-15 BC'"
        ),
        1
    );
    // What only the folders say is lost.
    conn.batch_execute("DELETE FROM parts").unwrap();
    copy(parts::table)
        .from(uri(&world, "cut/"))
        .iam_role(IamRole::Default)
        .format(load::Json::auto().date_format("auto"))
        .execute(&mut conn)
        .unwrap();
    found = parts::table
        .select((parts::id, parts::year, parts::name))
        .order(parts::id)
        .load(&mut conn)
        .unwrap();
    assert!(found.iter().all(|row| row.1.is_none()));
    assert_eq!(found.len(), 3);
}

diesel::table! {
    anything (id) {
        id -> Integer,
        v -> Nullable<Text>,
        l -> Nullable<BigInt>,
        f -> Nullable<Double>,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable)]
#[diesel(table_name = anything)]
struct Anything {
    id: i32,
    v: Option<String>,
    l: Option<i64>,
    f: Option<f64>,
}

fn rows(text: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<Anything>> {
    let float =
        proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL;
    let row = (
        proptest::option::of(text),
        proptest::option::of(any::<i64>()),
        proptest::option::of(float),
    );
    proptest::collection::vec(row, 1..30).prop_map(|rows| {
        (1..)
            .zip(rows)
            .map(|(id, (v, l, f))| Anything { id, v, l, f })
            .collect()
    })
}

/// Text with what formats stumble over in it.
fn awkward() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\0]{0,30}",
        r#"[\\'"|,\n\r\t $@N0]{0,12}"#,
        Just("\\N".to_owned()),
        Just(String::new()),
    ]
}

/// Runs a format both ways with any rows.
fn property(
    text: impl Strategy<Value = String>,
    there_and_back: impl Fn(&mut RedshiftConnection, S3Uri),
) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE anything (id INT NOT NULL, v VARCHAR(65535), l BIGINT, f DOUBLE PRECISION)",
    )
    .unwrap();
    let conn = std::cell::RefCell::new(conn);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 10,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&rows(text), |expected| {
            let conn = &mut *conn.borrow_mut();
            conn.batch_execute("DELETE FROM anything").unwrap();
            diesel::insert_into(anything::table)
                .values(&expected)
                .execute(conn)
                .unwrap();
            there_and_back(conn, uri(&world, &format!("{}/", next())));
            let found: Vec<Anything> = anything::table.order(anything::id).load(conn).unwrap();
            prop_assert_eq!(found, expected);
            Ok(())
        })
        .unwrap();
}

/// A property of a format: how it is written, and how it is read.
macro_rules! property {
    ($name:ident, $text:expr, unload $($written:ident($($value:expr),*)).+, copy $($read:ident($($given:expr),*)).+) => {
        #[test]
        fn $name() {
            property($text, |conn, files| {
                unload(anything::table)
                    .to(files.clone())
                    .iam_role(IamRole::Default)
                    $(.$written($($value),*))+
                    .execute(conn)
                    .unwrap();
                conn.batch_execute("DELETE FROM anything").unwrap();
                copy(anything::table)
                    .from(files)
                    .iam_role(IamRole::Default)
                    $(.$read($($given),*))+
                    .execute(conn)
                    .unwrap();
            });
        }
    };
}

property!(any_text_in_csv, awkward(),
    unload format(write::Csv::new().null_as("\u{1}NULL")).gzip(),
    copy format(load::Csv::new().null_as("\u{1}NULL")).gzip());
property!(any_text_escaped, awkward(),
    unload format(write::Delimited::new().escape().null_as("@NULL@")),
    copy format(load::Delimited::new().escape().null_as("@NULL@")));
property!(any_text_escaped_in_quotes, awkward(),
    unload format(write::Delimited::new().escape().add_quotes().null_as("@NULL@")).zstd(),
    copy format(load::Delimited::new().escape().remove_quotes().null_as("@NULL@")).zstd());
property!(any_text_in_json, awkward(),
    unload format(write::Json::new()).bzip2(),
    copy format(load::Json::auto()).bzip2());
property!(any_text_in_parquet, awkward(),
    unload format(write::Parquet::new()),
    copy format(load::Parquet::new()));
// A value ends before the blanks that fill its field, and a line before the next.
property!(any_text_in_fixed_widths, "([^\0\n\r]{0,29}[^\0\\s])?",
    unload format(write::FixedWidth::new(WIDTHS).null_as("<null>")),
    copy format(load::FixedWidth::new(WIDTHS).null_as("<null>").trim_blanks()));

const WIDTHS: [(&str, u32); 4] = [("id", 10), ("v", 40), ("l", 20), ("f", 30)];
