-- External schemas and tables. Each table is a view, of what the proxy has read from the files before the statement that asks for it.

CREATE SCHEMA pg_external;
CREATE TABLE pg_sandbox.external_schemas (
    oid oid PRIMARY KEY,
    kind smallint NOT NULL,
    -- `DATA CATALOG`, or what it comes from instead.
    source text NOT NULL,
    database text NOT NULL,
    options text NOT NULL,
    -- How COPY is to read.
    authorized text NOT NULL
);
CREATE TABLE pg_sandbox.external_tables (
    relid oid PRIMARY KEY,
    id integer NOT NULL,
    location text NOT NULL,
    -- The options by which COPY reads the files, none for files that it cannot read.
    reader text,
    stored_as text NOT NULL,
    input_format text NOT NULL,
    output_format text NOT NULL,
    serde text NOT NULL,
    serde_parameters text NOT NULL,
    parameters text NOT NULL
);
CREATE TABLE pg_sandbox.external_columns (
    relid oid, name text NOT NULL, type text NOT NULL, definition text NOT NULL, place integer, part_key integer NOT NULL,
    PRIMARY KEY (relid, place)
);
CREATE TABLE pg_sandbox.external_partitions (
    relid oid, "values" text[], location text NOT NULL, PRIMARY KEY (relid, "values")
);
-- Tables of schemas that were dropped, which the data catalog keeps.
CREATE TABLE pg_sandbox.external_kept (
    database text NOT NULL, name text NOT NULL, made pg_sandbox.external_tables, columns text[],
    partitions pg_sandbox.external_partitions[], PRIMARY KEY (database, name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON pg_sandbox.external_kept, pg_sandbox.external_schemas, pg_sandbox.external_tables, pg_sandbox.external_columns,
    pg_sandbox.external_partitions TO PUBLIC;

CREATE FUNCTION pg_sandbox.external_rows(id integer) RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER AS
$$
DECLARE
    data text := current_setting('redshift_sandbox.external_' || id, true);
BEGIN
    IF coalesce(data, '') = '' THEN
        RAISE EXCEPTION 'An external table within a routine is not supported by the sandbox yet' USING ERRCODE = '0A000';
    END IF;
    RETURN QUERY EXECUTE 'SELECT * FROM pg_external.' || quote_ident(data);
END
$$;

CREATE FUNCTION pg_sandbox.create_external_schema(
    name text, if_not_exists boolean, kind integer, source text, database text, options text, authorized text
) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    kept pg_sandbox.external_kept;
    t pg_sandbox.external_tables;
BEGIN
    IF if_not_exists AND EXISTS (SELECT FROM pg_namespace WHERE nspname = name) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM pg_sandbox.external_schemas s WHERE s.kind = 1 AND $3 = 1 AND s.database = $5) THEN
        RAISE EXCEPTION 'Two external schemas of the database "%" of the data catalog is not supported by the sandbox yet', database
            USING ERRCODE = '0A000';
    END IF;
    EXECUTE 'CREATE SCHEMA ' || quote_ident(name);
    INSERT INTO pg_sandbox.external_schemas
    SELECT oid, kind, source, database, options, authorized FROM pg_namespace WHERE nspname = name;
    -- What another schema has left in the database.
    FOR kept IN DELETE FROM pg_sandbox.external_kept k WHERE k.database = $5 AND $3 = 1 RETURNING * LOOP
        t := kept.made;
        PERFORM pg_sandbox.create_external_table(
            name, kept.name, kept.columns, t.location, t.reader, t.stored_as, t.input_format, t.output_format, t.serde,
            t.serde_parameters, t.parameters
        );
        INSERT INTO pg_sandbox.external_partitions
        SELECT to_regclass(quote_ident(name) || '.' || quote_ident(kept.name)), p."values", p.location
        FROM pg_engine.unnest(kept.partitions) AS p;
    END LOOP;
END
$$;

-- The columns are rows of name, type of the catalog's, type here, and place in the key of the partitions.
CREATE FUNCTION pg_sandbox.create_external_table(
    schema text, name text, columns text[], location text, reader text, stored_as text, input_format text, output_format text,
    serde text, serde_parameters text, parameters text
) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    found text;
    id integer;
    list text := '';
    typed text := '';
    view oid;
BEGIN
    SELECT source INTO found FROM pg_sandbox.external_schemas s JOIN pg_namespace n USING (oid) WHERE nspname = schema;
    IF found IS NULL THEN
        RAISE EXCEPTION 'schema "%" is not an external schema', schema USING ERRCODE = '42809';
    END IF;
    IF found <> 'DATA CATALOG' THEN
        RAISE EXCEPTION 'Tables of an external schema of % is not supported by the sandbox yet', found USING ERRCODE = '0A000';
    END IF;
    FOR i IN 1 .. array_upper(columns, 1) LOOP
        list := list || ', ' || quote_ident(columns[i][1]);
        typed := typed || ', ' || quote_ident(columns[i][1]) || ' ' || columns[i][3];
    END LOOP;
    id := pg_engine.nextval('pg_sandbox.external_ids');
    EXECUTE 'CREATE VIEW ' || quote_ident(schema) || '.' || quote_ident(name) || ' AS SELECT ' || substr(list, 3)
        || ' FROM pg_sandbox.external_rows(' || id || ') AS f(' || substr(typed, 3) || ')';
    EXECUTE 'GRANT SELECT ON ' || quote_ident(schema) || '.' || quote_ident(name) || ' TO PUBLIC';
    view := (quote_ident(schema) || '.' || quote_ident(name))::regclass;
    INSERT INTO pg_sandbox.external_tables
    VALUES (view, id, location, reader, stored_as, input_format, output_format, serde, serde_parameters, parameters);
    FOR i IN 1 .. array_upper(columns, 1) LOOP
        INSERT INTO pg_sandbox.external_columns
        VALUES (view, columns[i][1], columns[i][2], columns[i][3], i, columns[i][4]::integer);
    END LOOP;
END
$$;
CREATE SEQUENCE pg_sandbox.external_ids;
GRANT USAGE ON SEQUENCE pg_sandbox.external_ids TO PUBLIC;

-- The names and values of the key, each in an order of its own.
CREATE FUNCTION pg_sandbox.change_external_partition(
    schema text, name text, keys text[], given text[], place text, if_not_exists boolean
) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    view oid := to_regclass(quote_ident(schema) || '.' || quote_ident(name));
    ordered text[];
    wanted integer;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_sandbox.external_tables WHERE relid = view) THEN
        RAISE EXCEPTION 'external table "%.%" does not exist', schema, name USING ERRCODE = '42P01';
    END IF;
    wanted := (SELECT count(*) FROM pg_sandbox.external_columns WHERE relid = view AND part_key > 0);
    ordered := array(
        SELECT given[at]
        FROM generate_series(1, array_upper(keys, 1)) AS at
        JOIN pg_sandbox.external_columns c ON c.relid = view AND c.part_key > 0 AND c.name = keys[at] ORDER BY part_key
    );
    IF wanted = 0 OR coalesce(array_upper(ordered, 1), 0) <> wanted OR array_upper(keys, 1) <> wanted THEN
        RAISE EXCEPTION 'the partition has not the columns of the table''s PARTITIONED BY' USING ERRCODE = '42703';
    END IF;
    IF place IS NULL THEN
        DELETE FROM pg_sandbox.external_partitions p WHERE relid = view AND p."values" = ordered;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the partition does not exist' USING ERRCODE = 'XX000';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM pg_sandbox.external_partitions p WHERE relid = view AND p."values" = ordered) THEN
        INSERT INTO pg_sandbox.external_partitions VALUES (view, ordered, place);
    ELSIF NOT if_not_exists THEN
        RAISE EXCEPTION 'Partition already exists.' USING ERRCODE = 'XX000';
    END IF;
