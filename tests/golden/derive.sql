-- UNLOAD of a struct
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."id" > 1::bigint)') TO 's3://bucket/x/' IAM_ROLE default;

-- UNLOAD of generics, a renamed column and an embedded struct
UNLOAD ('SELECT "orders"."id", "orders"."country", "orders"."ordered_on", "orders"."amount" FROM "orders"') TO 's3://bucket/x/' IAM_ROLE default;

-- UNLOAD of a schema and of awkward names
UNLOAD ('SELECT "warehouse"."Odd ""table"""."a ""quoted"" ''column''", "warehouse"."Odd ""table"""."select" FROM "warehouse"."Odd ""table"""') TO 's3://bucket/x/' IAM_ROLE default;

-- COPY with defaults and an order
COPY "users" ("name", "id") FROM 's3://bucket/users/' IAM_ROLE default FORMAT AS CSV DELIMITER ';' IGNOREHEADER 1 FILLRECORD;

-- COPY with other than its defaults
COPY "users" ("name", "id") FROM 's3://other/' IAM_ROLE default FORMAT AS PARQUET;

-- UNLOAD with defaults and an order
UNLOAD ('SELECT "users"."name", "users"."id" FROM "users"') TO 's3://bucket/users/' IAM_ROLE default FORMAT AS PARQUET PARTITION BY ("id");

-- COPY of fixed widths
COPY "users" ("id", "name") FROM 's3://bucket/x/' IAM_ROLE default FIXEDWIDTH 'id:8,name:25';

-- UNLOAD of fixed widths
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/x/' IAM_ROLE default FIXEDWIDTH 'id:20,name:25';

-- UNLOAD of a skipping struct
UNLOAD ('SELECT "users"."id" FROM "users"') TO 's3://bucket/x/' IAM_ROLE default;

-- UNLOAD of an embedded struct with parameters
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/x/' IAM_ROLE default;

-- COPY of fields that a macro was given
COPY "users" ("id", "name") FROM 's3://bucket/x/' IAM_ROLE default;

-- UNLOAD of a crate by another name
UNLOAD ('SELECT "users"."id", "users"."name" FROM "users"') TO 's3://bucket/users/' IAM_ROLE default;

-- UNLOAD of a boxed query
UNLOAD ('SELECT * FROM (SELECT "users"."id", "users"."name" FROM "users" LIMIT 3) AS "unload"') TO 's3://bucket/x/' IAM_ROLE default FORMAT AS CSV;

-- COPY of a struct
COPY "users" ("id", "name") FROM 's3://bucket/x/' IAM_ROLE default FORMAT AS CSV;

-- COPY of generics, a renamed column and an embedded struct
COPY "orders" ("country", "ordered_on", "amount") FROM 's3://bucket/x/' IAM_ROLE default FORMAT AS CSV;

-- COPY of a schema and of awkward names
COPY "warehouse"."Odd ""table""" ("a ""quoted"" 'column'", "select") FROM 's3://bucket/x/' IAM_ROLE default FORMAT AS CSV;

-- COPY of an embedded struct with parameters
COPY "users" ("id", "name") FROM 's3://bucket/x/' IAM_ROLE default FORMAT AS CSV;

-- COPY of a skipping struct
COPY "users" ("name") FROM 's3://bucket/x/' IAM_ROLE default FORMAT AS CSV;
