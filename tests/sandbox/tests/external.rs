//! External schemas, tables and partitions over the object store.

use crate::client::Client;
use crate::{Place, place};

const ROLE: &str = "arn:aws:iam::123456789012:role/Spectrum";

fn lake() -> (Place, Client) {
    let place = place();
    let mut client = place.connect();
    client.query(&format!(
        "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'events' IAM_ROLE '{ROLE}' CREATE EXTERNAL DATABASE IF NOT EXISTS"
    ));
    (place, client)
}

#[test]
fn text_files_are_read_when_they_are_asked_for() {
    let (place, mut client) = lake();
    let folder = place.uri("text/");
    client.query(&format!(
        "CREATE EXTERNAL TABLE lake.t (id BIGINT, name VARCHAR(10), at DATE) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' \
         STORED AS TEXTFILE LOCATION '{folder}' TABLE PROPERTIES ('skip.header.line.count'='1')"
    ));
    assert_eq!(client.value("SELECT count(*) FROM lake.t"), "0");
    place.put("text/a.txt", "id|name|at\n1|Ada|2026-01-31\n2|\\N|\n3\n");
    place.put("text/_SUCCESS", "");
    assert_eq!(
        client.rows("SELECT * FROM lake.t ORDER BY id"),
        [["1", "Ada", "2026-01-31"], ["2", "~", "~"], ["3", "~", "~"]]
    );
    place.put("text/b.txt", "id|name|at\n4|Bob|2026-02-01|more\n");
    client.query("CREATE TABLE names (name VARCHAR(10), n INT); INSERT INTO names VALUES ('Ada', 7), ('Bob', 8)");
    assert_eq!(
        client.rows("SELECT n, id FROM lake.t e JOIN names USING (name) ORDER BY 1"),
        [["7", "1"], ["8", "4"]]
    );
    // A transaction that has begun before the file was there reads it as well, as it lies outside of the database.
    client.query("BEGIN; SELECT n FROM names");
    place.put("text/c.txt", "\n5|Eve|2026-02-02\n");
    assert_eq!(client.value("SELECT count(*) FROM lake.t"), "5");
    client.query("INSERT INTO names SELECT name, id FROM lake.t WHERE id = 5; COMMIT");
    assert_eq!(client.value("SELECT n FROM names WHERE name = 'Eve'"), "5");
    client.query("CREATE VIEW late AS SELECT max(id) AS most FROM lake.t WITH NO SCHEMA BINDING");
    client.query("CREATE TABLE copied AS SELECT * FROM lake.t");
    assert_eq!(client.value("SELECT most FROM late"), "5");
    assert_eq!(client.value("SELECT count(*) FROM copied"), "5");
    client.query(&format!(
        "UNLOAD ('SELECT id FROM lake.t ORDER BY id') TO '{}' IAM_ROLE default PARALLEL OFF",
        place.uri("out/")
    ));
    assert_eq!(place.get("out/000"), "1\n2\n3\n4\n5\n");
    place.put("text/d.txt", "\nx|Bad|2026-02-02\n");
    let failure = client.error("SELECT * FROM lake.t");
    assert_eq!(failure.message, "Spectrum Scan Error");
    assert!(
        failure.detail.contains("d.txt") && failure.detail.contains("Invalid digit"),
        "{}",
        failure.detail
    );
}

