//! The types of tables and views that are made of a query.

use crate::client::Client;
use crate::place;

fn types(client: &mut Client, table: &str) -> Vec<String> {
    client
        .rows(&format!(
            "SELECT \"column\" || ' ' || type FROM pg_table_def WHERE tablename = '{table}'"
        ))
        .concat()
}

fn source() -> Client {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE s (v VARCHAR(10), w VARCHAR(20), c CHAR(3), d DECIMAL(10,2), e DECIMAL(5,3), i INT, l BIGINT)",
    );
    client
}

#[test]
fn expressions_have_a_type_with_limits() {
    let mut client = source();
    for (expression, expected) in [
        ("'x'", "character varying(1)"),
        ("'é€'", "character varying(5)"),
        ("''", "character varying(1)"),
        ("NULL", "character varying(1)"),
        ("'x'::varchar", "character varying(256)"),
        ("v", "character varying(10)"),
        ("c", "character(3)"),
        ("upper(v)", "character varying(10)"),
        ("v || '-' || w", "character varying(31)"),
        ("v || i", "character varying(21)"),
        ("v || d", "character varying(23)"),
        ("nvl(v, 'twelve bytes')", "character varying(12)"),
        (
            "CASE i WHEN 1 THEN 'one' ELSE w END",
            "character varying(20)",
        ),
        ("substring(w, 1, 3)", "character varying(20)"),
        ("md5(v)", "character varying(32)"),
        ("replace(v, 'a', 'b')", "character varying(65535)"),
        ("max(v)", "character varying(10)"),
        ("listagg(v, ',')", "character varying(65535)"),
        ("(SELECT max(w) FROM s)", "character varying(20)"),
        (
            "first_value(v) OVER (ORDER BY i ROWS UNBOUNDED PRECEDING)",
            "character varying(10)",
        ),
        ("1.50", "numeric(3,2)"),
        ("0.001", "numeric(3,3)"),
        ("12345678901234567890", "numeric(20,0)"),
        ("d", "numeric(10,2)"),
        ("d + e", "numeric(12,3)"),
        ("d * e", "numeric(16,5)"),
        ("d / e", "numeric(16,5)"),
        ("d - 1", "numeric(13,2)"),
        ("-d", "numeric(10,2)"),
        ("sum(d)", "numeric(38,2)"),
        ("avg(d)", "numeric(38,2)"),
        ("sum(l)", "numeric(38,0)"),
        ("sum(i)", "bigint"),
        ("sum(i::real)", "double precision"),
        ("greatest(d, e)", "numeric(11,3)"),
        ("i + 1", "integer"),
    ] {
        client.query(&format!(
            "CREATE TABLE t AS SELECT {expression} AS x FROM s"
        ));
        assert_eq!(
            types(&mut client, "t"),
            [format!("x {expected}")],
            "{expression}"
        );
        client.query("DROP TABLE t");
    }
}

#[test]
fn limits_come_through_parts_of_a_query() {
    let mut client = source();
    for (query, expected) in [
        (
            "SELECT 'a' AS x UNION ALL SELECT 'abc' UNION SELECT w FROM s",
            "character varying(20)",
        ),
        (
            "SELECT x FROM (SELECT lower(v) AS x FROM s) AS q",
            "character varying(10)",
        ),
        (
            "WITH q AS (SELECT v || 'x' AS x FROM s) SELECT a.x FROM q a JOIN q b ON a.x = b.x",
            "character varying(11)",
        ),
        ("SELECT 1.5 AS x UNION ALL SELECT 100", "numeric(11,1)"),
        (
            "SELECT x FROM (SELECT 'ab' AS x UNION SELECT 'c') AS q ORDER BY x LIMIT 1",
            "character varying(2)",
        ),
        (
            "WITH RECURSIVE q (n, x) AS (SELECT 1, 'ab'::varchar(7) UNION ALL SELECT n + 1, x FROM q WHERE n < 3) SELECT max(x) AS x FROM q",
            "character varying(7)",
        ),
    ] {
        for made in ["CREATE TABLE t AS", "CREATE TABLE t (x) DISTSTYLE ALL AS"] {
            client.query(&format!("{made} {query}"));
            assert_eq!(
                types(&mut client, "t"),
                [format!("x {expected}")],
                "{query}"
            );
            client.query("DROP TABLE t");
        }
    }
}

