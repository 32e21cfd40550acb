-- The statements that ran. The proxy keeps them, and puts them into a setting of the session before a statement that asks for
-- them; only a superuser sees those of others.

CREATE VIEW pg_sandbox.queries AS
SELECT u.usesysid::integer AS userid, q.query, q.database, q.label, q.xid, q.pid, q.kind, q.is_query, q.text,
       'epoch'::timestamp + q.started * interval '1 microsecond' AS started,
       'epoch'::timestamp + q.finished * interval '1 microsecond' AS ended,
       coalesce(q.finished - q.started, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - q.started) AS elapsed,
       q.status, q.error, q.rows, q.bytes
FROM pg_engine.json_to_recordset(
    coalesce(nullif(current_setting('redshift_sandbox.history', true), ''), '[]')::json
) AS q(
    query integer, usename name, database text, label text, xid bigint, pid integer, kind text, is_query boolean, text text,
    started bigint, finished bigint, status text, error text, rows bigint, bytes bigint
)
LEFT JOIN pg_user u ON u.usename = q.usename
WHERE q.usename = current_user OR (SELECT usesuper FROM pg_user WHERE usename = current_user);

CREATE VIEW pg_catalog.stl_query AS
SELECT userid, query, label::char(320) AS label, xid, pid, database::char(32) AS database, text::char(4000) AS querytxt,
       started AS starttime, ended AS endtime, CASE status WHEN 'success' THEN 0 ELSE 1 END AS aborted, 0 AS insert_pristine,
       0 AS concurrency_scaling_status
FROM pg_sandbox.queries WHERE is_query AND status <> 'running';

CREATE VIEW pg_catalog.stl_querytext AS
SELECT userid, xid, pid, query, sequence, substr(text, sequence * 200 + 1, 200)::char(200) AS text
FROM pg_sandbox.queries, generate_series(0, (length(text) - 1) / 200) AS sequence
WHERE is_query AND status <> 'running';

CREATE VIEW pg_catalog.svl_qlog AS
SELECT userid, query, xid, pid, started AS starttime, ended AS endtime, elapsed,
       CASE status WHEN 'success' THEN 0 ELSE 1 END AS aborted, label::char(320) AS label,
       text::char(60) AS "substring", NULL::integer AS source_query,
       'Main cluster'::text AS concurrency_scaling_status_txt, NULL::integer AS from_sp_call
FROM pg_sandbox.queries WHERE is_query AND status <> 'running';

CREATE VIEW pg_catalog.sys_query_history AS
SELECT userid AS user_id, query::bigint AS query_id, label::char(320) AS query_label, xid AS transaction_id,
       pid AS session_id, database::char(128) AS database_name, kind::char(32) AS query_type, status::char(10) AS status,
       false AS result_cache_hit, started AS start_time, ended AS end_time, elapsed AS elapsed_time, 0::bigint AS queue_time,
       elapsed AS execution_time, error::char(512) AS error_message, rows AS returned_rows, bytes AS returned_bytes,
       text::char(4000) AS query_text, '1.0.0'::char(256) AS redshift_version, NULL::text AS usage_limit,
       'primary'::varchar(32) AS compute_type, 0::bigint AS compile_time, 0::bigint AS planning_time,
       0::bigint AS lock_wait_time
FROM pg_sandbox.queries;

CREATE VIEW pg_catalog.sys_query_text AS
SELECT userid AS user_id, query::bigint AS query_id, xid AS transaction_id, pid AS session_id, started AS start_time,
       sequence, substr(text, sequence * 4000 + 1, 4000)::char(4000) AS text
FROM pg_sandbox.queries, generate_series(0, (length(text) - 1) / 4000) AS sequence;
GRANT SELECT ON pg_sandbox.queries TO PUBLIC;
