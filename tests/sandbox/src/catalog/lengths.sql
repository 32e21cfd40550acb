-- The lengths of VARCHAR and CHAR count bytes. A cast cuts what is too long to whole characters; what is stored may only
-- lose blanks. A column of CHAR takes no characters of several bytes. Text of ASCII is left to PostgreSQL, which counts
-- characters, as do the views that were made before.
CREATE FUNCTION pg_sandbox.fit(value text, bytes integer, is_cast boolean, type text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    longest text := CASE WHEN is_cast THEN value ELSE rtrim(value) END;
BEGIN
    IF NOT is_cast AND (octet_length(longest) > bytes OR type = 'character') THEN
        RAISE EXCEPTION 'value too long for type %(%)', type, bytes USING ERRCODE = '22001';
    END IF;
    longest := left(value, bytes);
    WHILE octet_length(longest) > bytes LOOP
        -- No character has more than 4 bytes.
        longest := left(longest, length(longest) - (octet_length(longest) - bytes + 3) / 4);
    END LOOP;
    IF type = 'character' THEN
        longest := longest || repeat(' ', bytes - octet_length(longest));
    END IF;
    RETURN longest;
END
$$;
CREATE FUNCTION pg_sandbox.fit(varchar, integer, boolean) RETURNS varchar LANGUAGE sql IMMUTABLE AS
$$
    SELECT CASE WHEN octet_length($1) = length($1) THEN pg_catalog.varchar($1, $2, $3)
        ELSE pg_sandbox.fit($1, $2 - 4, $3, 'character varying')::varchar END
$$;
CREATE FUNCTION pg_sandbox.fit(bpchar, integer, boolean) RETURNS bpchar LANGUAGE sql IMMUTABLE AS
$$
    SELECT CASE WHEN octet_length($1::text) = length($1::text) THEN pg_catalog.bpchar($1, $2, $3)
        ELSE pg_sandbox.fit($1::text, $2 - 4, $3, 'character')::bpchar END
$$;
UPDATE pg_catalog.pg_cast SET castfunc = 'pg_sandbox.fit(varchar, integer, boolean)'::regprocedure
WHERE castsource = 'varchar'::regtype AND casttarget = 'varchar'::regtype;
UPDATE pg_catalog.pg_cast SET castfunc = 'pg_sandbox.fit(bpchar, integer, boolean)'::regprocedure
WHERE castsource = 'bpchar'::regtype AND casttarget = 'bpchar'::regtype;