#[test]
fn what_is_made_keeps_to_its_limits() {
    let mut client = source();
    client.query("INSERT INTO s (v, d) VALUES ('ten bytes!', 12345678.90)");
    client.query("CREATE TABLE t AS SELECT 'x' AS a, sum(d) AS b, 1.5 AS c FROM s");
    assert_eq!(
        client.rows("SELECT * FROM t"),
        [["x", "12345678.90", "1.5"]]
    );
    let failure = client.error("INSERT INTO t (a) VALUES ('xy')");
    assert_eq!(failure.code, "22001");
    assert_eq!(client.error("INSERT INTO t (c) VALUES (10)").code, "22003");

    client.query("SELECT v || '!' AS a, 'é' AS b INTO u FROM s; SELECT 'x' AS a INTO TEMP TABLE v; SELECT 'x' AS a INTO #w");
    assert_eq!(
        types(&mut client, "u"),
        ["a character varying(11)", "b character varying(2)"]
    );
    for made in ["v", "#w"] {
        assert_eq!(types(&mut client, made), ["a character varying(1)"]);
    }
    let failure = client.error("INSERT INTO u (b) VALUES ('éa')");
    assert_eq!(failure.code, "22001");
    // A table with names twice cannot be, and nothing of it stays.
    assert_eq!(
        client
            .error("CREATE TABLE z AS SELECT 1 AS a, 'x' AS a")
            .code,
        "42701"
    );
    client.query("CREATE TABLE z (a, b) AS SELECT 'x', 'yz'");
    assert_eq!(
        types(&mut client, "z"),
        ["a character varying(1)", "b character varying(2)"]
    );
}

#[test]
fn views_have_limits() {
    let mut client = source();
    client.query("INSERT INTO s (v, d) VALUES ('a', 1), ('b', 2)");
    client.query("CREATE VIEW plain AS SELECT v, 'x' AS x, sum(d) AS d FROM s GROUP BY v");
    client.query("CREATE VIEW named (a, b) AS SELECT v || v, d * d FROM s");
    client.query("CREATE MATERIALIZED VIEW kept AS SELECT upper(v) AS u FROM s");
    let columns = |client: &mut Client, view: &str| {
        client.rows(&format!(
            "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale \
             FROM svv_columns WHERE table_name = '{view}' ORDER BY ordinal_position"
        ))
    };
    assert_eq!(
        columns(&mut client, "plain"),
        [
            ["v", "character varying", "10", "~", "~"],
            ["x", "character varying", "1", "~", "~"],
            ["d", "numeric", "~", "38", "2"]
        ]
    );
    assert_eq!(
        columns(&mut client, "named"),
        [
            ["a", "character varying", "20", "~", "~"],
            ["b", "numeric", "~", "21", "4"]
        ]
    );
    assert_eq!(
        columns(&mut client, "kept"),
        [["u", "character varying", "10", "~", "~"]]
    );
    assert_eq!(
        client.rows("SELECT * FROM plain ORDER BY v"),
        [["a", "x", "1.00"], ["b", "x", "2.00"]]
    );
    client
        .query("CREATE OR REPLACE VIEW plain AS SELECT v, 'y' AS x, sum(d) AS d FROM s GROUP BY v");
    assert_eq!(client.value("SELECT max(x) FROM plain"), "y");
    client.query("INSERT INTO s (v) VALUES ('c'); REFRESH MATERIALIZED VIEW kept");
    assert_eq!(client.value("SELECT count(*) FROM kept"), "3");
}

#[test]
fn numbers_have_38_digits() {
    let mut client = place().connect();
    client.query("CREATE TABLE n (a DECIMAL(38,0), b DECIMAL(38,10), l BIGINT)");
    let nines = "9".repeat(38);
    client.query(&format!(
        "INSERT INTO n VALUES ({nines}, 1e20, 9223372036854775807), ({nines}, 2.5, 9223372036854775807)"
    ));
    for expression in [
        &*format!("{nines}9"),
        &format!("{nines}.5"),
        &format!("{nines} + 1"),
        &format!("-{nines} - 1"),
        "a + a FROM n",
        "a * b FROM n WHERE b < 3 AND a * b > 0",
        "a * a / a FROM n",
        "a / 0.1 FROM n",
        "sum(a) FROM n",
        "sum(a) OVER () FROM n",
        "a * 2 INTO m FROM n",
        &format!("'{nines}9'::decimal(38,0)"),
    ] {
        let failure = client.error(&format!("SELECT {expression}"));
        assert_eq!(failure.code, "22003", "{expression}: {failure:?}");
    }
    assert_eq!(
        client.error("INSERT INTO n (a) SELECT a * 10 FROM n").code,
        "22003"
    );
    for wide in [
        "1::numeric(39)",
        "CAST(1 AS DECIMAL(39,2))",
        "1::numeric(10,11)",
    ] {
        assert_eq!(
            client.error(&format!("SELECT {wide}")).code,
            "22023",
            "{wide}"
        );
    }
    let (_, _, error) =
        client.extended("SELECT a * $1::decimal(10,0) FROM n", &[(0, Some("1000"))]);
    assert_eq!(error.map(|error| error.code).as_deref(), Some("22003"));
    for (expression, value) in [
        (nines.as_str(), nines.as_str()),
        (&format!("{nines}::decimal(38,0) - 1 + 1"), &nines),
        ("sum(l) FROM n", "18446744073709551614"),
        ("sum(b) FROM n", "100000000000000000002.5000000000"),
        ("sum(b) FROM n WHERE b < 0", "~"),
        ("sum(b + NULL) FROM n", "~"),
        ("0000000000000000000000000000000000000000001.0", "1.0"),
        ("min(a + b * 0) - min(a) FROM n", "0.0000000000"),
    ] {
        assert_eq!(
            client.value(&format!("SELECT {expression}")),
            value,
            "{expression}"
        );
    }
}
