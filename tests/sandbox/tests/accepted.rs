//! What other people's clients send and Redshift takes.

use crate::client::{message, parse_body, texts};
use crate::place;

#[test]
fn statements_of_clients() {
    let place = place();
    let mut client = place.connect();
    client.query(
        "CREATE TABLE t (a INT, b INT, c VARCHAR(9)); INSERT INTO t VALUES (1, 2, 'x'), (3, 4, 'y'); \
         CREATE TABLE u (LIKE t); INSERT INTO u VALUES (1, 2, 'z'), (3, 9, 'z')",
    );
    for (sql, value) in [
        (
            "SELECT count(*) FROM t WHERE (a, b) IN ((1, 2), (3, 5))",
            "1",
        ),
        (
            "SELECT count(*) FROM t WHERE (a, b) NOT IN (SELECT a, b FROM u)",
            "1",
        ),
        (
            "SELECT count(*) FROM t JOIN u ON (t.a, t.b) = (u.a, u.b)",
            "1",
        ),
        ("SELECT c + '-' + c FROM t WHERE a = 1", "x-x"),
        ("SELECT '2008-01-01'::date + 1", "2008-01-02"),
        ("SELECT 1.5 + 2", "3.5"),
        ("SELECT datepart(year, '2008-02-03'::date)", "2008"),
        (
            "SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY 1) AS n FROM t) AS numbered",
            "2",
        ),
        ("SHOW default_transaction_isolation", "serializable"),
        ("SELECT '14'::intervaly2m", "1 year 2 mons"),
    ] {
        assert_eq!(client.value(sql), value, "{sql}");
    }
    client.query(
        "MERGE INTO t USING u ON t.a = u.a AND u.b <> 9 WHEN MATCHED THEN UPDATE SET c = u.c \
         WHEN NOT MATCHED THEN INSERT VALUES (u.a, u.b, u.c)",
    );
    assert_eq!(
        client.rows("SELECT a, b, c FROM t ORDER BY 1, 2"),
        [["1", "2", "z"], ["3", "4", "y"], ["3", "9", "z"]]
    );
    client.query("CREATE TABLE spans (m INTERVALY2M, s INTERVALD2S)");
    client.query("CREATE TABLE i (id INT IDENTITY, v INT); INSERT INTO i (v) VALUES (7)");
    assert_eq!(client.value("SELECT id FROM i"), "1");
    client.query(
        "UPDATE t SET c = s.c FROM (SELECT u.a, x.c FROM u LEFT JOIN u AS x ON u.b = x.b) AS s WHERE t.a = s.a",
    );
    client.query(
        "SET default_transaction_isolation TO 'read committed'; RESET SESSION AUTHORIZATION",
    );
    client.query("SET app_context.user_id TO '123'");
    assert_eq!(client.value("SHOW app_context.user_id"), "123");
    assert_eq!(
        client.value("SELECT current_setting('app_context.user_id', FALSE)"),
        "123"
    );
    assert_eq!(
        client.value(
            "SELECT max(m) FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY sum(b)) OVER () AS m FROM u GROUP BY a) AS x"
        ),
        "5.5"
    );
    let to = place.uri("out/");
    client.query(&format!(
        "UNLOAD ('SELECT 1 AS a') TO '{to}' IAM_ROLE default PARQUET ENCRYPTED"
    ));
}

/// redshift_connector sends NULL so, whatever the type is.
#[test]
fn null_may_come_as_a_binary_value() {
    let mut client = place().connect();
    let mut out = message(b'P', &parse_body("", "SELECT $1::numeric IS NULL", &[1700]));
    let mut bind = texts(&["", ""]);
    // One format, which is binary; one value, which is NULL; no formats of results.
    bind.extend(b"\0\x01\0\x01\0\x01\xff\xff\xff\xff\0\0");
    out.extend(message(b'B', &bind));
    out.extend(message(b'E', b"\0\0\0\0\0"));
    out.extend(message(b'S', b""));
    client.send(&out);
    let (_, replies, error) = client.answer();
    assert_eq!(error, None);
    assert_eq!(replies[0].rows, [[Some("t".to_owned())]]);
}

#[test]
fn keys_by_their_places() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT, b INT); CREATE TABLE u DISTKEY(2) SORTKEY(2, a) AS SELECT a, b FROM t; \
         CREATE MATERIALIZED VIEW v AUTO REFRESH YES AS SELECT a FROM t; COMMENT ON VIEW v IS 'v''s'",
    );
    assert_eq!(
        client.rows("SELECT \"column\", distkey, sortkey FROM pg_table_def WHERE tablename = 'u'"),
        [["a", "f", "2"], ["b", "t", "1"]]
    );
    assert_eq!(
        client.value("SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relname = 'v'"),
        "v's"
    );
    let failure = client.error("CREATE TABLE w SORTKEY(3) AS SELECT a, b FROM t");
    assert_eq!(failure.code, "42P10");
    client.query(
        "CREATE TABLE i (a INT, b INT) INTERLEAVED SORTKEY (a, b); ALTER TABLE i ALTER SORTKEY (b)",
    );
    assert_eq!(
        client.rows("SELECT \"column\", sortkey FROM pg_table_def WHERE tablename = 'i'"),
        [["a", "0"], ["b", "1"]]
    );
}
