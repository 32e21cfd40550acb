-- A scalar in a SUPER together with values of other types. One that is of another kind is NULL: a text is no number.

CREATE FUNCTION pg_sandbox.scalar(super, kind text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN json_typeof($1) = kind THEN $1::json #>> '{}' END $$;

-- Comparisons, on both sides.
DO
$do$
DECLARE
    name text;
    sign text;
    commutator text;
    negator text;
    type text;
    kind text;
    through text;
BEGIN
    FOR name, sign, commutator, negator, type, kind, through IN
        SELECT * FROM (VALUES
            ('eq', '=', '=', '<>'), ('ne', '<>', '<>', '='), ('lt', '<', '>', '>='), ('gt', '>', '<', '<='),
            ('le', '<=', '>=', '>'), ('ge', '>=', '<=', '<')
        ) AS operators
        CROSS JOIN (VALUES
            ('int2', 'number', 'numeric'), ('int4', 'number', 'numeric'), ('int8', 'number', 'numeric'),
            ('numeric', 'number', 'numeric'), ('float4', 'number', 'float8'), ('float8', 'number', 'float8'),
            ('text', 'string', 'text'), ('bool', 'boolean', 'bool')
        ) AS types
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.super_%1$s(super, %5$s) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.scalar($1, '%6$s')::%7$s %2$s $2::%7$s $$;
                CREATE FUNCTION pg_sandbox.super_%1$s(%5$s, super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT $1::%7$s %2$s pg_sandbox.scalar($2, '%6$s')::%7$s $$;
                CREATE OPERATOR pg_catalog.%2$s (
                    LEFTARG = super, RIGHTARG = %5$s, FUNCTION = pg_sandbox.super_%1$s,
                    COMMUTATOR = OPERATOR(pg_catalog.%3$s), NEGATOR = OPERATOR(pg_catalog.%4$s)
                );
                CREATE OPERATOR pg_catalog.%2$s (
                    LEFTARG = %5$s, RIGHTARG = super, FUNCTION = pg_sandbox.super_%1$s,
                    COMMUTATOR = OPERATOR(pg_catalog.%3$s), NEGATOR = OPERATOR(pg_catalog.%4$s)
                )
            $f$,
            name, sign, commutator, negator, type, kind, through
        );
    END LOOP;
END
$do$;
DO
$do$
DECLARE
    sign text;
BEGIN
    FOREACH sign IN ARRAY ARRAY['~~', '!~~', '~~*', '!~~*'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.super_like%1$s(super, text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.scalar($1, 'string') %2$s $2 $$;
                CREATE OPERATOR pg_catalog.%2$s (LEFTARG = super, RIGHTARG = text, FUNCTION = pg_sandbox.super_like%1$s)
            $f$,
            CASE sign WHEN '~~' THEN '' WHEN '!~~' THEN '_not' WHEN '~~*' THEN '_any_case' ELSE '_not_any_case' END, sign
        );
    END LOOP;
END
$do$;

-- What is computed with a SUPER is one. Whole numbers are divided without a rest.
CREATE FUNCTION pg_sandbox.super_compute(one super, sign text, other super) RETURNS super LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    a numeric := pg_sandbox.scalar(one, 'number')::numeric;
    b numeric := pg_sandbox.scalar(other, 'number')::numeric;
    whole boolean := pg_sandbox.is_whole(one, 64) AND pg_sandbox.is_whole(other, 64);
BEGIN
    RETURN pg_sandbox.super_of(CASE sign
        WHEN '+' THEN a + b
        WHEN '-' THEN a - b
        WHEN '*' THEN a * b
        WHEN '%' THEN a % b
        ELSE CASE WHEN whole THEN trunc(a / b) ELSE a / b END
    END);
END
$$;
DO
$do$
DECLARE
    sign text;
    type text;
BEGIN
    FOREACH sign IN ARRAY ARRAY['+', '-', '*', '/', '%'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox."super%1$s"(super, super) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.super_compute($1, '%1$s', $2) $$;
                CREATE OPERATOR pg_catalog.%1$s (LEFTARG = super, RIGHTARG = super, FUNCTION = pg_sandbox."super%1$s")
            $f$,
            sign
        );
        FOREACH type IN ARRAY ARRAY['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'] LOOP
            EXECUTE pg_engine.format(
                $f$
                    CREATE FUNCTION pg_sandbox."super%1$s"(super, %2$s) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
                    $$ SELECT pg_sandbox.super_compute($1, '%1$s', pg_sandbox.super_of($2)) $$;
                    CREATE FUNCTION pg_sandbox."super%1$s"(%2$s, super) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
                    $$ SELECT pg_sandbox.super_compute(pg_sandbox.super_of($1), '%1$s', $2) $$;
                    CREATE OPERATOR pg_catalog.%1$s (LEFTARG = super, RIGHTARG = %2$s, FUNCTION = pg_sandbox."super%1$s");
                    CREATE OPERATOR pg_catalog.%1$s (LEFTARG = %2$s, RIGHTARG = super, FUNCTION = pg_sandbox."super%1$s")
                $f$,
                sign, type
            );
        END LOOP;
    END LOOP;
END
$do$;
CREATE FUNCTION pg_sandbox.super_negative(super) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 0 - $1 $$;
CREATE OPERATOR pg_catalog.- (RIGHTARG = super, FUNCTION = pg_sandbox.super_negative);

-- Aggregates pass over what is no number.
CREATE FUNCTION pg_sandbox.super_sum(numeric, super) RETURNS numeric LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce($1 + pg_sandbox.scalar($2, 'number')::numeric, $1, pg_sandbox.scalar($2, 'number')::numeric) $$;
CREATE AGGREGATE pg_catalog.sum(super) (SFUNC = pg_sandbox.super_sum, STYPE = numeric, FINALFUNC = pg_sandbox.super_of);
CREATE FUNCTION pg_sandbox.super_count(numeric[], super) RETURNS numeric[] LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN json_typeof($2) = 'number' THEN ARRAY[$1[1] + pg_sandbox.scalar($2, 'number')::numeric, $1[2] + 1] ELSE $1 END $$;
CREATE FUNCTION pg_sandbox.super_average(numeric[]) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.super_of($1[1] / nullif($1[2], 0)) $$;
CREATE AGGREGATE pg_catalog.avg(super) (
    SFUNC = pg_sandbox.super_count, STYPE = numeric[], FINALFUNC = pg_sandbox.super_average, INITCOND = '{0,0}'
);
CREATE FUNCTION pg_sandbox.super_least(super, super) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN json_typeof($2) <> 'null' AND (json_typeof($1) = 'null' OR $2 < $1) THEN $2 ELSE $1 END $$;
CREATE FUNCTION pg_sandbox.super_greatest(super, super) RETURNS super LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN json_typeof($2) <> 'null' AND (json_typeof($1) = 'null' OR $2 > $1) THEN $2 ELSE $1 END $$;
CREATE AGGREGATE pg_catalog.min(super) (SFUNC = pg_sandbox.super_least, STYPE = super);
CREATE AGGREGATE pg_catalog.max(super) (SFUNC = pg_sandbox.super_greatest, STYPE = super);

-- The commonest functions of texts and of numbers.
DO
$do$
DECLARE
    name text;
    types text;
    given text;
    kind text;
    through text;
    result text;
BEGIN
    FOR name, types, given, kind, through, result IN
        SELECT n, '', '', 'string', 'text', 'text'
        FROM pg_engine.unnest(ARRAY['lower', 'upper', 'initcap', 'btrim', 'ltrim', 'rtrim', 'reverse']) AS n
        UNION ALL SELECT n, '', '', 'string', 'text', 'integer' FROM pg_engine.unnest(ARRAY['len', 'length', 'octet_length']) AS n
        UNION ALL SELECT n, ', integer', ', $2', 'string', 'text', 'text' FROM pg_engine.unnest(ARRAY['left', 'right', 'substring', 'substr']) AS n
        UNION ALL SELECT n, ', integer, integer', ', $2, $3', 'string', 'text', 'text' FROM pg_engine.unnest(ARRAY['substring', 'substr']) AS n
        UNION ALL SELECT 'replace', ', text, text', ', $2, $3', 'string', 'text', 'text'
        UNION ALL SELECT 'split_part', ', text, integer', ', $2, $3', 'string', 'text', 'text'
        UNION ALL SELECT 'strpos', ', text', ', $2', 'string', 'text', 'integer'
        UNION ALL SELECT n, '', '', 'number', 'numeric', 'numeric'
        FROM pg_engine.unnest(ARRAY['abs', 'ceil', 'ceiling', 'floor', 'round', 'trunc']) AS n
        UNION ALL SELECT n, ', integer', ', $2', 'number', 'numeric', 'numeric' FROM pg_engine.unnest(ARRAY['round', 'trunc']) AS n
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_catalog.%1$s(super%2$s) RETURNS %6$s LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_catalog.%1$s(pg_sandbox.scalar($1, '%4$s')::%5$s%3$s) $$
            $f$,
            name, types, given, kind, through, result
        );
    END LOOP;
END
$do$;
