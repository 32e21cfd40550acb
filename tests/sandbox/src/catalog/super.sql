-- SUPER is JSON without blanks, its keys in the order in which they were written. It is kept as text, as PostgreSQL keeps its
-- own `json`, so that each of the two is the other without a change of the bytes.

SELECT pg_sandbox.create_type('super');
CREATE FUNCTION pg_sandbox.json(super) RETURNS json LANGUAGE internal IMMUTABLE STRICT AS 'xmltotext';
CREATE FUNCTION pg_sandbox.super(json) RETURNS super LANGUAGE internal IMMUTABLE STRICT AS 'xmltotext';
CREATE CAST (super AS json) WITH FUNCTION pg_sandbox.json(super);

-- JSON without blanks. `json_strip_nulls` leaves them out, and the members that are null too, unless something else stands
-- there while it works: a number that nobody writes. Within strings the two replacements undo each other.
CREATE FUNCTION pg_sandbox.compact(json) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT replace(
        pg_engine.json_strip_nulls(pg_engine.regexp_replace($1::text, ':([ \t\r\n]*)null', ':\\1-0.0E-7654321', 'g')::json)::text,
        '-0.0E-7654321', 'null'
    )
$$;

-- A plain text that becomes a SUPER is a JSON string: only JSON_PARSE reads JSON, and COPY, which says so by a setting.
CREATE FUNCTION pg_sandbox.super_read(text) RETURNS super LANGUAGE sql STABLE STRICT AS
$$
    SELECT CASE current_setting('redshift_sandbox.copies', true)
        WHEN 'on' THEN pg_sandbox.super(pg_sandbox.compact($1::json))
        ELSE pg_sandbox.super(pg_engine.to_json($1))
    END
$$;
SELECT pg_sandbox.let_read('super', 'super');

-- The types that a SUPER can hold become one where they are assigned to it.
DO
$do$
DECLARE
    source text;
BEGIN
    FOR source IN
        SELECT x FROM pg_engine.unnest(ARRAY['text', 'varchar', 'bpchar', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'bool']) AS x
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.super_of(%1$s) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.super(pg_engine.to_json($1%2$s)) $$;
                CREATE CAST (%1$s AS super) WITH FUNCTION pg_sandbox.super_of(%1$s) AS ASSIGNMENT
            $f$,
            source, CASE source WHEN 'bpchar' THEN '::text' ELSE '' END
        );
    END LOOP;
END
$do$;

-- In a cast from a SUPER, a value of another type becomes NULL, as long as cast_super_null_on_error is on.
CREATE FUNCTION pg_sandbox.scalar(super, VARIADIC kinds text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN pg_engine.json_typeof($1::json) = ANY (kinds) THEN $1::json #>> '{}' END $$;
DO
$do$
DECLARE
    target text;
    kinds text;
    through text;
BEGIN
    FOR target, kinds, through IN
        SELECT x, '''string'', ''number'', ''boolean''', 'text' FROM pg_engine.unnest(ARRAY['text', 'varchar', 'bpchar']) AS x
        UNION ALL
        SELECT x, '''number''', 'numeric' FROM pg_engine.unnest(ARRAY['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']) AS x
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.super_%1$s(super) RETURNS %1$s LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.scalar($1, %2$s)::%3$s::%1$s $$;
                CREATE CAST (super AS %1$s) WITH FUNCTION pg_sandbox.super_%1$s(super)
            $f$,
            target, kinds, through
        );
    END LOOP;
END
$do$;

