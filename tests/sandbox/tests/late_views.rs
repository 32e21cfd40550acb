//! Views WITH NO SCHEMA BINDING: what they name is looked for when they are queried.

use crate::client::Client;
use crate::place;

const COLUMNS: &str = "SELECT * FROM pg_get_late_binding_view_cols() \
    cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)";

fn world() -> Client {
    let mut client = place().connect();
    client.query("CREATE SCHEMA s");
    client
}

fn missing(client: &mut Client, sql: &str, table: &str) {
    let failure = client.error(sql);
    assert_eq!(
        (&*failure.code, &*failure.message),
        ("42P01", &*format!("relation \"{table}\" does not exist")),
        "{sql}"
    );
}

#[test]
fn it_may_come_before_its_tables_and_outlive_them() {
    let mut client = world();
    client.query(
        "CREATE VIEW v AS SELECT t.*, u.x FROM s.t JOIN s.u USING (id) WITH NO SCHEMA BINDING",
    );
    for sql in [
        "SELECT * FROM v",
        "SELECT count(*) FROM v WHERE 1 = 0",
        "SELECT * FROM v LIMIT 0",
        "EXPLAIN SELECT * FROM v",
        "INSERT INTO s.other SELECT 1 FROM v",
    ] {
        client.query("CREATE TABLE IF NOT EXISTS s.other (a INT)");
        missing(&mut client, sql, "s.t");
    }
    client.query("CREATE TABLE s.t (id INT, name VARCHAR(5)); INSERT INTO s.t VALUES (1, 'a')");
    missing(&mut client, "SELECT * FROM v", "s.u");
    client.query("CREATE TABLE s.u (id INT, x INT); INSERT INTO s.u VALUES (1, 7)");
    assert_eq!(client.rows("SELECT * FROM v"), [["1", "a", "7"]]);

    client.query("DROP TABLE s.t");
    missing(&mut client, "SELECT name FROM v", "s.t");
    missing(&mut client, "SELECT 1 FROM v WHERE FALSE", "s.t");
    // The new table has other columns.
    client
        .query("CREATE TABLE s.t (name DATE, id BIGINT); INSERT INTO s.t VALUES ('2024-01-02', 1)");
    assert_eq!(client.rows("SELECT * FROM v"), [["2024-01-02", "1", "7"]]);
    assert_eq!(
        client.rows(COLUMNS),
        [
            ["public", "v", "name", "date", "1"],
            ["public", "v", "id", "bigint", "2"],
            ["public", "v", "x", "integer", "3"]
        ]
    );
    client.query("DROP SCHEMA s CASCADE");
    missing(&mut client, "SELECT name FROM v", "s.t");
    assert!(client.rows(COLUMNS).is_empty());
    client.query("DROP VIEW v");
    missing(&mut client, "SELECT * FROM v", "v");
}

#[test]
fn tables_can_be_altered_below_it() {
    let mut client = world();
    client.query(
        "CREATE TABLE s.t (a INT, b VARCHAR(5)); INSERT INTO s.t VALUES (1, 'x');
         CREATE VIEW s.v AS SELECT b FROM s.t WITH NO SCHEMA BINDING",
    );
    client.query("ALTER TABLE s.t ALTER COLUMN b TYPE VARCHAR(9)");
    assert_eq!(
        client.rows(COLUMNS),
        [["s", "v", "b", "character varying(9)", "1"]]
    );
    client.query("ALTER TABLE s.t RENAME COLUMN b TO c");
    let failure = client.error("SELECT * FROM s.v");
    assert_eq!(
        (&*failure.code, &*failure.message),
        ("42703", "column \"b\" does not exist")
    );
    client.query("ALTER TABLE s.t ADD COLUMN b INT DEFAULT 5");
    assert_eq!(client.value("SELECT b FROM s.v"), "5");
    client.query("ALTER TABLE s.t DROP COLUMN b");
    assert_eq!(client.error("SELECT b FROM s.v").code, "42703");
    client.query("ALTER TABLE s.t RENAME COLUMN c TO b; ALTER TABLE s.t RENAME TO u");
    missing(&mut client, "SELECT b FROM s.v", "s.t");
    client.query("CREATE VIEW s.t AS SELECT 'view' AS b");
    assert_eq!(client.value("SELECT b FROM s.v"), "view");
    client.query("CREATE OR REPLACE VIEW s.t AS SELECT 'next' AS b");
    assert_eq!(client.value("SELECT b FROM s.v"), "next");
    client.query("DROP VIEW s.t; CREATE TABLE s.t AS SELECT 'table' AS b");
    assert_eq!(client.value("SELECT b FROM s.v"), "table");
}

