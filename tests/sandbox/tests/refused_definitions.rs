//! Definitions that PostgreSQL would take.

use crate::place;
use crate::refusals::refuses;

const REFUSED: &[(&str, &str, &str)] = &[
    // Names.
    ("CREATE TABLE x (user INT)", "42601", "\"user\""),
    ("CREATE TABLE x (a INT, Tag INT)", "42601", "\"Tag\""),
    ("CREATE TABLE open (a INT)", "42601", "\"open\""),
    ("CREATE TABLE public.open (a INT)", "42601", "\"open\""),
    ("CREATE TABLE x (open) AS SELECT 1", "42601", "\"open\""),
    ("CREATE VIEW open AS SELECT 1 AS a", "42601", "\"open\""),
    ("CREATE VIEW x (tag) AS SELECT 1 AS a", "42601", "\"tag\""),
    ("ALTER TABLE t ADD COLUMN tag INT", "42601", "\"tag\""),
    ("ALTER TABLE t RENAME COLUMN a TO tag", "42601", "\"tag\""),
    ("ALTER TABLE t RENAME TO open", "42601", "\"open\""),
    (
        "CREATE TABLE x (\"oid\" INT)",
        "42701",
        "\"oid\" conflicts with a system column name",
    ),
    ("ALTER TABLE t ADD COLUMN xmin INT", "42701", "\"xmin\""),
    // Encodings and keys by type.
    (
        "CREATE TABLE x (a VARCHAR(10) ENCODE mostly8)",
        "0A000",
        "invalid encoding type specified for column \"a\"",
    ),
    (
        "CREATE TABLE x (a INT ENCODE text255)",
        "0A000",
        "invalid encoding",
    ),
    (
        "CREATE TABLE x (a INT ENCODE mostly32)",
        "0A000",
        "invalid encoding",
    ),
    (
        "CREATE TABLE x (a BOOLEAN ENCODE az64)",
        "0A000",
        "invalid encoding",
    ),
    (
        "CREATE TABLE x (a CHAR(5) ENCODE text32k)",
        "0A000",
        "invalid encoding",
    ),
    (
        "ALTER TABLE t ALTER COLUMN a ENCODE text255",
        "0A000",
        "invalid encoding",
    ),
    (
        "ALTER TABLE t ADD COLUMN n FLOAT ENCODE delta",
        "0A000",
        "invalid encoding",
    ),
    ("CREATE TABLE x (a SUPER DISTKEY)", "0A000", "type super"),
    (
        "CREATE TABLE x (a INT, b SUPER) SORTKEY (a, b)",
        "0A000",
        "type super",
    ),
    (
        "CREATE TABLE x (a VARBYTE(5) SORTKEY)",
        "0A000",
        "type varbyte",
    ),
    ("ALTER TABLE t ALTER DISTKEY c", "0A000", "type super"),
    (
        "CREATE TABLE x (a SMALLINT IDENTITY(1, 1))",
        "22023",
        "integer or bigint",
    ),
    (
        "CREATE TABLE x (a DECIMAL(38, 38))",
        "22023",
        "between 0 and 37",
    ),
    // Constraints.
    (
        "CREATE TABLE x (a INT PRIMARY KEY, b INT PRIMARY KEY)",
        "42P16",
        "multiple primary keys for table \"x\"",
    ),
    (
        "ALTER TABLE t ADD PRIMARY KEY (a)",
        "42P16",
        "multiple primary keys for table \"t\"",
    ),
    (
        "CREATE TABLE x (a INT REFERENCES nosuch (a))",
        "42P01",
        "\"nosuch\"",
    ),
    (
        "CREATE TABLE x (a INT REFERENCES t (zz))",
        "42703",
        "\"zz\"",
    ),
    (
        "CREATE TABLE x (a INT, PRIMARY KEY (zz))",
        "42703",
        "\"zz\"",
    ),
    ("ALTER TABLE t ADD UNIQUE (zz)", "42703", "\"zz\""),
    // Functions.
    (
        "CREATE FUNCTION f(INT) RETURNS INT AS $$ SELECT $1 $$ LANGUAGE sql",
        "42601",
        "\"AS\"",
    ),
    (
        "CREATE FUNCTION f(a INT) RETURNS INT STABLE AS $$ SELECT a $$ LANGUAGE sql",
        "0A000",
        "no names",
    ),
    (
        "CREATE FUNCTION f(INT) RETURNS TABLE (a INT) STABLE AS $$ SELECT $1 $$ LANGUAGE sql",
        "42601",
        "\"TABLE\"",
    ),
    (
        "CREATE FUNCTION f(INT) RETURNS SETOF INT STABLE AS $$ SELECT $1 $$ LANGUAGE sql",
        "42601",
        "\"SETOF\"",
    ),
    (
        "CREATE FUNCTION f(INT) RETURNS INT STABLE AS $$ SELECT a FROM t $$ LANGUAGE sql",
        "0A000",
        "FROM is not supported",
    ),
    // Users.
    (
        "CREATE USER x PASSWORD 'abc'",
        "22023",
        "8 to 64 characters",
    ),
    ("ALTER USER x PASSWORD 'abcdefgh1'", "22023", "uppercase"),
    (
        "CREATE USER x PASSWORD 'sha256|Abcdefgh1'",
        "0A000",
        "SHA-256",
    ),
    // Objects that there are none of, and forms of those that there are.
    ("CREATE INDEX i ON t (a)", "0A000", "CREATE INDEX"),
    (
        "CREATE TABLE x (a SERIAL)",
        "0A000",
        "unsupported type \"integer with sequence\"",
    ),
    ("CREATE TABLE x (a INT CHECK (a > 0))", "42601", "\"CHECK\""),
    (
        "CREATE TABLE x (a INT, EXCLUDE (a WITH =))",
        "42601",
        "\"EXCLUDE\"",
    ),
    ("CREATE TABLE x (a TEXT[])", "0A000", "unsupported type"),
    (
        "CREATE TABLE x (a HSTORE)",
        "0A000",
        "unsupported type \"hstore\"",
    ),
    ("CREATE VIEW IF NOT EXISTS v AS SELECT 1", "42601", "NOT"),
    (
        "CREATE MATERIALIZED VIEW v AS SELECT a FROM t ORDER BY a",
        "0A000",
        "ORDER",
    ),
    (
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
        "0A000",
        "plpgsql",
    ),
    (
        "CREATE FUNCTION f(a int) RETURNS int IMMUTABLE AS $$ return a $$ LANGUAGE plpythonu",
        "0A000",
        "plpythonu",
    ),
    (
        "CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'",
        "0A000",
        "sql",
    ),
    (
        "CREATE PROCEDURE p(b OUT INT, a INT) AS $$ BEGIN b := a; END $$ LANGUAGE plpgsql",
        "0A000",
        "behind one of mode OUT",
    ),
    (
        "CREATE PROCEDURE p() AS $$ BEGIN COPY t FROM 's3://b/k' IAM_ROLE default; END $$ LANGUAGE plpgsql",
        "0A000",
        "COPY in a procedure",
    ),
    (
        "CREATE PROCEDURE p() AS $$ BEGIN INSERT INTO t VALUES (1) RETURNING a; END $$ LANGUAGE plpgsql",
        "42601",
        "RETURNING",
    ),
    (
        "CREATE PROCEDURE p() AS $$ BEGIN NULL; EXCEPTION WHEN division_by_zero THEN NULL; END $$ LANGUAGE plpgsql",
        "0A000",
        "OTHERS",
    ),
    (
        "CREATE TABLE x (a \"char\")",
        "0A000",
        "unsupported type \"\"char\"\"",
    ),
    (
        "CREATE VIEW x AS SELECT a FROM t WITH CHECK OPTION",
        "42601",
        "\"CHECK\"",
    ),
    ("SET TRANSACTION SNAPSHOT 'x'", "42601", "\"SNAPSHOT\""),
    // What is made of another table or of a query.
    ("CREATE TABLE x (LIKE t) DISTSTYLE EVEN", "0A000", "LIKE"),
    ("CREATE TABLE x (LIKE t) SORTKEY (a)", "0A000", "LIKE"),
    ("CREATE TABLE x (LIKE t) BACKUP NO", "0A000", "LIKE"),
    (
        "CREATE TABLE x ENCODE AUTO AS SELECT 1 AS a",
        "42601",
        "\"ENCODE\"",
    ),
    (
        "CREATE TABLE x SORTKEY AUTO AS SELECT 1 AS a",
        "42601",
        "\"AUTO\"",
    ),
    (
        "CREATE TABLE x DISTKEY (3) AS SELECT 1 AS a, 2 AS b",
        "42P10",
        "position 3",
    ),
    ("CREATE TABLE x AS VALUES (1)", "42601", "\"VALUES\""),
    ("CREATE VIEW x AS VALUES (1)", "42601", "\"VALUES\""),
    (
        "CREATE TABLE x AS SELECT generate_series(1, 2) AS a",
        "0A000",
        "not supported on Redshift tables",
    ),
    (
        "SELECT now() AS a INTO x",
        "0A000",
        "not supported on Redshift tables",
    ),
    (
        "CREATE MATERIALIZED VIEW x AS SELECT TOP 1 a FROM t",
        "0A000",
        "TOP",
    ),
    (
        "CREATE TABLE x (a DECIMAL(20, 2) ENCODE mostly8)",
        "0A000",
        "invalid encoding",
    ),
    (
        "CREATE TABLE x (a INTERVAL DAY TO SECOND (7))",
        "22023",
        "between 0 and 6",
    ),
    ("COMMENT ON SCHEMA public IS 'x'", "42601", "\"SCHEMA\""),
    ("REFRESH MATERIALIZED VIEW v CASCADE", "0A000", "CASCADE"),
    ("GRANT CREATE USER TO ROLE r", "0A000", "system privileges"),
    ("GRANT DROP ON t TO PUBLIC", "0A000", "GRANT of DROP"),
    (
        "GRANT USAGE ON DATABASE dev TO PUBLIC",
        "0A000",
        "USAGE of a database",
    ),
    ("GRANT TRIGGER ON t TO PUBLIC", "42601", "\"TRIGGER\""),
    (
        "REVOKE CONNECT ON DATABASE dev FROM PUBLIC",
        "42601",
        "\"CONNECT\"",
    ),
    (
        "GRANT SELECT ON SEQUENCE s TO PUBLIC",
        "42601",
        "\"SEQUENCE\"",
    ),
];

