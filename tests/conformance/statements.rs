//! SQL and what comes of it.

use std::error::Error;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_redshift::RedshiftConnection;

use crate::check;

/// What comes of a statement.
enum Outcome {
    /// The one column of its one row, as text.
    Answer(&'static str),
    /// No error.
    Runs,
    /// An error with this SQLSTATE.
    Fails(&'static str),
    /// An error whose SQLSTATE is not documented.
    Refused,
}
use Outcome::{Answer, Fails, Refused, Runs};

type Statements = &'static [(&'static str, Outcome)];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<Text>)]
    answer: Option<String>,
}

/// The statements, one after the other in one session; after an error a transaction is rolled back.
fn run(
    conn: &mut RedshiftConnection,
    statements: Statements,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut deviations = Vec::new();
    for (sql, expected) in statements {
        let found = match expected {
            Answer(_) => diesel::sql_query(format!("SELECT ({sql})::varchar AS answer"))
                .get_result::<Row>(conn)
                .map(|row| row.answer.unwrap_or_else(|| "NULL".to_owned())),
            Runs | Fails(_) | Refused => conn.batch_execute(sql).map(|()| String::new()),
        };
        let state = || {
            conn.last_error()
                .and_then(|error| Some(error.sqlstate()?.to_owned()))
        };
        let deviation = match (expected, found) {
            (Answer(expected), Ok(found)) if found == *expected => None,
            (Answer(expected), Ok(found)) => Some(format!("{found:?} and not {expected:?}")),
            (Runs, Ok(_)) => None,
            (Fails(expected), Ok(_)) => Some(format!("no error, and not {expected}")),
            (Refused, Ok(_)) => Some("no error".to_owned()),
            (Refused, Err(_)) => None,
            (Fails(expected), Err(_)) if state().as_deref() == Some(expected) => None,
            (_, Err(error)) => Some(format!("{error} ({})", state().unwrap_or_default())),
        };
        deviations.extend(deviation.map(|deviation| format!("{sql}: {deviation}")));
        if matches!(expected, Fails(_) | Refused) {
            conn.batch_execute("ROLLBACK")?;
        }
    }
    Ok(deviations)
}

