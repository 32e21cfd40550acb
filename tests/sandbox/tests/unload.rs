use crate::client::Client;
use crate::{Place, place, sandbox};

fn unload(client: &mut Client, place: &Place, query: &str, options: &str) {
    let query = query.replace('\\', "\\\\").replace('\'', "''");
    let to = place.uri("out/x_");
    client.query(&format!(
        "UNLOAD ('{query}') TO '{to}' IAM_ROLE default {options}"
    ));
}

fn clear(place: &Place) {
    for key in place.keys() {
        sandbox().store().delete(&place.uri(&key)).expect("delete");
    }
}

#[test]
fn text_in_two_slices() {
    let place = place();
    let mut client = place.connect();
    unload(
        &mut client,
        &place,
        "SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL ORDER BY a",
        "",
    );
    assert_eq!(
        client.infos(),
        ["UNLOAD completed, 2 record(s) unloaded successfully."]
    );
    assert_eq!(place.keys(), ["out/x_0000_part_00", "out/x_0001_part_00"]);
    assert_eq!(place.get("out/x_0000_part_00"), "1|x\n");
    assert_eq!(place.get("out/x_0001_part_00"), "2|\n");
    assert_eq!(client.value("SELECT pg_last_unload_count()"), "2");
    assert_eq!(
        client.value("SELECT pg_last_unload_id() = pg_last_query_id()"),
        "t"
    );
}

#[test]
fn names_headers_and_manifests() {
    let place = place();
    let mut client = place.connect();
    unload(
        &mut client,
        &place,
        "SELECT 1 AS \"A\", 'x'::varchar(5) AS b, 1.5::decimal(4,2) AS c",
        "CSV HEADER PARALLEL OFF MANIFEST VERBOSE",
    );
    assert_eq!(place.keys(), ["out/x_000", "out/x_manifest"]);
    assert_eq!(place.get("out/x_000"), "a,b,c\n1,x,1.50\n");
    let manifest: serde_json::Value =
        serde_json::from_str(&place.get("out/x_manifest")).expect("JSON");
    assert_eq!(manifest["entries"][0]["url"], place.uri("out/x_000"));
    assert_eq!(
        manifest["entries"][0]["meta"],
        serde_json::json!({ "content_length": 15, "record_count": 2 })
    );
    assert_eq!(manifest["schema"]["elements"][0]["type"]["base"], "integer");
    assert_eq!(manifest["schema"]["elements"][1]["type"]["max_length"], 5);
    assert_eq!(manifest["schema"]["elements"][2]["type"]["precision"], 4);
    clear(&place);
    unload(
        &mut client,
        &place,
        "SELECT 1",
        "GZIP EXTENSION 'csv.gz' PARALLEL FALSE",
    );
    assert_eq!(place.keys(), ["out/x_000.csv.gz"]);
    clear(&place);
    unload(&mut client, &place, "SELECT 1", "ZSTD");
    assert_eq!(
        place.keys(),
        ["out/x_0000_part_00.zst", "out/x_0001_part_00.zst"]
    );
}

#[test]
fn what_is_unloaded_loads_back_identically() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, a VARCHAR(200), b CHAR(5), c DECIMAL(10,3), d TIMESTAMP, e BOOLEAN, f DOUBLE PRECISION)");
    client.query("CREATE TABLE u (LIKE t)");
    client.query("SET extra_float_digits TO 2");
    client.query(
        r#"INSERT INTO t VALUES
            (1, 'plain', 'x', 1.5, '2024-01-02 03:04:05.678', true, 0.1),
            (2, 'quotes \' " '' \' "', 'it\'s', -1, NULL, false, 1e300),
            (3, 'back\\slash \\N \\', '\\', NULL, '1999-12-31 23:59:59', NULL, 'NaN'),
            (4, 'line 1\nline 2\r\nline 3\r', NULL, 0, NULL, NULL, NULL),
            (5, 'pipe | comma , tab \t end', '|,', 0.001, NULL, NULL, -0.0),
            (6, '😀 äöü 漢字', '', 12, NULL, NULL, 5),
            (7, '', '', NULL, NULL, NULL, NULL),
            (8, NULL, NULL, NULL, NULL, NULL, NULL),
            (9, '  blanks  ', ' a', NULL, NULL, NULL, NULL)"#,
    );
    for (unload_options, copy_options) in [
        ("CSV NULL AS '@'", "CSV NULL AS '@'"),
        (
            "CSV HEADER NULL AS '@' PARALLEL OFF",
            "CSV IGNOREHEADER 1 NULL AS '@'",
        ),
        (
            "CSV DELIMITER '\\t' GZIP NULL AS '@' MANIFEST",
            "CSV DELIMITER '\\t' GZIP NULL AS '@' MANIFEST",
        ),
        ("ESCAPE NULL AS '@'", "ESCAPE NULL AS '@'"),
        (
            "ESCAPE ADDQUOTES NULL AS '@' ZSTD",
            "ESCAPE REMOVEQUOTES NULL AS '@' ZSTD",
        ),
        (
            "ESCAPE DELIMITER ',' HEADER NULL AS '@'",
            "ESCAPE DELIMITER ',' IGNOREHEADER 1 NULL AS '@'",
        ),
    ] {
        clear(&place);
        unload(
            &mut client,
            &place,
            "SELECT * FROM t ORDER BY id",
            unload_options,
        );
        client.query("DELETE FROM u");
        let from = place.uri(if copy_options.contains("MANIFEST") {
            "out/x_manifest"
        } else {
            "out/x_0"
        });
        client.query(&format!(
            "COPY u FROM '{from}' IAM_ROLE default {copy_options}"
        ));
        assert_eq!(
            client.rows("SELECT * FROM u ORDER BY id"),
            client.rows("SELECT * FROM t ORDER BY id"),
            "{unload_options}"
        );
    }
}

