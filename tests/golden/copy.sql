-- the statement of the README
COPY "users" ("id", "name") FROM 's3://bucket-name/file-name.csv' IAM_ROLE 'arn:aws:iam::0123456789012:role/MyRedshiftRole' FORMAT AS CSV IGNOREHEADER 1;

-- a table with a schema, and names that have to be quoted
COPY "warehouse"."Odd ""table""" ("id", "a ""quoted"" 'column'", "select") FROM 's3://bucket/odd/' IAM_ROLE default;

-- columns in another order
COPY "users" ("name", "id") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- a location with everything that has to be escaped
COPY "users" ("id", "name") FROM 's3://bucket/it''s/a\\b/$1/$$/--/;/naïve 🦀 key' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- IAM_ROLE default
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE default;

-- IAM_ROLE, a chain in another partition
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws-cn:iam::012345678901:role/a,b,arn:aws-cn:iam::012345678902:role/path/to/c';

-- ACCESS_KEY_ID and SECRET_ACCESS_KEY
COPY "users" ("id", "name") FROM 's3://bucket/users/' ACCESS_KEY_ID 'AKIAIOSFODNN7EXAMPLE' SECRET_ACCESS_KEY '***';

-- SESSION_TOKEN
COPY "users" ("id", "name") FROM 's3://bucket/users/' ACCESS_KEY_ID 'AKIAIOSFODNN7EXAMPLE' SECRET_ACCESS_KEY '***' SESSION_TOKEN '***';

-- CREDENTIALS with a role
COPY "users" ("id", "name") FROM 's3://bucket/users/' CREDENTIALS 'aws_iam_role=arn:aws:iam::012345678901:role/Loader';

-- CREDENTIALS with a key
COPY "users" ("id", "name") FROM 's3://bucket/users/' CREDENTIALS 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE;aws_secret_access_key=***;token=***';

-- the default format
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader';

-- FORMAT AS CSV
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV;

-- QUOTE
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV QUOTE AS '%';

-- QUOTE, a single quote
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV QUOTE AS '''';

-- DELIMITER in CSV
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV DELIMITER ';';

-- DELIMITER
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' DELIMITER '|';

-- DELIMITER, a tab
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' DELIMITER '\t';

-- DELIMITER, a control character
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' DELIMITER '\001';

-- DELIMITER, a single quote
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' DELIMITER '''';

-- DELIMITER, a backslash
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' DELIMITER '\\';

-- ESCAPE
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ESCAPE;

-- REMOVEQUOTES
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' REMOVEQUOTES;

-- FIXEDWIDTH
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FIXEDWIDTH 'id:8,name:25';

-- FORMAT AS JSON 'auto'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS JSON 'auto';

-- FORMAT AS JSON 'auto ignorecase'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS JSON 'auto ignorecase';

-- FORMAT AS JSON with a JSONPaths file
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS JSON 's3://bucket/paths.json';

-- FORMAT AS JSON 'noshred'
COPY "documents" ("document") FROM 's3://bucket/documents/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS JSON 'noshred';

-- FORMAT AS AVRO 'auto'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS AVRO 'auto';

-- FORMAT AS AVRO 'auto ignorecase'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS AVRO 'auto ignorecase';

-- FORMAT AS AVRO with a JSONPaths file
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS AVRO 's3://bucket/paths.json';

-- FORMAT AS PARQUET
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS PARQUET;

-- FORMAT AS PARQUET SERIALIZETOJSON
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS PARQUET SERIALIZETOJSON;

-- FORMAT AS ORC
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS ORC;

-- FORMAT AS ORC SERIALIZETOJSON
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS ORC SERIALIZETOJSON;

-- FORMAT AS SHAPEFILE
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS SHAPEFILE;

-- SIMPLIFY
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS SHAPEFILE SIMPLIFY 0.5;

-- SIMPLIFY AUTO
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS SHAPEFILE SIMPLIFY AUTO;

-- SIMPLIFY AUTO with a tolerance
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS SHAPEFILE SIMPLIFY AUTO 0.00001;

-- NULL AS
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV NULL AS '@NULL@';

-- NULL AS, empty
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV NULL AS '';

-- NULL AS, a NUL character
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV NULL AS '\0';

-- NULL AS with a backslash and a quote
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV NULL AS 'it''s\\N';

-- ENCODING AS UTF8
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV ENCODING AS UTF8;

-- ENCODING AS UTF16
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV ENCODING AS UTF16;

-- ENCODING AS UTF16LE
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV ENCODING AS UTF16LE;

-- ENCODING AS UTF16BE
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV ENCODING AS UTF16BE;

