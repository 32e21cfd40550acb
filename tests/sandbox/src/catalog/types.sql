-- Types of Redshift's are kept as the text that it prints. What reads their text can be written in SQL.

CREATE FUNCTION pg_sandbox.create_type(name text) RETURNS void LANGUAGE plpgsql AS
$do$
BEGIN
    EXECUTE pg_engine.format(
        $f$
            CREATE TYPE pg_catalog.%1$s;
            CREATE FUNCTION pg_sandbox.%1$s_kept(cstring) RETURNS %1$s LANGUAGE internal IMMUTABLE STRICT AS 'textin';
            CREATE FUNCTION pg_sandbox.%1$s_out(%1$s) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
            CREATE TYPE pg_catalog.%1$s (INPUT = pg_sandbox.%1$s_kept, OUTPUT = pg_sandbox.%1$s_out, LIKE = text);
            -- `xmltotext` hands the bytes back that it is given.
            CREATE FUNCTION pg_sandbox.%1$s(text) RETURNS %1$s LANGUAGE internal IMMUTABLE STRICT AS 'xmltotext';
            CREATE FUNCTION pg_sandbox.text(%1$s) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'xmltotext'
        $f$,
        name
    );
END
$do$;
-- Lets `pg_sandbox.<name>_read(text)` read the type's text. PostgreSQL makes no function of SQL that takes a `cstring`, but it
-- calls one if it finds one, and gives it all of the three arguments that such a function can have.
CREATE FUNCTION pg_sandbox.let_read(name text, type text) RETURNS void LANGUAGE plpgsql AS
$do$
BEGIN
    PERFORM set_config('check_function_bodies', 'off', true);
    EXECUTE pg_engine.format(
        $f$
            CREATE FUNCTION pg_sandbox.%1$s_in(text, oid, integer) RETURNS %2$s LANGUAGE sql STABLE STRICT AS
            $$ SELECT pg_sandbox.%1$s_read(textin($1)) $$;
            UPDATE pg_proc SET proargtypes = ('cstring'::regtype::oid || ' 26 23')::oidvector
            WHERE oid = 'pg_sandbox.%1$s_in(text,oid,integer)'::regprocedure;
            UPDATE pg_type SET typinput = 'pg_sandbox.%1$s_in(cstring,oid,integer)'::regprocedure WHERE oid = '%2$s'::regtype
        $f$,
        name, type
    );
    PERFORM set_config('check_function_bodies', 'on', true);
END
$do$;
-- PostgreSQL makes text of any type, in an assignment too.
CREATE FUNCTION pg_sandbox.let_not_become_text(name text) RETURNS void LANGUAGE plpgsql AS
$do$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['text', 'varchar', 'bpchar'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.%1$s_to_%2$s(%1$s) RETURNS %2$s LANGUAGE plpgsql IMMUTABLE AS
                $$ BEGIN RAISE EXCEPTION 'A cast from %1$s to text is not supported by the sandbox yet' USING ERRCODE = '0A000'; END $$;
                CREATE CAST (%1$s AS %2$s) WITH FUNCTION pg_sandbox.%1$s_to_%2$s(%1$s)
            $f$,
            name, target
        );
    END LOOP;
END
$do$;

-- VARBYTE is kept as the hex digits that Redshift shows; the bytes of a text are its UTF-8.

CREATE TYPE pg_sandbox.hex;
CREATE FUNCTION pg_sandbox.hex_kept(cstring) RETURNS pg_sandbox.hex LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION pg_sandbox.hex_out(pg_sandbox.hex) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION pg_sandbox.hex_recv(internal) RETURNS pg_sandbox.hex LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION pg_sandbox.hex_send(pg_sandbox.hex) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE pg_sandbox.hex (
    INPUT = pg_sandbox.hex_kept, OUTPUT = pg_sandbox.hex_out, RECEIVE = pg_sandbox.hex_recv, SEND = pg_sandbox.hex_send,
    LIKE = text, COLLATABLE = true
);
CREATE FUNCTION pg_sandbox.digits(pg_sandbox.hex) RETURNS text LANGUAGE internal IMMUTABLE STRICT AS 'xmltotext';
CREATE FUNCTION pg_sandbox.of_digits(text) RETURNS pg_sandbox.hex LANGUAGE internal IMMUTABLE STRICT AS 'xmltotext';
CREATE FUNCTION pg_sandbox.bytes(pg_sandbox.hex) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_engine.decode(pg_sandbox.digits($1), 'hex') $$;
CREATE FUNCTION pg_sandbox.of_bytes(bytea) RETURNS pg_sandbox.hex LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.of_digits(pg_engine.encode($1, 'hex')) $$;
CREATE FUNCTION pg_sandbox.hex(text) RETURNS pg_sandbox.hex LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.of_bytes(pg_engine.convert_to($1, 'UTF8')) $$;
-- Only COPY reads digits, and says so by a setting.
CREATE FUNCTION pg_sandbox.hex_read(text) RETURNS pg_sandbox.hex LANGUAGE sql STABLE STRICT AS
$$
    SELECT CASE current_setting('redshift_sandbox.copies', true) WHEN 'on' THEN pg_sandbox.of_digits($1) ELSE pg_sandbox.hex($1) END