#[test]
fn literals_and_names() {
    check(|_, conn| {
        run(
            conn,
            &[
                (r"'a\'b' || 'c\\d'", Answer(r"a'bc\d")),
                (r"length('\n\t')", Answer("2")),
                (r"E'\\'", Answer("\\")),
                ("to_hex(from_hex('6162'))", Answer("6162")),
                ("to_hex('abc'::varbyte)", Answer("616263")),
                ("'abc'::varbyte", Answer("abc")),
                ("'yes'::varchar::boolean", Answer("true")),
                (r#"CREATE TABLE "MiXed" ("CoL" INT)"#, Runs),
                ("SELECT col FROM mixed", Runs),
                ("CREATE TABLE words (user INT)", Fails("42601")),
                (r#"CREATE TABLE words ("user" INT)"#, Runs),
                ("CREATE TABLE hidden (ctid INT)", Refused),
            ],
        )
    });
}

#[test]
fn what_redshift_lacks() {
    check(|_, conn| {
        conn.batch_execute("CREATE TABLE t (id INT, v VARCHAR(10), at TIMESTAMP)")?;
        run(
            conn,
            &[
                ("INSERT INTO t (id) VALUES (1) RETURNING id", Refused),
                (
                    "INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING",
                    Refused,
                ),
                ("SELECT DISTINCT ON (id) * FROM t", Fails("0A000")),
                ("SELECT count(*) FILTER (WHERE id > 1) FROM t", Refused),
                ("SELECT * FROM (VALUES (1), (2)) AS x (n)", Refused),
                ("SELECT id FROM t WHERE id IS DISTINCT FROM 1", Refused),
                ("CREATE INDEX i ON t (id)", Refused),
                ("CREATE TABLE s (id SERIAL)", Refused),
                ("CREATE TABLE u (id UUID)", Refused),
                ("CREATE TABLE j (id JSONB)", Refused),
                ("CREATE TABLE a (id INT[])", Refused),
                ("LISTEN x", Refused),
                ("SELECT sum(id) OVER (ORDER BY id) FROM t", Refused),
                (
                    "SELECT sum(id) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING) FROM t",
                    Runs,
                ),
                ("COPY t FROM STDIN", Refused),
            ],
        )
    });
}

#[test]
fn what_redshift_has_of_its_own() {
    check(|_, conn| {
        conn.batch_execute(
            "CREATE TABLE t (id INT, v VARCHAR(10), at TIMESTAMP); \
             INSERT INTO t VALUES (1, 'a', '2024-01-31 10:00'), (2, 'b', '2024-03-01'), (3, NULL, NULL)",
        )?;
        run(
            conn,
            &[
                (
                    "SELECT DATEADD(month, 1, at) FROM t WHERE id = 1",
                    Answer("2024-02-29 10:00:00"),
                ),
                (
                    "SELECT DATEDIFF(day, '2024-01-31', at::date) FROM t WHERE id = 2",
                    Answer("30"),
                ),
                (
                    "SELECT DATE_TRUNC('month', at) FROM t WHERE id = 1",
                    Answer("2024-01-01 00:00:00"),
                ),
                ("SELECT NVL(v, 'none') FROM t WHERE id = 3", Answer("none")),
                (
                    "SELECT NVL2(v, 'some', 'none') FROM t WHERE id = 3",
                    Answer("none"),
                ),
                (
                    "SELECT DECODE(id, 1, 'one', 'other') FROM t WHERE id = 2",
                    Answer("other"),
                ),
                (
                    "SELECT LISTAGG(v, ',') WITHIN GROUP (ORDER BY v DESC) FROM t",
                    Answer("b,a"),
                ),
                ("SELECT MEDIAN(id)::int FROM t", Answer("2")),
                ("SELECT TOP 1 v FROM t ORDER BY id DESC", Answer("NULL")),
                (
                    "SELECT v FROM (SELECT * FROM t MINUS SELECT * FROM t WHERE id > 1) AS x",
                    Answer("a"),
                ),
                (
                    "SELECT v FROM t AS x WHERE v IS NOT NULL QUALIFY ROW_NUMBER() OVER (ORDER BY id DESC) = 1",
                    Answer("b"),
                ),
                ("SELECT LEN('é')", Answer("1")),
                ("SELECT OCTET_LENGTH('é')", Answer("2")),
                ("SELECT 7 / 2", Answer("3")),
                (
                    "SELECT JSON_EXTRACT_PATH_TEXT('{\"a\":{\"b\":5}}', 'a', 'b')",
                    Answer("5"),
                ),
                ("SELECT IS_VALID_JSON('{')", Answer("false")),
                ("SELECT STRTOL('ff', 16)", Answer("255")),
                (
                    "SELECT CONVERT_TIMEZONE('UTC', 'Asia/Kolkata', '2024-01-01'::timestamp)",
                    Answer("2024-01-01 05:30:00"),
                ),
                ("SELECT count(*) FROM t WHERE GETDATE() > at", Answer("2")),
                (
                    "SELECT count(*) FROM t WHERE v ILIKE 'A' AND v SIMILAR TO 'a|b'",
                    Answer("1"),
                ),
            ],
        )
    });
}

#[test]
fn transactions() {
    check(|_, conn| {
        conn.batch_execute("CREATE TABLE t (id INT)")?;
        run(
            conn,
            &[
                ("BEGIN; VACUUM t", Fails("25001")),
                ("BEGIN; CREATE DATABASE no_such_database", Fails("25001")),
                ("BEGIN; SAVEPOINT s", Refused),
                ("BEGIN; SELECT no_such_column FROM t", Fails("42703")),
                ("BEGIN; CREATE TABLE undone (id INT); ROLLBACK", Runs),
                ("SELECT id FROM undone", Fails("42P01")),
                (
                    "BEGIN; INSERT INTO t VALUES (1); TRUNCATE t; INSERT INTO t VALUES (2); ROLLBACK",
                    Runs,
                ),
                // TRUNCATE has committed; what came after it was a transaction of its own.
                ("SELECT count(*) FROM t WHERE id = 1", Answer("0")),
                ("BEGIN; LOCK t; COMMIT", Runs),
                ("DECLARE c CURSOR FOR SELECT id FROM t", Refused),
                (
                    "BEGIN; DECLARE c CURSOR FOR SELECT 1; DECLARE d CURSOR FOR SELECT 2",
                    Refused,
                ),
            ],
        )
    });
}

#[test]
fn tables() {
    check(|_, conn| {
        run(
            conn,
            &[
                (
                    "CREATE TABLE orders (id BIGINT IDENTITY(1, 1) PRIMARY KEY, user_id INT NOT NULL ENCODE az64, \
                     note VARCHAR(3) ENCODE lzo DEFAULT 'no', at TIMESTAMP DEFAULT GETDATE()) \
                     DISTSTYLE KEY DISTKEY (user_id) COMPOUND SORTKEY (at)",
                    Runs,
                ),
                ("INSERT INTO orders (user_id) VALUES (1), (2)", Runs),
                ("INSERT INTO orders (id, user_id) VALUES (7, 1)", Refused),
                ("SELECT note FROM orders WHERE user_id = 1", Answer("no")),
                (
                    "INSERT INTO orders (user_id, note) VALUES (3, 'éé')",
                    Fails("22001"),
                ),
                ("SELECT count(DISTINCT id) FROM orders", Answer("2")),
                (
                    "SELECT type || ' ' || encoding || ' ' || distkey::varchar FROM pg_table_def \
                     WHERE tablename = 'orders' AND \"column\" = 'user_id'",
                    Answer("integer az64 true"),
                ),
                ("CREATE TABLE wrong (v VARCHAR(10) ENCODE az64)", Refused),
                ("CREATE TABLE copied (LIKE orders INCLUDING DEFAULTS)", Runs),
                (
                    "CREATE TABLE made AS SELECT 'x' AS v, sum(1.5::decimal(10,2)) AS n",
                    Runs,
                ),
                ("ALTER TABLE orders ADD COLUMN more SUPER", Runs),
                (
                    "ALTER TABLE orders ADD COLUMN b INT, ADD COLUMN c INT",
                    Refused,
                ),
                ("ALTER TABLE orders RENAME COLUMN more TO document", Runs),
                (
                    "CREATE VIEW late AS SELECT id FROM public.no_such_table WITH NO SCHEMA BINDING",
                    Runs,
                ),
                ("DROP TABLE orders", Runs),
            ],
        )
    });
}

#[test]
fn documents() {
    check(|_, conn| {
        conn.batch_execute(
            "CREATE TABLE d (id INT, s SUPER); \
             INSERT INTO d SELECT 1, JSON_PARSE('{\"a\": [1, {\"b\": \"x\"}], \"n\": 1.5, \"z\": null}'); \
             INSERT INTO d VALUES (2, '{\"a\": 1}')",
        )?;
        run(
            conn,
            &[
                ("SELECT s.a[1].b::varchar FROM d WHERE id = 1", Answer("x")),
                (
                    "SELECT JSON_TYPEOF(s) FROM d WHERE id = 1",
                    Answer("object"),
                ),
                // Without JSON_PARSE a text is a text.
                (
                    "SELECT JSON_TYPEOF(s) FROM d WHERE id = 2",
                    Answer("string"),
                ),
                (
                    "SELECT GET_ARRAY_LENGTH(s.a) FROM d WHERE id = 1",
                    Answer("2"),
                ),
                (
                    "SELECT JSON_SERIALIZE(s.a) FROM d WHERE id = 1",
                    Answer("[1,{\"b\":\"x\"}]"),
                ),
                (
                    "SELECT count(*) FROM d, d.s.a AS e WHERE d.id = 1",
                    Answer("2"),
                ),
                (
                    "SELECT s.no.such::varchar FROM d WHERE id = 1",
                    Answer("NULL"),
                ),
                ("SELECT count(*) FROM d WHERE s.n > 1", Answer("1")),
                ("SELECT JSON_PARSE('{')", Fails("XX000")),
            ],
        )
    });
}