#[test]
fn csv_json_and_parquet() {
    let (place, mut client) = lake();
    place.put("csv/a.csv", "1,\"a,\"\"b\"\n2,\"\"\n");
    place.put(
        "json/a.json",
        "{\"ID\": 1, \"name\": \"x\"}\n{\"name\": null, \"id\": 2}\n",
    );
    client.query(&format!(
        "UNLOAD ('SELECT 1::bigint AS id, ''p''::varchar(10) AS name') TO '{}' IAM_ROLE default PARQUET",
        place.uri("parquet/")
    ));
    for (name, format) in [
        (
            "csv",
            "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' STORED AS TEXTFILE",
        ),
        (
            "json",
            "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' STORED AS TEXTFILE",
        ),
        ("parquet", "STORED AS PARQUET"),
        ("orc", "STORED AS ORC"),
    ] {
        client.query(&format!(
            "CREATE EXTERNAL TABLE lake.{name} (id BIGINT, name VARCHAR(10)) {format} LOCATION '{}'",
            place.uri(&format!("{name}/"))
        ));
    }
    let mut rows = |name: &str| client.rows(&format!("SELECT * FROM lake.{name} ORDER BY id"));
    assert_eq!(rows("csv"), [["1", "a,\"b"], ["2", ""]]);
    assert_eq!(rows("json"), [["1", "x"], ["2", "~"]]);
    assert_eq!(rows("parquet"), [["1", "p"]]);
    let failure = client.error("SELECT * FROM lake.orc");
    assert!(
        failure
            .message
            .contains("files of ORC is not supported by the sandbox yet"),
        "{}",
        failure.message
    );
    client.query(&format!(
        "CREATE EXTERNAL TABLE lake.swapped (name VARCHAR(10), id BIGINT) STORED AS PARQUET LOCATION '{}'",
        place.uri("parquet/")
    ));
    // Its columns are found by their names.
    assert_eq!(client.rows("SELECT * FROM lake.swapped"), [["p", "1"]]);
    client.query(&format!(
        "CREATE EXTERNAL TABLE lake.more (id BIGINT, other DATE) STORED AS PARQUET LOCATION '{}'",
        place.uri("parquet/")
    ));
    assert_eq!(client.rows("SELECT * FROM lake.more"), [["1", "~"]]);
    place.put("csv/b.csv", "3,\"a\\\"b\"\n");
    let failure = client.error("SELECT * FROM lake.csv");
    assert!(failure.message.contains("backslash"), "{}", failure.message);
}

#[test]
fn partitions() {
    let (place, mut client) = lake();
    client.query(&format!(
        "CREATE EXTERNAL TABLE lake.t (id INT) PARTITIONED BY (day DATE, kind VARCHAR(5)) STORED AS TEXTFILE LOCATION '{}'",
        place.uri("t/")
    ));
    place.put("t/day=2026-01-01/kind=a/f", "1\n2\n");
    let one = place.uri("t/day=2026-01-01/kind=a/");
    assert_eq!(client.value("SELECT count(*) FROM lake.t"), "0");
    let add = format!("PARTITION (kind='a', day='2026-01-01') LOCATION '{one}'");
    client.query(&format!("ALTER TABLE lake.t ADD {add}"));
    client.query(&format!("ALTER TABLE lake.t ADD IF NOT EXISTS {add}"));
    assert!(
        client
            .error(&format!("ALTER TABLE lake.t ADD {add}"))
            .message
            .contains("already exists")
    );
    assert_eq!(
        client.rows("SELECT * FROM lake.t WHERE day >= '2026-01-01' ORDER BY id"),
        [["1", "2026-01-01", "a"], ["2", "2026-01-01", "a"]]
    );
    assert_eq!(
        client.rows("SELECT values, location FROM svv_external_partitions WHERE tablename = 't'"),
        [["[\"2026-01-01\",\"a\"]", &*one]]
    );
    client.query("ALTER TABLE lake.t DROP PARTITION (day='2026-01-01', kind='a')");
    assert_eq!(client.value("SELECT count(*) FROM lake.t"), "0");
    assert!(
        client
            .error("ALTER TABLE lake.t DROP PARTITION (day='2026-01-01', kind='a')")
            .message
            .contains("does not exist")
    );
    assert_eq!(
        client
            .error(&format!(
                "ALTER TABLE lake.t ADD PARTITION (id=1) LOCATION '{one}'"
            ))
            .code,
        "42703"
    );
}