#[test]
fn what_redshift_lacks() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(10), c SUPER); CREATE TABLE u (a INT)",
    );
    refuses(&mut client, REFUSED);
    assert_eq!(
        client.value("SELECT count(*) FROM svv_tables WHERE table_schema = 'public'"),
        "2"
    );
}

#[test]
fn what_only_looks_refused_is_taken() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (id INT PRIMARY KEY, a INT)");
    for sql in [
        "CREATE TABLE \"tag\" (\"user\" INT, \"Open\" INT)",
        "ALTER TABLE \"tag\" RENAME COLUMN \"user\" TO \"table\"",
        "CREATE TABLE x (a INT UNIQUE REFERENCES t (id), b INT REFERENCES x, FOREIGN KEY (a, b) REFERENCES t (id, a))",
        "CREATE TABLE y (a DECIMAL(5,2) ENCODE mostly32, b TIME ENCODE az64, c VARCHAR ENCODE text32k, d SUPER ENCODE zstd, \
         e TIMESTAMP SORTKEY, f CHAR(5) DISTKEY, g FLOAT ENCODE bytedict, h BOOLEAN ENCODE runlength, i VARBYTE ENCODE lzo)",
        "CREATE TABLE z (LIKE y, j INT ENCODE zstd)",
        "CREATE TABLE p DISTKEY (2) AS SELECT 1 AS a, 2 AS b",
        "CREATE TABLE q (a INTERVAL DAY TO SECOND (3), b INTERVAL SECOND (0), c INTERVAL YEAR)",
        "CREATE VIEW w AS SELECT now() AS a",
        "CREATE TABLE i (a BIGINT IDENTITY(1, 1), b INT GENERATED BY DEFAULT AS IDENTITY(1, 1))",
        "CREATE FUNCTION f(INT, CHARACTER VARYING(10), TIMESTAMP WITH TIME ZONE) RETURNS DOUBLE PRECISION VOLATILE AS \
         $$ SELECT $1::float + extract(day FROM $3) $$ LANGUAGE sql",
        "CREATE FUNCTION f() RETURNS INT IMMUTABLE AS $$ SELECT (SELECT 1) $$ LANGUAGE sql",
        "CREATE OR REPLACE VIEW v (a) AS SELECT id FROM t",
        "GRANT SELECT (id), UPDATE (a), TRUNCATE ON TABLE t TO PUBLIC",
        "REVOKE ALL PRIVILEGES ON t FROM PUBLIC",
    ] {
        client.query(sql);
    }
    assert_eq!(
        client.rows("SELECT tablename, \"column\" FROM pg_table_def WHERE distkey AND tablename IN ('p', 'z')"),
        [["p", "b"], ["z", "f"]]
    );
    assert_eq!(
        client
            .value("SELECT encoding FROM pg_table_def WHERE tablename = 'z' AND \"column\" = 'j'")
            .trim(),
        "zstd"
    );
}

#[test]
fn passwords() {
    let place = place();
    let mut client = place.connect();
    client.query(&format!(
        "CREATE USER {}_one PASSWORD 'Abcdefg1'",
        place.name
    ));
    client.query(&format!(
        "ALTER USER {}_one PASSWORD 'md5153c434b4b77c89e6b94f12c5393af5b'",
        place.name
    ));
}
