-- Functions of dates and times.

CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE AS
$$ SELECT date_trunc('second', pg_engine.statement_timestamp())::timestamp $$;
CREATE FUNCTION pg_catalog.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS
$$ SELECT pg_engine.transaction_timestamp()::timestamp $$;

-- Those that begin with a part of a date know it by many names.
CREATE FUNCTION pg_sandbox.date_unit(part text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
    CASE lower(part)
        WHEN 'year', 'years', 'y', 'yr', 'yrs' THEN RETURN 'year';
        WHEN 'quarter', 'quarters', 'qtr', 'qtrs' THEN RETURN 'quarter';
        WHEN 'month', 'months', 'mon', 'mons' THEN RETURN 'month';
        WHEN 'week', 'weeks', 'w' THEN RETURN 'week';
        WHEN 'day', 'days', 'd' THEN RETURN 'day';
        WHEN 'hour', 'hours', 'h', 'hr', 'hrs' THEN RETURN 'hour';
        WHEN 'minute', 'minutes', 'm', 'min', 'mins' THEN RETURN 'minute';
        WHEN 'second', 'seconds', 's', 'sec', 'secs' THEN RETURN 'second';
        WHEN 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds', 'millisec', 'millisecs' THEN
            RETURN 'millisecond';
        WHEN 'microsecond', 'microseconds', 'us', 'usec', 'usecs', 'usecond', 'useconds', 'microsec', 'microsecs' THEN
            RETURN 'microsecond';
        ELSE RAISE EXCEPTION 'timestamp units "%" not recognized', part USING ERRCODE = '22023';
    END CASE;
END
$$;
CREATE FUNCTION pg_sandbox.date_amount(part text, amount bigint) RETURNS interval LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE pg_sandbox.date_unit(part)
        WHEN 'year' THEN amount * interval '1 year'
        WHEN 'quarter' THEN amount * interval '3 months'
        WHEN 'month' THEN amount * interval '1 month'
        WHEN 'week' THEN amount * interval '7 days'
        WHEN 'day' THEN amount * interval '1 day'
        WHEN 'hour' THEN amount * interval '1 hour'
        WHEN 'minute' THEN amount * interval '1 minute'
        WHEN 'second' THEN amount * interval '1 second'
        WHEN 'millisecond' THEN amount * interval '1 millisecond'
        ELSE amount * interval '1 microsecond'
    END
$$;
-- A leap day and some years are the first of March, unless they are a leap day again.
DO
$do$
DECLARE
    kind text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['timestamp', 'timestamptz'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.date_sum(part text, amount bigint, start %1$s) RETURNS %1$s
                LANGUAGE plpgsql STABLE STRICT AS
                $$
                DECLARE
                    finish %1$s := start + pg_sandbox.date_amount(part, amount);
                BEGIN
                    RETURN CASE
                        WHEN pg_sandbox.date_unit(part) = 'year' AND date_part('month', start) = 2
                            AND date_part('day', start) = 29 AND date_part('day', finish) = 28 THEN finish + interval '1 day'
                        ELSE finish
                    END;
                END
                $$
            $f$,
            kind
        );
    END LOOP;
    ALTER FUNCTION pg_sandbox.date_sum(text, bigint, timestamp) IMMUTABLE;
END
$do$;
CREATE FUNCTION pg_catalog.date_add(part text, amount bigint, start timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.date_sum(part, amount, start) $$;
CREATE FUNCTION pg_catalog.date_add(part text, amount bigint, start timestamptz) RETURNS timestamptz LANGUAGE sql STABLE STRICT AS
$$ SELECT pg_sandbox.date_sum(part, amount, start) $$;
CREATE FUNCTION pg_catalog.date_add(part text, amount bigint, start time) RETURNS time LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT start + pg_sandbox.date_amount(part, amount) $$;
CREATE FUNCTION pg_catalog.date_add(part text, amount bigint, start timetz) RETURNS timetz LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT start + pg_sandbox.date_amount(part, amount) $$;
CREATE FUNCTION pg_catalog.date_add(part text, amount bigint, start date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT pg_sandbox.date_sum(part, amount, start::timestamp) $$;
-- A literal without a type is a timestamp.
CREATE FUNCTION pg_catalog.date_add(part text, amount bigint, start text) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
$$ SELECT pg_sandbox.date_sum(part, amount, start::timestamp) $$;

-- Counts the boundaries between the two, as Redshift does.
CREATE FUNCTION pg_catalog.date_diff(part text, start timestamp, finish timestamp) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    unit text := pg_sandbox.date_unit(part);
    years bigint := date_part('year', finish) - date_part('year', start);
BEGIN
    CASE unit
        WHEN 'year' THEN RETURN years;
        WHEN 'quarter' THEN RETURN years * 4 + date_part('quarter', finish) - date_part('quarter', start);
        WHEN 'month' THEN RETURN years * 12 + date_part('month', finish) - date_part('month', start);
        WHEN 'week' THEN
            RETURN ((date_trunc('week', finish + interval '1 day')::date - date_trunc('week', start + interval '1 day')::date)) / 7;
        WHEN 'day' THEN RETURN finish::date - start::date;
        WHEN 'hour' THEN RETURN extract(epoch FROM date_trunc('hour', finish) - date_trunc('hour', start)) / 3600;
        WHEN 'minute' THEN RETURN extract(epoch FROM date_trunc('minute', finish) - date_trunc('minute', start)) / 60;
        WHEN 'second' THEN RETURN extract(epoch FROM date_trunc('second', finish) - date_trunc('second', start));
        WHEN 'millisecond' THEN
            RETURN extract(epoch FROM date_trunc('milliseconds', finish) - date_trunc('milliseconds', start)) * 1000;
        ELSE RETURN extract(epoch FROM finish - start) * 1000000;
    END CASE;
END
$$;
CREATE FUNCTION pg_catalog.date_diff(part text, start timestamptz, finish timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT AS
$$ SELECT date_diff(part, start AT TIME ZONE 'UTC', finish AT TIME ZONE 'UTC') $$;
CREATE FUNCTION pg_catalog.date_diff(part text, start date, finish date) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT date_diff(part, start::timestamp, finish::timestamp) $$;
CREATE FUNCTION pg_catalog.date_diff(part text, start time, finish time) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT date_diff(part, date '2000-01-01' + start, date '2000-01-01' + finish) $$;
CREATE FUNCTION pg_catalog.date_diff(part text, start timetz, finish timetz) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT date_diff(part, (start AT TIME ZONE 'UTC')::time, (finish AT TIME ZONE 'UTC')::time) $$;
CREATE FUNCTION pg_catalog.date_diff(part text, start text, finish text) RETURNS bigint LANGUAGE sql STABLE STRICT AS
$$ SELECT date_diff(part, start::timestamp, finish::timestamp) $$;

-- The columns are called after the names with `_`; bodies of functions have the others.
DO
$do$
DECLARE
    kind text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['timestamp', 'timestamptz', 'time', 'timetz', 'date', 'text'] LOOP
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_catalog.dateadd(part text, amount bigint, start %1$s) RETURNS %2$s LANGUAGE sql STABLE STRICT AS
                $$ SELECT date_add(part, amount, start) $$;
                CREATE FUNCTION pg_catalog.datediff(part text, start %1$s, finish %1$s) RETURNS bigint LANGUAGE sql STABLE STRICT AS
                $$ SELECT date_diff(part, start, finish) $$
            $f$,
            kind, CASE WHEN kind IN ('date', 'text') THEN 'timestamp' ELSE kind END
        );
    END LOOP;
END
$do$;

CREATE FUNCTION pg_catalog.date_trunc(text, date) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT date_trunc($1, $2::timestamp) $$;
CREATE FUNCTION pg_catalog.trunc(timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::date $$;

-- Too large a day, hour, minute or second goes on into the next month, day and so on, unless it must not.
UPDATE pg_proc SET pronamespace = 'pg_engine'::regnamespace
WHERE pronamespace = 'pg_catalog'::regnamespace AND proname IN ('to_date', 'to_timestamp');
CREATE FUNCTION pg_sandbox.date_fields(value text, format text) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    fields integer[] := ARRAY[1, 1, 1, 0, 0, 0];
    rest text := value;
    pattern text := upper(format);
    field text;
    digits text;
BEGIN
    WHILE pattern <> '' LOOP
        field := substring(pattern from '^(YYYY|HH24|HH12|MM|DD|HH|MI|SS)');
        IF field IS NULL THEN
            IF pattern ~ '^[A-Z0-9]' THEN RETURN NULL; END IF;
            pattern := substr(pattern, 2);
            rest := CASE WHEN rest ~ '^[^0-9]' THEN substr(rest, 2) ELSE rest END;
        ELSE
            digits := substring(rest from CASE field WHEN 'YYYY' THEN '^[0-9]{1,4}' ELSE '^[0-9]{1,2}' END);
            IF digits IS NULL THEN RETURN NULL; END IF;
            fields[CASE field WHEN 'YYYY' THEN 1 WHEN 'MM' THEN 2 WHEN 'DD' THEN 3 WHEN 'MI' THEN 5 WHEN 'SS' THEN 6 ELSE 4 END] := digits;
            pattern := substr(pattern, length(field) + 1);
            rest := substr(rest, length(digits) + 1);
        END IF;
    END LOOP;
    RETURN CASE WHEN fields[1] > 0 AND fields[2] BETWEEN 1 AND 12 AND fields[3] > 0 THEN fields END;
END
$$;
CREATE FUNCTION pg_catalog.to_timestamp(text, text, is_strict boolean DEFAULT false) RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS
$$
DECLARE
    f integer[];
BEGIN
    RETURN pg_engine.to_timestamp($1, $2);
EXCEPTION WHEN datetime_field_overflow THEN
    f := pg_sandbox.date_fields($1, $2);
    IF f IS NULL THEN
        RAISE;
    ELSIF NOT is_strict THEN
        RETURN pg_engine.make_timestamptz(f[1], f[2], 1, 0, 0, 0) + pg_engine.make_interval(0, 0, 0, f[3] - 1, f[4], f[5], f[6]);
    ELSIF f[3] > date_part('day', pg_engine.make_date(f[1], f[2], 1) + interval '1 month' - interval '1 day') THEN
        RAISE EXCEPTION 'date/time field date value out of range: %-%-%', f[1], f[2], f[3] USING ERRCODE = '22008';
    END IF;
    RAISE EXCEPTION 'date/time field time value out of range: %:%:%.0', f[4], f[5], f[6] USING ERRCODE = '22008';
END
$$;
CREATE FUNCTION pg_catalog.to_date(text, text, is_strict boolean DEFAULT false) RETURNS date LANGUAGE sql STABLE STRICT AS
$$ SELECT to_timestamp($1, $2, is_strict)::date $$;
CREATE FUNCTION pg_catalog.date_part_year(date) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT date_part('year', $1)::integer $$;

-- A timestamp without a zone is one of UTC, whatever the session's zone is.
CREATE FUNCTION pg_catalog.convert_timezone(target text, at timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
$$ SELECT at AT TIME ZONE 'UTC' AT TIME ZONE target $$;
CREATE FUNCTION pg_catalog.convert_timezone(target text, at timestamptz) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
$$ SELECT at AT TIME ZONE target $$;
CREATE FUNCTION pg_catalog.convert_timezone(target text, at text) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
$$ SELECT at::timestamp AT TIME ZONE 'UTC' AT TIME ZONE target $$;
CREATE FUNCTION pg_catalog.convert_timezone(source text, target text, at timestamp) RETURNS timestamp LANGUAGE sql STABLE STRICT AS
$$ SELECT at AT TIME ZONE source AT TIME ZONE target $$;

-- The last day of a month stays the last day.
CREATE FUNCTION pg_catalog.add_months(start timestamp, months bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT CASE
        WHEN date_trunc('month', start + interval '1 day') > date_trunc('month', start) THEN
            date_trunc('month', start) + (months + 1) * interval '1 month' - interval '1 day' + start::time
        ELSE start + months * interval '1 month'
    END
$$;
CREATE FUNCTION pg_catalog.last_day(timestamp) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT (date_trunc('month', $1) + interval '1 month' - interval '1 day')::date $$;
CREATE FUNCTION pg_catalog.months_between(later timestamp, earlier timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE STRICT AS
$$
    SELECT date_diff('month', earlier, later) + CASE
        WHEN date_part('day', later) = date_part('day', earlier)
            OR later::date = last_day(later) AND earlier::date = last_day(earlier) THEN 0
        ELSE extract(epoch FROM (later - date_trunc('month', later)) - (earlier - date_trunc('month', earlier)))::float8 / 86400 / 31
    END
$$;
CREATE FUNCTION pg_catalog.next_day(start timestamp, day text) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
DECLARE
    weekday integer := CASE
        WHEN lower(day) IN ('su', 'sun', 'sunday') THEN 0
        WHEN lower(day) IN ('m', 'mo', 'mon', 'monday') THEN 1
        WHEN lower(day) IN ('tu', 'tues', 'tue', 'tuesday') THEN 2
        WHEN lower(day) IN ('w', 'we', 'wed', 'wednesday') THEN 3
        WHEN lower(day) IN ('th', 'thu', 'thurs', 'thursday') THEN 4
        WHEN lower(day) IN ('f', 'fr', 'fri', 'friday') THEN 5
        WHEN lower(day) IN ('sa', 'sat', 'saturday') THEN 6
    END;
BEGIN
    IF weekday IS NULL THEN
        RAISE EXCEPTION 'Invalid day of the week: %', day USING ERRCODE = '22023';
    END IF;
    RETURN start::date + 1 + (weekday - date_part('dow', start)::integer + 6) % 7;
END
$$;

-- Milliseconds and microseconds are what is below the second, and decade 1 begins with the year 0. EXTRACT is a whole number,
-- except of an instant.
DO
$do$
DECLARE
    kind text;
    stability text;
BEGIN
    FOREACH kind IN ARRAY ARRAY['date', 'timestamp', 'timestamptz', 'time', 'timetz', 'interval'] LOOP
        stability := CASE kind WHEN 'timestamptz' THEN 'STABLE' ELSE 'IMMUTABLE' END;
        EXECUTE pg_engine.format(
            $f$
                CREATE FUNCTION pg_sandbox.pgdate_part(text, %1$s) RETURNS float8 LANGUAGE sql %2$s STRICT AS
                $$
                    SELECT CASE
                        WHEN $1 ~* '^(ms|msec|millisec)' THEN (date_part($1, $2)::numeric %% 1000)::float8
                        WHEN $1 ~* '^(us|microsec)' THEN (date_part($1, $2)::numeric %% 1000000)::float8
                        WHEN $1 ~* '^dec' THEN date_part($1, $2) + 1
                        ELSE date_part($1, $2)
                    END
                $$
            $f$,
            kind, stability
        );
        EXECUTE 'CREATE FUNCTION pg_sandbox.date_part(text, ' || kind || ') RETURNS '
            || CASE kind WHEN 'timestamptz' THEN 'float8' ELSE 'integer' END || ' LANGUAGE sql ' || stability || ' STRICT AS '
            || CASE kind WHEN 'timestamptz' THEN '$$ SELECT pg_sandbox.pgdate_part($1, $2) $$'
                ELSE '$$ SELECT trunc(pg_sandbox.pgdate_part($1, $2)::numeric)::integer $$' END;
    END LOOP;
END
$do$;
CREATE FUNCTION pg_sandbox.pgdate_part(text, text) RETURNS float8 LANGUAGE sql STABLE STRICT AS
$$ SELECT pg_sandbox.pgdate_part($1, $2::timestamp) $$;
CREATE FUNCTION pg_sandbox.date_part(text, text) RETURNS integer LANGUAGE sql STABLE STRICT AS
$$ SELECT pg_sandbox.date_part($1, $2::timestamp) $$;