#[test]
fn functions_are_not_bound_either() {
    let mut client = world();
    client.query(
        "CREATE TABLE s.t AS SELECT 1 AS a;
         CREATE VIEW v AS SELECT f(a) AS x FROM s.t WITH NO SCHEMA BINDING",
    );
    assert_eq!(client.error("SELECT * FROM v").code, "42883");
    let function = |result: &str| {
        format!(
            "CREATE FUNCTION f(INT) RETURNS INT IMMUTABLE AS $$ SELECT {result} $$ LANGUAGE sql"
        )
    };
    client.query(&function("$1 + 1"));
    assert_eq!(client.value("SELECT x FROM v"), "2");
    client.query("DROP FUNCTION f(INT)");
    assert_eq!(client.error("SELECT x FROM v").code, "42883");
    client.query(&function("$1 + 2"));
    assert_eq!(client.value("SELECT x FROM v"), "3");
}

#[test]
fn names_are_qualified() {
    let mut client = world();
    client.query("CREATE TABLE t (a INT); CREATE TABLE s.t (a INT, list SUPER)");
    for query in [
        "SELECT * FROM t",
        "SELECT * FROM s.t JOIN t USING (a)",
        "SELECT * FROM s.t WHERE a IN (SELECT a FROM t)",
        "WITH q AS (SELECT * FROM t) SELECT * FROM q",
        "SELECT * FROM pg_class",
    ] {
        let failure = client.error(&format!("CREATE VIEW v AS {query} WITH NO SCHEMA BINDING"));
        assert_eq!(
            failure.message,
            "All the relation names inside should be qualified when creating VIEW WITH NO SCHEMA BINDING.",
            "{query}"
        );
    }
    for query in [
        "WITH q AS (SELECT * FROM s.t), r AS (SELECT a FROM q) SELECT * FROM r",
        "SELECT x FROM s.t AS t, t.list AS x",
        "SELECT a FROM (SELECT TOP 1 a FROM s.t ORDER BY a) q UNION ALL SELECT 1",
        "SELECT 1 AS one",
        "SELECT relname FROM pg_catalog.pg_class",
    ] {
        client.query(&format!(
            "CREATE OR REPLACE VIEW v AS {query} WITH NO SCHEMA BINDING"
        ));
        client.query("SELECT * FROM v");
    }
    let database = client.value("SELECT current_database()");
    client.query(&format!(
        "CREATE VIEW {database}.s.x AS SELECT a FROM {database}.s.t WITH NO SCHEMA BINDING; SELECT a FROM s.x"
    ));
    for (sql, code) in [
        (
            "CREATE VIEW other.s.y AS SELECT 1 AS a WITH NO SCHEMA BINDING",
            "0A000",
        ),
        (
            "CREATE VIEW w AS SELECT * FROM nowhere.t WITH NO SCHEMA BINDING",
            "3F000",
        ),
        (
            "CREATE VIEW nowhere.w AS SELECT * FROM s.t WITH NO SCHEMA BINDING",
            "3F000",
        ),
        (
            "CREATE VIEW w AS WITH RECURSIVE r (a) AS (SELECT a FROM s.t UNION ALL SELECT a FROM r) SELECT * FROM r WITH NO SCHEMA BINDING",
            "0A000",
        ),
        (
            "CREATE VIEW w AS SELECT FROM WHERE WITH NO SCHEMA BINDING",
            "42601",
        ),
        ("CREATE VIEW w AS WITH NO SCHEMA BINDING", "42601"),
        (
            "CREATE VIEW v AS SELECT 1 AS a WITH NO SCHEMA BINDING",
            "42P07",
        ),
        (
            "CREATE OR REPLACE VIEW t AS SELECT 1 AS a WITH NO SCHEMA BINDING",
            "42809",
        ),
    ] {
        assert_eq!(client.error(sql).code, code, "{sql}");
    }
}