#[test]
fn catalogs_tell_of_them_where_redshift_does() {
    let (place, mut client) = lake();
    let folder = place.uri("t/");
    client.query(&format!(
        "CREATE EXTERNAL TABLE lake.t (id INT, x DECIMAL(9,2), f FLOAT8) PARTITIONED BY (day DATE) STORED AS PARQUET LOCATION '{folder}'"
    ));
    assert_eq!(
        client.rows("SELECT eskind, schemaname, databasename, esoptions FROM svv_external_schemas"),
        [[
            "1",
            "lake",
            "events",
            &*format!("{{\"IAM_ROLE\":\"{ROLE}\"}}")
        ]]
    );
    assert_eq!(
        client.rows(
            "SELECT schemaname, tablename, location, serialization_lib FROM svv_external_tables"
        ),
        [[
            "lake",
            "t",
            &*folder,
            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
        ]]
    );
    assert_eq!(
        client.rows("SELECT columnname, external_type, columnnum, part_key FROM svv_external_columns ORDER BY columnnum"),
        [
            ["id", "int", "1", "0"],
            ["x", "decimal(9,2)", "2", "0"],
            ["f", "double", "3", "0"],
            ["day", "date", "4", "1"]
        ]
    );
    for catalog in [
        "pg_class WHERE relname = 't'",
        "information_schema.tables WHERE table_name = 't'",
        "information_schema.views WHERE table_name = 't'",
        "svv_redshift_tables WHERE table_name = 't'",
        "pg_namespace WHERE nspname = 'pg_external'",
    ] {
        assert_eq!(
            client.value(&format!("SELECT count(*) FROM {catalog}")),
            "0",
            "{catalog}"
        );
    }
    assert_eq!(
        client.value("SELECT schema_type FROM svv_all_schemas WHERE schema_name = 'lake'"),
        "external"
    );
    assert_eq!(
        client.value("SELECT table_type FROM svv_all_tables WHERE table_name = 't'"),
        "EXTERNAL TABLE"
    );
    client.query("DROP TABLE lake.t");
    client.query("DROP TABLE IF EXISTS lake.t");
    assert_eq!(
        client.value("SELECT count(*) FROM svv_external_columns"),
        "0"
    );
    assert_eq!(client.error("SELECT * FROM lake.t").code, "42P01");
    client.query("DROP SCHEMA lake");
    assert_eq!(
        client.value("SELECT count(*) FROM svv_external_schemas"),
        "0"
    );
}

#[test]
fn what_cannot_be_done() {
    let (place, mut client) = lake();
    let create = format!(
        "CREATE EXTERNAL TABLE lake.u (id INT) STORED AS PARQUET LOCATION '{}'",
        place.uri("u/")
    );
    client.query(&create.replace("lake.u", "lake.t"));
    client.query("CREATE TABLE mine (id INT)");
    let add = format!(
        "ALTER TABLE lake.t ADD PARTITION (a=1) LOCATION '{}'",
        place.uri("t/")
    );
    for sql in [&*create, &*add, "DROP TABLE lake.t"] {
        client.query("BEGIN");
        assert_eq!(client.error(sql).code, "25001", "{sql}");
        client.query("ROLLBACK");
    }
    for (sql, message) in [
        (
            "SELECT \"$path\" FROM lake.t",
            "\"$path\" is not supported by the sandbox yet",
        ),
        ("UPDATE lake.t SET id = 1", "UPDATE of an external table"),
        ("DELETE FROM lake.t", "DELETE of an external table"),
        ("TRUNCATE lake.t", "TRUNCATE of an external table"),
        (
            "INSERT INTO lake.t SELECT id FROM mine",
            "INSERT of an external table",
        ),
        (
            "COPY lake.t FROM 's3://x/y' IAM_ROLE default",
            "COPY of an external table",
        ),
        (
            "CREATE TABLE lake.local (a INT)",
            "Operations on local objects",
        ),
        (
            "CREATE EXTERNAL TABLE public.u (id INT) STORED AS PARQUET LOCATION 's3://x/y'",
            "not an external schema",
        ),
        (
            "CREATE EXTERNAL TABLE u (id INT) STORED AS PARQUET LOCATION 's3://x/y'",
            "needs its external schema",
        ),
        (
            "CREATE EXTERNAL TABLE lake.u (s STRUCT<a:int>) STORED AS PARQUET LOCATION 's3://x/y'",
            "STRUCT",
        ),
        (
            "CREATE EXTERNAL TABLE lake.u (s SUPER) STORED AS PARQUET LOCATION 's3://x/y'",
            "type super",
        ),
        (
            "CREATE EXTERNAL TABLE lake.u (id INT) STORED AS TEXTFILE LOCATION 's3://x/y' TABLE PROPERTIES ('data_cleansing_enabled'='true')",
            "data_cleansing_enabled",
        ),
    ] {
        let failure = client.error(sql);
        assert!(
            failure.message.contains(message),
            "{sql}: {}",
            failure.message
        );
    }
    client.query(&format!(
        "CREATE EXTERNAL SCHEMA streams FROM KINESIS IAM_ROLE '{ROLE}'; \
         CREATE EXTERNAL SCHEMA IF NOT EXISTS streams FROM KINESIS IAM_ROLE '{ROLE}'; \
         CREATE EXTERNAL SCHEMA shop FROM POSTGRES DATABASE 'shop' SCHEMA 'public' URI 'db.example.com' PORT 5433 \
         IAM_ROLE '{ROLE}' SECRET_ARN 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop'"
    ));
    for (schema, source) in [("streams", "KINESIS"), ("shop", "POSTGRES")] {
        let failure = client.error(&format!("SELECT * FROM {schema}.t"));
        let message = format!(
            "A table of an external schema from {source} is not supported by the sandbox yet"
        );
        assert!(failure.message.contains(&message), "{}", failure.message);
    }
}