/// A session's settings tell how a client is shown values, and how its query reads them.
#[test]
fn dates_and_instants_do_not_depend_on_the_session() {
    let place = place();
    let mut client = place.connect();
    client.query(
        "CREATE TABLE t (id INT, d DATE, t TIMESTAMP, z TIMESTAMPTZ);
         INSERT INTO t VALUES (1, '2024-02-03', '2024-02-03 04:05:06.7', '2024-02-03 04:05:06.7+01'),
            (2, NULL, NULL, '0044-03-15 12:00:00+00 BC'), (3, NULL, NULL, NULL);
         SET datestyle TO 'SQL, DMY'; SET timezone TO 'America/New_York'",
    );
    for (format, expected) in [
        (
            "",
            "1|2024-02-03|2024-02-03 04:05:06.7|2024-02-03 03:05:06.7+00\n2|||0044-03-15 12:00:00+00 BC\n3|||\n",
        ),
        (
            "JSON",
            "{\"id\":1,\"d\":\"2024-02-03\",\"t\":\"2024-02-03 04:05:06.7\",\"z\":\"2024-02-03 03:05:06.7+00\"}\n\
             {\"id\":2,\"d\":null,\"t\":null,\"z\":\"0044-03-15 12:00:00+00 BC\"}\n\
             {\"id\":3,\"d\":null,\"t\":null,\"z\":null}\n",
        ),
    ] {
        unload(
            &mut client,
            &place,
            "SELECT * FROM t ORDER BY id",
            &format!("PARALLEL OFF {format} ALLOWOVERWRITE"),
        );
        assert_eq!(place.get("out/x_000"), expected);
    }
    client.query("CREATE TABLE u (d DATE, z TIMESTAMPTZ, t TIMESTAMP)");
    for (format, key) in [("CSV", "out/x_000"), ("PARQUET", "out/x_000.parquet")] {
        unload(
            &mut client,
            &place,
            "SELECT '03/02/2024'::date AS d, '2024-02-03 00:00'::timestamptz AS z, \
             '2024-02-03 00:00+00'::timestamptz::timestamp AS t",
            &format!("PARALLEL OFF {format} ALLOWOVERWRITE"),
        );
        let from = place.uri(key);
        client.query(&format!("COPY u FROM '{from}' IAM_ROLE default {format}"));
        assert_eq!(
            client.rows(
                "SELECT d = '2024-02-03', z = '2024-02-03 05:00+00', t = '2024-02-02 19:00' FROM u"
            ),
            [["t", "t", "t"]],
            "{format}"
        );
        client.query("DELETE FROM u");
    }
    assert_eq!(
        client.rows("SELECT current_setting('datestyle'), current_setting('timezone')"),
        [["SQL, DMY", "America/New_York"]]
    );
}

#[test]
fn files_are_utf8_whatever_the_client_reads() {
    let place = place();
    let mut client = place.connect();
    let from = place.put("data", "ö😀\n");
    client.query("CREATE TABLE t (a VARCHAR(20)); SET client_encoding TO 'LATIN1'");
    client.query(&format!("COPY t FROM '{from}' IAM_ROLE default"));
    assert_eq!(client.value("SELECT octet_length(a) FROM t"), "6");
    unload(&mut client, &place, "SELECT a FROM t", "PARALLEL OFF");
    assert_eq!(place.get("out/x_000"), "ö😀\n");
}

#[test]
fn files_are_split_by_size() {
    let place = place();
    let mut client = place.connect();
    unload(
        &mut client,
        &place,
        "SELECT i, repeat('x', 99) FROM generate_series(1, 120000) AS s(i)",
        "PARALLEL OFF MAXFILESIZE 5 MB",
    );
    assert_eq!(place.keys(), ["out/x_000", "out/x_001", "out/x_002"]);
    assert!(place.get("out/x_000").len() <= 5 * 1024 * 1024);
    let lines: usize = place
        .keys()
        .iter()
        .map(|key| place.get(key).lines().count())
        .sum();
    assert_eq!(lines, 120_000);
}

