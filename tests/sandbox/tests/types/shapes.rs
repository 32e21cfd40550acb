//! Shapes and sketches.

use super::*;

/// POINT(1 2), as it is printed.
const POINT: &str = "0101000000000000000000F03F0000000000000040";
const POINT_ON_EARTH: &str = "0101000020E6100000000000000000F03F0000000000000040";
const POLYGON: &str = "0103000020E61000000100000005000000000000000000000000000000000000000000000000000000000000000000F03F\
    000000000000F03F000000000000F03F000000000000F03F000000000000000000000000000000000000000000000000";
const SKETCH: &str = r#"{"logm":15,"sparse":{"indices":[4878,9559],"values":[1,2]}}"#;

#[test]
fn shapes_are_ewkb_in_hex_digits() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, a GEOMETRY, b GEOGRAPHY)");
    let lower = POINT.to_lowercase();
    client.query(&format!(
        "INSERT INTO t VALUES (1, '{lower}', '{lower}'), (2, NULL, NULL), (3, '{POLYGON}', ST_GeogFromWKB('{POLYGON}'))"
    ));
    for oid in [0, 705, 3000] {
        let sql = "INSERT INTO t (id, a) VALUES (4, $1)";
        let (_, _, error) = client.extended(sql, &[(oid, Some(&lower))]);
        assert_eq!(error, None);
    }
    let (_, _, error) = client.extended(
        "INSERT INTO t VALUES (5, ST_GeomFromEWKB($1), ST_GeogFromWKB($1))",
        &[(1043, Some(&lower))],
    );
    assert_eq!(error, None);
    // A place on earth has a reference system.
    assert_eq!(
        client.rows("SELECT a, b FROM t ORDER BY id"),
        [
            [POINT, POINT_ON_EARTH],
            ["~", "~"],
            [POLYGON, POLYGON],
            [POINT, "~"],
            [POINT, "~"],
            [POINT, "~"],
            [POINT, POINT_ON_EARTH]
        ]
    );
    assert_eq!(
        oids(
            &mut client,
            "SELECT a, b, ST_GeomFromEWKB(NULL), NULL::geography FROM t"
        ),
        [3000, 3001, 3000, 3001]
    );
    assert_eq!(
        client.value("SELECT '00000000013ff00000000000004000000000000000'::geography"),
        "0020000001000010E63FF00000000000004000000000000000"
    );
    // A collection of a line and of nothing, with Z.
    let collection = "01070000800200000001020000800100000000000000000000000000000000000000000000000000000001040000800000\
        0000";
    assert_eq!(
        client.value(&format!("SELECT '{collection}'::geometry")),
        collection
    );
    for text in [
        "",
        "01",
        "0g",
        "010100000",
        &POINT[..40],
        &format!("{POINT}00"),
        &format!(" {POINT}"),
        "020100000000000000000000000000000000000000",
        "0108000000000000",
        "0104000000FFFFFFFF",
        "010300000001000000FFFFFFFF",
    ] {
        for name in ["geometry", "geography"] {
            let failure = client.error(&format!("SELECT '{text}'::{name}"));
            assert_eq!(failure.code, "22023", "{text}: {failure:?}");
        }
    }
    for text in ["POINT(1 2)", "SRID=4326;POINT(1 2)", "polygon empty"] {
        let failure = client.error(&format!("INSERT INTO t (a) VALUES ('{text}')"));
        assert!(failure.message.contains("sandbox"), "{failure:?}");
    }
    for sql in [
        "SELECT a FROM t ORDER BY a",
        "SELECT count(*) FROM t GROUP BY b",
        "SELECT DISTINCT a FROM t",
        "SELECT a FROM t UNION SELECT a FROM t",
        "SELECT 1 FROM t WHERE a = a",
        "SELECT max(b) FROM t",
    ] {
        assert_eq!(client.error(sql).code, "42883", "{sql}");
    }
    client.query("CREATE TABLE texts (a VARCHAR(100))");
    for (sql, code) in [
        ("INSERT INTO texts SELECT a FROM t", "42804"),
        ("SELECT a::varchar FROM t", "0A000"),
        ("SELECT ST_AsText(a) FROM t", "0A000"),
        ("SELECT GeometryType(a) FROM t", "0A000"),
        ("SELECT ST_GeomFromText('POINT(1 2)')", "0A000"),
        ("SELECT b || 'x' FROM t", "42883"),
        ("INSERT INTO t (a) SELECT a FROM texts", "42804"),
    ] {
        assert_eq!(client.error(sql).code, code, "{sql}");
    }
    assert_eq!(
        client.rows("SELECT \"column\", type, trim(encoding) FROM pg_table_def WHERE tablename = 't' AND \"column\" <> 'id'"),
        [["a", "geometry", "none"], ["b", "geography", "none"]]
    );
}

