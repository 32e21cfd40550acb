-- update all, 1
LOCK "users";

-- update all, 2
CREATE TEMPORARY TABLE "diesel_redshift_stage" ("id", "name", "hits", "seen") DISTSTYLE KEY DISTKEY("id") AS SELECT "id", "name", "hits", "seen" FROM "users" WHERE FALSE;

-- update all, 3
INSERT INTO "diesel_redshift_stage" ("id", "name", "hits", "seen") VALUES ($1, $2, $3, DEFAULT);

-- update all, 4
ALTER TABLE "diesel_redshift_stage" RENAME TO "diesel_redshift_stage_all";

-- update all, 5
CREATE TEMPORARY TABLE "diesel_redshift_stage" ("id", "name", "hits", "seen") DISTSTYLE KEY DISTKEY("id") AS SELECT "id", "name", "hits", "seen" FROM (SELECT "id", "name", "hits", "seen", ROW_NUMBER() OVER (PARTITION BY "id" ORDER BY "seen" DESC NULLS LAST) AS "diesel_redshift_rank" FROM "diesel_redshift_stage_all") AS "ranked" WHERE "diesel_redshift_rank" = 1;

-- update all, 6
DROP TABLE "diesel_redshift_stage_all";

-- update all, 7
DELETE FROM "diesel_redshift_stage" USING "users" WHERE "users"."id" = "diesel_redshift_stage"."id" AND "users"."seen" IS NOT NULL AND ("diesel_redshift_stage"."seen" IS NULL OR "diesel_redshift_stage"."seen" < "users"."seen");

-- update all, 8
SELECT NVL(CAST("id" AS VARCHAR), 'NULL') AS "key", COUNT(*) AS "rows", SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) AS "nulls" FROM "diesel_redshift_stage" GROUP BY "id" HAVING SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) > 0 ORDER BY "id" LIMIT 1;

-- update all, 9
SELECT COUNT("users"."id") AS "old", COUNT(CASE WHEN "users"."id" IS NULL THEN 1 END) AS "new" FROM "diesel_redshift_stage" LEFT JOIN "users" ON "users"."id" = "diesel_redshift_stage"."id";

-- update all, 10
MERGE INTO "users" USING "diesel_redshift_stage" ON "users"."id" = "diesel_redshift_stage"."id" WHEN MATCHED THEN UPDATE SET "name" = "diesel_redshift_stage"."name", "hits" = "diesel_redshift_stage"."hits", "seen" = "diesel_redshift_stage"."seen" WHEN NOT MATCHED THEN INSERT ("id", "name", "hits", "seen") VALUES ("diesel_redshift_stage"."id", "diesel_redshift_stage"."name", "diesel_redshift_stage"."hits", "diesel_redshift_stage"."seen");

-- update all, 11
DROP TABLE "diesel_redshift_stage";

-- set, 1
CREATE TEMPORARY TABLE "diesel_redshift_stage" ("id", "name", "hits", "seen") DISTSTYLE KEY DISTKEY("id") AS SELECT "id", "name", "hits", "seen" FROM "users" WHERE FALSE;

-- set, 2
INSERT INTO "diesel_redshift_stage" ("id", "name", "hits", "seen") VALUES ($1, $2, $3, DEFAULT);

-- set, 3
SELECT NVL(CAST("id" AS VARCHAR), 'NULL') AS "key", COUNT(*) AS "rows", SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) AS "nulls" FROM "diesel_redshift_stage" GROUP BY "id" HAVING COUNT(*) > 1 OR SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) > 0 ORDER BY "id" LIMIT 1;

-- set, 4
SELECT COUNT("users"."id") AS "old", COUNT(CASE WHEN "users"."id" IS NULL THEN 1 END) AS "new" FROM "diesel_redshift_stage" LEFT JOIN "users" ON "users"."id" = "diesel_redshift_stage"."id";

-- set, 5
MERGE INTO "users" USING "diesel_redshift_stage" ON "users"."id" = "diesel_redshift_stage"."id" WHEN MATCHED THEN UPDATE SET "hits" = (("users"."hits" + "diesel_redshift_stage"."hits") + $1) WHEN NOT MATCHED THEN INSERT ("id", "name", "hits", "seen") VALUES ("diesel_redshift_stage"."id", "diesel_redshift_stage"."name", "diesel_redshift_stage"."hits", "diesel_redshift_stage"."seen");

-- set, 6
DROP TABLE "diesel_redshift_stage";

-- keep existing, 1
CREATE TEMPORARY TABLE "diesel_redshift_stage" ("id", "name", "hits", "seen") DISTSTYLE KEY DISTKEY("id") AS SELECT "id", "name", "hits", "seen" FROM "users" WHERE FALSE;

-- keep existing, 2
INSERT INTO "diesel_redshift_stage" ("id", "name", "hits", "seen") VALUES ($1, $2, $3, DEFAULT);

-- keep existing, 3
SELECT NVL(CAST("id" AS VARCHAR), 'NULL') AS "key", COUNT(*) AS "rows", SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) AS "nulls" FROM "diesel_redshift_stage" GROUP BY "id" HAVING COUNT(*) > 1 OR SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) > 0 ORDER BY "id" LIMIT 1;

-- keep existing, 4
INSERT INTO "users" ("id", "name", "hits", "seen") SELECT "diesel_redshift_stage"."id", "diesel_redshift_stage"."name", "diesel_redshift_stage"."hits", "diesel_redshift_stage"."seen" FROM "diesel_redshift_stage" WHERE NOT EXISTS (SELECT 1 FROM "users" WHERE "users"."id" = "diesel_redshift_stage"."id");

