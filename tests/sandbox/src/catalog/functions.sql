-- Functions that Redshift has and PostgreSQL lacks. They live in pg_catalog, which every search path begins with.

ALTER FUNCTION pg_catalog.version() RENAME TO engine_version;
CREATE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.0'::text $$;

CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE AS
$$ SELECT date_trunc('second', statement_timestamp())::timestamp $$;
CREATE FUNCTION pg_catalog.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS
$$ SELECT transaction_timestamp()::timestamp $$;
CREATE FUNCTION pg_catalog.len(text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length($1) $$;
CREATE FUNCTION pg_catalog.len(character) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT length(rtrim($1::text)) $$;
CREATE FUNCTION pg_catalog.charindex(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT strpos($2, $1) $$;
CREATE FUNCTION pg_catalog.nvl2(anyelement, anycompatible, anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END $$;

CREATE FUNCTION pg_catalog.nvl2(text, anycompatible, anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END $$;

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

CREATE FUNCTION pg_catalog.dateadd(part text, amount bigint, start timestamp) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    CASE lower(part)
        WHEN 'year', 'years', 'y', 'yr', 'yrs' THEN RETURN start + make_interval(years => amount::integer);
        WHEN 'quarter', 'quarters', 'qtr', 'qtrs' THEN RETURN start + make_interval(months => 3 * amount::integer);
        WHEN 'month', 'months', 'mon', 'mons' THEN RETURN start + make_interval(months => amount::integer);
        WHEN 'week', 'weeks', 'w' THEN RETURN start + make_interval(weeks => amount::integer);
        WHEN 'day', 'days', 'd' THEN RETURN start + make_interval(days => amount::integer);
        WHEN 'hour', 'hours', 'h', 'hr', 'hrs' THEN RETURN start + amount * interval '1 hour';
        WHEN 'minute', 'minutes', 'm', 'min', 'mins' THEN RETURN start + amount * interval '1 minute';
        WHEN 'second', 'seconds', 's', 'sec', 'secs' THEN RETURN start + amount * interval '1 second';
        WHEN 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs' THEN RETURN start + amount * interval '1 millisecond';
        WHEN 'microsecond', 'microseconds', 'us', 'usec', 'usecs' THEN RETURN start + amount * interval '1 microsecond';
        ELSE RAISE EXCEPTION 'timestamp units "%" not recognized', part USING ERRCODE = '22023';
    END CASE;
END
$$;

-- Counts the boundaries between the two, as Redshift does.
CREATE FUNCTION pg_catalog.datediff(part text, start timestamp, finish timestamp) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    years bigint := date_part('year', finish) - date_part('year', start);
BEGIN
    CASE lower(part)
        WHEN 'year', 'years', 'y', 'yr', 'yrs' THEN RETURN years;
        WHEN 'quarter', 'quarters', 'qtr', 'qtrs' THEN
            RETURN years * 4 + date_part('quarter', finish) - date_part('quarter', start);
        WHEN 'month', 'months', 'mon', 'mons' THEN RETURN years * 12 + date_part('month', finish) - date_part('month', start);
        WHEN 'week', 'weeks', 'w' THEN
            RETURN ((date_trunc('week', finish + interval '1 day')::date - date_trunc('week', start + interval '1 day')::date)) / 7;
        WHEN 'day', 'days', 'd' THEN RETURN finish::date - start::date;
        WHEN 'hour', 'hours', 'h', 'hr', 'hrs' THEN
            RETURN extract(epoch FROM date_trunc('hour', finish) - date_trunc('hour', start)) / 3600;
        WHEN 'minute', 'minutes', 'm', 'min', 'mins' THEN
            RETURN extract(epoch FROM date_trunc('minute', finish) - date_trunc('minute', start)) / 60;
        WHEN 'second', 'seconds', 's', 'sec', 'secs' THEN
            RETURN extract(epoch FROM date_trunc('second', finish) - date_trunc('second', start));
        WHEN 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs' THEN
            RETURN extract(epoch FROM date_trunc('milliseconds', finish) - date_trunc('milliseconds', start)) * 1000;
        WHEN 'microsecond', 'microseconds', 'us', 'usec', 'usecs' THEN
            RETURN extract(epoch FROM finish - start) * 1000000;
        ELSE RAISE EXCEPTION 'timestamp units "%" not recognized', part USING ERRCODE = '22023';
    END CASE;
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