#[test]
fn prepared_statements_read_them_each_time() {
    let (place, mut client) = lake();
    client.query(&format!(
        "CREATE EXTERNAL TABLE lake.t (id INT) STORED AS TEXTFILE LOCATION '{}'",
        place.uri("t/")
    ));
    client.query("PREPARE p AS SELECT count(*) FROM lake.t");
    assert_eq!(client.value("EXECUTE p"), "0");
    place.put("t/a", "1\n");
    assert_eq!(client.value("EXECUTE p"), "1");
    client.query("CREATE PROCEDURE fill () AS $$ BEGIN CREATE TABLE filled AS SELECT * FROM lake.t; END $$ LANGUAGE plpgsql");
    client.query("CALL fill()");
    assert_eq!(client.value("SELECT count(*) FROM filled"), "1");
}

#[test]
fn the_data_catalog_keeps_its_tables() {
    const AGAIN: &str =
        "CREATE EXTERNAL SCHEMA again FROM DATA CATALOG DATABASE 'events' IAM_ROLE default";
    let (place, mut client) = lake();
    place.put("t/f", "1|2.5|x\n");
    client.query(&format!(
        "CREATE EXTERNAL TABLE lake.t (id INT, x DECIMAL(9,2), name VARCHAR(7)) PARTITIONED BY (day DATE) ROW FORMAT DELIMITED \
         FIELDS TERMINATED BY '|' STORED AS TEXTFILE LOCATION '{}'",
        place.uri("t/")
    ));
    client.query(&format!(
        "ALTER TABLE lake.t ADD PARTITION (day='2026-01-01') LOCATION '{}'",
        place.uri("t/")
    ));
    assert_eq!(
        client.rows("SELECT table_name, table_type FROM svv_tables WHERE table_schema = 'lake'"),
        [["t", "EXTERNAL TABLE"]]
    );
    assert_eq!(
        client.rows(
            "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale FROM svv_all_columns \
             WHERE schema_name = 'lake' ORDER BY ordinal_position"
        ),
        [
            ["id", "integer", "~", "32", "0"],
            ["x", "numeric", "~", "9", "2"],
            ["name", "character varying", "7", "~", "~"],
            ["day", "date", "~", "~", "~"],
        ]
    );
    for (sql, word) in [
        ("VACUUM lake.t", "VACUUM"),
        ("ANALYZE lake.t", "ANALYZE"),
        ("GRANT SELECT ON lake.t TO PUBLIC", "GRANT"),
        (
            "CREATE VIEW v AS SELECT id FROM lake.t",
            "NO SCHEMA BINDING",
        ),
        (AGAIN, "Two external schemas"),
    ] {
        let failure = client.error(sql);
        assert_eq!(failure.code, "0A000", "{sql}");
        assert!(failure.message.contains(word), "{}", failure.message);
    }
    client.query("GRANT USAGE ON SCHEMA lake TO PUBLIC; DROP SCHEMA lake");
    client.query(AGAIN);
    assert_eq!(
        client.rows("SELECT id, day FROM again.t"),
        [["1", "2026-01-01"]]
    );
    client.query("DROP SCHEMA again DROP EXTERNAL DATABASE CASCADE");
    client.query(AGAIN);
    assert_eq!(client.error("SELECT * FROM again.t").code, "42P01");
}
