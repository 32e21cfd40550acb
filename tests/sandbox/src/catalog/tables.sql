-- What the proxy records, and the system tables and views of Redshift that show it.

GRANT CREATE ON SCHEMA public TO PUBLIC;

CREATE TABLE pg_sandbox.table_attributes (
    relid oid PRIMARY KEY,
    diststyle text NOT NULL DEFAULT 'AUTO',
    sortstyle text NOT NULL DEFAULT 'AUTO',
    encode_auto boolean NOT NULL DEFAULT true,
    backup boolean NOT NULL DEFAULT true
);
CREATE TABLE pg_sandbox.column_attributes (
    relid oid,
    attnum smallint,
    encoding text,
    distkey boolean NOT NULL DEFAULT false,
    sortkey integer NOT NULL DEFAULT 0,
    PRIMARY KEY (relid, attnum)
);
-- Far from PostgreSQL's own.
CREATE SEQUENCE pg_sandbox.constraint_oids START 3000000000;
CREATE TABLE pg_sandbox.constraints (
    relid oid NOT NULL,
    name text,
    kind text NOT NULL,
    columns text NOT NULL,
    referenced text,
    oid oid NOT NULL DEFAULT pg_engine.nextval('pg_sandbox.constraint_oids')::oid
);
GRANT USAGE ON SEQUENCE pg_sandbox.constraint_oids TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pg_sandbox TO PUBLIC;

CREATE TABLE pg_sandbox.load_errors (
    userid integer, slice integer, tbl integer, starttime timestamp, session integer, query integer,
    transaction_id bigint, filename text, line_number bigint, colname text, type text, col_length text,
    position integer, raw_line text, raw_field_value text, err_code integer, err_reason text, start_offset bigint
);
CREATE TABLE pg_sandbox.loads (
    user_id integer, query_id bigint, transaction_id bigint, session_id integer, status text, table_name text,
    start_time timestamp, end_time timestamp, data_source text, file_format text, loaded_rows bigint,
    loaded_bytes bigint, source_file_count integer, error_count bigint, source_file_bytes bigint,
    file_count_scanned integer, file_bytes_scanned bigint
);
-- Has a row only while a load runs.
CREATE TABLE pg_sandbox.load_state (
    userid integer, session integer, query integer, slice integer, pid integer, recordtime timestamp,
    bytes_to_load bigint, bytes_loaded bigint, bytes_to_load_compressed bigint, bytes_loaded_compressed bigint,
    lines integer, num_files integer, num_files_complete integer, current_file text, pct_complete integer
);
CREATE TABLE pg_sandbox.load_files (
    userid integer, query integer, filename text, lines_scanned bigint, errors bigint, curtime timestamp,
    file_format text
);
CREATE TABLE pg_sandbox.unloads (
    user_id integer, query_id bigint, transaction_id bigint, session_id integer, status text, start_time timestamp,
    end_time timestamp, file_format text, compression_type text, unloaded_location text, unloaded_rows bigint,
    unloaded_files_count bigint, unloaded_files_size bigint, error_message text
);
CREATE TABLE pg_sandbox.unload_files (
    userid integer, query integer, slice integer, pid integer, path text, start_time timestamp, end_time timestamp,
    line_count bigint, transfer_size bigint, file_format text
);

CREATE VIEW pg_catalog.stl_load_errors AS
SELECT userid, slice, tbl, starttime, session, query, filename::char(256) AS filename, line_number,
       colname::char(127) AS colname, type::char(10) AS type, col_length::char(10) AS col_length, position,
       raw_line::char(1024) AS raw_line, raw_field_value::char(1024) AS raw_field_value, err_code,
       err_reason::char(100) AS err_reason, 0 AS is_partial, start_offset, 0::bigint AS copy_job_id
FROM pg_sandbox.load_errors;

CREATE VIEW pg_catalog.stl_loaderror_detail AS
SELECT userid, slice, session, query, filename::char(256) AS filename, line_number, NULL::integer AS field,
       colname::char(1024) AS colname, raw_field_value::char(1024) AS value, 0 AS is_null, type::char(10) AS type,
       col_length::char(10) AS col_length
FROM pg_sandbox.load_errors;

CREATE VIEW pg_catalog.sys_load_error_detail AS
SELECT userid AS user_id, query::bigint AS query_id, transaction_id, session AS session_id,
       current_database()::char(64) AS database_name, tbl AS table_id, starttime AS start_time,
       filename::char(256) AS file_name, line_number, colname::char(127) AS column_name,
       type::char(10) AS column_type, col_length::char(10) AS column_length, position, err_code AS error_code,
       err_reason::char(512) AS error_message
