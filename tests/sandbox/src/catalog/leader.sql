-- What the leader node's catalogs tell of tables and of their keys, where PostgreSQL's own tell more or less than that.
-- The proxy reads these views for a client; see sql/rewrite/catalogs.rs.

CREATE SCHEMA pg_leader;
GRANT USAGE ON SCHEMA pg_leader TO PUBLIC;

CREATE FUNCTION pg_sandbox.is_own_schema(oid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT $1 IN ('pg_sandbox'::regnamespace, 'pg_engine'::regnamespace, 'pg_leader'::regnamespace, 'pg_external'::regnamespace) $$;

-- Encodings are numbered by their place here.
CREATE FUNCTION pg_sandbox.encodings() RETURNS text[] LANGUAGE sql IMMUTABLE AS
$$
    SELECT '{none,az64,bytedict,delta,delta32k,lzo,mostly8,mostly16,mostly32,runlength,text255,text32k,zstd}'::text[]
$$;
CREATE FUNCTION pg_catalog.format_encoding(integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT (pg_sandbox.encodings())[$1 + 1] $$;

-- The columns of a catalog, some of them as other expressions.
CREATE FUNCTION pg_sandbox.list(catalog regclass, alias text, others json) RETURNS text LANGUAGE sql STABLE AS
$$
    SELECT array_to_string(array(
        SELECT coalesce(others ->> attname, alias || '.' || quote_ident(attname), 'NULL::' || format_type(atttypid, atttypmod))
            || ' AS ' || quote_ident(attname)
        FROM pg_attribute WHERE attrelid = catalog AND attnum > 0 ORDER BY attnum
    ), ', ')
$$;
CREATE VIEW pg_leader.pg_namespace AS
SELECT n.*, n.tableoid FROM pg_namespace n WHERE NOT pg_sandbox.is_own_schema(n.oid);

-- What stands in adbin is the text that pg_get_expr() makes of it.
CREATE VIEW pg_leader.pg_attrdef AS
SELECT adrelid, adnum, pg_get_expr(adbin, adrelid) AS adbin, pg_get_expr(adbin, adrelid) AS adsrc, tableoid FROM pg_attrdef
UNION ALL
SELECT relid, attnum, column_default, column_default, 'pg_attrdef'::regclass::oid FROM pg_sandbox.columns
WHERE column_default LIKE '"identity"(%' OR column_default LIKE 'default_identity(%';
CREATE FUNCTION pg_catalog.pg_get_expr(text, oid) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION pg_catalog.pg_get_expr(text, oid, boolean) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;

-- Names in a list, with quotes or without, as numbers of columns.
CREATE FUNCTION pg_sandbox.attnums(relation oid, names text) RETURNS smallint[] LANGUAGE sql STABLE AS
$$
    SELECT array(
        SELECT a.attnum
        FROM pg_engine.unnest(
            CASE WHEN names LIKE '"%' THEN string_to_array(trim(names, '"'), '", "') ELSE string_to_array(names, ', ') END
        ) WITH ORDINALITY AS n (name, place)
        JOIN pg_attribute a ON a.attrelid = relation AND replace(a.attname, '"', '""') = n.name
        ORDER BY n.place
    )
$$;
CREATE VIEW pg_sandbox.keys AS
SELECT k.oid, k.name::name AS conname, c.relnamespace AS connamespace, c.relname, k.kind, k.relid,
       pg_sandbox.attnums(k.relid, k.columns) AS conkey,
       r.oid AS confrelid, r.relname AS referenced_name, r.relnamespace AS referenced_schema, p.name AS referenced_key,
       CASE
           WHEN r.oid IS NULL THEN NULL
           WHEN strpos(k.referenced, ' (') > 0
               THEN pg_sandbox.attnums(r.oid, trim(trailing ')' FROM split_part(k.referenced, ' (', 2)))
           ELSE pg_sandbox.attnums(r.oid, p.columns)
       END AS confkey,
       k.kind || ' (' || replace(k.columns, '"', '') || ')'
           || coalesce(' REFERENCES ' || replace(k.referenced, '"', ''), '') AS definition
FROM pg_sandbox.constraints k
JOIN pg_class c ON c.oid = k.relid
LEFT JOIN pg_class r ON r.oid = to_regclass(split_part(k.referenced, ' (', 1))
LEFT JOIN pg_sandbox.constraints p ON p.relid = r.oid AND p.kind = 'PRIMARY KEY';
-- A key has an index, a relation of its own that enforces nothing. Identity columns have sequences, and keys that PostgreSQL
-- enforces, only in PostgreSQL. An identity has a default.
DO
$do$
BEGIN
    EXECUTE pg_engine.format(
        $f$
            CREATE VIEW pg_leader.pg_class AS
            SELECT %s, c.tableoid,
                   CASE t.diststyle WHEN 'EVEN' THEN 0 WHEN 'KEY' THEN 1 WHEN 'ALL' THEN 8 ELSE 9 END::smallint AS reldiststyle,
                   false AS relhasoids
            FROM pg_class c LEFT JOIN pg_sandbox.table_attributes t ON t.relid = c.oid
            WHERE NOT pg_sandbox.is_own_schema(c.relnamespace) AND c.relkind <> 'S' AND c.oid <> ALL (ARRAY(SELECT relid FROM pg_sandbox.external_tables))
            UNION ALL
            SELECT %s, c.tableoid, 0::smallint, false
            FROM pg_sandbox.keys k JOIN pg_class c ON c.oid = k.relid WHERE k.kind <> 'FOREIGN KEY'
        $f$,
        pg_sandbox.list('pg_class', 'c', $j${"relchecks": "0::smallint"}$j$),
        pg_sandbox.list('pg_class', 'c', $j${
            "oid": "k.oid", "relname": "k.conname", "relkind": "'i'::\"char\"", "reltype": "0::oid", "relnatts": "array_upper(k.conkey, 1)::smallint",
            "relfilenode": "k.oid", "relhasindex": "false"
        }$j$)
    );
    EXECUTE pg_engine.format(
        $f$
            CREATE VIEW pg_leader.pg_attribute AS
            SELECT %s, a.tableoid, coalesce(k.distkey, false) AS attisdistkey, coalesce(k.sortkey, 0) AS attsortkeyord,
                   coalesce(pg_engine.array_position(pg_sandbox.encodings(), k.encoding), 1) - 1 AS attencodingtype
            FROM pg_attribute a LEFT JOIN pg_sandbox.columns k ON k.relid = a.attrelid AND k.attnum = a.attnum
            WHERE a.attrelid <> ALL (ARRAY(SELECT relid FROM pg_sandbox.late_views WHERE statement IS NOT NULL))
            UNION ALL
            SELECT %s, a.tableoid, false, 0, 0
            FROM pg_sandbox.keys k CROSS JOIN LATERAL generate_series(1, array_upper(k.conkey, 1)) AS place
            JOIN pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.conkey[place] WHERE k.kind <> 'FOREIGN KEY'
        $f$,
        pg_sandbox.list('pg_attribute', 'a', $j${"atthasdef": "(a.atthasdef OR a.attidentity <> '')"}$j$),
        pg_sandbox.list('pg_attribute', 'a', $j${
            "attrelid": "k.oid", "attnum": "place::smallint", "attnotnull": "false", "atthasdef": "false", "attidentity": "''::\"char\""
        }$j$)
    );
    EXECUTE pg_engine.format(
        $f$
            CREATE VIEW pg_leader.pg_index AS
            SELECT i.*, i.tableoid FROM pg_index i
            UNION ALL
            SELECT %s, 'pg_index'::regclass::oid FROM pg_sandbox.keys k WHERE k.kind <> 'FOREIGN KEY'
        $f$,
        pg_sandbox.list('pg_index', NULL, $j${
            "indexrelid": "k.oid", "indrelid": "k.relid", "indnatts": "array_upper(k.conkey, 1)::smallint", "indisunique": "true",
            "indisprimary": "k.kind = 'PRIMARY KEY'", "indisclustered": "false", "indisvalid": "true",
            "indkey": "array_to_string(k.conkey, ' ')::int2vector"
        }$j$)
    );
END
$do$;

CREATE VIEW pg_catalog.pg_class_info AS
SELECT c.*, NULL::timestamp AS relcreationtime,
       CASE reldiststyle WHEN 9 THEN 10 ELSE reldiststyle END::smallint AS releffectivediststyle
FROM pg_leader.pg_class c;

CREATE VIEW pg_leader.pg_constraint AS
SELECT oid, conname, connamespace, CASE kind WHEN 'PRIMARY KEY' THEN 'p' WHEN 'UNIQUE' THEN 'u' ELSE 'f' END::"char" AS contype,
       false AS condeferrable, false AS condeferred, relid AS conrelid, 0::oid AS contypid,
       coalesce(confrelid, 0::oid) AS confrelid, 'a'::"char" AS confupdtype, 'a'::"char" AS confdeltype,
       's'::"char" AS confmatchtype, conkey, confkey, NULL::text AS conbin, NULL::text AS consrc,
       'pg_constraint'::regclass::oid AS tableoid
FROM pg_sandbox.keys;
UPDATE pg_proc SET pronamespace = 'pg_engine'::regnamespace WHERE proname = 'pg_get_constraintdef';
CREATE FUNCTION pg_catalog.pg_get_constraintdef(oid, boolean DEFAULT false) RETURNS text LANGUAGE sql STABLE STRICT AS
$$ SELECT definition FROM pg_sandbox.keys AS k WHERE k.oid = $1 $$;

CREATE VIEW pg_leader.pg_group AS SELECT * FROM pg_group WHERE groname !~ '^pg_';

-- What is called `postgres` is the sandbox's own.
CREATE VIEW pg_leader.pg_database AS SELECT d.*, d.tableoid FROM pg_database d WHERE datname <> 'postgres';

CREATE VIEW pg_leader.pg_proc AS
SELECT p.*, p.tableoid, p.prokind = 'a' AS proisagg, p.prokind = 'w' AS proiswindow
FROM pg_proc p WHERE NOT pg_sandbox.is_own_schema(p.pronamespace);
CREATE VIEW pg_catalog.pg_proc_info AS
SELECT p.oid AS prooid, p.* FROM pg_proc p WHERE NOT pg_sandbox.is_own_schema(p.pronamespace);

-- The information schema's.
CREATE VIEW pg_leader.tables AS
SELECT * FROM information_schema.tables
WHERE NOT pg_sandbox.is_own_schema(table_schema::text::regnamespace)
    AND (table_schema, table_name) NOT IN (SELECT schemaname, tablename FROM svv_external_tables);
CREATE VIEW pg_leader.views AS
SELECT table_catalog, table_schema, table_name, view_definition, check_option, is_updatable, is_insertable_into
FROM information_schema.views
WHERE NOT pg_sandbox.is_own_schema(table_schema::text::regnamespace)
    AND (table_schema, table_name) NOT IN (SELECT schemaname, tablename FROM svv_external_tables)
UNION ALL
SELECT current_database(), schemaname, matviewname, 'CREATE MATERIALIZED VIEW ' || matviewname || ' AS ' || definition,
       'NONE', 'NO', 'NO'
FROM pg_matviews;
CREATE VIEW pg_leader.schemata AS
SELECT * FROM information_schema.schemata WHERE NOT pg_sandbox.is_own_schema(schema_name::text::regnamespace);
CREATE VIEW pg_leader.columns AS
SELECT *, NULL::integer AS character_octet_length, NULL::varchar(128) AS udt_name
FROM svv_columns
WHERE (table_schema, table_name) NOT IN (
    SELECT nspname, relname FROM pg_sandbox.relations JOIN pg_sandbox.late_views USING (relid) WHERE statement IS NOT NULL
    UNION ALL
    SELECT schemaname, tablename FROM svv_external_tables
);
CREATE VIEW pg_leader.check_constraints AS SELECT * FROM information_schema.check_constraints WHERE false;
CREATE VIEW pg_leader.sequences AS SELECT * FROM information_schema.sequences WHERE false;
CREATE VIEW pg_leader.table_constraints AS
SELECT current_database()::varchar(128) AS constraint_catalog, n.nspname::varchar(128) AS constraint_schema,
       conname::varchar(128) AS constraint_name, current_database()::varchar(128) AS table_catalog,
       n.nspname::varchar(128) AS table_schema, relname::varchar(128) AS table_name, kind::varchar(128) AS constraint_type,
       'NO'::varchar(3) AS is_deferrable, 'NO'::varchar(3) AS initially_deferred
FROM pg_sandbox.keys JOIN pg_namespace n ON n.oid = connamespace;
CREATE VIEW pg_leader.key_column_usage AS
SELECT current_database()::varchar(128) AS constraint_catalog, n.nspname::varchar(128) AS constraint_schema,
       conname::varchar(128) AS constraint_name, current_database()::varchar(128) AS table_catalog,
       n.nspname::varchar(128) AS table_schema, relname::varchar(128) AS table_name, a.attname::varchar(128) AS column_name,
       place AS ordinal_position
FROM pg_sandbox.keys
JOIN pg_namespace n ON n.oid = connamespace
CROSS JOIN LATERAL generate_series(1, array_upper(conkey, 1)) AS place
JOIN pg_attribute a ON a.attrelid = relid AND a.attnum = conkey[place];
CREATE VIEW pg_leader.constraint_column_usage AS
SELECT current_database()::varchar(128) AS table_catalog, n.nspname::varchar(128) AS table_schema,
       coalesce(referenced_name, relname)::varchar(128) AS table_name, a.attname::varchar(128) AS column_name,
       current_database()::varchar(128) AS constraint_catalog, n.nspname::varchar(128) AS constraint_schema,
       conname::varchar(128) AS constraint_name
FROM pg_sandbox.keys
JOIN pg_namespace n ON n.oid = coalesce(referenced_schema, connamespace)
JOIN pg_attribute a ON a.attrelid = coalesce(confrelid, relid) AND a.attnum = ANY (coalesce(confkey, conkey))
WHERE kind <> 'FOREIGN KEY' OR confrelid IS NOT NULL;
CREATE VIEW pg_leader.referential_constraints AS
SELECT current_database()::varchar(128) AS constraint_catalog, n.nspname::varchar(128) AS constraint_schema,
       conname::varchar(128) AS constraint_name, current_database()::varchar(128) AS unique_constraint_catalog,
       f.nspname::varchar(128) AS unique_constraint_schema, referenced_key::varchar(128) AS unique_constraint_name,
       'NONE'::varchar(128) AS match_option, 'NO ACTION'::varchar(128) AS update_rule, 'NO ACTION'::varchar(128) AS delete_rule
FROM pg_sandbox.keys
JOIN pg_namespace n ON n.oid = connamespace
LEFT JOIN pg_namespace f ON f.oid = referenced_schema
WHERE kind = 'FOREIGN KEY';

-- A primary key is seen as if it had an index.
CREATE VIEW pg_leader.pg_indexes AS
SELECT n.nspname AS schemaname, relname AS tablename, conname AS indexname, NULL::name AS tablespace,
       'CREATE UNIQUE INDEX ' || conname || ' ON ' || n.nspname || '.' || relname || ' USING btree ('
       || array_to_string(array(
           SELECT a.attname::text FROM generate_series(1, array_upper(conkey, 1)) AS place
           JOIN pg_attribute a ON a.attrelid = relid AND a.attnum = conkey[place] ORDER BY place
       ), ', ') || ')' AS indexdef
FROM pg_sandbox.keys JOIN pg_namespace n ON n.oid = connamespace WHERE kind = 'PRIMARY KEY';

CREATE VIEW pg_catalog.svv_relation_privileges AS
SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, a.privilege_type::text AS privilege_type,
       a.grantee::integer AS identity_id, coalesce(r.rolname::text, 'public') AS identity_name,
       CASE WHEN a.grantee = 0 THEN 'public' WHEN r.rolcanlogin THEN 'user' ELSE 'role' END AS identity_type,
       a.is_grantable AS admin_option
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL pg_engine.aclexplode(c.relacl) AS a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relkind IN ('r', 'v', 'm') AND c.oid >= 16384 AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT pg_sandbox.is_own_schema(n.oid);

DO
$do$
DECLARE
    report regclass;
BEGIN
    FOR report IN SELECT oid FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'v' AND oid >= 16384 LOOP
        EXECUTE pg_engine.format('GRANT SELECT ON %s TO PUBLIC', report);
    END LOOP;
END
$do$;
GRANT SELECT ON pg_sandbox.columns, pg_sandbox.relations, pg_sandbox.keys TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA pg_leader TO PUBLIC;