#[test]
fn sketches_are_json_or_base64() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (id INT, a HLLSKETCH)");
    let spaced = SKETCH.replace(':', " : ");
    client.query(&format!(
        "INSERT INTO t VALUES (1, '{spaced}'), (2, 'AAEC'), (3, NULL)"
    ));
    let (_, _, error) = client.extended(
        "INSERT INTO t VALUES (4, $1::hllsketch)",
        &[(0, Some(SKETCH))],
    );
    assert_eq!(error, None);
    assert_eq!(
        client.rows("SELECT a FROM t ORDER BY id").concat(),
        [SKETCH, "AAEC", "~", SKETCH]
    );
    assert_eq!(oids(&mut client, "SELECT a FROM t"), [2935]);
    for text in [
        "",
        "{}",
        "{",
        "AAE",
        "A===",
        "-_-_",
        r#"{"logm":15,"sparse":{"indices":[1],"values":[]}}"#,
    ] {
        assert_eq!(
            client.error(&format!("SELECT '{text}'::hllsketch")).code,
            "22023",
            "{text}"
        );
    }
    for sql in ["SELECT DISTINCT a FROM t", "SELECT a FROM t ORDER BY 1"] {
        assert_eq!(client.error(sql).code, "42883", "{sql}");
    }
    for sql in ["SELECT HLL_CARDINALITY(a) FROM t", "SELECT HLL(id) FROM t"] {
        let failure = client.error(sql);
        assert!(failure.message.contains("sandbox"), "{sql}: {failure:?}");
    }
}

#[test]
fn shapes_and_sketches_in_files() {
    let place = place();
    let mut client = place.connect();
    client.query(
        "CREATE TABLE t (id INT, a GEOMETRY, b GEOGRAPHY, c HLLSKETCH); CREATE TABLE u (LIKE t)",
    );
    let csv = format!(
        "1,{POINT},{},\"{}\"\n2,,,\n3,{POLYGON},,AAEC\n",
        POINT.to_lowercase(),
        SKETCH.replace('"', "\"\"")
    );
    let uri = place.put("data", csv);
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default CSV"));
    let rows = client.rows("SELECT * FROM t ORDER BY id");
    assert_eq!(rows[0], ["1", POINT, POINT_ON_EARTH, SKETCH]);
    assert_eq!(
        rows[1..],
        [["2", "~", "~", "~"], ["3", POLYGON, "~", "AAEC"]]
    );
    for (folder, unload, copy) in [
        ("text", "", "EMPTYASNULL"),
        ("csv", "CSV", "CSV"),
        ("escape", "ESCAPE GZIP", "ESCAPE GZIP"),
    ] {
        let uri = place.uri(&format!("{folder}/"));
        client.query(&format!(
            "UNLOAD ('SELECT * FROM t') TO '{uri}' IAM_ROLE default {unload}"
        ));
        client.query(&format!(
            "DELETE FROM u; COPY u FROM '{uri}' IAM_ROLE default {copy}"
        ));
        assert_eq!(client.rows("SELECT * FROM u ORDER BY id"), rows, "{folder}");
    }
    for format in ["JSON", "PARQUET", "FIXEDWIDTH '0:10'"] {
        for column in ["a", "b", "c"] {
            let failure = client.error(&format!(
                "UNLOAD ('SELECT {column} FROM t') TO '{}' IAM_ROLE default {format}",
                place.uri("refused/")
            ));
            assert_eq!(failure.code, "0A000", "{format}: {failure:?}");
        }
    }
    for (value, code) in [("0g", "1207"), ("012", "1207")] {
        let bad = place.put("bad", format!("4,{value},,\n"));
        let failure = client.error(&format!("COPY t FROM '{bad}' IAM_ROLE default CSV"));
        assert!(failure.detail.contains(code), "{value}: {failure:?}");
    }
    for (line, text) in [
        ("4,POINT(1 2),,", "sandbox"),
        ("4,0101,,", "invalid EWKB"),
        ("4,,,?", "HLLSKETCH"),
    ] {
        let bad = place.put("bad", format!("{line}\n"));
        let failure = client.error(&format!("COPY t FROM '{bad}' IAM_ROLE default CSV"));
        assert!(failure.message.contains(text), "{line}: {failure:?}");
    }
    let failure = client.error(&format!("COPY t FROM '{uri}' IAM_ROLE default JSON"));
    assert!(failure.message.contains("sandbox"), "{failure:?}");
    assert_eq!(client.value("SELECT count(*) FROM t"), "3");
}
