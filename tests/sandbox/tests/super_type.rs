//! What makes structures of SUPER and what does not, and how they are printed and compared.

use crate::client::Client;
use crate::place;

const OBJECT: &str = r#"{"b": [1, "x: null", null], "a" : null, "c":{ "z":null, "y": "é\"" }}"#;
const PRINTED: &str = r#"{"b":[1,"x: null",null],"a":null,"c":{"z":null,"y":"é\""}}"#;

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

fn table() -> Client {
    let mut client = place().connect();
    client.query("CREATE TABLE t (id INT, s SUPER, v VARCHAR(100))");
    client
}

/// The first value and its kind.
fn kind(client: &mut Client) -> Vec<String> {
    let found = client.rows("SELECT s, json_typeof(s), s.a FROM t").concat();
    client.query("DELETE FROM t");
    found
}

#[test]
fn a_plain_text_is_a_json_string() {
    let mut client = table();
    let text = quoted(r#"{"a": 1}"#);
    for sql in [
        format!("INSERT INTO t (s) VALUES ({text})"),
        format!("INSERT INTO t VALUES (1, {text}, 'x')"),
        format!("INSERT INTO t (s) SELECT {text}"),
        format!("INSERT INTO t (s) SELECT {text}::super"),
        format!("INSERT INTO t (s) SELECT CAST({text}::varchar AS super)"),
        format!("INSERT INTO t (v) VALUES ({text}); UPDATE t SET s = v"),
        format!("INSERT INTO t (v) VALUES ('x'); UPDATE t SET s = {text}"),
        format!("INSERT INTO t (s) SELECT {text}::varchar(20) || ''"),
        format!("INSERT INTO t (s) SELECT nvl(NULL::super, {text})"),
        format!("PREPARE p AS INSERT INTO t (s) VALUES ($1); EXECUTE p({text}); DEALLOCATE p"),
    ] {
        client.query(&sql);
        assert_eq!(
            kind(&mut client),
            [r#""{\"a\": 1}""#, "string", "~"],
            "{sql}"
        );
    }
    for oid in [0, 25, 705, 1043, 4000] {
        let (_, _, error) = client.extended(
            "INSERT INTO t (s) VALUES ($1)",
            &[(oid, Some(r#"{"a": 1}"#))],
        );
        assert_eq!(error, None);
        assert_eq!(
            kind(&mut client),
            [r#""{\"a\": 1}""#, "string", "~"],
            "{oid}"
        );
    }
    client.query(&format!("INSERT INTO t (s) VALUES (JSON_PARSE({text}))"));
    assert_eq!(kind(&mut client), [r#"{"a":1}"#, "object", "1"]);
    // A column's default is no exception.
    client.query(&format!("CREATE TABLE d (id INT, s SUPER DEFAULT {text})"));
    client.query("INSERT INTO d (id) VALUES (1)");
    assert_eq!(client.value("SELECT json_typeof(s) FROM d"), "string");
    assert_eq!(
        client.value("SELECT 'it''s \\\\ \\\"\\n'::super"),
        r#""it's \\ \"\n""#
    );
}

#[test]
fn scalars_of_other_types_keep_their_kind() {
    let mut client = table();
    client.query(
        "INSERT INTO t (id, s) VALUES (1, 7), (2, 1.50), (3, TRUE), (4, 2.5::float8), (5, 'c'::char(3))",
    );
    assert_eq!(
        client
            .rows("SELECT s FROM t UNION ALL SELECT 8::smallint::super ORDER BY 1")
            .concat(),
        ["true", "1.50", "2.5", "7", "8", "\"c\""]
    );
    for date in ["'2024-01-02'::date", "getdate()", "FROM_HEX('61')"] {
        let failure = client.error(&format!("SELECT ({date})::super"));
        assert_eq!(failure.code, "42846", "{date}: {failure:?}");
    }
}

#[test]
fn it_is_printed_without_blanks_in_the_order_of_the_text() {
    let mut client = table();
    client.query(&format!(
        "INSERT INTO t (s) VALUES (JSON_PARSE({}))",
        quoted(OBJECT)
    ));
    assert_eq!(client.value("SELECT s FROM t"), PRINTED);
    assert_eq!(client.value("SELECT json_serialize(s) FROM t"), PRINTED);
    assert_eq!(client.value("SELECT s.c FROM t"), r#"{"z":null,"y":"é\""}"#);
    assert_eq!(client.value("SELECT s.a FROM t"), "null");
    assert_eq!(
        client.rows("SELECT x, i FROM t, t.s.b AS x AT i"),
        [["1", "0"], ["\"x: null\"", "1"], ["null", "2"]]
    );
    for (text, printed) in [
        (r#" [ ] "#, "[]"),
        (r#"{ }"#, "{}"),
        (r#""\u00e9\/\u0007""#, r#""é/\u0007""#),
        (
            "[1.50, -0.5, 12345678901234567890, 1e5]",
            "[1.50,-0.5,12345678901234567890,1e5]",
        ),
        (r#"{"a":" : null "}"#, r#"{"a":" : null "}"#),
        ("\n null\t", "null"),
    ] {
        let sql = format!("SELECT JSON_PARSE({})", quoted(text));
        assert_eq!(client.value(&sql), printed);
    }
}

#[test]
fn an_object_has_a_name_once() {
    let mut client = table();
    for text in [
        r#"{"a": 1, "a": 1}"#,
        r#"[{"x": {"b": null, "a": 1e5, "b": 2}}]"#,
        r#"{"a": 1, "\u0061": 2}"#,
    ] {
        let failure = client.error(&format!("SELECT JSON_PARSE({})", quoted(text)));
        assert_eq!(failure.code, "XX000", "{text}");
        assert!(
            failure.detail.contains("duplicate attribute"),
            "{failure:?}"
        );
        let sql = format!("SELECT can_json_parse({})", quoted(text));
        assert_eq!(client.value(&sql), "f");
    }
    client.query("SELECT JSON_PARSE('[{\"a\": 1}, {\"a\": {\"a\": 1e5}}]')");
    assert_eq!(
        client.error("SET json_parse_dedup_attributes TO on").code,
        "0A000"
    );
}

#[test]
fn values_are_compared_and_not_their_texts() {
    let mut client = table();
    client.query(
        r#"INSERT INTO t (id, s) VALUES (1, JSON_PARSE('{"a": 1, "b": 2}')), (2, JSON_PARSE('{"b": 2.0, "a": 1}')),
            (3, 'x'), (4, '1'), (5, 1), (6, NULL), (7, JSON_PARSE('null'))"#,
    );
    assert_eq!(
        client.rows("SELECT count(*), min(id) FROM t GROUP BY s ORDER BY 2"),
        [
            ["2", "1"],
            ["1", "3"],
            ["1", "4"],
            ["1", "5"],
            ["1", "6"],
            ["1", "7"]
        ]
    );
    assert_eq!(
        client.value("SELECT count(*) FROM (SELECT DISTINCT s FROM t) d"),
        "6"
    );
    for (condition, ids) in [
        ("s = 'x'", "3"),
        ("s = '1'", "4"),
        ("s IN ('1', 'x')", "3,4"),
        ("s = JSON_PARSE('1')", "5"),
        ("s = JSON_PARSE('{\"b\": 2, \"a\": 1}')", "1,2"),
        ("s.a = JSON_PARSE('1')", "1,2"),
        ("s <> JSON_PARSE('1') AND s >= 'x'", "3"),
        ("s < '1'", "~"),
        ("s IS NULL", "6"),
    ] {
        let sql =
            format!("SELECT listagg(id, ',') WITHIN GROUP (ORDER BY id) FROM t WHERE {condition}");
        let sql = sql.replace("listagg(id", "listagg(id::varchar");
        assert_eq!(client.value(&sql), ids, "{condition}");
    }
    assert_eq!(
        client.value("SELECT count(*) FROM t a JOIN t b ON a.s = b.s"),
        "8"
    );
    // Not without a cast.
    assert_eq!(
        client.error("INSERT INTO t (v) SELECT s FROM t").code,
        "42804"
    );
    assert_eq!(client.error("SELECT s || s FROM t").code, "42883");
}

#[test]
fn a_load_leaves_the_transaction_as_it_was() {
    let place = place();
    let uri = place.put("data", "1|{\"b\": 1, \"a\": [null]}\n2|\"{}\"\n");
    let bad = place.put("bad", "1|{}\nx|{}\n");
    let mut client = place.connect();
    client.query("CREATE TABLE t (id INT, s SUPER)");
    client.query("BEGIN");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default"));
    client.query("INSERT INTO t VALUES (3, '{}')");
    client.query("COMMIT");
    client.error(&format!("COPY t FROM '{bad}' IAM_ROLE default"));
    client.query("INSERT INTO t VALUES (4, '[]')");
    assert_eq!(
        client.rows("SELECT s, json_typeof(s) FROM t ORDER BY id"),
        [
            ["{\"b\":1,\"a\":[null]}", "object"],
            ["\"{}\"", "string"],
            ["\"{}\"", "string"],
            ["\"[]\"", "string"]
        ]
    );
}

#[test]
fn scalars_are_compared_and_computed_with_values_of_other_types() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (id INT, s SUPER, i INT, b BIGINT, n DECIMAL(10,2), f FLOAT8, v VARCHAR(10), c CHAR(3))");
    client.query(
        r#"INSERT INTO t VALUES
            (1, JSON_PARSE('{"n": 5, "k": "Ab", "t": true}'), 4, 5, 5.00, 5.5, 'Ab', 'Ab'),
            (2, JSON_PARSE('{"n": 2.5, "k": "c", "t": false}'), 4, 2, 2.50, 2.5, 'x', 'c'),
            (3, JSON_PARSE('{"n": "5", "k": 7, "t": "true"}'), 4, 5, 5, 5, '5', '7'),
            (4, JSON_PARSE('{"n": null, "k": null, "t": null}'), 4, 5, 5, 5, '', ''),
            (5, NULL, 4, 5, 5, 5, '5', '')"#,
    );
    for (condition, ids) in [
        ("s.n > i", "1"),
        ("i < s.n", "1"),
        ("s.n <= i", "2"),
        ("NOT s.n > i", "2"),
        ("s.n = b", "1"),
        ("s.n = n", "1,2"),
        ("f = s.n", "2"),
        ("s.n = 5", "1"),
        ("s.n IN (5, 2.5)", "1,2"),
        ("s.n BETWEEN 1 AND 3", "2"),
        ("s.n <> '5'::varchar", ""),
        ("s.k = v", "1"),
        ("s.k = c", "1,2"),
        ("s.k = 'c'", "2"),
        ("s.k < 'b'::varchar", "1"),
        ("s.k LIKE 'A%'", "1"),
        ("s.k NOT ILIKE 'a%'", "2"),
        ("s.t = true", "1"),
        ("s.t <> true", "2"),
        ("lower(s.k) = 'ab'", "1"),
        ("len(s.k) = 1", "2"),
        ("s.n + 1 = 6", "1"),
        ("s.n * 2 = i + 1", "2"),
    ] {
        let sql = format!(
            "SELECT listagg(id::varchar, ',') WITHIN GROUP (ORDER BY id) FROM t WHERE {condition}"
        );
        let found = client.value(&sql).replace('~', "");
        assert_eq!(found, ids, "{condition}");
    }
    for (expression, values) in [
        ("s.n + 1", ["6", "3.5", "~"]),
        ("10 - s.n", ["5", "7.5", "~"]),
        ("s.n * s.n", ["25", "6.25", "~"]),
        ("s.n / 2", ["2", "1.25000000000000000000", "~"]),
        ("s.n % 2", ["1", "0.5", "~"]),
        ("-s.n", ["-5", "-2.5", "~"]),
        ("upper(s.k)", ["AB", "C", "~"]),
        ("substring(s.k, 2, 1)", ["b", "", "~"]),
        ("trim(s.k)", ["Ab", "c", "~"]),
        ("round(s.n)", ["5", "3", "~"]),
    ] {
        let sql = format!("SELECT {expression} FROM t WHERE id < 4 ORDER BY id");
        assert_eq!(client.rows(&sql).concat(), values, "{expression}");
    }
    assert_eq!(
        client.rows("SELECT sum(s.n), avg(s.n), min(s.n), max(s.k), count(s.n), json_typeof(s.n + 1) FROM t WHERE id < 3 GROUP BY 6"),
        [["7.5", "3.7500000000000000", "2.5", "\"c\"", "2", "number"]]
    );
    assert_eq!(client.rows("SELECT sum(s.n) FROM t WHERE id > 2"), [["~"]]);
    assert_eq!(client.error("SELECT s.n / 0 FROM t").code, "22012");
    // Whatever has no SUPER in it is not another thing for that.
    assert_eq!(
        client.rows("SELECT v = '5', i + '1', '5' = v, n * '2', c = 'c' FROM t WHERE id = 3"),
        [["t", "5", "t", "10.00", "f"]]
    );
}