#[test]
fn views_on_top_of_it() {
    let mut client = world();
    client.query(
        "CREATE TABLE s.t (a INT, b INT); INSERT INTO s.t VALUES (1, 2);
         CREATE VIEW outer_late AS SELECT * FROM s.late WITH NO SCHEMA BINDING;
         CREATE VIEW s.late AS SELECT * FROM s.t WITH NO SCHEMA BINDING;
         CREATE VIEW bound AS SELECT b, a FROM s.late;
         CREATE VIEW above AS SELECT a FROM bound",
    );
    let views = ["s.late", "outer_late", "bound", "above"];
    for view in views {
        assert_eq!(
            client.value(&format!("SELECT a FROM {view}")),
            "1",
            "{view}"
        );
    }
    client.query("DROP TABLE s.t");
    for view in views {
        missing(&mut client, &format!("SELECT a FROM {view}"), "s.t");
    }
    client.query("CREATE TABLE s.t (c INT, a VARCHAR(3)); INSERT INTO s.t VALUES (3, 'new')");
    assert_eq!(client.rows("SELECT * FROM outer_late"), [["3", "new"]]);
    for view in ["bound", "above"] {
        assert_eq!(client.error(&format!("SELECT a FROM {view}")).code, "42703");
    }
    client.query("ALTER TABLE s.t ADD COLUMN b INT DEFAULT 9");
    assert_eq!(client.rows("SELECT * FROM bound"), [["9", "new"]]);
    assert_eq!(client.value("SELECT a FROM above"), "new");
    client.query("DROP VIEW above; DROP VIEW bound; DROP VIEW s.late");
    missing(&mut client, "SELECT * FROM outer_late", "s.late");
}

#[test]
fn it_is_told_as_it_was_written() {
    let mut client = world();
    let written = "CREATE OR REPLACE VIEW s.V (x) AS SELECT \"A\" FROM s.t WHERE a <> 'it\\'s'\n WITH NO SCHEMA BINDING";
    client.query(&format!("{written} ; SELECT 1"));
    let told = format!("{written};");
    assert_eq!(client.value("SHOW VIEW s.v"), told);
    assert_eq!(
        client.value("SELECT definition FROM pg_views WHERE viewname = 'v'"),
        told
    );
    assert_eq!(client.value("SELECT pg_get_viewdef('s.v')"), told);
    client.query("CREATE TABLE s.t AS SELECT 'x'::varchar(3) AS a");
    assert_eq!(client.value("SHOW VIEW s.v"), told);
    assert_eq!(
        client.rows(
            "SELECT table_name, table_type FROM svv_tables WHERE table_schema = 's' ORDER BY 1"
        ),
        [["t", "BASE TABLE"], ["v", "VIEW"]]
    );
    assert_eq!(
        client.rows("SELECT column_name, data_type FROM svv_columns WHERE table_name = 'v'"),
        [["x", "character varying"]]
    );
    assert_eq!(
        client.value("SELECT count(*) FROM information_schema.views WHERE table_name = 'v'"),
        "1"
    );
    client.query("CREATE VIEW bound AS SELECT x FROM s.v");
    assert!(
        client
            .value("SHOW VIEW bound")
            .starts_with("CREATE VIEW public.bound AS")
    );
    // Drivers ask with other types of names.
    assert_eq!(
        client.value("SELECT columntype FROM pg_get_late_binding_view_cols() l(schemaname name, tablename name, columnname name, columntype text, columnnum int)"),
        "character varying(3)"
    );
}

#[test]
fn one_kind_replaces_the_other() {
    let mut client = world();
    client.query("CREATE TABLE s.t (a INT); CREATE VIEW v AS SELECT a FROM s.t");
    assert_eq!(client.error("DROP TABLE s.t").code, "2BP01");
    client.query("CREATE OR REPLACE VIEW v AS SELECT a, 5 AS b FROM s.t WITH NO SCHEMA BINDING");
    client.query("DROP TABLE s.t; CREATE TABLE s.t (a INT); INSERT INTO s.t VALUES (1)");
    assert_eq!(client.rows("SELECT * FROM v"), [["1", "5"]]);
    client.query("CREATE OR REPLACE VIEW v AS SELECT 'x' AS c FROM s.t WITH NO SCHEMA BINDING");
    assert_eq!(client.value("SELECT c FROM v"), "x");
    client.query(
        "CREATE OR REPLACE VIEW v AS SELECT 'y'::varchar AS c FROM s.u WITH NO SCHEMA BINDING",
    );
    missing(&mut client, "SELECT c FROM v", "s.u");
    client.query("DROP VIEW v; CREATE VIEW v AS SELECT a FROM s.t");
    assert_eq!(client.error("DROP TABLE s.t").code, "2BP01");
    assert!(client.rows(COLUMNS).is_empty());
}