$$;
SELECT pg_sandbox.let_read('hex', 'pg_sandbox.hex');
CREATE FUNCTION pg_sandbox.text(pg_sandbox.hex) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_engine.convert_from(pg_sandbox.bytes($1), 'UTF8') $$;
DO
$do$
DECLARE
    kind text;
    through text;
    digits integer;
BEGIN
    FOR kind, through IN
        SELECT * FROM (VALUES ('text', '$1'), ('varchar', '$1::text'), ('bpchar', 'textin(pg_engine.bpcharout($1))')) AS texts
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE OR REPLACE FUNCTION pg_sandbox.hex(%1$s) RETURNS pg_sandbox.hex LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.of_bytes(pg_engine.convert_to(%2$s, 'UTF8')) $$;
                CREATE CAST (%1$s AS pg_sandbox.hex) WITH FUNCTION pg_sandbox.hex(%1$s) AS ASSIGNMENT;
                CREATE FUNCTION pg_sandbox.to_%1$s(pg_sandbox.hex) RETURNS %1$s LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.text($1)::%1$s $$;
                CREATE CAST (pg_sandbox.hex AS %1$s) WITH FUNCTION pg_sandbox.to_%1$s(pg_sandbox.hex)
            $f$,
            kind, through
        );
    END LOOP;
    FOREACH kind IN ARRAY ARRAY['int2', 'int4', 'int8'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.hex(%1$s) RETURNS pg_sandbox.hex LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.of_bytes(pg_engine.%1$ssend($1)) $$;
                CREATE CAST (%1$s AS pg_sandbox.hex) WITH FUNCTION pg_sandbox.hex(%1$s)
            $f$,
            kind
        );
    END LOOP;
    FOR kind, digits IN SELECT * FROM (VALUES ('int4', 8), ('int8', 16)) AS numbers LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.to_%1$s(pg_sandbox.hex) RETURNS %1$s LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT ('x' || right(lpad(pg_sandbox.digits($1), %2$s, '0'), %2$s))::bit(%3$s)::%1$s $$;
                CREATE CAST (pg_sandbox.hex AS %1$s) WITH FUNCTION pg_sandbox.to_%1$s(pg_sandbox.hex)
            $f$,
            kind, digits, digits * 4
        );
    END LOOP;
END
$do$;
-- Compared as their digits are.
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
            ('texteq', '=', '=', '<>'), ('textne', '<>', '<>', '='), ('text_lt', '<', '>', '>='), ('text_gt', '>', '<', '<='),
            ('text_le', '<=', '>=', '>'), ('text_ge', '>=', '<=', '<')
        ) AS operators
    LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.hex_%1$s(pg_sandbox.hex, pg_sandbox.hex) RETURNS boolean
                LANGUAGE internal IMMUTABLE STRICT AS '%1$s';
                CREATE OPERATOR pg_catalog.%2$s (
                    LEFTARG = pg_sandbox.hex, RIGHTARG = pg_sandbox.hex, FUNCTION = pg_sandbox.hex_%1$s,
                    COMMUTATOR = OPERATOR(pg_catalog.%3$s), NEGATOR = OPERATOR(pg_catalog.%4$s) %5$s
                )
            $f$,
            name, sign, commutator, negator, CASE sign WHEN '=' THEN ', HASHES, MERGES' ELSE '' END
        );
    END LOOP;