END
$$;

CREATE FUNCTION pg_sandbox.drop_external_table(view oid) RETURNS void LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE 'DROP VIEW ' || view::regclass::text;
    DELETE FROM pg_sandbox.external_tables WHERE relid = view;
    DELETE FROM pg_sandbox.external_columns WHERE relid = view;
    DELETE FROM pg_sandbox.external_partitions WHERE relid = view;
END
$$;

CREATE FUNCTION pg_sandbox.drop_external_schema(schema oid, with_database boolean) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    view oid;
BEGIN
    FOR view IN SELECT relid FROM pg_sandbox.external_tables t JOIN pg_class c ON c.oid = t.relid WHERE relnamespace = schema LOOP
        INSERT INTO pg_sandbox.external_kept
        SELECT s.database, c.relname, t, array(
            SELECT ARRAY[k.name, k.type, k.definition, k.part_key::text] FROM pg_sandbox.external_columns k
            WHERE k.relid = view ORDER BY place
        ), array(SELECT p FROM pg_sandbox.external_partitions p WHERE p.relid = view)
        FROM pg_sandbox.external_tables t, pg_class c, pg_sandbox.external_schemas s
        WHERE NOT with_database AND t.relid = view AND c.oid = view AND s.oid = schema;
        PERFORM pg_sandbox.drop_external_table(view);
    END LOOP;
    EXECUTE 'DROP SCHEMA ' || schema::regnamespace::text;
    DELETE FROM pg_sandbox.external_schemas WHERE oid = schema;
END
$$;

CREATE FUNCTION pg_sandbox.is_external(oid) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM pg_sandbox.external_tables WHERE relid = $1) $$;

CREATE VIEW pg_catalog.svv_external_schemas AS
SELECT s.oid AS esoid, kind AS eskind, nspname AS schemaname, nspowner::integer AS esowner, database AS databasename,
       options AS esoptions
FROM pg_sandbox.external_schemas s JOIN pg_namespace n USING (oid);
CREATE VIEW pg_catalog.svv_external_tables AS
SELECT current_database()::text AS redshift_database_name, nspname::text AS schemaname, relname::text AS tablename,
       'TABLE'::text AS tabletype, location, input_format, output_format, serde AS serialization_lib, serde_parameters,
       0 AS compressed, parameters
FROM pg_sandbox.external_tables JOIN pg_class c ON c.oid = relid JOIN pg_namespace n ON n.oid = relnamespace;
CREATE VIEW pg_catalog.svv_external_columns AS
SELECT current_database()::text AS redshift_database_name, nspname::text AS schemaname, relname::text AS tablename,
       name AS columnname, type AS external_type, place AS columnnum, part_key, ''::text AS is_nullable
FROM pg_sandbox.external_columns JOIN pg_class c ON c.oid = relid JOIN pg_namespace n ON n.oid = relnamespace;
CREATE VIEW pg_catalog.svv_external_databases AS
SELECT DISTINCT kind::integer AS eskind, database AS databasename, ''::text AS location, ''::text AS parameters
FROM pg_sandbox.external_schemas WHERE kind = 1;
CREATE VIEW pg_catalog.svv_external_partitions AS
SELECT nspname::text AS schemaname, relname::text AS tablename, pg_engine.array_to_json(p."values")::text AS values, p.location,
       input_format, output_format, serde AS serialization_lib, serde_parameters, 0 AS compressed, parameters
FROM pg_sandbox.external_partitions p
JOIN pg_sandbox.external_tables t ON t.relid = p.relid
JOIN pg_class c ON c.oid = p.relid
JOIN pg_namespace n ON n.oid = relnamespace;
