-- JSON in text, and functions of SUPER.

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

-- A name that one object of several has twice.
CREATE FUNCTION pg_sandbox.repeated_name(json) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE pg_engine.json_typeof($1)
        WHEN 'object' THEN coalesce(
            (SELECT key FROM pg_engine.json_each($1) GROUP BY key HAVING count(*) > 1 LIMIT 1),
            (SELECT min(pg_sandbox.repeated_name(value)) FROM pg_engine.json_each($1))
        )
        WHEN 'array' THEN (SELECT min(pg_sandbox.repeated_name(value)) FROM pg_engine.json_array_elements($1) AS value)
    END
$$;
CREATE FUNCTION pg_catalog.json_parse(text) RETURNS super LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    parsed jsonb;
    written text;
    problem text;
BEGIN
    BEGIN
        parsed := $1::jsonb;
        written := pg_sandbox.compact($1::json);
    EXCEPTION WHEN OTHERS THEN
        problem := SQLERRM;
    END;
    -- Of a name that is there twice, jsonb keeps one; numbers in other digits can make the two differ as well.
    IF problem IS NULL AND length(written) <> length(pg_sandbox.compact(parsed::text::json)) THEN
        problem := 'duplicate attribute "' || pg_sandbox.repeated_name(written::json) || '"';
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION 'Invalid input' USING ERRCODE = 'XX000',
            DETAIL = pg_sandbox.detail('Invalid input', 'JSON_PARSE() error: ' || problem);
    END IF;
    RETURN pg_sandbox.super(written);
END
$$;
CREATE FUNCTION pg_catalog.can_json_parse(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    PERFORM json_parse($1);
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$$;

CREATE FUNCTION pg_catalog.json_serialize(super) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'xmltotext';
CREATE FUNCTION pg_catalog.json_typeof(super) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'json_typeof';
CREATE FUNCTION pg_catalog.json_size(super) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT octet_length(pg_catalog.json_serialize($1)) $$;
CREATE FUNCTION pg_catalog.get_array_length(super) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN json_typeof($1) = 'array' THEN pg_engine.json_array_length($1::json) END $$;

CREATE FUNCTION pg_catalog.is_array(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'array' $$;
CREATE FUNCTION pg_catalog.is_object(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'object' $$;
CREATE FUNCTION pg_catalog.is_scalar(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT json_typeof($1) IN ('string', 'number', 'boolean') $$;
CREATE FUNCTION pg_catalog.is_boolean(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'boolean' $$;
CREATE FUNCTION pg_catalog.is_varchar(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT json_typeof($1) = 'string' $$;
CREATE FUNCTION pg_sandbox.is_whole(super, bits integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE WHEN json_typeof($1) = 'number' THEN
        pg_catalog.json_serialize($1) !~ '[.eE]' AND pg_catalog.json_serialize($1)::numeric BETWEEN -pg_engine.power(2::numeric, bits - 1) AND pg_engine.power(2::numeric, bits - 1) - 1
    ELSE false END
$$;
CREATE FUNCTION pg_catalog.is_smallint(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.is_whole($1, 16) $$;
CREATE FUNCTION pg_catalog.is_integer(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.is_whole($1, 32) $$;
CREATE FUNCTION pg_catalog.is_bigint(super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.is_whole($1, 64) $$;

-- ARRAY and OBJECT, around what the proxy lets PostgreSQL build.
CREATE FUNCTION pg_sandbox.are_convertible(name text, regtype[]) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
$$
DECLARE
    type regtype;
BEGIN
    FOREACH type IN ARRAY $2 LOOP
        IF type IN ('date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval', 'varbyte') THEN
            RAISE EXCEPTION '% could not convert type % to super', name, type USING ERRCODE = '42846';
        END IF;
    END LOOP;
    RETURN true;
END
$$;
DO
$do$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['array', 'object'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.%1$I(json, VARIADIC types regtype[] DEFAULT '{}') RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT CASE WHEN pg_sandbox.are_convertible('%2$s', types) THEN pg_sandbox.super(pg_sandbox.compact($1)) END $$
            $f$,
            name, upper(name)
        );
    END LOOP;
END
$do$;
-- Elements that are written one after the other, as one array.
CREATE FUNCTION pg_sandbox.array_of(text) RETURNS super LANGUAGE sql IMMUTABLE AS $$ SELECT pg_sandbox.super('[' || coalesce($1, '') || ']') $$;
CREATE FUNCTION pg_catalog.array_concat(super, super) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE WHEN is_array($1) AND is_array($2) THEN (
        SELECT pg_sandbox.array_of(pg_engine.string_agg(pg_catalog.json_serialize(value), ',' ORDER BY part, place))
        FROM (
            SELECT 1 AS part, place, value FROM pg_sandbox.elements($1)
            UNION ALL
            SELECT 2, place, value FROM pg_sandbox.elements($2)
        ) AS all_elements
    ) END
$$;
CREATE FUNCTION pg_catalog.subarray(super, start integer, size integer) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT pg_sandbox.array_of(pg_engine.string_agg(pg_catalog.json_serialize(value), ',' ORDER BY place))
    FROM pg_sandbox.elements($1) WHERE place >= start AND place < start + size
$$;
CREATE FUNCTION pg_catalog.split_to_array(text, delimiter text DEFAULT ',') RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.super(pg_engine.to_json(string_to_array($1, delimiter))) $$;