END
$do$;
CREATE FUNCTION pg_sandbox.hex_cmp(pg_sandbox.hex, pg_sandbox.hex) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bttextcmp';
CREATE FUNCTION pg_sandbox.hex_hash(pg_sandbox.hex) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'hashtext';
CREATE OPERATOR CLASS pg_sandbox.hex_ops DEFAULT FOR TYPE pg_sandbox.hex USING btree AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
    FUNCTION 1 pg_sandbox.hex_cmp(pg_sandbox.hex, pg_sandbox.hex);
CREATE OPERATOR CLASS pg_sandbox.hex_hash_ops DEFAULT FOR TYPE pg_sandbox.hex USING hash AS
    OPERATOR 1 =, FUNCTION 1 pg_sandbox.hex_hash(pg_sandbox.hex);
CREATE DOMAIN pg_catalog.varbyte AS pg_sandbox.hex;
CREATE DOMAIN pg_catalog.varbinary AS varbyte;

-- Of two that are not equally long, the shorter one has zeros before it.
CREATE FUNCTION pg_sandbox.bits(pg_sandbox.hex, sign text, pg_sandbox.hex) RETURNS varbyte LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT pg_sandbox.of_digits(coalesce(pg_engine.string_agg(lpad(to_hex(CASE sign
        WHEN '&' THEN one & other WHEN '|' THEN one | other ELSE one # other
    END), 2, '0'), '' ORDER BY place), ''))
    FROM (
        SELECT place, pg_engine.get_byte(pg_engine.decode(lpad(pg_sandbox.digits($1), size, '0'), 'hex'), place) AS one,
            pg_engine.get_byte(pg_engine.decode(lpad(pg_sandbox.digits($3), size, '0'), 'hex'), place) AS other
        FROM (SELECT greatest(length(pg_sandbox.digits($1)), length(pg_sandbox.digits($3))) AS size) AS sizes, generate_series(0, size / 2 - 1) AS place
    ) AS pairs
$$;
DO
$do$
DECLARE
    sign text;
BEGIN
    FOREACH sign IN ARRAY ARRAY['&', '|', '#'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox."varbyte%1$s"(pg_sandbox.hex, pg_sandbox.hex) RETURNS varbyte LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.bits($1, '%1$s', $2) $$;
                CREATE OPERATOR pg_catalog.%1$s (LEFTARG = pg_sandbox.hex, RIGHTARG = pg_sandbox.hex, FUNCTION = pg_sandbox."varbyte%1$s")
            $f$,
            sign
        );
    END LOOP;
END
$do$;
CREATE FUNCTION pg_sandbox.varbyte_not(pg_sandbox.hex) RETURNS varbyte LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.bits($1, '#', pg_sandbox.of_digits(repeat('f', length(pg_sandbox.digits($1))))) $$;
CREATE OPERATOR pg_catalog.~ (RIGHTARG = pg_sandbox.hex, FUNCTION = pg_sandbox.varbyte_not);
CREATE FUNCTION pg_catalog.concat(pg_sandbox.hex, pg_sandbox.hex) RETURNS varbyte LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.of_digits(pg_sandbox.digits($1) || pg_sandbox.digits($2)) $$;
CREATE OPERATOR pg_catalog.|| (LEFTARG = pg_sandbox.hex, RIGHTARG = pg_sandbox.hex, FUNCTION = pg_catalog.concat);
CREATE OPERATOR pg_catalog.+ (LEFTARG = pg_sandbox.hex, RIGHTARG = pg_sandbox.hex, FUNCTION = pg_catalog.concat);

CREATE FUNCTION pg_catalog.from_hex(text) RETURNS varbyte LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    IF $1 !~* '^([0-9a-f]{2})*$' THEN
        RAISE EXCEPTION 'The input to FROM_HEX is not a valid hexadecimal value' USING ERRCODE = '22023';
    END IF;
    RETURN pg_sandbox.of_digits(lower($1));
END
$$;
CREATE FUNCTION pg_catalog.to_hex(pg_sandbox.hex) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.digits($1) $$;
CREATE FUNCTION pg_catalog.to_varbyte(text, format text) RETURNS varbyte LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    CASE lower(format)
        WHEN 'hex' THEN RETURN from_hex(lpad($1, length($1) + length($1) % 2, '0'));
        WHEN 'binary' THEN
            RETURN (
                SELECT pg_sandbox.of_digits(coalesce(pg_engine.string_agg(
                    lpad(to_hex(substr(bits, place * 8 + 1, 8)::bit(8)::integer), 2, '0'), '' ORDER BY place
                ), ''))
                FROM (SELECT lpad($1, (length($1) + 7) / 8 * 8, '0') AS bits) AS padded,
                    generate_series(0, length(bits) / 8 - 1) AS place
            );
        WHEN 'utf8', 'utf-8' THEN RETURN pg_sandbox.hex($1);
        WHEN 'base64' THEN RETURN pg_sandbox.of_bytes(pg_engine.decode($1, 'base64'));
        ELSE RAISE EXCEPTION 'The format % is not supported by TO_VARBYTE', format USING ERRCODE = '22023';
    END CASE;
