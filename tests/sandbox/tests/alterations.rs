//! ALTER TABLE: what it refuses, and what it keeps right.

use crate::client::Client;
use crate::place;

fn refused(client: &mut Client, sql: &str, code: &str, part: &str) {
    let failure = client.error(sql);
    assert!(
        failure.code == code && failure.message.contains(part),
        "{sql}: {failure:?}"
    );
}

#[test]
fn columns_that_stay() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b INT, c INT, d INT) DISTKEY (a) SORTKEY (b, c)");
    client.query("CREATE TABLE u (a INT)");
    refused(
        &mut client,
        "ALTER TABLE t DROP COLUMN a",
        "0A000",
        "cannot drop distkey column \"a\"",
    );
    refused(
        &mut client,
        "ALTER TABLE t DROP COLUMN c CASCADE",
        "0A000",
        "cannot drop sortkey column \"c\"",
    );
    refused(
        &mut client,
        "ALTER TABLE u DROP COLUMN a",
        "0A000",
        "the only column",
    );
    refused(&mut client, "ALTER TABLE t DROP COLUMN e", "42703", "\"e\"");
    client.query(
        "ALTER TABLE t DROP COLUMN d; ALTER TABLE t ALTER SORTKEY (b); ALTER TABLE t DROP COLUMN c",
    );
    assert_eq!(
        client.rows("SELECT \"column\", distkey, sortkey FROM pg_table_def WHERE tablename = 't'"),
        [["a", "t", "0"], ["b", "f", "1"]]
    );
}

#[test]
fn types_that_stay() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a INT, b VARCHAR(5) DEFAULT 'x', c VARCHAR(5) ENCODE bytedict, d VARCHAR(5) UNIQUE, e VARCHAR(5) NOT NULL, \
         f VARCHAR(5) ENCODE text255, g VARCHAR(9), h CHAR(5), PRIMARY KEY (e))",
    );
    for (column, part) in [
        ("a", "only VARCHAR"),
        ("h", "only VARCHAR"),
        ("b", "default"),
        ("c", "BYTEDICT"),
        ("f", "TEXT255"),
        ("d", "key"),
        ("e", "key"),
    ] {
        let sql = format!("ALTER TABLE t ALTER COLUMN {column} TYPE VARCHAR(10)");
        refused(&mut client, &sql, "0A000", part);
    }
    client.query("INSERT INTO t (e, g) VALUES ('x', 'abcdef')");
    refused(
        &mut client,
        "ALTER TABLE t ALTER COLUMN g TYPE VARCHAR(5)",
        "22001",
        "too long",
    );
    client.query("ALTER TABLE t ALTER COLUMN g TYPE VARCHAR(6)");
    client.query("ALTER TABLE t ALTER COLUMN g TYPE VARCHAR(20)");
}

#[test]
fn new_columns() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT)");
    refused(
        &mut client,
        "ALTER TABLE t ADD COLUMN b INT NOT NULL",
        "0A000",
        "must have a non-null default expression",
    );
    client.query("ALTER TABLE t ADD COLUMN b INT NOT NULL DEFAULT 3");
    client.query("ALTER TABLE t ADD c VARCHAR(5) ENCODE zstd NULL");
    client.query("INSERT INTO t (a) VALUES (1)");
    assert_eq!(client.rows("SELECT * FROM t"), [["1", "3", "~"]]);
}

#[test]
fn keys() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b INT NOT NULL)");
    refused(
        &mut client,
        "ALTER TABLE t ADD PRIMARY KEY (a)",
        "42P16",
        "must be NOT NULL",
    );
    client.query("ALTER TABLE t ADD PRIMARY KEY (b); CREATE TABLE r (x INT, y INT REFERENCES t (b), FOREIGN KEY (x) REFERENCES t)");
    refused(
        &mut client,
        "ALTER TABLE t DROP CONSTRAINT nope",
        "42704",
        "constraint \"nope\" does not exist",
    );
    // They keep the names that columns and tables have.
    client.query("ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t RENAME TO u; ALTER TABLE r RENAME COLUMN y TO \"z z\"");
    let keys = "SELECT conname, pg_get_constraintdef(oid), conkey, confkey, confrelid::regclass::varchar FROM pg_constraint ORDER BY 1";
    assert_eq!(
        client.rows(keys),
        [
            [
                "r_x_fkey",
                "FOREIGN KEY (x) REFERENCES public.u",
                "{1}",
                "{2}",
                "u"
            ],
            [
                "r_y_fkey",
                "FOREIGN KEY (z z) REFERENCES public.u (c)",
                "{2}",
                "{2}",
                "u"
            ],
            ["t_pkey", "PRIMARY KEY (c)", "{2}", "~", "-"],
        ]
    );
    client.query("ALTER TABLE r DROP COLUMN x; ALTER TABLE u DROP CONSTRAINT t_pkey");
    assert_eq!(
        client.rows("SELECT conname FROM pg_constraint"),
        [["r_y_fkey"]]
    );
}

#[test]
fn distribution() {
    let mut client = place().connect();
    client.query("CREATE TABLE i (a INT, b INT) INTERLEAVED SORTKEY (a, b); CREATE TEMP TABLE t (a INT) DISTKEY (a)");
    for change in ["DISTKEY a", "DISTSTYLE ALL", "DISTSTYLE AUTO"] {
        let sql = format!("ALTER TABLE i ALTER {change}");
        refused(&mut client, &sql, "0A000", "interleaved");
    }
    for style in ["ALL", "EVEN"] {
        let sql = format!("ALTER TABLE t ALTER DISTSTYLE {style}");
        refused(&mut client, &sql, "0A000", "temporary");
    }
    client.query("ALTER TABLE t ALTER SORTKEY (a)");
}

#[test]
fn what_is_no_action() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT)");
    refused(
        &mut client,
        "ALTER TABLE t SET SCHEMA public",
        "42601",
        "SET",
    );
    refused(
        &mut client,
        "ALTER TABLE t SET LOCATION 's3://b/'",
        "0A000",
        "sandbox",
    );
}

#[test]
fn an_encoding_ends_encode_auto() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT)");
    let encoded = |client: &mut Client| client.value("SELECT encoded FROM svv_table_info");
    assert_eq!(encoded(&mut client), "Y, AUTO(ENCODE)");
    client.query("ALTER TABLE t ALTER COLUMN a ENCODE zstd");
    assert_eq!(encoded(&mut client), "Y");
    client.query("ALTER TABLE t ALTER ENCODE AUTO");
    assert_eq!(encoded(&mut client), "Y, AUTO(ENCODE)");
    client.query("ALTER TABLE t ADD COLUMN b INT ENCODE raw");
    assert_eq!(encoded(&mut client), "Y");
}
