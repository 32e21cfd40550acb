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
-- Lets `pg_sandbox.<type>_read(text)` read the type's text. PostgreSQL makes no function of SQL that takes a `cstring`, but it
-- calls one if it finds one, and gives it all of the three arguments that such a function can have.
CREATE FUNCTION pg_sandbox.let_read(name text) RETURNS void LANGUAGE plpgsql AS
$do$
BEGIN
    PERFORM set_config('check_function_bodies', 'off', true);
    EXECUTE pg_engine.format(
        $f$
            CREATE FUNCTION pg_sandbox.%1$s_in(text, oid, integer) RETURNS %1$s LANGUAGE sql STABLE STRICT AS
            $$ SELECT pg_sandbox.%1$s_read(textin($1)) $$;
            UPDATE pg_proc SET proargtypes = ('cstring'::regtype::oid || ' 26 23')::oidvector
            WHERE oid = 'pg_sandbox.%1$s_in(text,oid,integer)'::regprocedure;
            UPDATE pg_type SET typinput = 'pg_sandbox.%1$s_in(cstring,oid,integer)'::regprocedure WHERE oid = '%1$s'::regtype
        $f$,
        name
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

-- VARBYTE is kept as the hex digits that Redshift shows.

CREATE TYPE pg_sandbox.hex;
CREATE FUNCTION pg_sandbox.hex_in(cstring) RETURNS pg_sandbox.hex LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION pg_sandbox.hex_out(pg_sandbox.hex) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION pg_sandbox.hex_recv(internal) RETURNS pg_sandbox.hex LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION pg_sandbox.hex_send(pg_sandbox.hex) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE pg_sandbox.hex (
    INPUT = pg_sandbox.hex_in, OUTPUT = pg_sandbox.hex_out, RECEIVE = pg_sandbox.hex_recv, SEND = pg_sandbox.hex_send,
    LIKE = text, COLLATABLE = true
);
CREATE FUNCTION pg_sandbox.hex(text) RETURNS pg_sandbox.hex LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.hex_in(textout(pg_engine.encode(pg_engine.convert_to($1, 'UTF8'), 'hex'))) $$;
CREATE CAST (pg_sandbox.hex AS text) WITHOUT FUNCTION AS IMPLICIT;
-- The bytes of a text are its UTF-8.
CREATE CAST (text AS pg_sandbox.hex) WITH FUNCTION pg_sandbox.hex(text);
CREATE FUNCTION pg_sandbox.hex(varchar) RETURNS pg_sandbox.hex LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.hex($1::text) $$;
CREATE CAST (varchar AS pg_sandbox.hex) WITH FUNCTION pg_sandbox.hex(varchar);
CREATE FUNCTION pg_sandbox.hex(bpchar) RETURNS pg_sandbox.hex LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.hex($1::text) $$;
CREATE CAST (bpchar AS pg_sandbox.hex) WITH FUNCTION pg_sandbox.hex(bpchar);
CREATE DOMAIN pg_catalog.varbyte AS pg_sandbox.hex CONSTRAINT varbyte_digits CHECK (VALUE::text ~ '^([0-9a-f]{2})*$');
CREATE DOMAIN pg_catalog.varbinary AS varbyte;

CREATE FUNCTION pg_catalog.from_hex(text) RETURNS varbyte LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    IF $1 !~* '^([0-9a-f]{2})*$' THEN
        RAISE EXCEPTION 'The input to FROM_HEX is not a valid hexadecimal value' USING ERRCODE = '22023';
    END IF;
    RETURN pg_sandbox.hex_in(textout(lower($1)));
END
$$;
CREATE FUNCTION pg_catalog.to_hex(pg_sandbox.hex) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::text $$;
CREATE FUNCTION pg_catalog.to_varbyte(text, format text) RETURNS varbyte LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    CASE lower(format)
        WHEN 'hex' THEN RETURN from_hex($1);
        WHEN 'utf8', 'utf-8' THEN RETURN $1::varbyte;
        WHEN 'base64' THEN RETURN pg_sandbox.hex_in(textout(pg_engine.encode(pg_engine.decode($1, 'base64'), 'hex')));
        ELSE RAISE EXCEPTION 'The format % is not supported by TO_VARBYTE', format USING ERRCODE = '22023';
    END CASE;
END
$$;
CREATE FUNCTION pg_catalog.from_varbyte(pg_sandbox.hex, format text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    CASE lower(format)
        WHEN 'hex' THEN RETURN $1::text;
        WHEN 'utf8', 'utf-8' THEN RETURN pg_engine.convert_from(pg_engine.decode($1::text, 'hex'), 'UTF8');
        WHEN 'base64' THEN RETURN translate(pg_engine.encode(pg_engine.decode($1::text, 'hex'), 'base64'), E'\n', '');
        ELSE RAISE EXCEPTION 'The format % is not supported by FROM_VARBYTE', format USING ERRCODE = '22023';
    END CASE;
END
$$;
CREATE FUNCTION pg_catalog.octet_length(pg_sandbox.hex) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT octet_length($1::text) / 2 $$;
CREATE FUNCTION pg_catalog.length(pg_sandbox.hex) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT octet_length($1::text) / 2 $$;
CREATE FUNCTION pg_catalog.len(pg_sandbox.hex) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT octet_length($1::text) / 2 $$;