FROM pg_sandbox.load_errors;

CREATE VIEW pg_catalog.stl_load_commits AS
SELECT userid, query, 0 AS slice, ''::char(256) AS name, filename::char(256) AS filename, 0 AS byte_offset,
       lines_scanned, errors, curtime, 1 AS status, file_format::char(16) AS file_format, 0 AS is_partial,
       0::bigint AS start_offset, 0::bigint AS copy_job_id
FROM pg_sandbox.load_files;

CREATE VIEW pg_catalog.sys_load_history AS
SELECT user_id, query_id, transaction_id, session_id, current_database()::text AS database_name, status, table_name,
       start_time, end_time,
       (extract(epoch FROM coalesce(end_time, clock_timestamp() AT TIME ZONE 'UTC') - start_time) * 1000000)::bigint AS duration,
       data_source, file_format, loaded_rows, loaded_bytes, source_file_count, source_file_bytes, file_count_scanned,
       file_bytes_scanned, error_count, 0::bigint AS copy_job_id
FROM pg_sandbox.loads;

CREATE VIEW pg_catalog.stv_load_state AS
SELECT userid, session, query, slice, pid, recordtime, bytes_to_load, bytes_loaded, bytes_to_load_compressed,
       bytes_loaded_compressed, lines, num_files, num_files_complete, current_file::char(256) AS current_file,
       pct_complete
FROM pg_sandbox.load_state;

CREATE VIEW pg_catalog.sys_unload_history AS
SELECT user_id, query_id, transaction_id, session_id, current_database()::text AS database_name, status, start_time,
       end_time,
       (extract(epoch FROM coalesce(end_time, clock_timestamp() AT TIME ZONE 'UTC') - start_time) * 1000000)::bigint AS duration,
       file_format, compression_type, unloaded_location, unloaded_rows, unloaded_files_count, unloaded_files_size,
       error_message
FROM pg_sandbox.unloads;

CREATE VIEW pg_catalog.sys_unload_detail AS
SELECT query::bigint AS query_id, path AS file_name, transfer_size, file_format, line_count
FROM pg_sandbox.unload_files;

CREATE VIEW pg_catalog.stl_unload_log AS
SELECT userid, query, slice, pid, path::char(1280) AS path, start_time, end_time, line_count, transfer_size,
       file_format::char(10) AS file_format
FROM pg_sandbox.unload_files;

CREATE FUNCTION pg_sandbox.attnum(relation oid, name text) RETURNS smallint LANGUAGE plpgsql STABLE AS
$$
DECLARE
    found smallint;
BEGIN
    SELECT a.attnum INTO found FROM pg_attribute a
    WHERE a.attrelid = relation AND a.attname = name AND a.attnum > 0 AND NOT a.attisdropped;
    IF found IS NULL THEN
        RAISE EXCEPTION 'column "%" does not exist', name USING ERRCODE = '42703';
    END IF;
    RETURN found;
END
$$;

-- Constraints are not enforced, but name what there is.
CREATE FUNCTION pg_sandbox.check_constraint(relation oid, kind text, columns text[], referenced regclass, keys text[])
RETURNS void LANGUAGE plpgsql STABLE AS
$$
DECLARE
    name text;
BEGIN
    IF kind = 'PRIMARY KEY' AND EXISTS (SELECT FROM pg_sandbox.constraints c WHERE c.relid = relation AND c.kind = 'PRIMARY KEY') THEN
        RAISE EXCEPTION 'multiple primary keys for table "%" are not allowed', relation::regclass USING ERRCODE = '42P16';
    END IF;
    FOREACH name IN ARRAY columns LOOP
        IF kind = 'PRIMARY KEY' AND NOT (
            SELECT attnotnull FROM pg_attribute WHERE attrelid = relation AND attnum = pg_sandbox.attnum(relation, name)
        ) THEN
            RAISE EXCEPTION 'column "%" of a primary key must be NOT NULL', name USING ERRCODE = '42P16';
        END IF;
        PERFORM pg_sandbox.attnum(relation, name);
    END LOOP;
    IF keys IS NOT NULL THEN
        FOREACH name IN ARRAY keys LOOP
            PERFORM pg_sandbox.attnum(referenced, name);
        END LOOP;
    END IF;
