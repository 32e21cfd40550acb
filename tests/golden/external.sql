-- CREATE EXTERNAL SCHEMA of the data catalog
CREATE EXTERNAL SCHEMA "lake" FROM DATA CATALOG DATABASE 'events' IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum';

-- CREATE EXTERNAL SCHEMA of the data catalog with all options
CREATE EXTERNAL SCHEMA IF NOT EXISTS "lake" FROM DATA CATALOG DATABASE 'events' REGION 'eu-west-1' IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum' CREATE EXTERNAL DATABASE IF NOT EXISTS;

-- CREATE EXTERNAL SCHEMA of Kinesis
CREATE EXTERNAL SCHEMA "lake" FROM KINESIS IAM_ROLE default;

-- CREATE EXTERNAL SCHEMA of PostgreSQL
CREATE EXTERNAL SCHEMA "lake" FROM POSTGRES DATABASE 'shop' URI 'db.example.com' IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum' SECRET_ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop';

-- CREATE EXTERNAL SCHEMA of PostgreSQL with all options
CREATE EXTERNAL SCHEMA IF NOT EXISTS "lake" FROM POSTGRES DATABASE 'shop' SCHEMA 'sales' URI 'db.example.com' PORT 5433 IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum' SECRET_ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop';

-- CREATE EXTERNAL SCHEMA of MySQL
CREATE EXTERNAL SCHEMA "lake" FROM MYSQL DATABASE 'shop' URI 'db.example.com' PORT 3307 IAM_ROLE 'arn:aws:iam::123456789012:role/Spectrum' SECRET_ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop';

-- CREATE EXTERNAL TABLE of Parquet
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION, "day" DATE, "region" CHAR(2)) STORED AS PARQUET LOCATION 's3://bucket/events/';

-- CREATE EXTERNAL TABLE of ORC
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION, "day" DATE, "region" CHAR(2)) STORED AS ORC LOCATION 's3://bucket/events/';

-- CREATE EXTERNAL TABLE of Avro
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION, "day" DATE, "region" CHAR(2)) STORED AS AVRO LOCATION 's3://bucket/events/';

-- CREATE EXTERNAL TABLE of text
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION, "day" DATE, "region" CHAR(2)) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE LOCATION 's3://bucket/events/' TABLE PROPERTIES ('skip.header.line.count'='1');

-- CREATE EXTERNAL TABLE of tabs
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION, "day" DATE, "region" CHAR(2)) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\t' STORED AS TEXTFILE LOCATION 's3://bucket/events/';

-- CREATE EXTERNAL TABLE of CSV
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION, "day" DATE, "region" CHAR(2)) ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS TEXTFILE LOCATION 's3://bucket/events/' TABLE PROPERTIES ('it''s'='\\');

-- CREATE EXTERNAL TABLE of JSON
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION, "day" DATE, "region" CHAR(2)) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE LOCATION 's3://bucket/events/';

-- CREATE EXTERNAL TABLE PARTITIONED BY
CREATE EXTERNAL TABLE "lake"."events" ("id" BIGINT, "name" VARCHAR(100), "price" DECIMAL(12, 2), "at" TIMESTAMP, "yes" BOOLEAN, "ratio" DOUBLE PRECISION) PARTITIONED BY ("day" DATE, "region" CHAR(2)) STORED AS PARQUET LOCATION 's3://bucket/events/';

-- ADD PARTITION
ALTER TABLE "lake"."events" ADD IF NOT EXISTS PARTITION ("day"='2026-01-31', "region"='D''') LOCATION 's3://bucket/events/day=2026-01-31/region=DE/';

-- DROP PARTITION
ALTER TABLE "lake"."events" DROP PARTITION ("day"='2026-01-31', "region"='DE');

-- DROP TABLE of an external one
DROP TABLE "lake"."events";

-- DROP TABLE IF EXISTS of an external one
DROP TABLE IF EXISTS "lake"."events";
