use std::fs::File;

use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::client::Client;
use crate::{Place, place, sandbox};

fn statement(place: &Place, query: &str, options: &str) -> String {
    let query = query.replace('\\', "\\\\").replace('\'', "''");
    let to = place.uri("out/x_");
    format!("UNLOAD ('{query}') TO '{to}' IAM_ROLE default FORMAT AS PARQUET {options}")
}

fn clear(place: &Place) {
    for key in place.keys() {
        sandbox().store().delete(&place.uri(&key)).expect("delete");
    }
}

fn open(place: &Place, key: &str) -> SerializedFileReader<File> {
    let path = sandbox().store().path().join(&place.name).join(key);
    SerializedFileReader::new(File::open(path).expect("a file")).expect("a Parquet file")
}

/// A table of every type with its extremes, and an empty one like it.
fn every_type(client: &mut Client) {
    client.query(
        r#"CREATE TABLE t (id INT, s SMALLINT, l BIGINT, r REAL, f DOUBLE PRECISION, p DECIMAL(18,3), w DECIMAL(19,0),
            q DECIMAL(38,37), b BOOLEAN, d DATE, tm TIME, ts TIMESTAMP, tz TIMESTAMPTZ, c CHAR(5), v VARCHAR(99), j SUPER);
        CREATE TABLE u (LIKE t);
        INSERT INTO t VALUES
            (1, -32768, -9223372036854775808, -3.4028235e38, -1.7976931348623157e308, -999999999999999.999,
             -9223372036854775807, -9.9999999999999999999999999999999999999, true, '4713-01-01 BC', '00:00:00',
             '4713-01-01 00:00:00 BC', '0001-01-01 00:00:00 BC', 'a', '', NULL),
            (2147483647, 32767, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 999999999999999.999,
             9223372036854775807, 9.9999999999999999999999999999999999999, false, '294276-12-31', '23:59:59.999999',
             '294276-12-31 23:59:59.999999', '2024-02-29 12:34:56.789012+05:30', 'it''s', '"\\N" \\ , | 	 😀
next', JSON_PARSE('{"a": [1, {"b": null}], "c": "x\\"y"}')),
            (3, 0, 0, 'NaN', 'NaN', 0.001, 1, 0.0000000000000000000000000000000000001, NULL, '0001-12-31 BC', '24:00:00',
             '1969-12-31 23:59:59.999999', '1582-10-14 00:00:00', ' b', ' blanks ', JSON_PARSE('"text"')),
            (4, 0, 0, '-Infinity', 'Infinity', 0, 0, 0, NULL, '1582-10-15', '12:00:00', '10000-01-01', NULL, NULL, '@NULL@',
             JSON_PARSE('[]')),
            (5, 0, 0, 0.1, 0.1, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, JSON_PARSE('1.50')),
            (6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"#,
    );
}

#[test]
fn every_type_comes_back() {
    let place = place();
    let mut client = place.connect();
    every_type(&mut client);
    // Files hold the values, whatever the session shows of them.
    client.query("SET extra_float_digits TO 0; SET datestyle TO 'SQL, DMY'; SET timezone TO 'America/New_York'");
    client.query(&statement(
        &place,
        "SELECT * FROM t ORDER BY id",
        "PARALLEL OFF",
    ));
    assert_eq!(client.value("SELECT pg_last_unload_count()"), "6");
    assert_eq!(
        client.rows("SELECT current_setting('datestyle'), current_setting('timezone'), current_setting('extra_float_digits')"),
        [["SQL, DMY", "America/New_York", "0"]]
    );
    client.query("SET extra_float_digits TO 2; SET datestyle TO 'ISO, MDY'; SET timezone TO 'UTC'");
    let from = place.uri("out/x_000.parquet");
    client.query(&format!(
        "COPY u FROM '{from}' IAM_ROLE default PARQUET SERIALIZETOJSON"
    ));
    let rows = client.rows("SELECT * FROM t ORDER BY id");
    assert_eq!(rows.len(), 6);
    assert_eq!(client.rows("SELECT * FROM u ORDER BY id"), rows);

    let file = open(&place, "out/x_000.parquet");
    let schema = file.metadata().file_metadata().schema_descr();
    let columns: Vec<_> = schema
        .columns()
        .iter()
        .map(|column| {
            assert_eq!(column.max_def_level(), 1, "{}", column.name());
            format!(
                "{} {} {}",
                column.name(),
                column.physical_type(),
                column.converted_type()
            )
        })
        .collect();
    assert_eq!(
        columns,
        [
            "id INT32 NONE",
            "s INT32 INT_16",
            "l INT64 NONE",
            "r FLOAT NONE",
            "f DOUBLE NONE",
            "p INT64 DECIMAL",
            "w FIXED_LEN_BYTE_ARRAY DECIMAL",
            "q FIXED_LEN_BYTE_ARRAY DECIMAL",
            "b BOOLEAN NONE",
            "d INT32 DATE",
            "tm INT64 TIME_MICROS",
            "ts INT96 NONE",
            "tz INT96 NONE",
            "c BYTE_ARRAY UTF8",
            "v BYTE_ARRAY UTF8",
            "j BYTE_ARRAY JSON",
        ]
    );
    assert_eq!(file.metadata().file_metadata().version(), 1);
    assert_eq!(
        file.metadata()
            .row_group(0)
            .column(0)
            .compression()
            .to_string(),
        "SNAPPY"
    );
}

#[test]
fn names_manifests_and_partitions() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, year INT, name VARCHAR(9)); CREATE TABLE u (LIKE t)");
    client.query("INSERT INTO t VALUES (1, 2023, 'a'), (2, 2024, 'b'), (3, 2024, NULL)");
    let query = "SELECT * FROM t ORDER BY id";
    client.query(&statement(&place, query, "MANIFEST VERBOSE"));
    assert_eq!(
        place.keys(),
        [
            "out/x_0000_part_00.parquet",
            "out/x_0001_part_00.parquet",
            "out/x_manifest"
        ]
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&place.get("out/x_manifest")).expect("JSON");
    assert_eq!(manifest["meta"]["record_count"], 3);
    assert_eq!(manifest["entries"][0]["meta"]["record_count"], 2);
    assert_eq!(manifest["schema"]["elements"][2]["type"]["max_length"], 9);
    let copy = format!(
        "COPY u FROM '{}' IAM_ROLE default PARQUET MANIFEST",
        place.uri("out/x_manifest")
    );
    client.query(&copy);
    assert_eq!(
        client.rows("SELECT * FROM u ORDER BY id"),
        client.rows(query)
    );
    // The lengths have to be right.
    let shortened = place.get("out/x_manifest").replace(
        &manifest["entries"][0]["meta"]["content_length"].to_string(),
        "7",
    );
    place.put("out/x_manifest", shortened);
    assert!(client.error(&copy).message.contains("content_length"));

    clear(&place);
    client.query(&statement(
        &place,
        query,
        "PARTITION BY (year) PARALLEL OFF",
    ));
    assert_eq!(
        place.keys(),
        [
            "out/x_/year=2023/000.parquet",
            "out/x_/year=2024/000.parquet"
        ]
    );
    client.query("DELETE FROM u");
    let from = place.uri("out/x_/year=2024/");
    client.query(&format!(
        "COPY u (id, name) FROM '{from}' IAM_ROLE default PARQUET"
    ));
    assert_eq!(
        client.rows("SELECT * FROM u ORDER BY id"),
        [["2", "~", "b"], ["3", "~", "~"]]
    );

    clear(&place);
    client.query(&statement(
        &place,
        query,
        "PARTITION BY (year) INCLUDE PARALLEL OFF",
    ));
    let file = open(&place, "out/x_/year=2024/000.parquet");
    assert_eq!(
        file.metadata().file_metadata().schema_descr().num_columns(),
        3
    );
    assert_eq!(file.metadata().file_metadata().num_rows(), 2);

    clear(&place);
    client.query(&statement(
        &place,
        "SELECT * FROM t WHERE false",
        "MANIFEST",
    ));
    assert_eq!(client.value("SELECT pg_last_unload_count()"), "0");
    assert!(place.keys().is_empty());
}

