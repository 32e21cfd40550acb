use crate::client::Client;
use crate::place;

const ON_TABLES: &str =
    "Specified types or functions (one per INFO message) not supported on Redshift tables.";

/// What PostgreSQL would take: statement, SQLSTATE, a part of the text.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "INSERT INTO t VALUES (1) RETURNING a",
        "42601",
        "\"RETURNING\"",
    ),
    (
        "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING",
        "42601",
        "\"on\"",
    ),
    (
        "INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (1)",
        "42601",
        "\"OVERRIDING\"",
    ),
    (
        "SELECT a FROM t WHERE a BETWEEN SYMMETRIC 2 AND 1",
        "42601",
        "\"SYMMETRIC\"",
    ),
    (
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SEARCH DEPTH FIRST BY n SET o SELECT n FROM c",
        "42601",
        "\"SEARCH\"",
    ),
    (
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) CYCLE n SET x USING y SELECT n FROM c",
        "42601",
        "\"CYCLE\"",
    ),
    (
        "SELECT a FROM t GROUP BY DISTINCT a",
        "42601",
        "\"DISTINCT\"",
    ),
    ("SELECT a OPERATOR(pg_catalog.+) 1 FROM t", "42601", "\"(\""),
    (
        "SELECT * FROM generate_series(1, 2) WITH ORDINALITY",
        "42601",
        "\"ORDINALITY\"",
    ),
    ("SELECT a FROM ONLY t", "42601", "\"t\""),
    ("SELECT FROM t", "42601", "\"FROM\""),
    ("SELECT 1 WHERE EXISTS (SELECT)", "42601", "\")\""),
    ("SELECT a FROM t ORDER BY a USING >", "42601", "\"USING\""),
    ("SELECT * FROM t JOIN u USING (a) AS j", "42601", "\"AS\""),
    ("SELECT a FROM t OFFSET 1 ROWS", "42601", "\"ROWS\""),
    ("DELETE FROM t WHERE CURRENT OF c", "42601", "\"CURRENT\""),
    ("SELECT current_catalog", "42703", "current_catalog"),
    (
        "SELECT rank(1) WITHIN GROUP (ORDER BY a) FROM t",
        "42601",
        "\"WITHIN\"",
    ),
    ("SELECT DISTINCT ON (a) a FROM t", "0A000", "DISTINCT ON"),
    ("SELECT a FROM t FOR UPDATE", "0A000", "FOR UPDATE"),
    (
        "SELECT * FROM t, LATERAL (SELECT t.a) x",
        "42601",
        "\"LATERAL\"",
    ),
    (
        "SELECT a FROM t FETCH FIRST 1 ROW ONLY",
        "42601",
        "\"FETCH\"",
    ),
    (
        "SELECT a FROM t TABLESAMPLE system (10)",
        "42601",
        "\"TABLESAMPLE\"",
    ),
    (
        "WITH x AS MATERIALIZED (SELECT 1) SELECT * FROM x",
        "42601",
        "\"MATERIALIZED\"",
    ),
    (
        "WITH x AS NOT MATERIALIZED (SELECT 1) SELECT * FROM x",
        "42601",
        "\"MATERIALIZED\"",
    ),
    (
        "SELECT a FROM t INTERSECT ALL SELECT a FROM t",
        "42601",
        "\"ALL\"",
    ),
    (
        "SELECT a FROM t EXCEPT ALL SELECT a FROM t",
        "42601",
        "\"ALL\"",
    ),
    (
        "SELECT a FROM t MINUS ALL SELECT a FROM t",
        "42601",
        "\"ALL\"",
    ),
    ("SELECT 1 UNION VALUES (2)", "42601", "\"VALUES\""),
    ("SELECT 1 UNION ALL VALUES (2)", "42601", "\"VALUES\""),
    ("SELECT * FROM (VALUES (1)) x", "42601", "\"VALUES\""),
    ("SELECT a IS JSON FROM t", "42601", "\"JSON\""),
    ("SELECT b COLLATE \"C\" FROM t", "42601", "\"C\""),
    ("SELECT ROW (a, b) FROM t", "0A000", "ROW"),
    ("SELECT a FROM t WHERE (a, b) < (1, 'x')", "0A000", "ROW"),
    (
        "INSERT INTO t (a) VALUES (1), ((SELECT 2))",
        "0A000",
        "subquery",
    ),
    // Arrays.
    ("SELECT ARRAY[1, 2]", "0A000", ON_TABLES),
    (
        "SELECT a FROM t WHERE a = ANY ('{1,2}')",
        "0A000",
        ON_TABLES,
    ),
    ("SELECT '{1}'::int[]", "0A000", ON_TABLES),
    ("SELECT CAST('{1}' AS int[])", "0A000", ON_TABLES),
    // Types.
    (
        "SELECT b::uuid FROM t",
        "42704",
        "type \"uuid\" does not exist",
    ),
    (
        "SELECT CAST(b AS JSONB) FROM t",
        "42704",
        "type \"jsonb\" does not exist",
    ),
    ("SELECT json '{}'", "42704", "type \"json\" does not exist"),
    (
        "SELECT b::bytea FROM t",
        "42704",
        "type \"bytea\" does not exist",
    ),
    // Operators.
    ("SELECT c -> 'a' FROM t", "42883", "->"),
    ("SELECT c @> c FROM t", "42883", "@>"),
    ("SELECT c ->> 'a' FROM t", "42883", "->>"),
    // Windows.
    (
        "SELECT sum(a) OVER (ORDER BY b) FROM t",
        "0A000",
        "Aggregate window functions with an ORDER BY clause require a frame clause",
    ),
    (
        "SELECT first_value(a) OVER (PARTITION BY a ORDER BY b) FROM t",
        "0A000",
        "frame clause",
    ),
    (
        "SELECT last_value(a) IGNORE NULLS OVER (ORDER BY b) FROM t",
        "0A000",
        "frame clause",
    ),
    (
        "SELECT sum(a) OVER (ORDER BY b RANGE UNBOUNDED PRECEDING) FROM t",
        "0A000",
        "RANGE clause of window functions not yet implemented",
    ),
    (
        "SELECT sum(a) OVER (ORDER BY b GROUPS UNBOUNDED PRECEDING) FROM t",
        "42601",
        "\"GROUPS\"",
    ),
    (
        "SELECT sum(a) OVER (ORDER BY b ROWS UNBOUNDED PRECEDING EXCLUDE TIES) FROM t",
        "42601",
        "\"EXCLUDE\"",
    ),
    (
        "SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b)",
        "42601",
        "\"w\"",
    ),
    (
        "SELECT sum(a) OVER (w) FROM t WINDOW w AS (PARTITION BY b)",
        "42601",
        "\"w\"",
    ),
    (
        "SELECT a FROM t WINDOW w AS (PARTITION BY b)",
        "42601",
        "\"WINDOW\"",
    ),
    (
        "SELECT count(*) FILTER (WHERE a > 1) FROM t",
        "42601",
        "\"(\"",
    ),
    (
        "SELECT listagg(b, ',') OVER (ORDER BY b ROWS UNBOUNDED PRECEDING) FROM t",
        "42601",
        "\"ORDER\"",
    ),
    ("SELECT ratio_to_report(a) FROM t", "42601", "FROM"),
    ("SELECT percentile_cont(0.5) FROM t", "42601", "FROM"),
    ("SELECT (a = 1) IS TRUE FROM t", "XX000", "Not implemented"),
    (
        "SELECT a FROM (SELECT (a = 1 IS NOT UNKNOWN) AS a FROM t) x",
        "XX000",
        "Not implemented",
    ),
    // Recursion.
    (
        "WITH RECURSIVE x (n) AS (SELECT 1 UNION SELECT n + 1 FROM x WHERE n < 3) SELECT n FROM x",
        "0A000",
        "UNION ALL",
    ),
    (
        "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x WHERE n < 3) SELECT n FROM x",
        "0A000",
        "list of its columns",
    ),
    // Cursors.
    (
        "DECLARE c SCROLL CURSOR FOR SELECT a FROM t",
        "42601",
        "\"SCROLL\"",
    ),
    (
        "DECLARE c CURSOR WITH HOLD FOR SELECT a FROM t",
        "42601",
        "\"WITH\"",
    ),
    ("FETCH BACKWARD 1 FROM c", "42601", "\"BACKWARD\""),
    ("FETCH FORWARD -1 FROM c", "42601", "\"-\""),
    // Names.
    ("SELECT a FROM open", "42601", "\"open\""),
    (
        "SELECT a FROM t JOIN public.tag ON true",
        "42601",
        "\"tag\"",
    ),
    (
        "SELECT 1 AS aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg",
        "0A000",
        "63 bytes",
    ),
    (
        "SELECT 1 AS \"ääääääääääääääääääääääääääääääää\"",
        "0A000",
        "63 bytes",
    ),
    ("SELECT U&'\\0041'", "42601", "U&'"),
    // The leader node's functions.
    ("SELECT now() FROM t", "0A000", ON_TABLES),
    ("INSERT INTO u VALUES (NOW())", "0A000", ON_TABLES),
    (
        "INSERT INTO u VALUES (CURRENT_TIMESTAMP)",
        "0A000",
        ON_TABLES,
    ),
    ("UPDATE u SET at = localtimestamp", "0A000", ON_TABLES),
    ("DELETE FROM u WHERE at < now()", "0A000", ON_TABLES),
    (
        "SELECT * FROM t, generate_series(1, 3) g",
        "0A000",
        ON_TABLES,
    ),
    (
        "INSERT INTO t (a) SELECT * FROM generate_series(1, 3)",
        "0A000",
        ON_TABLES,
    ),
    ("SELECT current_schema() FROM t", "0A000", ON_TABLES),
    (
        "SELECT has_table_privilege('t', 'select') FROM t",
        "0A000",
        ON_TABLES,
    ),
    (
        "WITH x AS (SELECT a FROM t) SELECT now() FROM x",
        "0A000",
        ON_TABLES,
    ),
    (
        "CREATE VIEW v AS SELECT now() AS n FROM t",
        "0A000",
        ON_TABLES,
    ),
];

