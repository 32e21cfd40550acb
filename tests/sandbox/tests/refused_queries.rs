//! Queries that PostgreSQL would take.

use crate::place;
use crate::refusals::refuses;

const REFUSED: &[(&str, &str, &str)] = &[
    (
        "SELECT * FROM (WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 3) SELECT n FROM s) x",
        "0A000",
        "in subqueries",
    ),
    (
        "WITH x AS (WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 3) SELECT n FROM s) SELECT * FROM x",
        "0A000",
        "in subqueries",
    ),
    ("SELECT 'ab' ~ 'a(?=b)'", "0A000", "(?="),
    ("SELECT a FROM t WHERE c !~* '(?<!x)y'", "0A000", "(?<"),
    (
        "SELECT a, count(*) FROM t GROUP BY ALL",
        "0A000",
        "GROUP BY ALL",
    ),
    ("SELECT * EXCLUDE a FROM t", "0A000", "EXCLUDE"),
    ("WITH x AS (TABLE t) SELECT * FROM x", "42601", "\"TABLE\""),
    ("INSERT INTO t TABLE t", "42601", "\"TABLE\""),
    ("CREATE TABLE u AS TABLE t", "42601", "\"TABLE\""),
    ("SELECT a FROM t UNION ALL TABLE t", "42601", "\"TABLE\""),
    ("EXPLAIN TABLE t", "42601", "\"TABLE\""),
    (
        "SELECT overlay(c PLACING 'x' FROM 2 FOR 3) FROM t",
        "42883",
        "function overlay() does not exist",
    ),
    (
        "SELECT array(SELECT a FROM t)",
        "0A000",
        "not supported on Redshift tables",
    ),
    (
        "SELECT array(SELECT 1)",
        "0A000",
        "not supported on Redshift tables",
    ),
    ("SELECT B'101'", "42704", "type \"bit\" does not exist"),
    ("SELECT X'1f'", "42704", "type \"bit\" does not exist"),
    (
        "SELECT a FROM t LIMIT 2147483648",
        "22003",
        "\"2147483648\" is out of range",
    ),
    ("SELECT a FROM t OFFSET 3e9", "22003", "out of range"),
    (
        "SELECT current_schema() FROM stl_query",
        "0A000",
        "not supported on Redshift tables",
    ),
];

#[test]
fn what_redshift_lacks() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b INT, c VARCHAR(10))");
    refuses(&mut client, REFUSED);
}

#[test]
fn what_only_looks_refused_is_taken() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b INT, c VARCHAR(10)); INSERT INTO t VALUES (1, 2, 'xy')");
    for sql in [
        "SELECT a FROM t WHERE coalesce(a, b) IN (1, 2) AND (a) NOT IN (3, 4)",
        "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 3) SELECT n FROM s)",
        "SELECT c ~ '^x(y|z)?$', '(?=' FROM t",
        "SELECT count(*) FROM (SELECT ALL a FROM t GROUP BY a) AS s",
        "SELECT a AS exclude FROM t LIMIT 2147483647",
        // The leader node's own catalogs.
        "SELECT relname FROM pg_class c WHERE (c.relname, c.relkind) IN (('t', 'r'))",
        "SELECT current_schema() FROM svv_tables",
    ] {
        client.query(sql);
    }
}
