-- a whole table
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a filter with a quote and a backslash
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."name" = ''O''''Brien\\\\'')') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a filter with everything that could end a literal
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."name" = ''''''; DROP TABLE users; -- $1 $$ /* \\\\'''' '''''''' "naïve 🦀"'')') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- filters on the statement
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE (("users"."id" > 100::bigint) OR ("users"."name" LIKE ''a%'')) ORDER BY "users"."id" DESC') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- eq_any
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id" IN (1::bigint, 2::bigint, 3::bigint))') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a join and an aggregate
UNLOAD ('SELECT "users"."name", COUNT(*), sum("orders"."amount") FROM ("users" INNER JOIN "orders" ON ("orders"."user_id" = "users"."id")) WHERE ("orders"."country" != ''DE'') GROUP BY "users"."name"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a union
UNLOAD ('(SELECT "users"."id" FROM "users") UNION ALL (SELECT "orders"."user_id" FROM "orders")') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a boxed query
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id" < 5::bigint)') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a LIMIT of the outermost SELECT
UNLOAD ('SELECT * FROM (SELECT "users"."id", "users"."name" FROM "users" ORDER BY "users"."id" LIMIT 10 OFFSET 20) AS "unload"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a LIMIT in a subquery
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id" IN (SELECT "orders"."user_id" FROM "orders" LIMIT 10))') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- sql_query with binds
UNLOAD ('SELECT * FROM (SELECT id, name FROM users WHERE name = ''it''''s \\\\ five'' AND id > (-1)::bigint LIMIT 5) AS "unload"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a common table expression
UNLOAD ('WITH late AS (SELECT id FROM orders LIMIT 3) SELECT id FROM late') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- the default format
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- FORMAT AS CSV
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV;

-- DELIMITER in CSV
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV DELIMITER ';';

-- NULL AS in CSV
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV NULL AS '\\N';

-- DELIMITER
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' DELIMITER '|';

-- DELIMITER, a tab
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' DELIMITER '\t';

-- ADDQUOTES
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ADDQUOTES;

-- ESCAPE
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ESCAPE;

-- NULL AS
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' NULL AS 'it''s null';

-- FIXEDWIDTH
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FIXEDWIDTH 'id:8,name:25' NULL AS '-';

-- FORMAT AS JSON
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS JSON;

-- FORMAT AS PARQUET
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS PARQUET;

-- ROWGROUPSIZE
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS PARQUET ROWGROUPSIZE 128 MB;

-- HEADER
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' HEADER;

-- PARTITION BY
UNLOAD ('SELECT "orders"."id", "orders"."user_id", "orders"."country", "orders"."ordered_on", "orders"."amount" FROM "orders"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS PARQUET PARTITION BY ("country", "ordered_on");

-- PARTITION BY INCLUDE
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' PARTITION BY ("id", "name") INCLUDE;

-- PARTITION BY names
UNLOAD ('SELECT year, month, amount FROM sales') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' PARTITION BY ("year", "month");

-- MANIFEST
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' MANIFEST;

-- MANIFEST VERBOSE
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' MANIFEST VERBOSE;

-- REGION
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' REGION 'eu-central-1';

-- GZIP
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' GZIP;

-- BZIP2
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' BZIP2;

-- ZSTD
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ZSTD;

-- EXTENSION
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' EXTENSION '.csv.gz';

-- ENCRYPTED AUTO
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ENCRYPTED AUTO;

-- KMS_KEY_ID
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' KMS_KEY_ID '1234abcd-12ab-34cd-56ef-1234567890ab' ENCRYPTED;

-- ALLOWOVERWRITE
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ALLOWOVERWRITE;

-- CLEANPATH
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' CLEANPATH;

-- PARALLEL ON
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' PARALLEL ON;

-- PARALLEL OFF
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' PARALLEL OFF;

-- the least MAXFILESIZE
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' MAXFILESIZE 5 MB;

-- the largest MAXFILESIZE
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' MAXFILESIZE 6200 MB;

-- ACCESS_KEY_ID and SECRET_ACCESS_KEY
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' ACCESS_KEY_ID 'AKIAIOSFODNN7EXAMPLE' SECRET_ACCESS_KEY '***';

-- the last call counts
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ZSTD ALLOWOVERWRITE PARALLEL OFF;

-- a nightly export
UNLOAD ('SELECT "orders"."id", "orders"."user_id", "orders"."country", "orders"."ordered_on", "orders"."amount" FROM "orders" WHERE ("orders"."country" = ''DE'')') TO 's3://bucket/users_' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' KMS_KEY_ID '1234abcd-12ab-34cd-56ef-1234567890ab' ENCRYPTED FORMAT AS CSV PARTITION BY ("ordered_on") MANIFEST VERBOSE REGION 'eu-central-1' HEADER DELIMITER ';' NULL AS 'NULL' GZIP CLEANPATH PARALLEL ON MAXFILESIZE 100 MB;