-- keep existing, 5
DROP TABLE "diesel_redshift_stage";

-- replace, 1
CREATE TEMPORARY TABLE "diesel_redshift_stage" ("id", "name", "hits", "seen") DISTSTYLE KEY DISTKEY("id") AS SELECT "id", "name", "hits", "seen" FROM "users" WHERE FALSE;

-- replace, 2
INSERT INTO "diesel_redshift_stage" ("id", "name", "hits", "seen") VALUES ($1, $2, $3, DEFAULT);

-- replace, 3
SELECT NVL(CAST("id" AS VARCHAR), 'NULL') AS "key", COUNT(*) AS "rows", SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) AS "nulls" FROM "diesel_redshift_stage" GROUP BY "id" HAVING COUNT(*) > 1 OR SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) > 0 ORDER BY "id" LIMIT 1;

-- replace, 4
SELECT COUNT("users"."id") AS "old", COUNT(CASE WHEN "users"."id" IS NULL THEN 1 END) AS "new" FROM "diesel_redshift_stage" LEFT JOIN "users" ON "users"."id" = "diesel_redshift_stage"."id";

-- replace, 5
DELETE FROM "users" USING "diesel_redshift_stage" WHERE "users"."id" = "diesel_redshift_stage"."id";

-- replace, 6
INSERT INTO "users" ("id", "name", "hits", "seen") SELECT "diesel_redshift_stage"."id", "diesel_redshift_stage"."name", "diesel_redshift_stage"."hits", "diesel_redshift_stage"."seen" FROM "diesel_redshift_stage";

-- replace, 7
DROP TABLE "diesel_redshift_stage";

-- delete when, 1
CREATE TEMPORARY TABLE "diesel_redshift_stage" ("id", "name", "hits", "seen") DISTSTYLE KEY DISTKEY("id") AS SELECT "id", "name", "hits", "seen" FROM "users" WHERE FALSE;

-- delete when, 2
INSERT INTO "diesel_redshift_stage" ("id", "name", "hits", "seen") VALUES ($1, $2, $3, DEFAULT);

-- delete when, 3
SELECT NVL(CAST("id" AS VARCHAR), 'NULL') AS "key", COUNT(*) AS "rows", SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) AS "nulls" FROM "diesel_redshift_stage" GROUP BY "id" HAVING COUNT(*) > 1 OR SUM(CASE WHEN "id" IS NULL THEN 1 ELSE 0 END) > 0 ORDER BY "id" LIMIT 1;

-- delete when, 4
DELETE FROM "users" USING "diesel_redshift_stage" WHERE "users"."id" = "diesel_redshift_stage"."id" AND (("diesel_redshift_stage"."name" = $1));

-- delete when, 5
DELETE FROM "diesel_redshift_stage" WHERE ("diesel_redshift_stage"."name" = $1);

-- delete when, 6
SELECT COUNT("users"."id") AS "old", COUNT(CASE WHEN "users"."id" IS NULL THEN 1 END) AS "new" FROM "diesel_redshift_stage" LEFT JOIN "users" ON "users"."id" = "diesel_redshift_stage"."id";

-- delete when, 7
MERGE INTO "users" USING "diesel_redshift_stage" ON "users"."id" = "diesel_redshift_stage"."id" WHEN MATCHED THEN UPDATE SET "name" = "diesel_redshift_stage"."name", "hits" = "diesel_redshift_stage"."hits", "seen" = "diesel_redshift_stage"."seen" WHEN NOT MATCHED THEN INSERT ("id", "name", "hits", "seen") VALUES ("diesel_redshift_stage"."id", "diesel_redshift_stage"."name", "diesel_redshift_stage"."hits", "diesel_redshift_stage"."seen");

-- delete when, 8
DROP TABLE "diesel_redshift_stage";

-- of a query, by two columns, 1
CREATE TEMPORARY TABLE "diesel_redshift_stage" ("id", "name") DISTSTYLE KEY DISTKEY("id") AS SELECT "users"."id", "users"."name" FROM "users" WHERE ("users"."name" != 'it''s');

-- of a query, by two columns, 2
SELECT COUNT(*) FROM "diesel_redshift_stage";

-- of a query, by two columns, 3
SELECT NVL(CAST("id" AS VARCHAR), 'NULL') || ', ' || NVL(CAST("name" AS VARCHAR), 'NULL') AS "key", COUNT(*) AS "rows", SUM(CASE WHEN "id" IS NULL OR "name" IS NULL THEN 1 ELSE 0 END) AS "nulls" FROM "diesel_redshift_stage" GROUP BY "id", "name" HAVING COUNT(*) > 1 OR SUM(CASE WHEN "id" IS NULL OR "name" IS NULL THEN 1 ELSE 0 END) > 0 ORDER BY "id", "name" LIMIT 1;

-- of a query, by two columns, 4
INSERT INTO "users" ("id", "name") SELECT "diesel_redshift_stage"."id", "diesel_redshift_stage"."name" FROM "diesel_redshift_stage" WHERE NOT EXISTS (SELECT 1 FROM "users" WHERE "users"."id" = "diesel_redshift_stage"."id" AND "users"."name" = "diesel_redshift_stage"."name");

-- of a query, by two columns, 5
DROP TABLE "diesel_redshift_stage";
