use crate::place;

fn tags(replies: &[crate::client::Reply]) -> Vec<&str> {
    replies.iter().map(|reply| reply.tag.as_str()).collect()
}

#[test]
fn backslashes_are_escapes_in_every_literal() {
    let mut client = place().connect();
    assert_eq!(client.value(r"SELECT 'it\'s; a \\ b'"), r"it's; a \ b");
    assert_eq!(
        client.rows(r"SELECT '\'' /* ; /* ' */ */, $$;'$$, 'x''y' -- ; '"),
        [["'", ";'", "x'y"]]
    );
}

#[test]
fn names_fold_to_lower_case_even_in_quotes() {
    let mut client = place().connect();
    client.query(r#"CREATE TABLE "Users" ("Id" INT)"#);
    client.query("INSERT INTO users (id) VALUES (1)");
    let reply = client
        .query(r#"SELECT "ID" AS "Name" FROM "USERS""#)
        .pop()
        .expect("a reply");
    assert_eq!(reply.columns, ["name"]);
}

#[test]
fn tags_are_bare_only_for_select() {
    let mut client = place().connect();
    let replies = client.query("CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2); SELECT * FROM t; UPDATE t SET a = 3; DELETE FROM t");
    assert_eq!(
        tags(&replies),
        [
            "CREATE TABLE",
            "INSERT 0 2",
            "SELECT",
            "UPDATE 2",
            "DELETE 2"
        ]
    );
    assert_eq!(
        tags(&client.query("CREATE TABLE u AS SELECT 1 AS a")),
        ["SELECT"]
    );
    assert_eq!(client.query("").len(), 0);
}

#[test]
fn several_statements_are_one_transaction() {
    let place = place();
    let mut client = place.connect();
    // With statements of the sandbox's own among them, and without.
    for table in [
        "CREATE TABLE t (a INT)",
        "CREATE TABLE t (a INT) DISTSTYLE ALL",
    ] {
        let failure = client.error(&format!(
            "{table}; INSERT INTO t VALUES (1); SELECT 1/0; SELECT 2"
        ));
        assert_eq!(failure.code, "22012");
        assert_eq!(client.status, 'I');
        assert_eq!(client.error("SELECT * FROM t").code, "42P01");
    }
    client.error("CREATE TABLE t (a INT); SAVEPOINT x");
    assert_eq!(client.error("SELECT * FROM t").code, "42P01");
}

#[test]
fn a_syntax_error_anywhere_stops_all_of_it() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT)");
    client.query("BEGIN");
    assert_eq!(client.error("COMMIT; nonsense").code, "42601");
    assert_eq!(client.status, 'E');
    client.query("ROLLBACK");
}

#[test]
fn transactions_may_begin_and_end_among_statements() {
    let mut client = place().connect();
    let replies =
        client.query("CREATE TABLE t (a INT) DISTSTYLE EVEN; BEGIN; INSERT INTO t VALUES (1)");
    assert_eq!(tags(&replies), ["CREATE TABLE", "BEGIN", "INSERT 0 1"]);
    assert_eq!(client.status, 'T');
    client.query("ROLLBACK");
    // The BEGIN took the statement before it along.
    assert_eq!(client.error("SELECT * FROM t").code, "42P01");

    client.query("BEGIN; CREATE TABLE t (a INT) DISTSTYLE EVEN; COMMIT; INSERT INTO t VALUES (1)");
    assert_eq!(client.status, 'I');
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    client.error("BEGIN; CREATE TABLE u (a INT) DISTSTYLE EVEN; COMMIT; INSERT INTO t VALUES (2); SELECT 1/0");
    assert_eq!(client.value("SELECT count(*) FROM t"), "1");
    assert_eq!(client.value("SELECT count(*) FROM u"), "0");
}

#[test]
fn a_refusal_aborts_the_transaction() {
    let mut client = place().connect();
    client.query("BEGIN; CREATE TABLE t (a INT)");
    assert_eq!(client.error("SAVEPOINT a").code, "0A000");
    assert_eq!(client.status, 'E');
    assert_eq!(client.error("SELECT 1").code, "25P02");
    assert_eq!(client.error("TRUNCATE t").code, "25P02");
    client.query("ROLLBACK");
    assert_eq!(client.status, 'I');
}