#[test]
fn what_redshift_lacks() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT, b VARCHAR(10), c SUPER); CREATE TABLE u (at TIMESTAMP, a INT)",
    );
    refuses(&mut client, REFUSED);
    assert_eq!(client.value("SELECT count(*) FROM t"), "0");
}

/// Each statement fails with this SQLSTATE and a text that this is a part of.
pub(crate) fn refuses(client: &mut Client, refused: &[(&str, &str, &str)]) {
    for (sql, code, text) in refused {
        let failure = client.error(sql);
        assert_eq!(failure.code, *code, "{sql}: {failure:?}");
        assert!(
            failure
                .message
                .to_lowercase()
                .contains(&text.to_lowercase()),
            "{sql}: {failure:?}"
        );
    }
}

/// Names and values that look like what is refused.
#[test]
fn what_only_looks_refused_is_taken() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT, b VARCHAR(10), path VARCHAR(5), \"json\" INT, rows INT, range INT)",
    );
    for sql in [
        "SELECT now(), current_timestamp, current_schema()",
        "SELECT * FROM generate_series(1, 3)",
        "SELECT n.nspname, now() FROM pg_namespace n WHERE pg_table_is_visible(n.oid)",
        "SELECT path, \"json\", rows AS now, t.range FROM t WHERE b = 'now()' AND path LIKE '->'",
        "SELECT sum(a) OVER (PARTITION BY range ORDER BY rows ROWS UNBOUNDED PRECEDING) FROM t",
        "SELECT rank() OVER (PARTITION BY a ORDER BY b), lag(a, 1) OVER (ORDER BY rows) FROM t",
        "SELECT 'x'::varchar(5), CAST('1' AS DECIMAL(3,1)), '1 day'::interval, date '2024-01-01'",
        "SELECT a AS json, b AS uuid FROM t",
        "SELECT median(a), listagg(b) WITHIN GROUP (ORDER BY a), (SELECT median(a + 1) FROM t), listagg(b) FROM t",
        "SELECT median(a) FROM t UNION SELECT median(a + 1) FROM t",
        "SELECT median(a) OVER (), median(a + 1) OVER () FROM t",
        "SELECT a FROM t WHERE a = ANY (SELECT a FROM t) AND a IN (1, 2)",
        "SELECT extract(year FROM getdate()), substring('abc' FROM 2 FOR 1), trim(both 'x' FROM 'xax'), position('b' IN 'ab')",
        "SELECT date '2024-01-01' AT TIME ZONE 'UTC'",
        "SELECT greatest(1, 2), least(1, 2), coalesce(NULL, 1), nullif(1, 1), current_date, current_user, upper('a')",
        "SELECT (date '2024-01-01', date '2024-02-01') OVERLAPS (date '2024-01-15', date '2024-03-01')",
        "SELECT a, count(*) FROM t GROUP BY ROLLUP (a)",
        "SELECT b FROM t WHERE b LIKE 'a!_' ESCAPE '!' OR b ILIKE 'x' OR b SIMILAR TO '(a|b)' OR b ~ '^a'",
        "INSERT INTO t (a, path) VALUES (1, 'x'), (2, DEFAULT)",
        "CREATE VIEW v AS SELECT a FROM t; SELECT * FROM v",
        "INSERT INTO t (a) VALUES ((SELECT 1))",
        "SELECT a FROM t WHERE (a + 1) = (2) AND (a) = coalesce(a, 1) AND a = (SELECT max(a) FROM t)",
        "SELECT a FROM t WHERE (a = 1) IS TRUE AND EXISTS (SELECT b FROM t WHERE a IS NULL OR (b = 'x') IS NOT TRUE)",
        "SELECT row_number() OVER (ORDER BY a, length(b) + 1 DESC NULLS LAST) FROM t",
        "WITH RECURSIVE x (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 3), y AS (SELECT 1 UNION SELECT 2) SELECT n FROM x",
        "BEGIN; DECLARE c CURSOR WITHOUT HOLD FOR SELECT a FROM t; FETCH NEXT FROM c; FETCH FORWARD 5 FROM c; FETCH ALL FROM c; CLOSE c; COMMIT",
        "SELECT 1 AS \"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff\"\"gg\"",
        "CREATE TABLE \"open\" (\"user\" INT, \"tag\" INT, start INT, connect INT); SELECT * FROM \"open\" ",
        "SELECT extract(day FROM sysdate), trim(both FROM 'x'), date_part(day, CURRENT_DATE)",
        "SELECT u & 1 FROM (SELECT 3 AS u) x",
    ] {
        client.query(sql);
    }
}