#[test]
fn the_destination_has_to_be_empty() {
    let place = place();
    let mut client = place.connect();
    place.put("out/x_old", "old");
    let sql = |options: &str| {
        format!(
            "UNLOAD ('SELECT 1') TO '{}' IAM_ROLE default PARALLEL OFF {options}",
            place.uri("out/x_")
        )
    };
    let failure = client.error(&sql(""));
    assert!(
        failure
            .message
            .starts_with("Specified unload destination on S3 is not empty.")
    );
    client.query(&sql("ALLOWOVERWRITE"));
    assert_eq!(place.keys(), ["out/x_000", "out/x_old"]);
    client.query(&sql("CLEANPATH"));
    assert_eq!(place.keys(), ["out/x_000"]);
}

#[test]
fn the_alias_of_an_access_point_is_for_copy_only() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a INT)");
    let uri = format!("s3://{}-abc-s3alias/x", place.name);
    sandbox().store().put(&uri, "1\n").expect("an object");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    let failure = client.error(&format!(
        "UNLOAD ('SELECT * FROM t') TO '{uri}_' IAM_ROLE default"
    ));
    assert_eq!(failure.code, "0A000");
    assert!(failure.message.contains("access point"), "{failure:?}");
}

#[test]
fn cleanpath_deletes_when_the_new_files_are_in_place() {
    let place = place();
    let mut client = place.connect();
    for key in ["out/x_000", "out/x_manifest", "out/x_old"] {
        place.put(key, "old");
    }
    let sql = |query: &str| {
        format!(
            "UNLOAD ('{query}') TO '{}' IAM_ROLE default PARALLEL OFF CLEANPATH MANIFEST",
            place.uri("out/x_")
        )
    };
    let is_unchanged = || {
        assert_eq!(place.keys(), ["out/x_000", "out/x_manifest", "out/x_old"]);
        assert!(place.keys().iter().all(|key| place.get(key) == "old"));
    };
    client.error(&sql("SELECT 1 / 0"));
    is_unchanged();
    let fault = format!("s3 403 {}", place.uri("out/x_manifest"));
    sandbox().fail_next(&place.name, &fault).expect("a fault");
    client.error(&sql("SELECT 1"));
    is_unchanged();

    client.query(&sql("SELECT 1"));
    assert_eq!(place.keys(), ["out/x_000", "out/x_manifest"]);
    assert_eq!(place.get("out/x_000"), "1\n");
    assert_ne!(place.get("out/x_manifest"), "old");
}

#[test]
fn a_failed_query_leaves_no_files() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t AS WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 50000) SELECT i FROM s");
    let to = place.uri("out/x_");
    let sql = |query: &str, options: &str| {
        format!("UNLOAD ('{query}') TO '{to}' IAM_ROLE default {options}")
    };
    assert_eq!(
        client
            .error(&sql("SELECT 1 / (i - 49999) FROM t", "MANIFEST"))
            .code,
        "22012"
    );
    assert_eq!(
        client.error(&sql("SELECT nothing FROM t", "")).code,
        "42703"
    );
    assert_eq!(client.error(&sql("SELECT 1 FROM", "")).code, "42601");
    assert_eq!(
        client.error(&sql("SELECT * FROM t LIMIT 5", "")).code,
        "0A000"
    );
    assert_eq!(
        client.error(&sql("SELECT * FROM t FOR UPDATE", "")).code,
        "0A000"
    );
    assert_eq!(client.error(&sql("SELECT $1", "")).code, "42601");
    assert_eq!(client.error(&sql("DELETE FROM t", "")).code, "42601");
    assert_eq!(
        client
            .error(&sql("SELECT 1", "ENCRYPTED AUTO KMS_KEY_ID 'x'"))
            .code,
        "0A000"
    );
    assert_eq!(
        client.error(&sql("SELECT 1", "PARTITION BY (a)")).code,
        "42703"
    );
    assert_eq!(
        client.error(&sql("SELECT 1", "nonsense")).message,
        "syntax error at or near \"nonsense\""
    );
    assert!(place.keys().is_empty());
    client.query("BEGIN; INSERT INTO t VALUES (0)");
    client.query(&sql(
        "SELECT * FROM (SELECT i FROM t ORDER BY i LIMIT 1)  AS x",
        "PARALLEL OFF",
    ));
    assert_eq!(place.get("out/x_000"), "0\n");
    client.error(&sql("SELECT 1", ""));
    assert_eq!(client.status, 'E');
}
