use crate::client::Client;
use crate::{Place, place, sandbox};

fn unload(client: &mut Client, place: &Place, query: &str, options: &str) {
    client.query(&statement(place, query, options));
}

fn statement(place: &Place, query: &str, options: &str) -> String {
    let query = query.replace('\\', "\\\\").replace('\'', "''");
    let to = place.uri("out/x_");
    format!("UNLOAD ('{query}') TO '{to}' IAM_ROLE default {options}")
}

fn clear(place: &Place) {
    for key in place.keys() {
        sandbox().store().delete(&place.uri(&key)).expect("delete");
    }
}

/// A table of awkward rows, and an empty one like it.
fn awkward(client: &mut Client) {
    client.query(
        "CREATE TABLE t (id BIGINT, s SMALLINT, i INT, a VARCHAR(200), c CHAR(5), p DECIMAL(10,3), q DECIMAL(38,10), \
         d DATE, ts TIMESTAMP, b BOOLEAN, r REAL, f DOUBLE PRECISION)",
    );
    client.query("CREATE TABLE u (LIKE t)");
    client.query("SET extra_float_digits TO 2");
    client.query(
        r#"INSERT INTO t VALUES
            (1, 32767, 2147483647, 'plain', 'x', 1.5, 9999999999999999999999999999.9999999999, '2024-02-29', '2024-01-02 03:04:05.678901', true, 0.1, 0.1),
            (2, -32768, -2147483648, 'quotes \' " '' \' "', 'it\'s', -9999999.999, -9999999999999999999999999999.9999999999, '1582-10-14', NULL, false, -3.4e38, 1.7976931348623157e308),
            (9223372036854775807, NULL, NULL, 'back\\slash \\N \\', '\\', NULL, NULL, '0001-01-01', '1999-12-31 23:59:59', NULL, 'NaN', 'NaN'),
            (-9223372036854775808, 0, 0, 'comma , tab \t pipe |', '|,', 0, 0, '9999-12-31', '0001-01-01 00:00:00', NULL, 1e-37, 2.2250738585072014e-308),
            (5, 0, 0, '😀 äöü 漢字', ' a', 0.001, 0.0000000001, NULL, '9999-12-31 23:59:59.999999', NULL, 'Infinity', '-Infinity'),
            (8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"#,
    );
}

fn comes_back(client: &mut Client, place: &Place, unload_options: &str, copy_options: &str) {
    clear(place);
    unload(client, place, "SELECT * FROM t ORDER BY id", unload_options);
    client.query("DELETE FROM u");
    let from = place.uri(if copy_options.contains("MANIFEST") {
        "out/x_manifest"
    } else {
        "out/x_0"
    });
    client.query(&format!(
        "COPY u FROM '{from}' IAM_ROLE default {copy_options}"
    ));
    let rows = client.rows("SELECT * FROM t ORDER BY id");
    assert!(!rows.is_empty());
    assert_eq!(
        client.rows("SELECT * FROM u ORDER BY id"),
        rows,
        "{unload_options}"
    );
}

#[test]
fn json() {
    let place = place();
    let mut client = place.connect();
    unload(
        &mut client,
        &place,
        "SELECT 1 AS \"A\", 'x\"y'::varchar(5) AS b, 1.50::decimal(4,2) AS c, true AS d, false AS e, NULL::int AS f, \
         json_parse('{\"k\": [1, null]}') AS g, '2024-01-02'::date AS h, 'NaN'::float8 AS i, NULL::super AS j",
        "FORMAT AS JSON PARALLEL OFF",
    );
    assert_eq!(place.keys(), ["out/x_000"]);
    assert_eq!(
        place.get("out/x_000"),
        "{\"a\":1,\"b\":\"x\\\"y\",\"c\":1.50,\"d\":true,\"e\":false,\"f\":null,\"g\":{\"k\":[1,null]},\
         \"h\":\"2024-01-02\",\"i\":\"NaN\",\"j\":null}\n"
    );
    clear(&place);
    unload(&mut client, &place, "SELECT 1 AS a WHERE false", "JSON");
    assert!(place.keys().is_empty());
    for (query, options, text) in [
        ("SELECT 1 AS a, 2 AS A", "JSON", "\"a\""),
        ("SELECT 'x'::varbyte AS v", "JSON", "\"v\""),
        (
            "SELECT 1",
            "JSON HEADER",
            "HEADER argument is not supported for JSON based UNLOAD",
        ),
        ("SELECT 1", "JSON NULL AS 'x'", "NULL argument"),
        ("SELECT 1", "JSON CSV", "CSV argument"),
    ] {
        let failure = client.error(&statement(&place, query, options));
        assert!(failure.message.contains(text), "{failure:?}");
    }
    assert!(place.keys().is_empty());
}

#[test]
fn no_rows_leave_nothing_in_any_format() {
    let place = place();
    let mut client = place.connect();
    for options in [
        "",
        "CSV HEADER",
        "FIXEDWIDTH 'a:3'",
        "GZIP PARALLEL OFF",
        "JSON",
        "PARQUET",
    ] {
        let options = format!("{options} MANIFEST");
        unload(&mut client, &place, "SELECT 1 AS a WHERE false", &options);
        assert_eq!(place.keys(), [""; 0], "{options}");
        assert_eq!(client.value("SELECT pg_last_unload_count()"), "0");
    }
}

#[test]
fn fixed_widths() {
    let place = place();
    let mut client = place.connect();
    let query = "SELECT 13 AS id, 'Käse'::varchar(9) AS name, NULL::int AS n";
    unload(
        &mut client,
        &place,
        query,
        "FIXEDWIDTH AS 'id:3,name:6,n:2' PARALLEL OFF",
    );
    assert_eq!(place.get("out/x_000"), "13 Käse    \n");
    clear(&place);
    for (options, text) in [
        ("FIXEDWIDTH 'id:3,name:3,n:2'", "\"name\""),
        ("FIXEDWIDTH 'id:3,name:6'", "2 columns"),
        ("FIXEDWIDTH 'id:3,name:6,n:2' HEADER", "HEADER"),
        ("FIXEDWIDTH 'id:3,name:6,n:2' CSV", "CSV"),
    ] {
        let failure = client.error(&statement(&place, query, options));
        assert!(failure.message.contains(text), "{failure:?}");
    }
    assert!(place.keys().is_empty());
}

#[test]
fn every_format_comes_back() {
    let place = place();
    let mut client = place.connect();
    awkward(&mut client);
    comes_back(&mut client, &place, "JSON", "JSON 'auto'");
    comes_back(
        &mut client,
        &place,
        "FORMAT JSON GZIP MANIFEST VERBOSE",
        "JSON 'auto' GZIP MANIFEST",
    );
    comes_back(
        &mut client,
        &place,
        "CSV BZIP2 NULL AS '@'",
        "CSV BZIP2 NULL AS '@'",
    );
    // A marker for NULL has to fit into the narrowest field.
    let widths =
        "FIXEDWIDTH 'id:20,s:6,i:11,a:30,c:5,p:12,q:41,d:10,ts:26,b:1,r:25,f:25' NULL AS '@'";
    comes_back(&mut client, &place, widths, &format!("{widths} TRIMBLANKS"));
    client.query("UPDATE t SET a = 'line 1\nline 2\r\nline 3\r' WHERE id = 1");
    comes_back(&mut client, &place, "JSON BZIP2", "JSON 'auto' BZIP2");
}

#[test]
fn super_values_come_back() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, v SUPER); CREATE TABLE u (LIKE t)");
    client.query(
        r#"INSERT INTO t VALUES (1, JSON_PARSE('{"a": [1, {"b": "x\\"y"}], "n": null}')), (2, JSON_PARSE('"text"')), (3, NULL)"#,
    );
    // NULL is written as JSON's null, which is a value of SUPER's own.
    client.query("DELETE FROM t WHERE id = 3");
    comes_back(&mut client, &place, "JSON", "JSON 'auto'");
    comes_back(&mut client, &place, "CSV", "CSV");
    client.query("INSERT INTO t VALUES (4, NULL)");
    for (written, read) in [("JSON", "JSON"), ("CSV NULL AS 'x'", "CSV NULL AS 'x'")] {
        clear(&place);
        unload(
            &mut client,
            &place,
            "SELECT * FROM t WHERE v IS NULL",
            written,
        );
        client.query(&format!(
            "DELETE FROM u; COPY u FROM '{}' IAM_ROLE default {read}",
            place.uri("out/")
        ));
        assert_eq!(client.rows("SELECT * FROM u"), [["4", "null"]]);
        assert_eq!(client.value("SELECT v IS NULL FROM u"), "f");
    }
}