END
$$;
CREATE FUNCTION pg_catalog.from_varbyte(pg_sandbox.hex, format text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    CASE lower(format)
        WHEN 'hex' THEN RETURN pg_sandbox.digits($1);
        WHEN 'binary' THEN
            RETURN coalesce((
                SELECT pg_engine.string_agg(pg_engine.get_byte(pg_sandbox.bytes($1), place)::bit(8)::text, '' ORDER BY place)
                FROM generate_series(0, length($1) - 1) AS place
            ), '');
        WHEN 'utf8', 'utf-8' THEN RETURN pg_sandbox.text($1);
        WHEN 'base64' THEN RETURN translate(pg_engine.encode(pg_sandbox.bytes($1), 'base64'), E'\n', '');
        ELSE RAISE EXCEPTION 'The format % is not supported by FROM_VARBYTE', format USING ERRCODE = '22023';
    END CASE;
END
$$;
DO
$do$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['octet_length', 'length', 'len'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_catalog.%1$s(pg_sandbox.hex) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT octet_length(pg_sandbox.digits($1)) / 2 $$
            $f$,
            name
        );
    END LOOP;
    FOREACH name IN ARRAY ARRAY['substring', 'substr'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_catalog.%1$s(pg_sandbox.hex, integer) RETURNS varbyte LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.of_bytes(substring(pg_sandbox.bytes($1), $2)) $$;
                CREATE FUNCTION pg_catalog.%1$s(pg_sandbox.hex, integer, integer) RETURNS varbyte LANGUAGE sql IMMUTABLE STRICT AS
                $$ SELECT pg_sandbox.of_bytes(substring(pg_sandbox.bytes($1), $2, $3)) $$
            $f$,
            name
        );
    END LOOP;
    FOREACH name IN ARRAY ARRAY['least', 'greatest'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.varbyte_%1$s(pg_sandbox.hex, pg_sandbox.hex) RETURNS pg_sandbox.hex
                LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT %1$s($1, $2) $$;
                CREATE AGGREGATE pg_catalog.%2$s(pg_sandbox.hex) (SFUNC = pg_sandbox.varbyte_%1$s, STYPE = pg_sandbox.hex)
            $f$,
            name, CASE name WHEN 'least' THEN 'min' ELSE 'max' END
        );
    END LOOP;
END
$do$;
CREATE FUNCTION pg_catalog.position(pg_sandbox.hex, pg_sandbox.hex) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_catalog.position(pg_sandbox.bytes($1), pg_sandbox.bytes($2)) $$;
CREATE FUNCTION pg_catalog.strpos(pg_sandbox.hex, pg_sandbox.hex) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_catalog.position($1, $2) $$;
CREATE FUNCTION pg_catalog.reverse(pg_sandbox.hex) RETURNS varbyte LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT pg_sandbox.of_digits(coalesce(pg_engine.string_agg(substr(pg_sandbox.digits($1), place * 2 + 1, 2), '' ORDER BY place DESC), ''))
    FROM generate_series(0, length($1) - 1) AS place
$$;
CREATE FUNCTION pg_catalog.getbit(pg_sandbox.hex, place integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_engine.get_byte(pg_sandbox.bytes($1), length($1) - 1 - place / 8) >> (place % 8) & 1 $$;

-- TIMETZ is kept as UTC, and a day ends where it begins.
CREATE FUNCTION pg_sandbox.timetz_read(text) RETURNS timetz LANGUAGE sql STABLE STRICT AS
$$ SELECT pg_engine.timetz_in(textout($1), 0, -1) AT TIME ZONE 'UTC' $$;
CREATE FUNCTION pg_sandbox.time_read(text) RETURNS time LANGUAGE sql STABLE STRICT AS
$$ SELECT pg_engine.time_in(textout($1), 0, -1) + interval '0' $$;
SELECT pg_sandbox.let_read('timetz', 'timetz'), pg_sandbox.let_read('time', 'time');
