-- Aggregates. LISTAGG and the percentiles come here in the shape that the proxy gives them.

CREATE FUNCTION pg_sandbox.listagg_next(text, text, delimiter text DEFAULT '') RETURNS text LANGUAGE plpgsql IMMUTABLE AS
$$
DECLARE
    longer text := CASE WHEN $2 IS NULL THEN $1 ELSE coalesce($1 || coalesce(delimiter, ''), '') || $2 END;
BEGIN
    IF octet_length(longer) > 65535 THEN
        RAISE EXCEPTION 'Result size exceeds LISTAGG limit' USING ERRCODE = 'XX000',
            DETAIL = pg_sandbox.detail('Result size exceeds LISTAGG limit', 'LISTAGG limit: 65535');
    END IF;
    RETURN longer;
END
$$;
CREATE AGGREGATE pg_catalog.listagg(text, text) (SFUNC = pg_sandbox.listagg_next, STYPE = text);
-- An order by the same value would else be one by its text.
CREATE FUNCTION pg_sandbox.listagg(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 $$;
CREATE FUNCTION pg_sandbox.listagg(anyarray, delimiter text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT pg_sandbox.listagg_next(NULL, array_to_string($1, coalesce(delimiter, ''))) $$;

-- The distinct values in the order of their first rows, for a window: PostgreSQL has no DISTINCT there.
CREATE FUNCTION pg_sandbox.listagg_add(text[], text, delimiter text) RETURNS text[] LANGUAGE sql IMMUTABLE AS
$$
    SELECT CASE
        WHEN $2 IS NULL OR $2 = ANY ($1[2:]) THEN $1
        WHEN $1 IS NULL THEN ARRAY[coalesce(delimiter, ''), $2]
        ELSE array_append($1, $2)
    END
$$;
CREATE FUNCTION pg_sandbox.listagg_join(text[]) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.listagg_next(NULL, array_to_string($1[2:], $1[1])) $$;
CREATE AGGREGATE pg_sandbox.listagg(text, text) (
    SFUNC = pg_sandbox.listagg_add, STYPE = text[], FINALFUNC = pg_sandbox.listagg_join
);

-- Of values in order, without NULLs.
CREATE FUNCTION pg_sandbox.check_fraction(fraction numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    IF fraction < 0 OR fraction > 1 THEN
        RAISE EXCEPTION 'percentile value % is not between 0 and 1', fraction USING ERRCODE = '22003';
    END IF;
    RETURN fraction;
END
$$;
CREATE FUNCTION pg_sandbox.percentile_disc(fraction numeric, anyarray) RETURNS anyelement LANGUAGE sql IMMUTABLE AS
$$ SELECT $2[greatest(ceil(pg_sandbox.check_fraction(fraction) * array_upper($2, 1))::integer, 1)] $$;
DO
$do$
DECLARE
    kind text;
    result text;
BEGIN
    FOR kind, result IN
        SELECT * FROM (VALUES
            ('smallint', 'numeric'), ('integer', 'numeric'), ('bigint', 'numeric'), ('numeric', 'numeric'),
            ('real', 'float8'), ('float8', 'float8'), ('date', 'date'), ('timestamp', 'timestamp'),
            ('timestamptz', 'timestamptz'), ('interval', 'interval')
        ) AS kinds
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.percentile_cont(fraction numeric, %1$s[]) RETURNS %2$s LANGUAGE sql IMMUTABLE AS
                $$
                    SELECT ($2[low]::%3$s + ($2[high]::%3$s - $2[low]::%3$s) * rest::%4$s)::%2$s
                    FROM (
                        SELECT floor(place)::integer AS low, ceil(place)::integer AS high, place - floor(place) AS rest
                        FROM (SELECT 1 + pg_sandbox.check_fraction(fraction) * (array_upper($2, 1) - 1) AS place) AS p
                    ) AS bounds
                $$;
                CREATE FUNCTION pg_sandbox.median(%1$s[]) RETURNS %2$s LANGUAGE sql IMMUTABLE AS
                $$ SELECT pg_sandbox.percentile_cont(0.5, array(SELECT v FROM pg_engine.unnest($1) AS v WHERE v IS NOT NULL ORDER BY v)) $$;
                CREATE AGGREGATE pg_catalog.median(%1$s) (
                    SFUNC = array_append, STYPE = %1$s[], FINALFUNC = pg_sandbox.median
                )
            $f$,
            kind, result, CASE result WHEN 'date' THEN 'timestamp' ELSE result END, CASE result WHEN 'numeric' THEN 'numeric' ELSE 'float8' END
        );
    END LOOP;
END
$do$;

-- The part that a value is of a sum.
CREATE FUNCTION pg_sandbox.ratio_to_report(float8, float8) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT $1 / nullif($2, 0) $$;

-- Keeps a row where the condition of QUALIFY is true: a set in ORDER BY has as many rows as it says.
CREATE FUNCTION pg_sandbox.qualify(boolean) RETURNS SETOF boolean LANGUAGE plpgsql IMMUTABLE ROWS 1 AS
$$ BEGIN IF $1 THEN RETURN NEXT true; END IF; END $$;

-- The average of whole numbers is a whole number.
CREATE FUNCTION pg_sandbox.avg_next(numeric[], bigint) RETURNS numeric[] LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT ARRAY[$1[1] + $2, $1[2] + 1] $$;
CREATE FUNCTION pg_sandbox.avg_last(numeric[]) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT trunc($1[1] / nullif($1[2], 0))::bigint $$;
CREATE FUNCTION pg_sandbox.avg_last(bigint[]) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT $1[2] / nullif($1[1], 0) $$;
CREATE AGGREGATE pg_catalog.avg(smallint) (
    SFUNC = pg_engine.int2_avg_accum, STYPE = bigint[], FINALFUNC = pg_sandbox.avg_last, INITCOND = '{0,0}'
);
CREATE AGGREGATE pg_catalog.avg(integer) (
    SFUNC = pg_engine.int4_avg_accum, STYPE = bigint[], FINALFUNC = pg_sandbox.avg_last, INITCOND = '{0,0}'
);
CREATE AGGREGATE pg_catalog.avg(bigint) (
    SFUNC = pg_sandbox.avg_next, STYPE = numeric[], FINALFUNC = pg_sandbox.avg_last, INITCOND = '{0,0}'
);

-- The average of DECIMAL has the scale of what it is of.
UPDATE pg_proc SET pronamespace = 'pg_engine'::regnamespace WHERE oid = 'pg_catalog.avg(numeric)'::regprocedure;
CREATE FUNCTION pg_sandbox.avg_next(numeric[], numeric) RETURNS numeric[] LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT ARRAY[$1[1] + $2, $1[2] + 1, greatest($1[3], pg_engine.scale($2))] $$;
CREATE FUNCTION pg_sandbox.avg_last_decimal(numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT trunc($1[1] / nullif($1[2], 0), $1[3]::integer) $$;
CREATE AGGREGATE pg_catalog.avg(numeric) (
    SFUNC = pg_sandbox.avg_next, STYPE = numeric[], FINALFUNC = pg_sandbox.avg_last_decimal, INITCOND = '{0,0,0}'
);

-- PostgreSQL has ANY_VALUE since version 16.
DO
$do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_proc WHERE proname = 'any_value') THEN
        CREATE FUNCTION pg_sandbox.any_next(anyelement, anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT AS
        $$ SELECT $1 $$;
        CREATE AGGREGATE pg_catalog.any_value(anyelement) (SFUNC = pg_sandbox.any_next, STYPE = anyelement);
    END IF;
END
$do$;

-- FIRST_VALUE and LAST_VALUE with IGNORE NULLS, over a window.
CREATE FUNCTION pg_sandbox.first_of(anyelement, anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE AGGREGATE pg_sandbox.first_value(anyelement) (SFUNC = pg_sandbox.first_of, STYPE = anyelement);
CREATE FUNCTION pg_sandbox.last_of(anyelement, anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $2 $$;
CREATE AGGREGATE pg_sandbox.last_value(anyelement) (SFUNC = pg_sandbox.last_of, STYPE = anyelement);
