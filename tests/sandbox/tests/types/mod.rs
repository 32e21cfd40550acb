//! Types that PostgreSQL lacks, and those it has otherwise.

mod shapes;

use crate::client::{message, texts};
use crate::place;

/// The types of a query's columns.
fn oids(client: &mut crate::client::Client, sql: &str) -> Vec<u32> {
    client.send(&message(b'Q', &texts(&[sql])));
    let mut oids = Vec::new();
    while let Some((tag, body)) = client.receive() {
        match tag {
            b'T' => {
                let mut rest = &body[2..];
                while let Some(end) = rest.iter().position(|byte| *byte == 0) {
                    let oid = &rest[end + 7..end + 11];
                    oids.push(u32::from_be_bytes([oid[0], oid[1], oid[2], oid[3]]));
                    rest = &rest[end + 19..];
                }
            }
            b'E' => panic!("{sql}: {}", String::from_utf8_lossy(&body)),
            b'Z' => break,
            _ => {}
        }
    }
    oids
}

#[test]
fn super_is_json() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, a SUPER)");
    let (_, _, error) = client.extended(
        "INSERT INTO t VALUES (1, JSON_PARSE($1))",
        &[(1043, Some("{\"a\": [1, \"x\"]}"))],
    );
    assert_eq!(error, None);
    client.query("INSERT INTO t VALUES (2, NULL), (3, JSON_PARSE('null'))");
    assert_eq!(
        client.rows("SELECT a FROM t ORDER BY id").concat(),
        ["{\"a\":[1,\"x\"]}", "~", "null"]
    );
    assert_eq!(
        oids(&mut client, "SELECT a, JSON_PARSE('1'), '1'::super FROM t"),
        [4000, 4000, 4000]
    );
    assert_eq!(
        client.value("SELECT json_extract_path_text('{\"a\": {\"b\": 5}}', 'a', 'b')"),
        "5"
    );
    assert!(client.try_query("SELECT JSON_PARSE('{')").is_err());

    let uri = place.put(
        "data",
        "4|{\"b\": \"\\\\|\"}\n"
            .replace('|', ";")
            .replacen(';', "|", 1),
    );
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    assert_eq!(
        client.value("SELECT a FROM t WHERE id = 4"),
        "{\"b\":\"\\\\;\"}"
    );
    let bad = place.put("bad", "5|{b\n");
    assert!(
        client
            .error(&format!("COPY t FROM '{bad}' IAM_ROLE default"))
            .detail
            .contains("1224")
    );
}

#[test]
fn varbyte_is_hex_digits() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, a VARBYTE(3), b VARBINARY)");
    let (_, _, error) = client.extended(
        "INSERT INTO t VALUES (1, FROM_HEX($1), NULL)",
        &[(1043, Some("61FF"))],
    );
    assert_eq!(error, None);
    assert_eq!(
        client.rows("SELECT a, octet_length(a), to_hex(a), a = FROM_HEX('61ff') FROM t"),
        [["61ff", "2", "61ff", "t"]]
    );
    assert_eq!(
        oids(
            &mut client,
            "SELECT a, b, FROM_HEX('00'), FROM_HEX('00')::VARBYTE(10) FROM t"
        ),
        [6551; 4]
    );
    assert_eq!(client.value("SELECT 'ab'::varchar::varbyte"), "6162");
    assert_eq!(
        client.value("SELECT from_varbyte(to_varbyte('6162', 'hex'), 'utf8')"),
        "ab"
    );
    assert_eq!(
        client.rows("SELECT a FROM t GROUP BY a ORDER BY a"),
        [["61ff"]]
    );
    assert_eq!(
        client
            .error("INSERT INTO t (a) VALUES (FROM_HEX('01020304'))")
            .code,
        "22001"
    );
    assert_eq!(client.error("SELECT FROM_HEX('0')").code, "22023");
    assert_eq!(
        client.rows("SELECT 'xyz'::varbyte, CAST('é' AS VARBYTE(5)), 'ab'::varbinary"),
        [["78797a", "c3a9", "6162"]]
    );
    client.query("INSERT INTO t (a) VALUES ('aa')");
    assert_eq!(client.value("SELECT id FROM t WHERE a = 'aa'"), "~");
    assert_eq!(client.value("SELECT a FROM t WHERE id IS NULL"), "6161");

    let uri = place.put("data", "2,AB01,\n3,,00\n");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default CSV"));
    assert_eq!(
        client.rows("SELECT a, b FROM t WHERE id > 1 ORDER BY id"),
        [["ab01", "~"], ["~", "00"]]
    );
    for (value, code) in [("0g", "1207"), ("012", "1207"), ("01020304", "1204")] {
        let bad = place.put("bad", format!("4,{value},\n"));
        assert!(
            client
                .error(&format!("COPY t FROM '{bad}' IAM_ROLE default CSV"))
                .detail
                .contains(code),
            "{value}"
        );
    }
}

