-- HLLSKETCH is kept as it is printed: JSON while it is sparse, Base64 once it is dense. No function makes one.

SELECT pg_sandbox.create_type('hllsketch');
CREATE FUNCTION pg_sandbox.is_sparse(jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$
    SELECT coalesce(
        pg_engine.jsonb_typeof($1 -> 'logm') = 'number'
        AND pg_engine.jsonb_typeof($1 -> 'sparse' -> 'indices') = 'array' AND pg_engine.jsonb_typeof($1 -> 'sparse' -> 'values') = 'array'
        AND pg_engine.jsonb_array_length($1 -> 'sparse' -> 'indices') = pg_engine.jsonb_array_length($1 -> 'sparse' -> 'values'),
        false
    )
$$;
CREATE FUNCTION pg_sandbox.hllsketch_read(text) RETURNS hllsketch LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    IF octet_length($1) > 24580 THEN
        RAISE EXCEPTION 'the maximum size of HLLSKETCH is 24580 bytes' USING ERRCODE = '22001';
    ELSIF pg_sandbox.is_sparse(pg_sandbox.try_json($1)) THEN
        RETURN pg_sandbox.hllsketch(pg_sandbox.compact($1::json));
    ELSIF $1 ~ '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?$' AND $1 <> '' THEN
        RETURN pg_sandbox.hllsketch($1);
    END IF;
    RAISE EXCEPTION 'invalid text for HLLSKETCH' USING ERRCODE = '22023';
END
$$;
SELECT pg_sandbox.let_read('hllsketch', 'hllsketch'), pg_sandbox.let_not_become_text('hllsketch');
