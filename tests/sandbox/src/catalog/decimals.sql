-- Numbers have 38 digits at most. PostgreSQL checks that where they have a type with limits; here it is checked of what is
-- computed.

CREATE FUNCTION pg_sandbox.numeric_overflow(numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS
$$
BEGIN
    RAISE EXCEPTION 'Numeric data overflow (result precision)' USING ERRCODE = '22003';
END
$$;
-- Short and not STRICT, so that PostgreSQL's planner takes it apart.
CREATE FUNCTION pg_sandbox.fit(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN pg_catalog.abs($1) >= 1e38 THEN pg_sandbox.numeric_overflow($1) ELSE $1 END $$;
DO
$do$
DECLARE
    name text;
    sign text;
BEGIN
    FOR name, sign IN
        SELECT * FROM (VALUES ('numeric_add', '+'), ('numeric_sub', '-'), ('numeric_mul', '*'), ('numeric_div', '/')) AS operators
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.%1$s(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
                $$ SELECT pg_sandbox.fit(pg_engine.%1$s($1, $2)) $$;
                UPDATE pg_operator SET oprcode = 'pg_sandbox.%1$s(numeric, numeric)'::regprocedure
                WHERE oid = 'pg_catalog.%2$s(numeric, numeric)'::regoperator
            $f$,
            name, sign
        );
    END LOOP;
END
$do$;

UPDATE pg_proc SET pronamespace = 'pg_engine'::regnamespace WHERE oid = 'pg_catalog.sum(numeric)'::regprocedure;
CREATE FUNCTION pg_sandbox.sum_next(numeric, numeric) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT AS
$$ BEGIN RETURN $1 + $2; END $$;
CREATE AGGREGATE pg_catalog.sum(numeric) (SFUNC = pg_sandbox.sum_next, STYPE = numeric);
