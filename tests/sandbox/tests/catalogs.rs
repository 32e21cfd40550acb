//! What tools ask the catalogs for.

use crate::client::Client;
use crate::place;

fn world() -> Client {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE parent (id INT NOT NULL PRIMARY KEY, \"a, b\" VARCHAR(20) UNIQUE) DISTSTYLE ALL;
         CREATE TABLE child (id INT IDENTITY(1,2), pid INT REFERENCES parent, v VARCHAR(5) ENCODE zstd DEFAULT 'x', s SUPER, \
            at TIMESTAMP, CONSTRAINT a_pair PRIMARY KEY (pid, id)) DISTKEY (pid) INTERLEAVED SORTKEY (at, v)",
    );
    client
}

fn lines(client: &mut Client, sql: &str) -> Vec<String> {
    client.rows(sql).iter().map(|row| row.join("|")).collect()
}

#[test]
fn distribution_sort_keys_and_encodings() {
    let mut client = world();
    // As sqlalchemy-redshift asks, which names values of the select list in the condition.
    let tables = "SELECT c.relkind, n.nspname AS \"schema\", c.relname, CASE c.reldiststyle WHEN 0 THEN 'EVEN' WHEN 1 THEN 'KEY' \
        WHEN 8 THEN 'ALL' END AS \"diststyle\" FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_' AND schema = 'public' UNION \
        SELECT 'r' AS \"relkind\", s.schemaname AS \"schema\", t.tablename AS \"relname\", null AS \"diststyle\" \
        FROM svv_external_tables t JOIN svv_external_schemas s ON s.schemaname = t.schemaname where 1 AND schema = 'public' \
        ORDER BY \"relkind\", \"schema\", relname";
    assert_eq!(
        lines(&mut client, tables),
        ["r|public|child|KEY", "r|public|parent|ALL"]
    );
    let columns = "SELECT att.attname, format_encoding(att.attencodingtype::integer), format_type(att.atttypid, att.atttypmod), \
        att.attisdistkey, att.attsortkeyord, att.attnotnull, adsrc, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid), \
        c.relname AS \"table_name\" FROM pg_catalog.pg_class c \
        JOIN pg_catalog.pg_attribute att ON att.attrelid = c.oid \
        LEFT JOIN pg_catalog.pg_attrdef ad ON (att.attrelid, att.attnum) = (ad.adrelid, ad.adnum) \
        WHERE att.attnum > 0 AND NOT att.attisdropped AND table_name = 'child' ORDER BY att.attnum";
    let oid = client.value("SELECT 'child'::pg_catalog.regclass::oid");
    let identity = format!("\"identity\"({oid}, 0, '1,2'::text)");
    let text = "'x'::character varying";
    assert_eq!(
        lines(&mut client, columns),
        [
            format!("id|az64|integer|f|0|t|{identity}|{identity}|child"),
            "pid|az64|integer|t|0|t|~|~|child".to_owned(),
            format!("v|zstd|character varying(5)|f|-2|f|{text}|{text}|child"),
            "s|zstd|super|f|0|f|~|~|child".to_owned(),
            "at|none|timestamp without time zone|f|1|f|~|~|child".to_owned(),
        ]
    );
    // A column of the same name is not passed over.
    assert_eq!(
        client
            .error("SELECT upper(relname) AS relname FROM pg_class WHERE relname = 'x'")
            .code,
        "42702"
    );
    assert_eq!(
        client.value("SELECT pg_catalog.pg_class.relname AS relname FROM pg_catalog.pg_class WHERE relname = 'child'"),
        "child"
    );
    client.query("CREATE TABLE other (n INT)");
    assert_eq!(
        client
            .error("SELECT n + 1 AS m FROM other WHERE m = 1")
            .code,
        "42703"
    );
    assert_eq!(
        client
            .error("SELECT (n, n) = (n, n) FROM other, pg_class")
            .code,
        "0A000"
    );
    assert_eq!(
        client.error("SELECT array[n] FROM other, pg_class").code,
        "0A000"
    );
}