#[test]
fn grants_owners_and_comments_stay() {
    let place = place();
    let mut client = place.connect();
    client.query(&format!(
        "CREATE SCHEMA s; CREATE TABLE s.t (a INT); CREATE USER reader_{0} PASSWORD 'Reader12'; CREATE GROUP some_{0};
         CREATE VIEW v AS SELECT * FROM s.t WITH NO SCHEMA BINDING;
         GRANT SELECT ON v TO reader_{0}; GRANT SELECT ON v TO GROUP some_{0}; COMMENT ON VIEW v IS 'kept'",
        place.name
    ));
    client.query("DROP TABLE s.t; CREATE TABLE s.t (b INT); INSERT INTO s.t VALUES (7)");
    let url = place.url.replace(
        "awsuser:Sandbox1",
        &format!("reader_{}:Reader12", place.name),
    );
    let mut reader = Client::connect(&url).expect("a connection");
    // The view's owner may read the table, and the reader the view.
    assert_eq!(reader.value("SELECT b FROM public.v"), "7");
    assert_eq!(reader.error("SELECT b FROM s.t").code, "42501");
    for sql in [
        "CREATE OR REPLACE VIEW public.v AS SELECT 1 AS b WITH NO SCHEMA BINDING",
        "CREATE VIEW s.w AS SELECT 1 AS b WITH NO SCHEMA BINDING",
        "DROP VIEW public.v",
    ] {
        assert_eq!(reader.error(sql).code, "42501", "{sql}");
    }
    // Its own view has its own rights.
    reader.query("CREATE VIEW mine AS SELECT * FROM s.t WITH NO SCHEMA BINDING");
    assert_eq!(reader.error("SELECT * FROM mine").code, "42501");
    assert_eq!(
        client.rows("SELECT table_owner, remarks FROM svv_redshift_tables WHERE table_name IN ('v', 'mine') ORDER BY table_name"),
        [[&*format!("reader_{}", place.name), "~"], ["awsuser", "kept"]]
    );
    client.query("DROP VIEW mine; DROP SCHEMA s CASCADE");
    missing(&mut reader, "SELECT b FROM public.v", "s.t");
    client.query(&format!(
        "DROP VIEW v; DROP USER reader_{0}; DROP GROUP some_{0}",
        place.name
    ));
}

#[test]
fn transactions_and_prepared_statements() {
    let place = place();
    let mut client = place.connect();
    let mut other = place.connect();
    client.query("CREATE SCHEMA s; CREATE TABLE s.t (a INT); INSERT INTO s.t VALUES (1)");
    client.query("BEGIN; CREATE VIEW v AS SELECT a FROM s.t WITH NO SCHEMA BINDING");
    assert_eq!(client.value("SELECT a FROM v"), "1");
    client.query("ROLLBACK");
    missing(&mut client, "SELECT a FROM v", "v");
    let (_, _, error) = client.extended(
        "CREATE VIEW v AS SELECT a FROM s.t WITH NO SCHEMA BINDING",
        &[],
    );
    assert_eq!(error, None);
    other.query("PREPARE p AS SELECT a FROM v; EXECUTE p");
    client.query("BEGIN; DROP TABLE s.t");
    missing(&mut client, "SELECT a FROM v", "s.t");
    client.query("ROLLBACK");
    assert_eq!(other.value("EXECUTE p"), "1");
    client.query("DROP TABLE s.t");
    missing(&mut other, "EXECUTE p", "s.t");
    client.query("CREATE TABLE s.t (a INT); INSERT INTO s.t VALUES (2)");
    assert_eq!(other.value("EXECUTE p"), "2");

    let uri = place.uri("out/");
    client.query(&format!(
        "UNLOAD ('SELECT * FROM v') TO '{uri}' IAM_ROLE default PARALLEL OFF"
    ));
    assert_eq!(place.get("out/000"), "2\n");
}

#[test]
fn their_columns_are_told_by_themselves() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT); CREATE VIEW late AS SELECT a FROM public.t WITH NO SCHEMA BINDING; \
         CREATE VIEW bound AS SELECT nvl(a, 1) AS a, dateadd(day, 1, getdate()) AS d FROM t",
    );
    for (catalog, columns) in [
        ("information_schema.columns WHERE table_name = 'late'", "0"),
        (
            "pg_attribute JOIN pg_class ON oid = attrelid WHERE relname = 'late'",
            "0",
        ),
        ("svv_columns WHERE table_name = 'late'", "1"),
        ("information_schema.columns WHERE table_name = 'bound'", "2"),
    ] {
        assert_eq!(
            client.value(&format!("SELECT count(*) FROM {catalog}")),
            columns,
            "{catalog}"
        );
    }
    let definition = client.value("SELECT definition FROM pg_views WHERE viewname = 'bound'");
    assert!(
        // PostgreSQL 16 and newer name no table where there is only one.
        definition
            .replace("(t.a", "(a")
            .starts_with(" SELECT COALESCE(a, 1) AS a")
            && !definition.contains("redshift_query"),
        "{definition}"
    );
    for catalog in ["pg_table_def", "information_schema.tables", "svv_columns"] {
        let failure = client.error(&format!("SELECT count(*) FROM t, {catalog}"));
        assert_eq!(failure.code, "0A000", "{catalog}");
    }
}