-- A whole number is true unless it is 0.
CREATE FUNCTION pg_sandbox.super_bool(super) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE pg_engine.json_typeof($1::json)
        WHEN 'boolean' THEN ($1::json #>> '{}')::bool
        WHEN 'number' THEN CASE WHEN $1::json #>> '{}' !~ '[.eE]' THEN ($1::json #>> '{}')::numeric <> 0 END
    END
$$;
CREATE CAST (super AS bool) WITH FUNCTION pg_sandbox.super_bool(super);
DO
$do$
DECLARE
    kind text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['date', 'time', 'timetz', 'timestamp', 'timestamptz'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.super_%1$s(super) RETURNS %1$s LANGUAGE plpgsql STABLE STRICT AS
                $$
                BEGIN
                    RETURN pg_sandbox.scalar($1, VARIADIC ARRAY['string'])::%1$s;
                EXCEPTION WHEN data_exception THEN
                    RETURN NULL;
                END
                $$;
                CREATE CAST (super AS %1$s) WITH FUNCTION pg_sandbox.super_%1$s(super)
            $f$,
            kind
        );
    END LOOP;
END
$do$;

-- The way into a SUPER.
CREATE FUNCTION pg_sandbox.attribute(super, text) RETURNS super LANGUAGE internal IMMUTABLE STRICT AS 'json_object_field';
CREATE FUNCTION pg_sandbox.element(super, integer) RETURNS super LANGUAGE internal IMMUTABLE STRICT AS 'json_array_element';
CREATE OPERATOR pg_catalog.-> (LEFTARG = super, RIGHTARG = text, FUNCTION = pg_sandbox.attribute);
CREATE OPERATOR pg_catalog.-> (LEFTARG = super, RIGHTARG = integer, FUNCTION = pg_sandbox.element);

-- The elements of an array in a SUPER, as rows; nothing else has any.
CREATE FUNCTION pg_sandbox.elements(super) RETURNS TABLE (value super, place bigint) LANGUAGE sql IMMUTABLE STRICT ROWS 10 AS
$$
    SELECT pg_sandbox.super(value), number - 1
    FROM pg_engine.json_array_elements(CASE WHEN pg_engine.json_typeof($1::json) = 'array' THEN $1::json ELSE '[]' END)
        WITH ORDINALITY AS e (value, number)
$$;

-- Two of a kind are compared as `jsonb`, for which the order of keys and the way a number is written do not count. Two of
-- different kinds are neither smaller nor larger, but ORDER BY puts the kinds one after another, and null last.
CREATE FUNCTION pg_sandbox.super_rank(super) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT strpos('b n s a o u', substr(replace(pg_engine.json_typeof($1::json), 'null', 'u'), 1, 1)) $$;
CREATE FUNCTION pg_sandbox.super_cmp(super, super) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE WHEN pg_sandbox.super_rank($1) = pg_sandbox.super_rank($2)
        THEN pg_engine.jsonb_cmp($1::json::jsonb, $2::json::jsonb)
        ELSE sign(pg_sandbox.super_rank($1) - pg_sandbox.super_rank($2))::integer END
$$;
DO
$do$
DECLARE
    name text;
    sign text;
    commutator text;
    negator text;
BEGIN
    FOR name, sign, commutator, negator IN
        SELECT * FROM (VALUES
            ('eq', '=', '=', '<>'), ('ne', '<>', '<>', '='), ('lt', '<', '>', '>='), ('gt', '>', '<', '<='),
            ('le', '<=', '>=', '>'), ('ge', '>=', '<=', '<')
        ) AS operators
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.super_%1$s(super, super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
                $$
                    SELECT CASE WHEN '%2$s' IN ('=', '<>') OR pg_sandbox.super_rank($1) = pg_sandbox.super_rank($2)
                        THEN $1::json::jsonb %2$s $2::json::jsonb END
                $$;
                CREATE OPERATOR pg_catalog.%2$s (
                    LEFTARG = super, RIGHTARG = super, FUNCTION = pg_sandbox.super_%1$s,
                    COMMUTATOR = OPERATOR(pg_catalog.%3$s), NEGATOR = OPERATOR(pg_catalog.%4$s)
                )
            $f$,
            name, sign, commutator, negator
        );
    END LOOP;
END
$do$;
CREATE OPERATOR CLASS pg_sandbox.super_ops DEFAULT FOR TYPE super USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 pg_sandbox.super_cmp(super, super);
