-- Functions that Redshift has and PostgreSQL lacks. They live in pg_catalog, which every search path begins with.

CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.0'::text $$;

-- A backslash is doubled, and no E stands before it.
CREATE FUNCTION pg_catalog.quote_literal(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT '''' || replace(replace($1, E'\\', E'\\\\'), '''', '''''') || '''' $$;

-- PostgreSQL rounds to a place in numbers of type NUMERIC only.
DO
$do$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['round', 'trunc'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_catalog.%1$s(float8, integer) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS
                $$
                    SELECT CASE
                        WHEN $1 IN ('Infinity', '-Infinity', 'NaN') THEN $1
                        ELSE pg_catalog.%1$s($1::numeric, $2)::float8
                    END
                $$;
                CREATE FUNCTION pg_catalog.%1$s(smallint, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_catalog.%1$s($1::numeric, $2) $$;
                CREATE FUNCTION pg_catalog.%1$s(integer, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_catalog.%1$s($1::numeric, $2) $$;
                CREATE FUNCTION pg_catalog.%1$s(bigint, integer) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_catalog.%1$s($1::numeric, $2) $$
            $f$,
            name
        );
    END LOOP;
END
$do$;

-- These are DOUBLE PRECISION of every number.
UPDATE pg_proc SET pronamespace = 'pg_engine'::regnamespace
WHERE oid = ANY (ARRAY['sqrt(numeric)', 'exp(numeric)', 'ln(numeric)', 'log(numeric)', 'power(numeric, numeric)',
    'pow(numeric, numeric)']::regprocedure[]);

CREATE FUNCTION pg_catalog.len(text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length($1) $$;
CREATE FUNCTION pg_catalog.len(character) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length(rtrim($1::text)) $$;
CREATE FUNCTION pg_catalog.charindex(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT strpos($2, $1) $$;
CREATE FUNCTION pg_catalog.replicate(text, integer) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT repeat($1, $2) $$;
CREATE FUNCTION pg_catalog.concat(text, text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    IF octet_length($1) + octet_length($2) > 65535 THEN
        RAISE EXCEPTION 'CONCAT() result too long for type varchar(65535)' USING ERRCODE = '22023';
    END IF;
    RETURN $1 || $2;
END
$$;
CREATE FUNCTION pg_catalog.bpcharcmp(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN rtrim($1) < rtrim($2) THEN -1 WHEN rtrim($1) > rtrim($2) THEN 1 ELSE 0 END $$;
CREATE FUNCTION pg_catalog.bttext_pattern_cmp(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN $1 COLLATE "C" < $2 THEN -1 WHEN $1 COLLATE "C" > $2 THEN 1 ELSE 0 END $$;

CREATE FUNCTION pg_catalog.strtol(digits text, base integer) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    rest text := lower(trim(digits));
    sign bigint := 1;
    value numeric := 0;
    digit integer;
BEGIN
    IF base < 2 OR base > 36 THEN
        RAISE EXCEPTION 'The base for STRTOL must be between 2 and 36' USING ERRCODE = '22023';
    END IF;
    IF left(rest, 1) IN ('-', '+') THEN
        IF left(rest, 1) = '-' THEN sign := -1; END IF;
        rest := substr(rest, 2);
    END IF;
    IF base = 16 AND left(rest, 2) = '0x' THEN rest := substr(rest, 3); END IF;
    FOR i IN 1 .. length(rest) LOOP
        digit := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(rest, i, 1)) - 1;
        IF digit < 0 OR digit >= base THEN
            RAISE EXCEPTION 'The input % is not valid to be converted to base %', digits, base USING ERRCODE = '22023';
        END IF;
        value := value * base + digit;
    END LOOP;
    RETURN sign * value;
END
$$;

-- Regular expressions, from a position on; of the parameters, "c" and "i" are about case, "e" takes what stands in the first
-- parentheses, and Perl's syntax ("p") is another one.
CREATE FUNCTION pg_sandbox.regexp_flags(parameters text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    IF parameters LIKE '%p%' THEN
        RAISE EXCEPTION 'Regular expressions of Perl are not imitated by the sandbox' USING ERRCODE = '0A000';
    ELSIF parameters !~ '^[cie]*$' THEN
        RAISE EXCEPTION 'invalid regular expression option: "%"', parameters USING ERRCODE = '22023';
    END IF;
    RETURN CASE WHEN parameters LIKE '%i%' THEN 'gi' ELSE 'g' END;
END
$$;
CREATE FUNCTION pg_sandbox.regexp_rest(source text, start integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    IF start < 1 THEN
        RAISE EXCEPTION 'The position of a regular expression function must be positive' USING ERRCODE = '22023';
    END IF;
    RETURN substr(source, start);
END
$$;

CREATE FUNCTION pg_catalog.regexp_count(source text, pattern text, start integer DEFAULT 1, parameters text DEFAULT 'c')
RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT count(*)::integer
    FROM pg_engine.regexp_matches(pg_sandbox.regexp_rest(source, start), pattern, pg_sandbox.regexp_flags(parameters))
$$;
CREATE FUNCTION pg_catalog.regexp_substr(
    source text, pattern text, start integer DEFAULT 1, occurrence integer DEFAULT 1, parameters text DEFAULT 'c'
) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT coalesce((
        SELECT found[1]
        FROM pg_engine.regexp_matches(
            pg_sandbox.regexp_rest(source, start),
            CASE WHEN parameters LIKE '%e%' THEN pattern ELSE '(' || pattern || ')' END,
            pg_sandbox.regexp_flags(parameters)
        ) WITH ORDINALITY AS m (found, number)
        WHERE number = occurrence
    ), '')
$$;
CREATE FUNCTION pg_catalog.regexp_instr(
    source text, pattern text, start integer DEFAULT 1, occurrence integer DEFAULT 1, after integer DEFAULT 0,
    parameters text DEFAULT 'c'
) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    rest text := pg_sandbox.regexp_rest(source, start);
    flags text := pg_sandbox.regexp_flags(parameters);
    matches text[] := array(SELECT m[1] FROM pg_engine.regexp_matches(rest, '(' || pattern || ')', flags) AS m);
    separators text[] := pg_engine.regexp_split_to_array(rest, pattern, translate(flags, 'g', ''));
    place integer := start;
BEGIN
    IF occurrence < 1 OR occurrence > coalesce(array_upper(matches, 1), 0) THEN
        RETURN 0;
    END IF;
    FOR i IN 1 .. occurrence LOOP
        place := place + length(separators[i]) + CASE WHEN i < occurrence OR after = 1 THEN length(matches[i]) ELSE 0 END;
    END LOOP;
    RETURN place;
END
$$;
CREATE FUNCTION pg_catalog.regexp_replace(
    source text, pattern text, replacement text DEFAULT '', start integer DEFAULT 1, parameters text DEFAULT 'c'
) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT left(source, start - 1) || pg_engine.regexp_replace(
        pg_sandbox.regexp_rest(source, start), pattern, pg_engine.regexp_replace(replacement, '\\$(\\d)', '\\\\\\1', 'g'),
        pg_sandbox.regexp_flags(parameters)
    )
$$;

CREATE FUNCTION pg_catalog.sha2(text, bits integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    bytes bytea := pg_engine.convert_to($1, 'UTF8');
BEGIN
    RETURN pg_engine.encode(CASE bits
        WHEN 224 THEN pg_engine.sha224(bytes)
        WHEN 0 THEN pg_engine.sha256(bytes)
        WHEN 256 THEN pg_engine.sha256(bytes)
        WHEN 384 THEN pg_engine.sha384(bytes)
        WHEN 512 THEN pg_engine.sha512(bytes)
    END, 'hex');
END
$$;
CREATE FUNCTION pg_catalog.sha1(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    word constant bigint := 4294967296;
    bytes bytea := pg_engine.convert_to($1, 'UTF8');
    size integer := octet_length(bytes);
    padded bytea := bytes || '\\x80'::bytea || pg_engine.decode(repeat('00', (119 - size % 64) % 64), 'hex')
        || pg_engine.int8send(size::bigint * 8);
    h bigint[] := ARRAY[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
    w bigint[];
    v bigint[];
    f bigint;
    k bigint;
    t bigint;
BEGIN
    FOR block IN 0 .. octet_length(padded) / 64 - 1 LOOP
        FOR i IN 0 .. 15 LOOP
            t := 0;
            FOR b IN 0 .. 3 LOOP
                t := (t << 8) | pg_engine.get_byte(padded, block * 64 + i * 4 + b);
            END LOOP;
            w[i] := t;
        END LOOP;
        FOR i IN 16 .. 79 LOOP
            t := w[i - 3] # w[i - 8] # w[i - 14] # w[i - 16];
            w[i] := ((t << 1) | (t >> 31)) % word;
        END LOOP;
        v := h;
        FOR i IN 0 .. 79 LOOP
            IF i < 20 THEN f := (v[2] & v[3]) | ((word - 1 - v[2]) & v[4]); k := 1518500249;
            ELSIF i < 40 THEN f := v[2] # v[3] # v[4]; k := 1859775393;
            ELSIF i < 60 THEN f := (v[2] & v[3]) | (v[2] & v[4]) | (v[3] & v[4]); k := 2400959708;
            ELSE f := v[2] # v[3] # v[4]; k := 3395469782;
            END IF;
            t := (((v[1] << 5) | (v[1] >> 27)) % word + f + v[5] + k + w[i]) % word;
            v := ARRAY[t, v[1], ((v[2] << 30) | (v[2] >> 2)) % word, v[3], v[4]];
        END LOOP;
        FOR i IN 1 .. 5 LOOP
            h[i] := (h[i] + v[i]) % word;
        END LOOP;
    END LOOP;
    RETURN (SELECT array_to_string(array(SELECT lpad(to_hex(x), 8, '0') FROM pg_engine.unnest(h) AS x), ''));
END
$$;
CREATE FUNCTION pg_catalog.sha(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT sha1($1) $$;
CREATE FUNCTION pg_catalog.func_sha1(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT sha1($1) $$;
-- Castagnoli's polynomial: CRC-32C.
CREATE FUNCTION pg_catalog.crc32(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    bytes bytea := pg_engine.convert_to($1, 'UTF8');
    crc bigint := 4294967295;
BEGIN
    FOR i IN 0 .. octet_length(bytes) - 1 LOOP
        crc := crc # pg_engine.get_byte(bytes, i);
        FOR bit IN 1 .. 8 LOOP
            crc := CASE WHEN (crc & 1) = 1 THEN (crc >> 1) # 2197175160 ELSE crc >> 1 END;
        END LOOP;
    END LOOP;
    RETURN lpad(to_hex(crc # 4294967295), 8, '0');
END
$$;

-- What the last statements of this session did; the proxy keeps them in settings of the session.
CREATE FUNCTION pg_catalog.pg_last_copy_count() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('redshift_sandbox.copy_count', true), ''), '0')::bigint $$;
CREATE FUNCTION pg_catalog.pg_last_copy_id() RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('redshift_sandbox.copy_id', true), ''), '-1')::integer $$;
CREATE FUNCTION pg_catalog.pg_last_unload_count() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('redshift_sandbox.unload_count', true), ''), '0')::bigint $$;
CREATE FUNCTION pg_catalog.pg_last_unload_id() RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('redshift_sandbox.unload_id', true), ''), '-1')::integer $$;
CREATE FUNCTION pg_catalog.pg_last_query_id() RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('redshift_sandbox.query_id', true), ''), '-1')::integer $$;