-- IGNOREHEADER
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV IGNOREHEADER 1;

-- IGNOREBLANKLINES
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV IGNOREBLANKLINES;

-- FILLRECORD
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV FILLRECORD;

-- ACCEPTANYDATE
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV ACCEPTANYDATE;

-- ACCEPTINVCHARS
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV ACCEPTINVCHARS AS '?';

-- ACCEPTINVCHARS in Parquet
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS PARQUET FILLRECORD ACCEPTINVCHARS AS '^';

-- BLANKSASNULL
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV BLANKSASNULL;

-- EMPTYASNULL
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV EMPTYASNULL;

-- DATEFORMAT, a pattern
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV DATEFORMAT 'MM/DD/YYYY';

-- DATEFORMAT 'auto'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV DATEFORMAT 'auto';

-- TIMEFORMAT, a pattern
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV TIMEFORMAT 'MM.DD.YYYY HH:MI:SS';

-- TIMEFORMAT 'auto'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV TIMEFORMAT 'auto';

-- TIMEFORMAT 'epochsecs'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV TIMEFORMAT 'epochsecs';

-- TIMEFORMAT 'epochmillisecs'
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV TIMEFORMAT 'epochmillisecs';

-- ROUNDEC
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV ROUNDEC;

-- TRIMBLANKS
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV TRIMBLANKS;

-- TRUNCATECOLUMNS
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV TRUNCATECOLUMNS;

-- MANIFEST
COPY "users" ("id", "name") FROM 's3://bucket/users.manifest' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV MANIFEST;

-- MANIFEST of Parquet files
COPY "users" ("id", "name") FROM 's3://bucket/users.manifest' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS PARQUET MANIFEST;

-- DynamoDB
COPY "users" ("id", "name") FROM 'dynamodb://Users' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' READRATIO 50;

-- DynamoDB with conversions
COPY "users" ("id", "name") FROM 'dynamodb://Users' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' READRATIO 200 REGION 'eu-central-1' TIMEFORMAT 'epochsecs' TRUNCATECOLUMNS;

-- EMR
COPY "users" ("id", "name") FROM 'emr://j-SAMPLE2B500FC/myoutput/part-*' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV;

-- SSH
COPY "users" ("id", "name") FROM 's3://bucket/hosts.manifest' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' SSH DELIMITER '|';

-- REGION
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' REGION 'us-gov-west-1';

-- GZIP
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' GZIP;

-- BZIP2
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' BZIP2;

-- LZOP
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' LZOP;

-- ZSTD
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' ZSTD;

-- EXPLICIT_IDS
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' EXPLICIT_IDS;

-- MAXERROR
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' MAXERROR 100000;

-- IGNOREALLERRORS
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' IGNOREALLERRORS;

-- NOLOAD
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' NOLOAD;

-- COMPROWS
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' COMPROWS 1000 COMPUPDATE ON;

-- COMPUPDATE PRESET
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' COMPUPDATE PRESET;

-- COMPUPDATE OFF
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' COMPUPDATE OFF;

-- STATUPDATE ON
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' STATUPDATE ON;

-- STATUPDATE OFF
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' STATUPDATE OFF;

-- JOB CREATE
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV JOB CREATE load_users;

-- JOB CREATE AUTO OFF
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS JSON 'auto' GZIP JOB CREATE load_users AUTO OFF;

-- the last call counts
COPY "users" ("id", "name") FROM 's3://bucket/users/' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' FORMAT AS CSV IGNOREHEADER 2 ZSTD MAXERROR 5;

-- a staging load
COPY "orders" ("id", "user_id", "country", "ordered_on", "amount") FROM 's3://bucket/orders/2026.manifest' IAM_ROLE default FORMAT AS CSV QUOTE AS '"' MANIFEST REGION 'eu-west-1' DELIMITER ',' NULL AS 'NULL' ENCODING AS UTF8 IGNOREHEADER 1 IGNOREBLANKLINES FILLRECORD ACCEPTANYDATE ACCEPTINVCHARS AS '?' BLANKSASNULL EMPTYASNULL DATEFORMAT 'auto' TIMEFORMAT 'auto' ROUNDEC TRIMBLANKS TRUNCATECOLUMNS GZIP MAXERROR 10 COMPUPDATE OFF STATUPDATE OFF;

-- what an UNLOAD with ESCAPE and ADDQUOTES wrote
COPY "users" ("id", "name") FROM 's3://bucket/users/manifest' IAM_ROLE 'arn:aws:iam::012345678901:role/Loader' MANIFEST ESCAPE REMOVEQUOTES NULL AS '@NULL@' IGNOREHEADER 1 BZIP2;
