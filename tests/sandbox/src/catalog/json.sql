-- JSON in text, and SUPER.

CREATE FUNCTION pg_sandbox.try_json(text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    RETURN $1::jsonb;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$$;
CREATE FUNCTION pg_sandbox.detail(problem text, context text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$
    SELECT E'\n  -----------------------------------------------\n  error:  ' || problem || E'\n  code:      8001\n  context:   '
        || context || E'\n  -----------------------------------------------'
$$;

CREATE FUNCTION pg_catalog.can_json_parse(text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.try_json($1) IS NOT NULL $$;
CREATE FUNCTION pg_catalog.is_valid_json(text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT coalesce(pg_engine.jsonb_typeof(pg_sandbox.try_json($1)) = 'object', false) $$;
CREATE FUNCTION pg_catalog.is_valid_json_array(text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT coalesce(pg_engine.jsonb_typeof(pg_sandbox.try_json($1)) = 'array', false) $$;

-- The JSON of a text, of the kind that is asked for; other text is an error, or NULL.
CREATE FUNCTION pg_sandbox.json_text(text, kind text, null_if_invalid boolean) RETURNS json LANGUAGE plpgsql IMMUTABLE AS
$$
DECLARE
    parsed jsonb := pg_sandbox.try_json($1);
BEGIN
    IF $1 IS NULL OR parsed IS NOT NULL AND (kind IS NULL OR pg_engine.jsonb_typeof(parsed) = kind) THEN
        RETURN $1::json;
    ELSIF null_if_invalid THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'JSON parsing error' USING ERRCODE = 'XX000', DETAIL =
        pg_sandbox.detail('JSON parsing error', 'invalid json ' || coalesce(kind || ' ', '') || 'string ' || $1);
END
$$;
CREATE FUNCTION pg_catalog.json_array_length(text, null_if_invalid boolean DEFAULT false) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_engine.json_array_length(pg_sandbox.json_text($1, 'array', null_if_invalid)) $$;
CREATE FUNCTION pg_catalog.json_extract_array_element_text(text, place integer, null_if_invalid boolean DEFAULT false)
RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN place >= 0 THEN pg_sandbox.json_text($1, 'array', null_if_invalid) ->> place END $$;
DO
$do$
BEGIN
    FOR keys IN 1 .. 5 LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_catalog.json_extract_path_text(text%1$s) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.json_text($1, NULL, false) #>> ARRAY[%3$s] $$;
                CREATE FUNCTION pg_catalog.json_extract_path_text(text%1$s, null_if_invalid boolean)
                RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.json_text($1, NULL, $%2$s) #>> ARRAY[%3$s] $$
            $f$,
            repeat(', text', keys), keys + 2, array_to_string(array(SELECT '$' || k + 1 FROM generate_series(1, keys) AS k), ', ')
        );
    END LOOP;
END
$do$;

CREATE FUNCTION pg_catalog.json_parse(text) RETURNS super LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    RETURN $1::jsonb;
EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION 'Invalid input' USING ERRCODE = 'XX000',
        DETAIL = pg_sandbox.detail('Invalid input', 'JSON_PARSE() error: ' || SQLERRM);
END
$$;
-- Redshift writes no blanks.
CREATE FUNCTION pg_catalog.json_serialize(jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE pg_engine.jsonb_typeof($1)
        WHEN 'object' THEN (
            SELECT '{' || coalesce(pg_engine.string_agg(pg_engine.to_json(key)::text || ':' || pg_catalog.json_serialize(value), ','), '') || '}'
            FROM pg_engine.jsonb_each($1)
        )
        WHEN 'array' THEN (
            SELECT '[' || coalesce(pg_engine.string_agg(pg_catalog.json_serialize(value), ',' ORDER BY number), '') || ']'
            FROM pg_engine.jsonb_array_elements($1) WITH ORDINALITY AS e (value, number)
        )
        ELSE textin(pg_engine.jsonb_out($1))
    END
$$;
CREATE FUNCTION pg_catalog.json_typeof(jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_engine.jsonb_typeof($1) $$;
CREATE FUNCTION pg_catalog.json_size(jsonb) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT octet_length(pg_catalog.json_serialize($1)) $$;
CREATE FUNCTION pg_catalog.get_array_length(jsonb) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN pg_engine.jsonb_typeof($1) = 'array' THEN pg_engine.jsonb_array_length($1) END $$;

CREATE FUNCTION pg_catalog.is_array(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'array' $$;
CREATE FUNCTION pg_catalog.is_object(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'object' $$;
CREATE FUNCTION pg_catalog.is_scalar(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT json_typeof($1) IN ('string', 'number', 'boolean') $$;
CREATE FUNCTION pg_catalog.is_boolean(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'boolean' $$;
CREATE FUNCTION pg_catalog.is_varchar(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'string' $$;
CREATE FUNCTION pg_sandbox.is_whole(jsonb, bits integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE WHEN pg_engine.jsonb_typeof($1) = 'number' THEN
        ($1 #>> '{}') !~ '[.eE]' AND ($1 #>> '{}')::numeric BETWEEN -power(2::numeric, bits - 1) AND power(2::numeric, bits - 1) - 1
    ELSE false END
$$;
CREATE FUNCTION pg_catalog.is_smallint(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.is_whole($1, 16) $$;
CREATE FUNCTION pg_catalog.is_integer(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.is_whole($1, 32) $$;
CREATE FUNCTION pg_catalog.is_bigint(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.is_whole($1, 64) $$;

CREATE FUNCTION pg_catalog.array_concat(jsonb, jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN is_array($1) AND is_array($2) THEN $1 || $2 END $$;
CREATE FUNCTION pg_catalog.subarray(jsonb, start integer, size integer) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT coalesce(pg_engine.jsonb_agg(value ORDER BY number), '[]')
    FROM pg_engine.jsonb_array_elements($1) WITH ORDINALITY AS e (value, number)
    WHERE number > start AND number <= start + size
$$;
CREATE FUNCTION pg_catalog.split_to_array(text, delimiter text DEFAULT ',') RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_engine.to_jsonb(string_to_array($1, delimiter)) $$;

-- The elements of an array in a SUPER, as rows; nothing else has any.
CREATE FUNCTION pg_sandbox.elements(jsonb) RETURNS TABLE (value jsonb, place bigint) LANGUAGE sql IMMUTABLE STRICT ROWS 10 AS
$$
    SELECT value, number - 1
    FROM pg_engine.jsonb_array_elements(CASE WHEN pg_engine.jsonb_typeof($1) = 'array' THEN $1 ELSE '[]' END)
        WITH ORDINALITY AS e (value, number)
$$;

-- A SUPER of another type becomes NULL in a cast, as long as cast_super_null_on_error is on.
CREATE FUNCTION pg_sandbox.super_text(jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN is_scalar($1) THEN $1 #>> '{}' END $$;
CREATE CAST (jsonb AS text) WITH FUNCTION pg_sandbox.super_text(jsonb);
CREATE FUNCTION pg_sandbox.super_varchar(jsonb) RETURNS varchar LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.super_text($1) $$;
CREATE CAST (jsonb AS varchar) WITH FUNCTION pg_sandbox.super_varchar(jsonb);
CREATE FUNCTION pg_sandbox.super_bpchar(jsonb) RETURNS bpchar LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.super_text($1)::bpchar $$;
CREATE CAST (jsonb AS bpchar) WITH FUNCTION pg_sandbox.super_bpchar(jsonb);
DO
$do$
DECLARE
    target text;
BEGIN
    FOR target IN SELECT x FROM pg_engine.unnest(ARRAY['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'bool']) AS x LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.super_%1$s(jsonb) RETURNS %1$s LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT CASE WHEN json_typeof($1) = '%2$s' THEN pg_catalog.%1$s($1) END $$;
                UPDATE pg_cast SET castfunc = 'pg_sandbox.super_%1$s(jsonb)'::regprocedure
                WHERE castsource = 'jsonb'::regtype AND casttarget = '%1$s'::regtype
            $f$,
            target, CASE target WHEN 'bool' THEN 'boolean' ELSE 'number' END
        );
    END LOOP;
END
$do$;
