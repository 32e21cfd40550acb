-- ILIKE
SELECT "events"."id" FROM "events" WHERE (("events"."name" ILIKE $1) OR ("events"."name" NOT ILIKE $2));

-- SIMILAR TO
SELECT "events"."id" FROM "events" WHERE (("events"."name" SIMILAR TO $1) AND ("events"."name" NOT SIMILAR TO $2));

-- regular expressions
SELECT "events"."id" FROM "events" WHERE (("events"."name" ~ $1) OR ("events"."name" !~ $2));

-- NULLS FIRST and LAST
SELECT "events"."id" FROM "events" ORDER BY "events"."name" ASC NULLS FIRST, "events"."who" DESC NULLS LAST;

-- GETDATE, SYSDATE, now
SELECT "events"."id" FROM "events" WHERE ((("events"."at" > GETDATE()) OR ("events"."at" < SYSDATE)) OR ("events"."at" = SYSDATE));

-- DATEADD, DATEDIFF
SELECT DATEDIFF(microsecond, "events"."at", GETDATE()) FROM "events" WHERE (DATEADD(month, $1, "events"."at") < SYSDATE);

-- DATE_TRUNC, DATE_PART
SELECT DATE_TRUNC('quarter', "events"."at"), DATE_PART('doy', "events"."instant") FROM "events";

-- CONVERT_TIMEZONE
SELECT CONVERT_TIMEZONE($1, "events"."instant"), CONVERT_TIMEZONE($2, $3, "events"."at") FROM "events";

-- NVL, NVL2
SELECT NVL("events"."name", $1), NVL2("events"."name", "events"."who", $2) FROM "events";

-- DECODE
SELECT DECODE("events"."who", $1, $2, $3, $4, $5) FROM "events";

-- DECODE without a default
SELECT DECODE("events"."name", $1, "events"."who") FROM "events";

-- LISTAGG
SELECT "events"."who", LISTAGG(DISTINCT "events"."name", ''', \\') WITHIN GROUP (ORDER BY "events"."name" ASC, "events"."id") FROM "events" GROUP BY "events"."who";

-- LISTAGG as a window function
SELECT LISTAGG("events"."name", '') WITHIN GROUP (ORDER BY "events"."id") OVER ( PARTITION BY "events"."who") FROM "events";

-- LISTAGG without an order
SELECT LISTAGG("events"."name", '|') FROM "events";

-- MEDIAN
SELECT MEDIAN("events"."price") FROM "events";

-- MEDIAN as a window function
SELECT MEDIAN("events"."price") OVER ( PARTITION BY "events"."who") FROM "events";

-- PERCENTILE_CONT
SELECT PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY "events"."price") FROM "events" GROUP BY "events"."who";

-- PERCENTILE_DISC as a window function
SELECT PERCENTILE_DISC(1) WITHIN GROUP (ORDER BY "events"."at" DESC) OVER ( PARTITION BY "events"."who") FROM "events";

-- APPROXIMATE PERCENTILE_DISC
SELECT APPROXIMATE PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY "events"."at") FROM "events";

-- COALESCE
SELECT COALESCE("events"."name", $1) FROM "events";

-- GROUP BY an expression
SELECT NVL("events"."name", 'it''s'), count("events"."id") FROM "events" GROUP BY NVL("events"."name", 'it''s');

-- APPROXIMATE COUNT
SELECT APPROXIMATE COUNT(DISTINCT "events"."who") FROM "events";

-- JSON in text
SELECT IS_VALID_JSON("events"."json"), IS_VALID_JSON_ARRAY("events"."json"), CAN_JSON_PARSE("events"."json"), JSON_ARRAY_LENGTH("events"."json") FROM "events";

-- paths of JSON in text
SELECT JSON_EXTRACT_PATH_TEXT("events"."json", $1, $2), JSON_EXTRACT_PATH_TEXT("events"."json", $3, TRUE), JSON_EXTRACT_ARRAY_ELEMENT_TEXT("events"."json", $4) FROM "events";

-- SUPER
SELECT JSON_PARSE("events"."json"), JSON_SERIALIZE("events"."body"), JSON_TYPEOF("events"."body"), GET_ARRAY_LENGTH("events"."body") FROM "events";

-- navigation into a SUPER
SELECT "events"."id" FROM "events" WHERE (CAST("events"."body"."a"."we""ird"[0] AS VARCHAR(65535)) = $1);

-- QUALIFY
SELECT "events"."id" FROM "events" WHERE ("events"."who" > $1) QUALIFY (row_number() OVER ( PARTITION BY "events"."who" ORDER BY "events"."at" DESC) = $2) ORDER BY "events"."id" LIMIT 9;

-- QUALIFY after a table
SELECT "events"."id" FROM "events" WHERE TRUE QUALIFY (row_number() OVER ( PARTITION BY "events"."who" ORDER BY "events"."at") = $1);

-- QUALIFY after HAVING
SELECT "events"."who" FROM "events" GROUP BY "events"."who" HAVING (count("events"."id") > $1) QUALIFY (row_number() OVER ( ORDER BY "events"."who") <= $2);

-- frames
SELECT sum("events"."who") OVER ( PARTITION BY "events"."name" ORDER BY "events"."id" ROWS  BETWEEN 3 PRECEDING  AND CURRENT ROW ) FROM "events";

-- UPDATE … FROM
UPDATE "events" SET "name" = "staging"."name", "at" = SYSDATE FROM "staging" WHERE (("events"."id" = "staging"."id") AND ("events"."who" > $1));

-- UPDATE … FROM, the condition first
UPDATE "events" SET "name" = "staging"."name", "who" = $1 FROM "staging" WHERE ("events"."id" = "staging"."id");

-- DELETE … USING
DELETE FROM "events" USING "staging" WHERE (("events"."id" = "staging"."id") AND ("events"."who" > $1));

-- names of columns
SELECT "events"."name" AS "event", "staging"."name" AS "it""s", "events"."who" FROM ("events" INNER JOIN "staging" ON ("staging"."id" = "events"."id"));

-- INSERT of rows
INSERT INTO "staging" ("id", "name") VALUES ($1, $2), ($3, DEFAULT);

-- INSERT … SELECT
INSERT INTO "staging" ("id", "name") SELECT "events"."id", "events"."name" FROM "events";

-- INSERT … DEFAULT VALUES
INSERT INTO "staging" DEFAULT VALUES;

-- DELETE with a subquery
DELETE FROM "staging" WHERE EXISTS (SELECT "events"."id", "events"."who", "events"."name", "events"."at", "events"."instant", "events"."price", "events"."body", "events"."json" FROM "events" WHERE ("events"."id" = "staging"."id"));

-- set operations
(((SELECT "events"."id" FROM "events") UNION (SELECT "staging"."id" FROM "staging")) INTERSECT (SELECT "events"."id" FROM "events")) EXCEPT (SELECT "events"."id" FROM "events");