#[test]
fn partitions() {
    let place = place();
    let mut client = place.connect();
    client
        .query("CREATE TABLE t (id INT, year INT, day DATE, name VARCHAR(20), f DOUBLE PRECISION)");
    client.query(
        "INSERT INTO t VALUES (1, 2023, '2023-05-06', 'a/b', 1), (2, 2024, NULL, 'x', 1), (3, 2024, NULL, 'y', 1)",
    );
    unload(
        &mut client,
        &place,
        "SELECT id, year, day FROM t ORDER BY id",
        "PARTITION BY (year, day) PARALLEL OFF CSV HEADER MANIFEST VERBOSE",
    );
    let null = "out/x_/year=2024/day=__HIVE_DEFAULT_PARTITION__/000";
    assert_eq!(
        place.keys(),
        [
            "out/x_/year=2023/day=2023-05-06/000",
            null,
            "out/x_manifest"
        ]
    );
    assert_eq!(place.get("out/x_/year=2023/day=2023-05-06/000"), "id\n1\n");
    assert_eq!(place.get(null), "id\n2\n3\n");
    let manifest: serde_json::Value =
        serde_json::from_str(&place.get("out/x_manifest")).expect("JSON");
    assert_eq!(manifest["schema"]["elements"][1]["name"], "year");

    // CLEANPATH leaves the partitions alone that are not written again.
    unload(
        &mut client,
        &place,
        "SELECT id, year, day FROM t WHERE year = 2024",
        "PARTITION BY (year, day) PARALLEL OFF CSV EXTENSION 'csv' CLEANPATH",
    );
    assert_eq!(
        place.keys(),
        [
            "out/x_/year=2023/day=2023-05-06/000",
            "out/x_/year=2024/day=__HIVE_DEFAULT_PARTITION__/000.csv",
            "out/x_manifest"
        ]
    );
    clear(&place);
    unload(
        &mut client,
        &place,
        "SELECT * FROM t WHERE id = 1",
        "JSON PARTITION BY (name) INCLUDE GZIP",
    );
    assert_eq!(place.keys(), ["out/x_/name=a%2Fb/0000_part_00.gz"]);
    client.query("CREATE TABLE u (LIKE t)");
    client.query(&format!(
        "COPY u FROM '{}' IAM_ROLE default JSON 'auto' GZIP",
        place.uri("out/")
    ));
    assert_eq!(client.value("SELECT name FROM u"), "a/b");
    clear(&place);
    for (options, code) in [
        ("PARTITION BY (nothing)", "42703"),
        ("PARTITION BY (f)", "0A000"),
        ("PARTITION BY (id, year, day, name, f)", "0A000"),
        ("PARTITION BY (id, id)", "42701"),
        ("PARTITION (id)", "42601"),
        ("INCLUDE", "42601"),
    ] {
        let failure = client.error(&statement(&place, "SELECT * FROM t", options));
        assert_eq!(failure.code, code, "{options}: {failure:?}");
    }
    let failure = client.error(&statement(&place, "SELECT id FROM t", "PARTITION BY (id)"));
    assert_eq!(failure.code, "0A000");
    unload(
        &mut client,
        &place,
        "SELECT id FROM t",
        "PARTITION BY (id) INCLUDE PARALLEL OFF",
    );
    assert_eq!(place.get("out/x_/id=3/000"), "3\n");
}
