//! Statements that change rows, in forms that PostgreSQL would take.

use crate::place;
use crate::refusals::refuses;

const REFUSED: &[(&str, &str, &str)] = &[
    (
        "WITH x AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM x",
        "42601",
        "\"INSERT\"",
    ),
    (
        "EXPLAIN WITH x AS (SELECT 1 AS a) INSERT INTO t SELECT a FROM x",
        "42601",
        "\"INSERT\"",
    ),
    ("INSERT INTO t AS x VALUES (1)", "42601", "\"AS\""),
    ("DELETE FROM t x WHERE x.a = 1", "42601", "\"x\""),
    ("DELETE FROM t AS x WHERE x.a = 1", "42601", "\"AS\""),
    ("UPDATE t SET (a, b) = (SELECT 1, 'x')", "42601", "\"(\""),
    ("UPDATE t SET a = 1, (b) = (SELECT 'x')", "42601", "\"(\""),
    (
        "UPDATE t SET a = 1 FROM u LEFT JOIN u x ON u.a = x.a WHERE t.a = u.a",
        "0A000",
        "outer joins",
    ),
    (
        "UPDATE t SET a = 1 FROM (u FULL OUTER JOIN u x ON u.a = x.a) WHERE t.a = u.a",
        "0A000",
        "outer joins",
    ),
    (
        "MERGE INTO t USING u ON t.a > u.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)",
        "0A000",
        "equijoin predicate",
    ),
    (
        "MERGE INTO t USING u ON t.a = u.a OR t.a = 1 REMOVE DUPLICATES",
        "0A000",
        "equijoin predicate",
    ),
    ("TRUNCATE t, u", "42601", "\",\""),
    ("TRUNCATE TABLE t CASCADE", "42601", "\"CASCADE\""),
    ("TRUNCATE t RESTART IDENTITY", "42601", "\"RESTART\""),
    // The system's tables.
    (
        "DELETE FROM pg_description",
        "42501",
        "\"pg_description\" is a system catalog",
    ),
    (
        "UPDATE pg_catalog.pg_class SET relname = 'x'",
        "42501",
        "\"pg_class\"",
    ),
    (
        "INSERT INTO pg_sandbox.constraints VALUES (1)",
        "42501",
        "\"constraints\"",
    ),
    (
        "DELETE FROM stl_load_errors",
        "42501",
        "\"stl_load_errors\"",
    ),
    (
        "COPY pg_class FROM 's3://b/x' IAM_ROLE default",
        "42501",
        "\"pg_class\"",
    ),
    (
        "MERGE INTO t x USING u ON x.a = u.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)",
        "42601",
        "\"x\"",
    ),
    (
        "MERGE INTO t USING u ON t.a = u.a WHEN NOT MATCHED THEN INSERT VALUES (1) WHEN MATCHED THEN DELETE",
        "42601",
        "\"NOT\"",
    ),
    (
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT DEFAULT VALUES",
        "42601",
        "\"DEFAULT\"",
    ),
    (
        "MERGE INTO t USING u ON t.a = u.a REMOVE DUPLICATES",
        "0A000",
        "columns of the same number",
    ),
    ("BEGIN ISOLATION LEVEL SNAPSHOT", "42601", "\"SNAPSHOT\""),
    ("LOCK TABLE t NOWAIT", "42601", "\"NOWAIT\""),
    (
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE",
        "42601",
        "",
    ),
    (
        "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED AND t.a > 1 THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)",
        "42601",
        "\"AND\"",
    ),
    (
        "MERGE INTO t USING (SELECT 1) u ON t.a = u.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)",
        "42601",
        "\"(\"",
    ),
];

#[test]
fn what_redshift_lacks() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(10)); CREATE TABLE u (a INT); INSERT INTO t VALUES (1, 'y')");
    refuses(&mut client, REFUSED);
    assert_eq!(client.rows("SELECT * FROM t"), [["1", "y"]]);
}

#[test]
fn what_only_looks_refused_is_taken() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(10)); CREATE TABLE u (a INT); INSERT INTO t VALUES (1, 'y')");
    for sql in [
        "INSERT INTO t WITH x AS (SELECT 1 AS a) SELECT a, 'x' FROM x",
        "WITH x AS (SELECT 1 AS a) UPDATE t SET b = 'z' WHERE a IN (SELECT a FROM x)",
        "WITH x AS (SELECT 5 AS a) DELETE FROM t WHERE a IN (SELECT a FROM x)",
        "UPDATE t x SET b = left('xy', 1), a = (SELECT 1) FROM u JOIN u y ON u.a = y.a WHERE x.a = u.a",
        "UPDATE public.t SET a = 2 FROM u WHERE t.a = (SELECT max(x.a) FROM u x LEFT JOIN u y ON x.a = y.a)",
        "DELETE FROM public.t USING u WHERE t.a = u.a",
        "EXPLAIN DELETE FROM t",
        "PREPARE p (INT) AS INSERT INTO t (a) SELECT a FROM u WHERE a = $1",
        "TRUNCATE TABLE public.u",
    ] {
        client.query(sql);
    }
}

/// Errors of PostgreSQL's that Redshift words in another way.
#[test]
fn errors_are_redshifts() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (id INT IDENTITY(1,1), a INT NOT NULL); CREATE TABLE u (a INT); INSERT INTO u VALUES (1), (1);
         INSERT INTO t (a) VALUES (1)",
    );
    refuses(
        &mut client,
        &[
            (
                "INSERT INTO t VALUES (1, 2)",
                "0A000",
                "cannot set an identity column to a value",
            ),
            (
                "INSERT INTO t (a) VALUES (NULL)",
                "XX000",
                "Cannot insert a NULL value into column a",
            ),
        ],
    );
    let failure = client.error("INSERT INTO t (a) VALUES (NULL)");
    assert!(failure.detail.contains("8007"), "{failure:?}");
    let merge = "MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN UPDATE SET a = 2 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)";
    if let Err(failure) = client.try_query(merge)
        && failure.code != "42601"
    {
        assert_eq!(
            (&*failure.code, &*failure.message),
            ("XX000", "Found multiple matches to update the same tuple.")
        );
    }
}

/// Nor of a view, whether PostgreSQL could change what is behind it or not.
#[test]
fn no_view_is_changed() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT a FROM t;
         CREATE OR REPLACE VIEW v AS SELECT a FROM t;
         CREATE VIEW late AS SELECT a FROM public.t WITH NO SCHEMA BINDING",
    );
    for view in ["v", "late"] {
        for (sql, text) in [
            ("INSERT INTO v VALUES (2)", "cannot insert into a view"),
            ("UPDATE v SET a = 2", "cannot update a view"),
            ("DELETE FROM v", "cannot delete from a view"),
        ] {
            let sql = sql.replace(" v", &format!(" {view}"));
            refuses(&mut client, &[(&sql, "0A000", text)]);
        }
    }
    assert_eq!(client.rows("SELECT * FROM late, v"), [["1", "1"]]);
    client.query("DROP VIEW v; DROP VIEW late; DROP TABLE t");
}