#[test]
fn reserved_words_are_names_in_quotes_only() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (id INT, \"tag\" INT, \"open\" INT, \"timestamp\" TIMESTAMP)");
    for (sql, word) in [
        ("SELECT tag FROM t", "tag"),
        ("SELECT id, Open FROM t", "Open"),
        ("SELECT id FROM t WHERE tag = 1", "tag"),
        ("SELECT id FROM t ORDER BY tag", "tag"),
        ("SELECT count(tag) FROM t", "tag"),
        ("SELECT 1 tag", "tag"),
        ("SELECT tag.id FROM t AS \"tag\"", "tag"),
        ("SELECT id FROM t raw", "raw"),
        ("INSERT INTO t (id, tag) VALUES (1, 2)", "tag"),
        ("UPDATE t SET tag = 1", "tag"),
        ("DELETE FROM t WHERE open = 1", "open"),
        ("WITH snapshot AS (SELECT 1) SELECT 1", "snapshot"),
        ("EXPLAIN SELECT tag FROM t", "tag"),
        ("CREATE VIEW v AS SELECT tag FROM t", "tag"),
        ("CREATE TABLE u AS SELECT tag FROM t", "tag"),
        ("SELECT timestamp FROM t", "timestamp"),
        ("SELECT id, timestamp FROM t", "timestamp"),
        (
            "SELECT id FROM t WHERE timestamp > '2020-01-01'",
            "timestamp",
        ),
        (
            "SELECT id FROM t WHERE '2020-01-01' < timestamp",
            "timestamp",
        ),
        ("SELECT * FROM user", "user"),
    ] {
        let failure = client.error(sql);
        assert_eq!(failure.code, "42601", "{sql}: {failure:?}");
        assert!(
            failure.message.ends_with(&format!("\"{word}\"")),
            "{sql}: {failure:?}"
        );
    }
    for sql in [
        "SELECT \"tag\", t.tag, t.timestamp, id AS tag FROM t",
        "INSERT INTO t (id, \"tag\") VALUES (1, 2)",
        "SELECT timestamp '2020-01-01', '2020-01-01'::timestamp, CAST('2020-01-01' AS timestamp without time zone)",
        "SELECT 1 WHERE getdate() > timestamp '2020-01-01' AND 'x' <> 'tag'",
        "SELECT convert(timestamp, '2020-01-01'), dateadd(day, 1, timestamp '2020-01-01')",
        "PREPARE p (int, timestamp) AS SELECT $1, $2",
        "SELECT current_user, user, NULL, TRUE, sysdate, current_date",
        "SELECT TOP 1 id FROM t ORDER BY id NULLS FIRST",
        "SELECT row_number() OVER (PARTITION BY id ORDER BY id) FROM t",
        "SELECT first_value(id IGNORE NULLS) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) FROM t",
        "SELECT oid FROM pg_class LIMIT 1",
        "CREATE TABLE w (id INT ENCODE raw) BACKUP NO ENCODE AUTO",
        "CREATE TABLE x BACKUP NO DISTSTYLE EVEN AS SELECT id FROM t",
        "CREATE FUNCTION f (INT) RETURNS INT STABLE AS $$ SELECT $1 $$ LANGUAGE sql",
    ] {
        client.query(sql);
    }
}
