-- GEOMETRY and GEOGRAPHY are kept as the hex digits of their EWKB. What can be done with them is not imitated, except to make
-- them of such digits.

CREATE FUNCTION pg_sandbox.number_at(bytes bytea, place integer, little_endian boolean) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
$$
DECLARE
    number bigint := 0;
BEGIN
    FOR i IN 0 .. 3 LOOP
        number := number * 256 + pg_engine.get_byte(bytes, place + CASE WHEN little_endian THEN 3 - i ELSE i END);
    END LOOP;
    RETURN number;
END
$$;
-- Where the shape ends that begins at a place. An error, whichever, says that there is none.
CREATE FUNCTION pg_sandbox.end_of_shape(bytes bytea, place integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
$$
DECLARE
    little_endian boolean := pg_engine.get_byte(bytes, place) = 1;
    flags bigint := pg_sandbox.number_at(bytes, place + 1, little_endian);
    has_srid boolean := flags & 536870912 <> 0;
    kind integer := flags & 536870911;
    -- Two coordinates, and Z and M.
    point integer := 8 * (2 + (flags >> 31) + (flags >> 30 & 1));
    here integer := place + 5 + CASE WHEN has_srid THEN 4 ELSE 0 END;
    parts bigint;
BEGIN
    IF pg_engine.get_byte(bytes, place) > 1 OR kind NOT BETWEEN 1 AND 7 THEN
        RAISE EXCEPTION 'no shape';
    ELSIF kind = 1 THEN
        RETURN here + point;
    END IF;
    parts := pg_sandbox.number_at(bytes, here, little_endian);
    here := here + 4;
    IF kind = 2 THEN
        RETURN here + parts * point;
    END IF;
    FOR part IN 1 .. parts LOOP
        here := CASE kind
            WHEN 3 THEN here + 4 + point * pg_sandbox.number_at(bytes, here, little_endian)
            ELSE pg_sandbox.end_of_shape(bytes, here)
        END;
    END LOOP;
    RETURN here;
END
$$;

CREATE FUNCTION pg_sandbox.ewkb(digits text, kind text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    bytes bytea;
BEGIN
    IF digits ~* '^\\s*(srid|point|linestring|polygon|multi|geometrycollection)' THEN
        RAISE EXCEPTION '% of (E)WKT is not supported by the sandbox yet', upper(kind) USING ERRCODE = '0A000';
    ELSIF octet_length(digits) > 2 * 1048447 THEN
        RAISE EXCEPTION 'the maximum size of % is 1048447 bytes', upper(kind) USING ERRCODE = '22001';
    END IF;
    BEGIN
        bytes := pg_engine.decode(digits, 'hex');
        -- decode() passes over blanks.
        IF pg_sandbox.end_of_shape(bytes, 0) = octet_length(bytes) AND octet_length(digits) = 2 * octet_length(bytes) THEN
            RETURN upper(pg_engine.encode(bytes, 'hex'));
        END IF;
    EXCEPTION WHEN OTHERS THEN
        NULL;
    END;
    RAISE EXCEPTION 'invalid EWKB for %', upper(kind) USING ERRCODE = '22023';
END
$$;

SELECT pg_sandbox.create_type(name) FROM pg_engine.unnest(ARRAY['geometry', 'geography']) AS name;
CREATE FUNCTION pg_sandbox.geometry_read(text) RETURNS geometry LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.geometry(pg_sandbox.ewkb($1, 'geometry')) $$;
-- A place on earth has a reference system: 4326, if it does not name one.
CREATE FUNCTION pg_sandbox.geography_read(text) RETURNS geography LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT pg_sandbox.geography(CASE
        WHEN flags & 32 <> 0 THEN digits
        WHEN little_endian THEN left(digits, 8) || upper(lpad(to_hex(flags | 32), 2, '0')) || 'E6100000' || substr(digits, 11)
        ELSE left(digits, 2) || upper(lpad(to_hex(flags | 32), 2, '0')) || substr(digits, 5, 6) || '000010E6' || substr(digits, 11)
    END)
    FROM (
        SELECT digits, left(digits, 2) = '01' AS little_endian,
            pg_engine.get_byte(pg_engine.decode(substr(digits, CASE left(digits, 2) WHEN '01' THEN 9 ELSE 3 END, 2), 'hex'), 0) AS flags
        FROM pg_sandbox.ewkb($1, 'geography') AS digits
    ) AS read
$$;
SELECT pg_sandbox.let_read(name, name), pg_sandbox.let_not_become_text(name) FROM pg_engine.unnest(ARRAY['geometry', 'geography']) AS name;

CREATE FUNCTION pg_catalog.st_geomfromewkb(text) RETURNS geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.geometry_read($1) $$;
CREATE FUNCTION pg_catalog.st_geogfromwkb(text) RETURNS geography LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT pg_sandbox.geography_read($1) $$;