#[test]
fn what_redshift_lacks_is_refused() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(10))");
    for (sql, code) in [
        ("SAVEPOINT a", "0A000"),
        ("ROLLBACK TO a", "0A000"),
        ("RELEASE SAVEPOINT a", "0A000"),
        ("INSERT INTO t VALUES (1) RETURNING a", "42601"),
        ("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING", "42601"),
        ("SELECT DISTINCT ON (a) * FROM t", "0A000"),
        ("SELECT * FROM t FOR UPDATE", "0A000"),
        ("SELECT * FROM t FOR NO KEY UPDATE", "0A000"),
        ("SELECT * FROM t FOR SHARE", "0A000"),
        ("COPY t FROM STDIN", "42601"),
        ("COPY t TO STDOUT", "42601"),
        ("COPY (SELECT 1) TO STDOUT", "42601"),
        ("CREATE INDEX i ON t (a)", "0A000"),
        ("CREATE UNIQUE INDEX i ON t (a)", "0A000"),
        ("CREATE SEQUENCE s", "0A000"),
        ("CREATE TYPE e AS ENUM ('a')", "0A000"),
        ("CREATE EXTENSION hstore", "0A000"),
        ("LISTEN a", "0A000"),
        ("NOTIFY a", "0A000"),
        ("DISCARD ALL", "42601"),
        ("DEALLOCATE ALL", "42601"),
        ("SELECT count(*) FILTER (WHERE a = 1) FROM t", "42601"),
        ("SELECT * FROM t, LATERAL (SELECT t.a) AS x", "42601"),
        ("SELECT * FROM t WHERE a IS DISTINCT FROM 1", "42601"),
        ("SELECT * FROM t WHERE a IS NOT DISTINCT FROM 1", "42601"),
        (
            "WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x",
            "42601",
        ),
        ("WITH x AS (INSERT INTO t VALUES (1)) SELECT 1", "42601"),
        (
            "WITH x AS (SELECT 1 AS a) DELETE FROM t USING x WHERE t.a = x.a RETURNING t.a",
            "42601",
        ),
        ("EXPLAIN DELETE FROM t RETURNING a", "42601"),
        (
            "SELECT set_config('standard_conforming_strings', 'on', false)",
            "42704",
        ),
        ("SELECT set_config(b, 'on', false) FROM t", "0A000"),
        ("VALUES (1)", "42601"),
        ("SELECT * FROM (VALUES (1)) AS v", "42601"),
        ("EXPLAIN ANALYZE SELECT 1", "42601"),
        ("DO $$ BEGIN END $$", "42601"),
        ("SET standard_conforming_strings TO on", "42704"),
        ("SET extra_float_digits TO 3", "22023"),
        ("SET client_min_messages TO warning", "42501"),
        ("SET error_on_nondeterministic_update TO true", "0A000"),
        ("SHOW server_version_num", "42704"),
        ("LOCK TABLE t IN SHARE MODE", "42601"),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", "42601"),
        ("ALTER TABLE t ADD CHECK (a > 0)", "42601"),
    ] {
        assert_eq!(client.error(sql).code, code, "{sql}");
        assert_eq!(client.status, 'I');
    }
}

