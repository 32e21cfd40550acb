//! What Redshift has and the sandbox has not is refused by its name; what neither has does not exist.

use crate::place;
use crate::refusals::refuses;

const REFUSED: &[(&str, &str, &str)] = &[
    (
        "SELECT * FROM t PIVOT (sum(a) FOR b IN ('x'))",
        "0A000",
        "PIVOT",
    ),
    (
        "SELECT * FROM t UNPIVOT (n FOR k IN (a))",
        "0A000",
        "UNPIVOT",
    ),
    (
        "SELECT a FROM t START WITH a = 1 CONNECT BY PRIOR a = a",
        "0A000",
        "CONNECT BY",
    ),
    ("SELECT * FROM t x, t y WHERE x.a = y.a (+)", "0A000", "(+)"),
    ("SELECT * EXCLUDE (a) FROM t", "0A000", "EXCLUDE"),
    ("SELECT TRY_CAST(b AS INT) FROM t", "0A000", "TRY_CAST"),
    (
        "SELECT lag(a) IGNORE NULLS OVER (ORDER BY a) FROM t",
        "0A000",
        "IGNORE NULLS",
    ),
    (
        "SELECT lag(a, 1, 0) OVER (ORDER BY a) FROM t",
        "0A000",
        "Default parameter",
    ),
    (
        "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY a) FROM t",
        "0A000",
        "APPROXIMATE PERCENTILE_DISC",
    ),
    (
        "SELECT (median(a)), listagg(b) WITHIN GROUP (ORDER BY b) FROM t UNION SELECT 1, 'x'",
        "0A000",
        "must be the same",
    ),
    ("SELECT b::geometry FROM t", "0A000", "geometry"),
    (
        "SELECT CAST('' || b AS GEOGRAPHY) FROM t",
        "0A000",
        "geography",
    ),
    (
        "SET navigate_super_null_on_error TO off",
        "0A000",
        "navigate_super_null_on_error",
    ),
    // Functions and system tables that are not imitated.
    ("SELECT checksum(a) FROM t", "0A000", "Function checksum"),
    ("SELECT pg_catalog.soundex('x')", "42883", "soundex"),
    (
        "SELECT farmfingerprint64(b) FROM t",
        "0A000",
        "Function farmfingerprint64",
    ),
    (
        "SELECT nosuch(a) FROM t",
        "42883",
        "function nosuch(integer) does not exist",
    ),
    (
        "SELECT listagg(a > 1) FROM t",
        "42883",
        "function listagg(boolean) does not exist",
    ),
    ("SELECT hll(a) FROM t", "0A000", "Function hll"),
    ("SELECT * FROM stv_locks", "0A000", "System table stv_locks"),
    (
        "SELECT * FROM pg_catalog.svl_qerror",
        "0A000",
        "System table svl_qerror",
    ),
    (
        "SELECT * FROM pg_database_info",
        "0A000",
        "System table pg_database_info",
    ),
    (
        "SELECT * FROM nosuch",
        "42P01",
        "relation \"nosuch\" does not exist",
    ),
    // Users, databases.
    (
        "CREATE USER u PASSWORD 'Secret1x' SUPERUSER",
        "42601",
        "\"SUPERUSER\"",
    ),
    (
        "CREATE USER u PASSWORD 'Secret1x' SYSLOG ACCESS x",
        "42601",
        "\"x\"",
    ),
    (
        "ALTER USER u SESSION TIMEOUT 100",
        "0A000",
        "SESSION TIMEOUT",
    ),
    (
        "CREATE DATABASE d ISOLATION LEVEL SERIALIZABLE",
        "0A000",
        "SERIALIZABLE",
    ),
    ("CREATE DATABASE d COLLATE CI", "0A000", "CASE_INSENSITIVE"),
    (
        "CREATE DATABASE d FROM INTEGRATION 'x'",
        "0A000",
        "CREATE DATABASE FROM",
    ),
    ("CREATE DATABASE d ENCODING 'UTF8'", "42601", "\"ENCODING\""),
    ("ALTER SCHEMA public QUOTA 1 GB", "0A000", "QUOTA"),
    (
        "ALTER DATABASE dev ISOLATION LEVEL SNAPSHOT",
        "0A000",
        "ALTER DATABASE",
    ),
    (
        "CREATE LIBRARY l LANGUAGE plpythonu FROM 's3://b/l'",
        "0A000",
        "CREATE LIBRARY",
    ),
    ("DROP EXTERNAL SCHEMA s", "0A000", "DROP EXTERNAL"),
    (
        "CREATE RLS POLICY p WITH (a INT) USING (a = 1)",
        "0A000",
        "CREATE RLS",
    ),
    ("ATTACH RLS POLICY p ON t TO PUBLIC", "0A000", "ATTACH"),
    (
        "CREATE MASKING POLICY p WITH (b VARCHAR(9)) USING ('x'::varchar(9))",
        "0A000",
        "CREATE MASKING",
    ),
    (
        "CREATE IDENTITY PROVIDER p TYPE azure NAMESPACE 'n' PARAMETERS '{}'",
        "0A000",
        "CREATE IDENTITY",
    ),
    (
        "ALTER DATASHARE d ADD SCHEMA public",
        "0A000",
        "ALTER DATASHARE",
    ),
    ("DESC DATASHARE d", "0A000", "DESC"),
    ("GRANT ROLE sys:monitor TO dba", "0A000", "sys:"),
    (
        "CREATE USER u PASSWORD DISABLE EXTERNALID 'x'",
        "0A000",
        "EXTERNALID",
    ),
    (
        "SHOW CONSTRAINT PRIMARY KEYS FROM TABLE public.t",
        "0A000",
        "SHOW CONSTRAINT",
    ),
    (
        "SHOW PROCEDURES FROM SCHEMA public",
        "0A000",
        "SHOW PROCEDURES",
    ),
    ("SHOW PARAMETERS OF PROCEDURE p", "0A000", "SHOW PARAMETERS"),
    (
        "SHOW FUNCTIONS FROM SCHEMA public",
        "0A000",
        "SHOW FUNCTIONS",
    ),
    ("SHOW COLUMNS", "42601", ""),
    (
        "SHOW TABLES FROM SCHEMA otherdb.public",
        "0A000",
        "Other databases",
    ),
];

#[test]
fn what_is_not_imitated_is_refused_by_name() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(10), c SUPER)");
    refuses(&mut client, REFUSED);
}

#[test]
fn databases_with_options() {
    let place = place();
    let mut client = place.connect();
    let name = format!("{}_options", place.name);
    client.query(&format!(
        "CREATE DATABASE {name} WITH OWNER = awsuser CONNECTION LIMIT UNLIMITED COLLATE CS ISOLATION LEVEL SNAPSHOT"
    ));
    client.query(&format!("DROP DATABASE {name}"));
}