#[test]
fn row_groups_and_files_have_their_sizes() {
    let place = place();
    let mut client = place.connect();
    // 70 MB, which pack well.
    client.query("CREATE TABLE a (n INT); INSERT INTO a VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)");
    let query =
        "SELECT repeat('x', 65000) AS v FROM a, a AS b, (SELECT n FROM a WHERE n < 10) AS c";
    client.query(&statement(&place, query, "PARALLEL OFF ROWGROUPSIZE 64 MB"));
    let file = open(&place, "out/x_000.parquet");
    let rows: Vec<_> = file
        .metadata()
        .row_groups()
        .iter()
        .map(|group| group.num_rows())
        .collect();
    assert_eq!(rows, [1033, 56]);
    clear(&place);
    client.query(&statement(&place, query, "PARALLEL OFF MAXFILESIZE 40 MB"));
    assert_eq!(
        place.keys(),
        [
            "out/x_000.parquet",
            "out/x_001.parquet",
            "out/x_002.parquet"
        ]
    );
    let rows: Vec<_> = place
        .keys()
        .iter()
        .map(|key| open(&place, key).metadata().file_metadata().num_rows())
        .collect();
    assert_eq!(rows, [516, 516, 57]);
}

#[test]
fn what_parquet_refuses() {
    let place = place();
    let mut client = place.connect();
    for option in [
        "DELIMITER ','",
        "FIXEDWIDTH 'a:1'",
        "ADDQUOTES",
        "ESCAPE",
        "NULL AS 'x'",
        "HEADER",
        "GZIP",
        "BZIP2",
        "ZSTD",
    ] {
        let failure = client.error(&statement(&place, "SELECT 1 AS a", option));
        let name = option.split(' ').next().unwrap_or_default();
        assert_eq!(failure.code, "0A000", "{option}");
        assert_eq!(
            failure.message,
            format!("{name} argument is not supported for PARQUET based UNLOAD")
        );
    }
    for (query, text) in [
        ("SELECT 'x'::varbyte AS v", "\"v\""),
        ("SELECT interval '1 day' AS v", "type interval"),
        (
            "SELECT '12:00:00+01'::timetz AS v",
            "type time with time zone",
        ),
        ("SELECT 1 AS a, 2 AS A", "\"a\""),
    ] {
        let failure = client.error(&statement(&place, query, ""));
        assert!(failure.message.contains(text), "{failure:?}");
        assert!(failure.message.contains("PARQUET"), "{failure:?}");
    }
    let failure = client.error(&statement(&place, "SELECT 'NaN'::numeric AS n", ""));
    assert!(failure.message.contains("'NaN'"), "{failure:?}");
    let failure = client.error(&statement(&place, "SELECT 1 AS a", "ROWGROUPSIZE 129"));
    assert!(failure.message.contains("ROWGROUPSIZE"), "{failure:?}");
    assert!(place.keys().is_empty());
}