#[test]
fn keys_and_nothing_but_keys_are_constraints() {
    let mut client = world();
    let constraints = "SELECT c.relname, t.contype, t.conname, t.conkey, a.attname, pg_catalog.pg_get_constraintdef(t.oid, true)::varchar(512) \
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_constraint t ON t.conrelid = c.oid \
        JOIN pg_catalog.pg_attribute a ON t.conrelid = a.attrelid AND a.attnum = ANY(t.conkey) \
        UNION SELECT 'x', 'p', 'x', array[1::SMALLINT], 'x', 'x' FROM svv_external_columns ORDER BY 3, 5";
    assert_eq!(
        lines(&mut client, constraints),
        [
            "child|p|a_pair|{2,1}|id|PRIMARY KEY (pid, id)",
            "child|p|a_pair|{2,1}|pid|PRIMARY KEY (pid, id)",
            "child|f|child_pid_fkey|{2}|pid|FOREIGN KEY (pid) REFERENCES parent",
            "parent|u|parent_a, b_key|{2}|a, b|UNIQUE (a, b)",
            "parent|p|parent_pkey|{1}|id|PRIMARY KEY (id)",
        ]
    );
    assert_eq!(
        lines(
            &mut client,
            "SELECT confrelid::regclass, confkey FROM pg_constraint WHERE contype = 'f'"
        ),
        ["parent|{1}"]
    );
    for (sql, expected) in [
        (
            "SELECT table_name, constraint_name, constraint_type FROM information_schema.table_constraints ORDER BY 2",
            "child|a_pair|PRIMARY KEY;child|child_pid_fkey|FOREIGN KEY;parent|parent_a, b_key|UNIQUE;parent|parent_pkey|PRIMARY KEY",
        ),
        (
            "SELECT column_name, ordinal_position FROM information_schema.key_column_usage WHERE constraint_name = 'a_pair' ORDER BY 2",
            "pid|1;id|2",
        ),
        (
            "SELECT r.unique_constraint_name, u.table_name, u.column_name FROM information_schema.referential_constraints r \
             JOIN information_schema.constraint_column_usage u USING (constraint_name)",
            "parent_pkey|parent|id",
        ),
        ("SELECT * FROM information_schema.check_constraints", ""),
        (
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'child' AND column_name IN ('id', 's') ORDER BY 1",
            "id|integer;s|super",
        ),
        (
            "SELECT information_schema.tables.table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1",
            "child;parent",
        ),
        (
            "SELECT count(*) FROM pg_class WHERE relname LIKE '%_seq' OR relnamespace = 'pg_sandbox'::regnamespace",
            "0",
        ),
        ("SELECT groname FROM pg_group", ""),
        (
            "SELECT setting FROM pg_settings WHERE name = 'query_group'",
            "unset",
        ),
        (
            "SELECT name FROM pg_catalog.pg_settings WHERE name LIKE '%wal%' OR name = 'shared_buffers'",
            "",
        ),
        (
            "WITH pg_class AS (SELECT 1 AS a) SELECT * FROM pg_class",
            "1",
        ),
    ] {
        assert_eq!(lines(&mut client, sql).join(";"), expected, "{sql}");
    }
    let settings = client.rows("SHOW ALL");
    assert!(settings.contains(&vec!["extra_float_digits".to_owned(), "0".to_owned()]));
    assert!(!settings.iter().any(|row| row[0] == "work_mem"));
    client.query("ALTER TABLE child DROP CONSTRAINT a_pair; DROP TABLE parent CASCADE");
    assert_eq!(
        lines(&mut client, "SELECT conname, confrelid FROM pg_constraint"),
        ["child_pid_fkey|0"]
    );
}

#[test]
fn psql_describes_a_table() {
    let mut client = world();
    let oid = client.value(
        "SELECT c.oid FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname OPERATOR(pg_catalog.~) '^(child)$' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1",
    );
    assert_eq!(
        lines(
            &mut client,
            &format!(
                "SELECT c.relkind, c.relhastriggers, c.relhasoids, CASE WHEN c.reloftype = 0 THEN '' ELSE \
             c.reloftype::pg_catalog.regtype::pg_catalog.text END, c.relpersistence FROM pg_catalog.pg_class c \
             LEFT JOIN pg_catalog.pg_class tc ON (c.reltoastrelid = tc.oid) WHERE c.oid = '{oid}'"
            )
        ),
        ["r|f|f||p"]
    );
    assert_eq!(
        client.value("SHOW transaction isolation level"),
        "serializable"
    );
}