#[test]
fn intervals_have_two_types() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INTERVAL YEAR TO MONTH, b INTERVAL DAY TO SECOND)");
    let (_, _, error) = client.extended(
        "INSERT INTO t VALUES ($1::interval year to month, $2::interval day to second)",
        &[(0, Some("30 months")), (0, Some("8 hours"))],
    );
    assert_eq!(error, None);
    assert_eq!(
        client.rows("SELECT a = INTERVAL '2-6' YEAR TO MONTH, b FROM t"),
        [["t", "08:00:00"]]
    );
    assert_eq!(
        oids(
            &mut client,
            "SELECT a, b, INTERVAL '1 day', INTERVAL '1' DAY FROM t"
        ),
        [1188, 1190, 1186, 1190]
    );
}

#[test]
fn lengths_in_casts_count_bytes() {
    let mut client = place().connect();
    for (expression, value) in [
        ("'ééé'::varchar(3)", "é"),
        ("CAST('éa€' AS VARCHAR(5))", "éa"),
        ("'abcd'::varchar(3)", "abc"),
        ("octet_length('é'::char(4))", "4"),
        ("'é'::char(1)", " "),
        ("'ab'::char(3) || 'x'", "abx"),
        ("octet_length(repeat('é', 300)::varchar)", "256"),
        ("octet_length(repeat('x', 300)::text)", "300"),
        (
            "octet_length(CAST(repeat('x', 300) AS CHARACTER VARYING))",
            "256",
        ),
        ("octet_length(convert(varchar, repeat('x', 300)))", "256"),
        ("NULL::varchar(3)", "~"),
    ] {
        assert_eq!(
            client.value(&format!("SELECT {expression}")),
            value,
            "{expression}"
        );
    }
    client.query("CREATE TABLE t (a VARCHAR(3), b CHAR(2)); INSERT INTO t VALUES ('é', 'a'), ('abc   ', 'a    ')");
    for values in ["'éé', 'a'", "'é', 'é'"] {
        let failure = client.error(&format!("INSERT INTO t VALUES ({values})"));
        assert_eq!(failure.code, "22001");
        assert!(
            failure.detail.contains("value too long for type character"),
            "{failure:?}"
        );
    }
    assert_eq!(
        client.rows("SELECT octet_length(a), octet_length(b) FROM t"),
        [["2", "2"], ["3", "2"]]
    );
}

#[test]
fn letters_of_all_languages_have_cases() {
    let mut client = place().connect();
    assert_eq!(
        client.rows(
            "SELECT upper('éß'), lower('ÄΩ'), initcap('élan'), 'ö' ILIKE 'Ö', 'Z' < 'a', 'z' < 'é'"
        ),
        [["Éß", "äω", "Élan", "t", "t", "t"]]
    );
}

#[test]
fn text_is_varchar() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a VARCHAR(10)); CREATE VIEW v AS SELECT upper(a) AS a FROM t");
    assert_eq!(
        oids(
            &mut client,
            "SELECT 'x', upper(a), a || 'b', listagg(a, ','), coalesce(a, 'x'), a FROM t GROUP BY a"
        ),
        [1043; 6]
    );
    assert_eq!(oids(&mut client, "SELECT a FROM v"), [1043]);
    assert_eq!(
        oids(&mut client, "SELECT description FROM pg_description"),
        [25]
    );
    for (sql, types) in [
        ("SELECT $1 FROM t", vec![(0, Some("x"))]),
        ("SELECT DISTINCT a, $1 AS b FROM t", vec![(705, Some("x"))]),
    ] {
        let (_, _, error) = client.extended(sql, &types);
        let failure = error.expect("a failure");
        assert_eq!(
            (&*failure.code, &*failure.message),
            ("XX000", "Invalid type: 705")
        );
    }
    for (sql, types) in [
        ("SELECT $1 FROM t", vec![(1043, Some("x"))]),
        ("SELECT $1", vec![(0, Some("x"))]),
        ("SELECT a FROM t WHERE a = $1", vec![(0, Some("x"))]),
        ("SELECT coalesce(a, $1) FROM t", vec![(705, Some("x"))]),
    ] {
        assert_eq!(client.extended(sql, &types).2, None, "{sql}");
    }
}
