//! What psql 15 asks for its commands that begin with a backslash.

use crate::client::Client;
use crate::place;

fn world() -> Client {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT, b VARCHAR(5) DEFAULT 'x'); CREATE VIEW v AS SELECT a FROM t; \
         CREATE FUNCTION twice (INT, VARCHAR) RETURNS INT STABLE AS $$ SELECT 2 * $1 $$ LANGUAGE sql",
    );
    client
}

#[test]
fn relations_with_their_sizes() {
    // `\\dt+`, and the same for views
    let relations = |kind: &str| {
        format!(
            "SELECT n.nspname as \"Schema\", c.relname as \"Name\", CASE c.relpersistence WHEN 'p' THEN 'permanent' END as \"Persistence\", \
             pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid)) as \"Size\", \
             pg_catalog.obj_description(c.oid, 'pg_class') as \"Description\" \
             FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('{kind}','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' \
             AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2"
        )
    };
    let mut client = world();
    assert_eq!(
        client.rows(&relations("r")),
        [["public", "t", "permanent", "0 bytes", "~"]]
    );
    assert_eq!(
        client.rows(&relations("v")),
        [["public", "v", "permanent", "0 bytes", "~"]]
    );
}

#[test]
fn one_relation() {
    // `\\d+ t`
    let mut client = world();
    let oid = client.value(
        "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n \
         ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(t)$' \
         AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 2, 3",
    );
    assert_eq!(oid, "t");
    assert_eq!(
        client.rows(
            "SELECT c.relchecks, c.relkind, c.relhasindex, c.relhasrules, c.relhastriggers, false, false, c.relhasoids, \
             false as relispartition, pg_catalog.array_to_string(c.reloptions || \
             array(select 'toast.' || x from pg_catalog.unnest(tc.reloptions) x), ', ') , c.reltablespace, \
             CASE WHEN c.reloftype = 0 THEN '' ELSE c.reloftype::pg_catalog.regtype::pg_catalog.text END, c.relpersistence \
             FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_class tc ON (c.reltoastrelid = tc.oid) WHERE c.relname = 't'"
        ),
        [["0", "r", "f", "f", "f", "f", "f", "f", "f", "", "0", "", "p"]]
    );
}

#[test]
fn functions() {
    // `\\df`
    assert_eq!(
        world().rows(
            "SELECT n.nspname as \"Schema\", p.proname as \"Name\", pg_catalog.pg_get_function_result(p.oid) as \"Result data type\", \
             pg_catalog.pg_get_function_arguments(p.oid) as \"Argument data types\", CASE WHEN p.proisagg THEN 'agg' \
             WHEN p.proiswindow THEN 'window' WHEN p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype THEN 'trigger' \
             ELSE 'func' END as \"Type\" FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
             WHERE pg_catalog.pg_function_is_visible(p.oid) AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' \
             ORDER BY 1, 2, 4"
        ),
        [["public", "twice", "integer", "integer, character varying", "func"]]
    );
    // They are psql's only.
    let mut client = world();
    for sql in [
        "SELECT pg_table_size(c.oid) FROM pg_class c",
        "SELECT pg_catalog.pg_table_size(1)",
        "SELECT pg_catalog.unnest(a) FROM t",
    ] {
        assert_eq!(client.error(sql).code, "42883", "{sql}");
    }
}

#[test]
fn databases_with_their_sizes() {
    // `\\l+`
    let mut client = world();
    let rows = client.rows(
        "SELECT d.datname as \"Name\", pg_catalog.pg_get_userbyid(d.datdba) as \"Owner\", \
         CASE WHEN pg_catalog.has_database_privilege(d.datname, 'CONNECT') \
         THEN pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.datname)) ELSE 'No Access' END as \"Size\", \
         t.spcname as \"Tablespace\", pg_catalog.shobj_description(d.oid, 'pg_database') as \"Description\" \
         FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t on d.dattablespace = t.oid ORDER BY 1",
    );
    assert!(rows.iter().any(|row| row[0] == "dev"), "{rows:?}");
    assert!(!rows.iter().any(|row| row[0] == "postgres"), "{rows:?}");
}
