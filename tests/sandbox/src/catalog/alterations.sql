-- What ALTER TABLE checks, and keeps right, in what the proxy has recorded.

CREATE FUNCTION pg_sandbox.check_drop(relation oid, column_name text) RETURNS void LANGUAGE plpgsql STRICT AS
$$
DECLARE
    key pg_sandbox.column_attributes;
BEGIN
    SELECT k.* INTO key FROM pg_sandbox.column_attributes k JOIN pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.attnum
    WHERE k.relid = relation AND a.attname = column_name;
    IF key.distkey THEN
        RAISE EXCEPTION 'cannot drop distkey column "%"', column_name USING ERRCODE = '0A000';
    END IF;
    IF key.sortkey <> 0 THEN
        RAISE EXCEPTION 'cannot drop sortkey column "%"', column_name USING ERRCODE = '0A000';
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> column_name
    ) THEN
        RAISE EXCEPTION 'cannot drop the only column "%" of a table', column_name USING ERRCODE = '0A000';
    END IF;
    DELETE FROM pg_sandbox.constraints c WHERE c.relid = relation AND EXISTS (
        SELECT FROM pg_attribute a
        WHERE a.attrelid = relation AND a.attname = column_name AND a.attnum = ANY (pg_sandbox.attnums(relation, c.columns))
    );
END
$$;

CREATE FUNCTION pg_sandbox.drop_constraint(relation oid, constraint_name text) RETURNS void LANGUAGE plpgsql AS
$$
BEGIN
    DELETE FROM pg_sandbox.constraints WHERE relid = relation AND name = constraint_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'constraint "%" does not exist', constraint_name USING ERRCODE = '42704';
    END IF;
END
$$;

-- Only the length of a VARCHAR changes, and not of every VARCHAR.
CREATE FUNCTION pg_sandbox.check_type(relation oid, column_name text) RETURNS void LANGUAGE plpgsql STRICT AS
$$
DECLARE
    found record;
    problem text;
BEGIN
    SELECT a.attnum, a.atttypid, a.atthasdef, k.encoding INTO found
    FROM pg_attribute a LEFT JOIN pg_sandbox.column_attributes k ON k.relid = a.attrelid AND k.attnum = a.attnum
    WHERE a.attrelid = relation AND a.attname = column_name AND a.attnum > 0;
    problem := CASE
        WHEN found.atttypid <> 'varchar'::regtype THEN 'only VARCHAR columns can be altered'
        WHEN found.atthasdef THEN 'it has a default value'
        WHEN found.encoding IN ('bytedict', 'runlength', 'text255', 'text32k') THEN 'it has the encoding ' || upper(found.encoding)
        WHEN EXISTS (
            SELECT FROM pg_sandbox.constraints c
            WHERE c.relid = relation AND found.attnum = ANY (pg_sandbox.attnums(relation, c.columns))
        ) THEN 'it belongs to a key'
    END;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'cannot alter the type of column "%": %', column_name, problem USING ERRCODE = '0A000';
    END IF;
END
$$;

CREATE FUNCTION pg_sandbox.check_keys(relation oid, change text) RETURNS void LANGUAGE plpgsql STABLE STRICT AS
$$
BEGIN
    IF EXISTS (SELECT FROM pg_sandbox.table_attributes WHERE relid = relation AND sortstyle = 'INTERLEAVED') AND change <> 'SORTKEY' THEN
        RAISE EXCEPTION 'ALTER % is not supported for a table with an interleaved sort key', change USING ERRCODE = '0A000';
    END IF;
    IF change IN ('DISTSTYLE ALL', 'DISTSTYLE EVEN')
        AND EXISTS (SELECT FROM pg_class WHERE oid = relation AND relpersistence = 't') THEN
        RAISE EXCEPTION 'ALTER % is not supported for a temporary table', change USING ERRCODE = '0A000';
    END IF;
END
$$;

-- Keys are recorded by the names of their columns, and foreign keys by those of tables.
CREATE FUNCTION pg_sandbox.rename_in_list(names text, old text, new text) RETURNS text LANGUAGE plpgsql STABLE AS
$$
BEGIN
    RETURN array_to_string(array(
        SELECT CASE n.name
            WHEN '"' || replace(old, '"', '""') || '"' THEN '"' || replace(new, '"', '""') || '"'
            WHEN old THEN new
            ELSE n.name
        END
        FROM pg_engine.unnest(string_to_array(names, ', ')) WITH ORDINALITY AS n (name, place) ORDER BY n.place
    ), ', ');
END
$$;
CREATE FUNCTION pg_sandbox.rename_column(relation oid, old text, new text) RETURNS void LANGUAGE plpgsql STRICT AS
$$
BEGIN
    UPDATE pg_sandbox.constraints SET columns = pg_sandbox.rename_in_list(columns, old, new) WHERE relid = relation;
    UPDATE pg_sandbox.constraints
    SET referenced = split_part(referenced, ' (', 1) || ' ('
        || pg_sandbox.rename_in_list(trim(trailing ')' FROM split_part(referenced, ' (', 2)), old, new) || ')'
    WHERE to_regclass(split_part(referenced, ' (', 1)) = relation AND strpos(referenced, ' (') > 0;
END
$$;
CREATE FUNCTION pg_sandbox.rename_table(relation oid, new text) RETURNS void LANGUAGE plpgsql STRICT AS
$$
DECLARE
    schema name := (SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
BEGIN
    UPDATE pg_sandbox.constraints
    SET referenced = quote_ident(schema) || '.' || quote_ident(new)
        || CASE strpos(referenced, ' (') WHEN 0 THEN '' ELSE ' (' || split_part(referenced, ' (', 2) END
    WHERE to_regclass(split_part(referenced, ' (', 1)) = relation;
END
$$;

-- Tells whether anything has changed.
CREATE FUNCTION pg_sandbox.refresh(view text) RETURNS void LANGUAGE plpgsql STRICT AS
$$
DECLARE
    rows text := 'SELECT pg_engine.string_agg(refreshed::text, chr(10) ORDER BY refreshed::text) FROM ' || view || ' refreshed';
    before text;
    after text;
    name text;
BEGIN
    EXECUTE rows INTO before;
    EXECUTE 'REFRESH MATERIALIZED VIEW ' || view;
    EXECUTE rows INTO after;
    SELECT relname INTO name FROM pg_class WHERE oid = view::regclass;
    IF before = after OR coalesce(before, after) IS NULL THEN
        RAISE INFO 'Materialized view % is already up to date.', name;
    ELSE
        RAISE INFO 'Materialized view % was incrementally updated successfully.', name;
    END IF;
END
$$;
