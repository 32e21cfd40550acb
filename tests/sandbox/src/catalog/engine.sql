-- Functions that PostgreSQL has and Redshift lacks are put out of sight, so that a call of them is an error that names
-- them. What stays is what both have, what grammar stands for (EXTRACT, OVERLAY, …) and what the sandbox itself calls in a
-- client's session. Everything else in PostgreSQL knows its functions by number.

CREATE SCHEMA pg_sandbox;
GRANT USAGE ON SCHEMA pg_sandbox TO PUBLIC;
CREATE SCHEMA pg_engine;
GRANT USAGE ON SCHEMA pg_engine TO PUBLIC;

UPDATE pg_catalog.pg_proc SET pronamespace = 'pg_engine'::regnamespace
WHERE pronamespace = 'pg_catalog'::regnamespace AND NOT proname = ANY (regexp_split_to_array(regexp_replace($$
-- aggregates and window functions
any_value avg bit_and bit_or bool_and bool_or count max min stddev stddev_pop stddev_samp sum var_pop var_samp variance
cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number
-- numbers
abs acos asin atan atan2 cbrt ceil ceiling cos cot degrees dexp dlog1 dlog10 exp floor ln log mod pi pow power radians random
round setseed sign sin sqrt tan to_number trunc
-- text
ascii bit_length btrim char_length character_length chr initcap left length like_escape lower lpad ltrim md5 octet_length
overlay position quote_ident repeat replace reverse right rpad rtrim similar_escape similar_to_escape
split_part strpos substr substring textlen to_ascii to_char to_hex translate upper
-- dates and times
age date_cmp date_cmp_timestamp date_cmp_timestamptz date_part date_trunc extract interval_cmp isfinite now overlaps
timeofday timestamp_cmp timestamp_cmp_date timestamp_cmp_timestamptz timestamptz_cmp timestamptz_cmp_date
timestamptz_cmp_timestamp timezone to_date to_timestamp
-- casts that are written as calls
bool bpchar char date float4 float8 int2 int4 int8 interval name numeric oid regclass regproc regtype text time timestamp
timestamptz timetz varchar
-- the leader node's own
array_append array_cat array_dims array_lower array_prepend array_to_string array_upper col_description current_database
current_schema current_schemas current_setting format_type generate_series getdatabaseencoding has_database_privilege
has_function_privilege has_language_privilege has_schema_privilege has_table_privilege inet_client_addr inet_client_port
inet_server_addr inet_server_port nonnullvalue nullvalue obj_description oidvectortypes pg_backend_pid pg_cancel_backend
pg_char_to_encoding pg_client_encoding pg_conversion_is_visible pg_encoding_to_char pg_function_is_visible
pg_get_constraintdef pg_get_expr pg_get_indexdef pg_get_ruledef pg_get_triggerdef pg_get_userbyid pg_get_viewdef
pg_opclass_is_visible pg_operator_is_visible pg_table_is_visible pg_terminate_backend pg_type_is_visible set_config
string_to_array
-- the sandbox's own calls, and what tests of time limits need
clock_timestamp pg_sleep regprocedureout textin textout to_regclass
$$, '--[^\n]*', '', 'g'), '\\s+'));

-- Whatever they are of, Redshift's are DOUBLE PRECISION.
UPDATE pg_catalog.pg_proc SET pronamespace = 'pg_engine'::regnamespace
WHERE pronamespace = 'pg_catalog'::regnamespace
    AND proname IN ('stddev', 'stddev_pop', 'stddev_samp', 'var_pop', 'var_samp', 'variance')
    AND proargtypes[0] NOT IN ('float4'::regtype, 'float8'::regtype);

-- Redshift's averages of whole numbers are others.
UPDATE pg_catalog.pg_proc SET pronamespace = 'pg_engine'::regnamespace
WHERE oid IN ('pg_catalog.avg(int2)'::regprocedure, 'pg_catalog.avg(int4)'::regprocedure, 'pg_catalog.avg(int8)'::regprocedure);

-- A sum of REAL is DOUBLE PRECISION.
UPDATE pg_catalog.pg_proc SET pronamespace = 'pg_engine'::regnamespace WHERE oid = 'pg_catalog.sum(float4)'::regprocedure;
