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
    assert_eq!(
        lines(
            &mut client,
            "SELECT relname, reldiststyle, releffectivediststyle FROM pg_class_info WHERE relname IN ('child', 'parent') ORDER BY 1"
        ),
        ["child|1|1", "parent|8|8"]
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
    // As psql asks for `\\d child`.
    assert_eq!(
        lines(
            &mut client,
            "SELECT a.attname, (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d \
             WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) FROM pg_catalog.pg_attribute a \
             WHERE a.attrelid = 'child'::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attnum < 4 ORDER BY a.attnum",
        ),
        [
            format!("id|{identity}"),
            "pid|~".to_owned(),
            format!("v|{text}")
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
            .error("SELECT (n, n) < (n, n) FROM other, pg_class")
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

#[test]
fn keys_have_indexes() {
    let mut client = world();
    // As redshift_connector asks for primary keys.
    let keys = "SELECT current_database() AS TABLE_CAT, n.nspname AS TABLE_SCHEM, ct.relname AS TABLE_NAME, a.attname AS COLUMN_NAME, \
        a.attnum AS KEY_SEQ, ci.relname AS PK_NAME FROM pg_catalog.pg_namespace n, pg_catalog.pg_class ct, pg_catalog.pg_class ci, \
        pg_catalog.pg_attribute a, pg_catalog.pg_index i WHERE ct.oid=i.indrelid AND ci.oid=i.indexrelid AND a.attrelid=ci.oid AND \
        i.indisprimary AND ct.relnamespace = n.oid AND n.nspname = 'public' ORDER BY table_name, pk_name, key_seq";
    let database = client.value("SELECT current_database()");
    assert_eq!(
        lines(&mut client, keys),
        [
            format!("{database}|public|child|pid|1|a_pair"),
            format!("{database}|public|child|id|2|a_pair"),
            format!("{database}|public|parent|id|1|parent_pkey"),
        ]
    );
    assert_eq!(
        lines(
            &mut client,
            "SELECT relname FROM pg_class WHERE relkind = 'i' AND relname ~ '^(a_|parent)' ORDER BY 1"
        ),
        ["a_pair", "parent_a, b_key", "parent_pkey"]
    );
    // Nothing of the sandbox's own.
    assert_eq!(
        lines(
            &mut client,
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)' ORDER BY 1"
        ),
        ["information_schema", "pg_catalog", "public"]
    );
}

#[test]
fn procedures_and_columns_as_drivers_ask_for_them() {
    let mut client = world();
    client.query("CREATE PROCEDURE p (a INT) AS $$ BEGIN NULL; END $$ LANGUAGE plpgsql");
    assert_eq!(
        lines(
            &mut client,
            "SELECT n.nspname AS PROCEDURE_SCHEM, p.proname AS PROCEDURE_NAME, NULL, CASE p.prokind WHEN 'f' THEN 2 WHEN 'p' THEN 1 \
             ELSE 0 END AS PROCEDURE_TYPE, p.proname || '_' || p.prooid = 'p_' || p.prooid \
             FROM pg_catalog.pg_namespace n, pg_catalog.pg_proc_info p WHERE p.pronamespace=n.oid and pg_function_is_visible(p.prooid) \
             AND n.nspname <> 'pg_catalog' ORDER BY PROCEDURE_SCHEM, PROCEDURE_NAME, p.prooid::text "
        ),
        ["public|p|~|1|t"]
    );
    assert_eq!(
        lines(
            &mut client,
            "SELECT column_name, COALESCE(domain_name, data_type) AS TYPE_NAME, CASE data_type WHEN 'integer' THEN 4WHEN 'super' \
             THEN -16ELSE 12 END AS DATA_TYPE, CASE WHEN column_default LIKE '\"identity\"%' THEN 'YES' ELSE 'NO' END AS \
             IS_AUTOINCREMENT, IS_AUTOINCREMENT AS IS_GENERATEDCOLUMN FROM svv_columns WHERE table_name = 'child' ORDER BY ordinal_position"
        ),
        [
            "id|integer|4|YES|YES",
            "pid|integer|4|NO|NO",
            "v|character varying|12|NO|NO",
            "s|super|-16|NO|NO",
            "at|timestamp without time zone|12|NO|NO"
        ]
    );
    // A name of a column is the column.
    assert_eq!(
        client.rows(
            "SELECT upper(relname) AS relname, relname FROM pg_class c WHERE c.relname = 'child'"
        ),
        [["CHILD", "child"]]
    );
}

#[test]
fn what_clients_look_for() {
    let place = place();
    let mut client = place.connect();
    let user = format!("reader_{}", place.name);
    client.query(&format!(
        "CREATE TABLE t (a INT, b INT, PRIMARY KEY (b, a)); CREATE MATERIALIZED VIEW m AS SELECT a FROM t; \
         CREATE VIEW v AS SELECT a FROM t; CREATE USER {user} PASSWORD 'Secret12'; GRANT SELECT ON t TO {user}; \
         GRANT INSERT ON t TO PUBLIC"
    ));
    assert_eq!(
        client.rows("SELECT schemaname, tablename, indexname, indexdef FROM pg_indexes WHERE tablename = 't'"),
        [["public", "t", "t_pkey", "CREATE UNIQUE INDEX t_pkey ON public.t USING btree (b, a)"]]
    );
    assert_eq!(
        client.rows(
            "SELECT table_name, view_definition LIKE 'CREATE MATERIALIZED VIEW%' FROM information_schema.views \
             WHERE table_schema = 'public' ORDER BY 1"
        ),
        [["m", "t"], ["v", "f"]]
    );
    assert_eq!(
        client.rows(
            "SELECT namespace_name, relation_name, privilege_type, identity_type FROM svv_relation_privileges \
             WHERE relation_name = 't' AND identity_name <> 'awsuser' ORDER BY 3"
        ),
        [["public", "t", "INSERT", "public"], ["public", "t", "SELECT", "user"]]
    );
}