END
$$;

-- Which types can be keys, and which encodings they can have. Of TIME, INTERVAL and VARBYTE the documentation does not tell
-- all encodings, so they are let through where a kindred type has them.
CREATE FUNCTION pg_sandbox.check_attributes() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    name text;
    type text;
    modifier integer;
    kinds text[];
BEGIN
    SELECT a.attname, t.typname, a.atttypmod INTO name, type, modifier FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = NEW.relid AND a.attnum = NEW.attnum;
    IF (NEW.distkey OR NEW.sortkey <> 0) AND type <> ALL (ARRAY[
        'bool', 'float4', 'float8', 'int2', 'int4', 'int8', 'numeric', 'date', 'time', 'timetz', 'timestamp', 'timestamptz',
        'bpchar', 'varchar', 'text'
    ]) THEN
        RAISE EXCEPTION 'column "%" of type % cannot be a distribution key or a sort key', name, type USING ERRCODE = '0A000';
    END IF;
    kinds := CASE
        WHEN type IN ('int2', 'int4', 'int8', 'numeric') THEN
            ARRAY['raw', 'az64', 'bytedict', 'delta', 'lzo', 'runlength', 'zstd']
            || CASE WHEN type = 'int2' THEN ARRAY[]::text[] ELSE ARRAY['delta32k'] END
            || CASE
                -- Of 128 bits.
                WHEN type = 'numeric' AND (modifier - 4) >> 16 > 19 THEN ARRAY[]::text[]
                WHEN type = 'int2' THEN ARRAY['mostly8']
                WHEN type = 'int4' THEN ARRAY['mostly8', 'mostly16']
                ELSE ARRAY['mostly8', 'mostly16', 'mostly32']
            END
        WHEN type IN ('float4', 'float8') THEN ARRAY['raw', 'bytedict', 'runlength', 'zstd']
        WHEN type = 'bool' THEN ARRAY['raw', 'runlength', 'zstd']
        WHEN type = 'bpchar' THEN ARRAY['raw', 'bytedict', 'lzo', 'runlength', 'zstd']
        WHEN type IN ('varchar', 'text') THEN ARRAY['raw', 'bytedict', 'lzo', 'runlength', 'zstd', 'text255', 'text32k']
        WHEN type = 'super' THEN ARRAY['raw', 'lzo', 'zstd']
        WHEN type IN ('varbyte', 'varbinary', 'hex') THEN ARRAY['raw', 'bytedict', 'lzo', 'runlength', 'zstd']
        WHEN type IN ('date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval') THEN
            ARRAY['raw', 'az64', 'bytedict', 'delta', 'delta32k', 'lzo', 'runlength', 'zstd']
        ELSE ARRAY['raw']
    END;
    IF NEW.encoding <> ALL (kinds) THEN
        RAISE EXCEPTION 'invalid encoding type specified for column "%"', name USING ERRCODE = '0A000';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_attributes BEFORE INSERT OR UPDATE ON pg_sandbox.column_attributes
    FOR EACH ROW EXECUTE FUNCTION pg_sandbox.check_attributes();

-- The distribution key of a table that was just made of a query, told by its place.
CREATE FUNCTION pg_sandbox.check_place(relation oid, place bigint) RETURNS void LANGUAGE plpgsql AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum = place AND place > 0) THEN
        RAISE EXCEPTION 'The position % of a key is not in the select list', place USING ERRCODE = '42P10';
    END IF;
END
$$;

CREATE FUNCTION pg_sandbox.drop_checks(relation oid, name text) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = relation AND contype = 'c' AND conkey = ARRAY[pg_sandbox.attnum(relation, name)]
    LOOP
        EXECUTE pg_engine.format('ALTER TABLE %s DROP CONSTRAINT %I', relation::regclass, found.conname);
    END LOOP;
END
$$;

-- See late_views.sql.
CREATE TABLE pg_sandbox.late_views (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    relid oid NOT NULL,
    -- What follows CREATE VIEW and the name, as PostgreSQL reads it.
    definition text NOT NULL,
    -- The whole statement; none of a bound view on top of a late-binding one that got other columns.
    statement text,
    -- The tables in it, with their schemas.
    relations text[] NOT NULL,
    -- What these were when the view was made, 0 for none; NULL if it has to be made anew.
    bound oid[],
    -- Why it could not be made.
    problem text
);
GRANT SELECT ON pg_sandbox.late_views TO PUBLIC;
