-- MERGE with UPDATE
MERGE INTO "visits" USING "warehouse"."Odd ""stage""" ON "visits"."page" = "warehouse"."Odd ""stage"""."page" AND "visits"."day" = "warehouse"."Odd ""stage"""."select" WHEN MATCHED THEN UPDATE SET "hits" = ("visits"."hits" + "warehouse"."Odd ""stage"""."hits"), "seen" = GETDATE() WHEN NOT MATCHED THEN INSERT ("page", "day", "hits") VALUES ("warehouse"."Odd ""stage"""."page", "warehouse"."Odd ""stage"""."select", "warehouse"."Odd ""stage"""."hits");

-- MERGE with values
MERGE INTO "visits" USING "warehouse"."Odd ""stage""" ON "visits"."page" = "warehouse"."Odd ""stage"""."page" AND "visits"."day" = "warehouse"."Odd ""stage"""."select" WHEN MATCHED THEN UPDATE SET "hits" = 7::bigint WHEN NOT MATCHED THEN INSERT ("page", "day", "hits") VALUES ('it''s \\', "warehouse"."Odd ""stage"""."select", (-1)::bigint);

-- MERGE with DELETE
MERGE INTO "visits" USING "warehouse"."Odd ""stage""" ON "visits"."page" = "warehouse"."Odd ""stage"""."page" WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT ("page") VALUES ("warehouse"."Odd ""stage"""."page");

-- MERGE REMOVE DUPLICATES
MERGE INTO "visits" USING "warehouse"."Odd ""stage""" ON "visits"."page" = "warehouse"."Odd ""stage"""."page" AND "visits"."day" = "warehouse"."Odd ""stage"""."select" REMOVE DUPLICATES;
