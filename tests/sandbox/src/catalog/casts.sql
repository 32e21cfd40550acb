-- Casts that Redshift does by itself and PostgreSQL only when it is told to.

-- Numbers and dates become text where text is wanted, also in a comparison with one.
DO
$do$
DECLARE
    source text;
BEGIN
    FOREACH source IN ARRAY ARRAY[
        'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'date', 'time', 'timetz', 'timestamp', 'timestamptz', 'oid'
    ] LOOP
        EXECUTE pg_engine.format(
            'CREATE CAST (%1$s AS text) WITH INOUT AS IMPLICIT; CREATE CAST (%1$s AS varchar) WITH INOUT AS IMPLICIT', source
        );
    END LOOP;
END
$do$;
-- With them, these would be as good as what takes text, and so neither would be taken. No array has elements added to it.
UPDATE pg_operator SET oprnamespace = 'pg_engine'::regnamespace WHERE oprname = '||' AND oprleft <> oprright;

-- Whole numbers are true unless they are 0.
UPDATE pg_cast SET castcontext = 'i' WHERE castsource = 'int4'::regtype AND casttarget = 'bool'::regtype;
CREATE FUNCTION pg_sandbox.bool(smallint) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 <> 0 $$;
CREATE CAST (smallint AS boolean) WITH FUNCTION pg_sandbox.bool(smallint) AS IMPLICIT;
CREATE FUNCTION pg_sandbox.bool(bigint) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 <> 0 $$;
CREATE CAST (bigint AS boolean) WITH FUNCTION pg_sandbox.bool(bigint) AS IMPLICIT;

-- Texts are put together by + as well.
CREATE OPERATOR pg_catalog.+ (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_engine.textcat);