#[test]
fn what_redshift_has_is_taken() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(10))");
    for sql in [
        "START TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY",
        "END",
        "SET query_group TO 'etl'",
        "SET enable_result_cache_for_session TO OFF",
        "SET SESSION search_path TO public, pg_catalog",
        "SET TIME ZONE 'UTC'",
        "SET timezone = 'Europe/Berlin'",
        "RESET timezone",
        "ANALYZE t PREDICATE COLUMNS",
        "ANALYZE VERBOSE t (a)",
        "VACUUM",
        "VACUUM FULL t TO 75 PERCENT BOOST",
        "VACUUM REINDEX t",
        "BEGIN; LOCK t; COMMIT",
        "EXPLAIN SELECT * FROM t",
        "PREPARE p (INT) AS SELECT $1",
        "EXECUTE p (1)",
        "DEALLOCATE p",
        "BEGIN; DECLARE c CURSOR FOR SELECT 1; FETCH 1 FROM c; CLOSE c; COMMIT",
        "CREATE VIEW v AS SELECT * FROM public.t WITH NO SCHEMA BINDING",
        "CREATE MATERIALIZED VIEW mv DISTSTYLE ALL SORTKEY (a) AUTO REFRESH NO AS SELECT a FROM t",
        "REFRESH MATERIALIZED VIEW mv",
        "COMMENT ON TABLE t IS 'it\\'s'",
        "CREATE SCHEMA s; CREATE GROUP g; GRANT USAGE ON SCHEMA s TO GROUP g; DROP SCHEMA s; REVOKE ALL ON t FROM PUBLIC",
        "INSERT INTO t WITH x AS (SELECT 1 AS a) SELECT a FROM x",
        "UPDATE t SET a = u.a FROM t AS u WHERE u.b = t.b",
        "DELETE FROM t USING t AS u WHERE u.a = t.a",
        "WITH x AS (SELECT 1 AS a) UPDATE t SET a = x.a FROM x WHERE t.a = x.a",
        "SELECT set_config('application_name', 'x', false)",
        "SELECT nvl(NULL, 1), nvl2(NULL, 1, 2), sysdate, getdate(), len('x'), strtol('ff', 16)",
        "SELECT dateadd(month, 1, getdate()), datediff(day, '2024-01-01'::timestamp, sysdate)",
    ] {
        client.query(sql);
    }
    client.query("DROP GROUP g");
}

#[test]
fn functions_answer_as_redshift_does() {
    let mut client = place().connect();
    assert_eq!(client.value("SELECT nvl(NULL, 2)"), "2");
    assert_eq!(client.value("SELECT '10.6'::numeric"), "11");
    assert_eq!(
        client.value("SELECT date_trunc('second', getdate()) = getdate()"),
        "t"
    );
    assert_eq!(
        client.value("SELECT dateadd(day, 30, '2024-01-31'::timestamp)"),
        "2024-03-01 00:00:00"
    );
    assert_eq!(
        client.value("SELECT datediff(month, '2024-01-31'::timestamp, '2024-02-01'::timestamp)"),
        "1"
    );
    assert_eq!(client.value("SELECT strtol('-7f', 16)"), "-127");
    assert_eq!(client.error("SELECT strtol('9', 8)").code, "22023");
}

#[test]
fn truncate_commits_what_was_before_it() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (a INT); CREATE TABLE other (a INT); INSERT INTO t VALUES (1)");
    client.query("BEGIN; INSERT INTO other VALUES (1)");
    assert_eq!(tags(&client.query("TRUNCATE t")), ["TRUNCATE TABLE"]);
    assert_eq!(client.status, 'I');
    client.query("ROLLBACK");
    assert_eq!(
        client.rows("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM other)"),
        [["0", "1"]]
    );
}

#[test]
fn vacuum_and_databases_cannot_be_in_a_transaction() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a VARCHAR(5))");
    for sql in [
        "VACUUM t",
        "CREATE DATABASE inside",
        "ALTER TABLE t ALTER COLUMN a TYPE VARCHAR(9)",
    ] {
        client.query("BEGIN");
        let failure = client.error(sql);
        assert_eq!(failure.code, "25001", "{sql}");
        assert!(
            failure
                .message
                .ends_with("cannot run inside a transaction block"),
            "{sql}"
        );
        client.query("ROLLBACK");
    }
    assert_eq!(client.error("SELECT 1; VACUUM t").code, "25001");
    client.query("ALTER TABLE t ALTER COLUMN a TYPE VARCHAR(9)");
}

#[test]
fn a_write_conflict_is_redshifts_error_1023() {
    let place = place();
    let (mut one, mut other) = (place.connect(), place.connect());
    one.query("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)");
    one.query("BEGIN; SELECT * FROM t");
    other.query("BEGIN; UPDATE t SET a = 2; COMMIT");
    // The snapshot is the transaction's, not the statement's.
    assert_eq!(one.value("SELECT a FROM t"), "1");
    let failure = one.error("UPDATE t SET a = 3");
    assert_eq!((&*failure.code, &*failure.message), ("XX000", "1023"));
    assert!(failure.detail.contains("Serializable isolation violation"));
}
