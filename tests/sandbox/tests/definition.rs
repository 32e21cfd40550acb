use crate::place;

#[test]
fn users_databases_and_default_privileges() {
    let place = place();
    let mut client = place.connect();
    let name = |end: &str| format!("{}_{end}", place.name);
    let (one, two, role, database) = (name("one"), name("two"), name("role"), name("db"));
    client.query(&format!(
        "CREATE USER {one} PASSWORD 'Secret1x' CREATEUSER SYSLOG ACCESS UNRESTRICTED CONNECTION LIMIT 3;
         CREATE USER {two} WITH PASSWORD DISABLE NOCREATEUSER NOCREATEDB SYSLOG ACCESS RESTRICTED VALID UNTIL '2030-01-01';
         CREATE ROLE {role}"
    ));
    let users = format!(
        "SELECT usename, usesuper FROM pg_user WHERE usename LIKE '{}\\\\_%' ORDER BY 1",
        place.name
    );
    assert_eq!(
        client.rows(&users),
        [[one.as_str(), "t"], [two.as_str(), "f"]]
    );
    client.query(&format!(
        "ALTER USER {one} NOCREATEUSER; ALTER USER {two} CREATEUSER PASSWORD 'Secret2x'"
    ));
    assert_eq!(
        client.rows(&users),
        [[one.as_str(), "f"], [two.as_str(), "t"]]
    );
    client.query(&format!(
        "ALTER DEFAULT PRIVILEGES FOR USER {one} IN SCHEMA public GRANT SELECT ON TABLES TO ROLE {role}, {two};
         ALTER DEFAULT PRIVILEGES FOR USER {one} IN SCHEMA public REVOKE SELECT ON TABLES FROM ROLE {role}, {two}"
    ));
    client.query(&format!(
        "CREATE DATABASE {database} ISOLATION LEVEL SNAPSHOT"
    ));
    client.query(&format!("DROP DATABASE {database}"));
    client.query(&format!(
        "DROP USER {one}; DROP USER {two}; DROP ROLE {role}"
    ));
}

#[test]
fn attributes_are_recorded() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE sales (
            id BIGINT IDENTITY(1, 1) ENCODE raw DISTKEY,
            name VARCHAR(40) NOT NULL ENCODE zstd,
            price DECIMAL(8, 2) DEFAULT 0.5,
            note TEXT,
            at TIMESTAMP DEFAULT SYSDATE
        ) BACKUP NO DISTSTYLE KEY COMPOUND SORTKEY (at, name)",
    );
    let rows = client.rows(
        "SELECT \"column\", type, trim(encoding), distkey, sortkey, \"notnull\" FROM pg_table_def WHERE tablename = 'sales'",
    );
    assert_eq!(
        rows,
        [
            ["id", "bigint", "none", "t", "0", "t"],
            ["name", "character varying(40)", "zstd", "f", "2", "t"],
            ["price", "numeric(8,2)", "az64", "f", "0", "f"],
            ["note", "character varying(256)", "lzo", "f", "0", "f"],
            ["at", "timestamp without time zone", "none", "f", "1", "f"],
        ]
    );
    assert_eq!(
        client.rows("SELECT \"table\", diststyle, sortkey1 FROM svv_table_info"),
        [["sales", "KEY(id)", "at"]]
    );
}

#[test]
fn alterations_are_recorded() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT SORTKEY, b VARCHAR(5))");
    client.query(
        "ALTER TABLE t ALTER DISTKEY b; ALTER TABLE t ALTER SORTKEY (b, a), ALTER DISTSTYLE ALL",
    );
    client.query("ALTER TABLE t ALTER COLUMN b ENCODE text255, ALTER COLUMN a ENCODE delta");
    client.query("ALTER TABLE t ADD COLUMN c INT DEFAULT 7 ENCODE mostly8 NOT NULL");
    client.query("ALTER TABLE t RENAME COLUMN c TO d; ALTER TABLE t RENAME TO u");
    let rows = client.rows("SELECT \"column\", trim(encoding), distkey, sortkey FROM pg_table_def WHERE tablename = 'u'");
    assert_eq!(
        rows,
        [
            ["a", "delta", "f", "2"],
            ["b", "text255", "f", "1"],
            ["d", "mostly8", "f", "0"]
        ]
    );
    assert_eq!(client.value("SELECT diststyle FROM svv_table_info"), "ALL");
    assert_eq!(
        client.error("ALTER TABLE u ALTER DISTKEY nothing").code,
        "42703"
    );
    assert_eq!(
        client.error("ALTER TABLE nothing ALTER DISTSTYLE ALL").code,
        "42P01"
    );
    client.query("ALTER TABLE u DROP COLUMN d");
}

#[test]
fn constraints_are_known_and_not_enforced() {
    let mut client = place().connect();
    client.query("CREATE TABLE parent (id INT PRIMARY KEY, code VARCHAR(5) UNIQUE)");
    client.query(
        "CREATE TABLE child (id INT, parent INT REFERENCES parent (id), PRIMARY KEY (id), CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent)",
    );
    client.query("INSERT INTO parent VALUES (1, 'a'), (1, 'a')");
    client.query("INSERT INTO child VALUES (1, 99), (1, 99)");
    assert_eq!(
        client.error("INSERT INTO child VALUES (NULL, 1)").message,
        "Cannot insert a NULL value into column id"
    );
    client.query("ALTER TABLE child ADD CONSTRAINT extra UNIQUE (parent); ALTER TABLE child DROP CONSTRAINT extra");
    assert_eq!(
        client.error("CREATE TABLE c (a INT CHECK (a > 0))").code,
        "42601"
    );
    assert_eq!(
        client
            .error("CREATE TABLE c (a INT REFERENCES parent ON DELETE CASCADE)")
            .code,
        "42601"
    );
}

#[test]
fn text_is_measured_in_bytes() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a VARCHAR(4), b CHAR(2))");
    client.query("INSERT INTO t VALUES ('äö', 'ab')");
    for sql in [
        "INSERT INTO t (a) VALUES ('äöü')",
        "UPDATE t SET a = 'äöx'",
        "INSERT INTO t (b) VALUES ('ä')",
        "INSERT INTO t (a) VALUES ('abcde')",
    ] {
        let failure = client.error(sql);
        assert_eq!(
            (&*failure.code, &*failure.message),
            ("22001", "Value too long for character type"),
            "{sql}"
        );
        assert!(failure.detail.contains("code:      8001"));
    }
    client.query("ALTER TABLE t ALTER COLUMN a TYPE VARCHAR(5)");
    client.query("INSERT INTO t (a) VALUES ('äöx')");
    assert_eq!(
        client.error("INSERT INTO t (a) VALUES ('äöü')").code,
        "22001"
    );
    client.query("CREATE TABLE u (LIKE t); ALTER TABLE u ADD COLUMN c VARCHAR(1)");
    assert_eq!(
        client.error("INSERT INTO u (a) VALUES ('äöü')").code,
        "22001"
    );
    assert_eq!(client.error("INSERT INTO u (c) VALUES ('ä')").code, "22001");
}

#[test]
fn temporary_tables() {
    let place = place();
    let (mut one, mut other) = (place.connect(), place.connect());
    one.query("CREATE TABLE #Stage (a INT) DISTSTYLE ALL; INSERT INTO #stage VALUES (1)");
    one.query("CREATE TEMP TABLE second AS SELECT * FROM #stage; SELECT a INTO #third FROM second");
    assert_eq!(
        one.value("SELECT count(*) FROM #STAGE s JOIN second USING (a) JOIN #third USING (a)"),
        "1"
    );
    assert_eq!(other.error("SELECT * FROM #stage").code, "42P01");
    assert_eq!(other.error("SELECT * FROM #third").code, "42P01");
}

#[test]
fn a_temporary_table_hides_one_that_is_made_after_it() {
    let mut client = place().connect();
    client.query("CREATE TEMP TABLE t (a INT) DISTSTYLE EVEN; INSERT INTO t VALUES (1)");
    client.query("CREATE TABLE t (a INT, b INT PRIMARY KEY) DISTKEY (b) SORTKEY (b)");
    client.query("CREATE TEMP TABLE u AS SELECT a FROM t");
    client.query("CREATE TABLE u DISTSTYLE ALL AS SELECT a + 1 AS a FROM u");
    assert_eq!(client.value("SELECT a FROM u"), "1");
    assert_eq!(client.value("SELECT a FROM public.u"), "2");
    assert_eq!(
        client.rows("SELECT \"schema\", \"table\", diststyle FROM svv_table_info WHERE \"schema\" = 'public' ORDER BY 2"),
        [["public", "t", "KEY(b)"], ["public", "u", "ALL"]]
    );
    assert_eq!(
        client.value("SELECT count(*) FROM pg_table_def WHERE schemaname <> 'public' AND (distkey OR sortkey <> 0)"),
        "0"
    );
    client.query("CREATE TABLE IF NOT EXISTS v (a INT) DISTSTYLE ALL");
    client.query("CREATE TEMP TABLE IF NOT EXISTS v (a INT) DISTSTYLE EVEN");
    assert_eq!(
        client.rows("SELECT diststyle FROM svv_table_info WHERE \"table\" = 'v' ORDER BY 1"),
        [["ALL"], ["EVEN"]]
    );
}

#[test]
fn like_copies_attributes() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT DEFAULT 5 NOT NULL, b VARCHAR(5) ENCODE zstd) DISTKEY (b) SORTKEY (a)");
    client.query("CREATE TABLE u (LIKE t INCLUDING DEFAULTS)");
    let sql = |table: &str| {
        format!(
            "SELECT \"column\", type, encoding, distkey, sortkey, \"notnull\" FROM pg_table_def WHERE tablename = '{table}'"
        )
    };
    assert_eq!(client.rows(&sql("u")), client.rows(&sql("t")));
    client.query("INSERT INTO u (b) VALUES ('x')");
    assert_eq!(client.value("SELECT a FROM u"), "5");
}

#[test]
fn create_table_as_with_attributes() {
    let mut client = place().connect();
    client.query("CREATE TABLE t DISTSTYLE KEY DISTKEY (a) SORTKEY (b) AS SELECT 1 AS a, 2 AS b");
    let rows =
        client.rows("SELECT \"column\", distkey, sortkey FROM pg_table_def WHERE tablename = 't'");
    assert_eq!(rows, [["a", "t", "0"], ["b", "f", "1"]]);
    client.query("CREATE TABLE u (x, y) AS SELECT 1, 2");
    assert_eq!(client.rows("SELECT x, y FROM u"), [["1", "2"]]);
}

#[test]
fn if_not_exists_leaves_what_is_there() {
    let mut client = place().connect();
    for _ in 0..2 {
        client.query("CREATE TABLE IF NOT EXISTS t (a INT) DISTSTYLE ALL");
    }
    assert_eq!(client.error("CREATE TABLE t (a INT)").code, "42P07");
    assert_eq!(client.value("SELECT count(*) FROM svv_table_info"), "1");
}

#[test]
fn a_definition_is_part_of_the_transaction() {
    let mut client = place().connect();
    client.query("BEGIN; CREATE TABLE t (a INT) DISTSTYLE ALL");
    assert_eq!(client.value("SELECT count(*) FROM svv_table_info"), "1");
    client.query("ROLLBACK; CREATE TABLE t (a INT)");
    assert_eq!(
        client.value("SELECT diststyle FROM svv_table_info"),
        "AUTO(ALL)"
    );
}

#[test]
fn unknown_attributes_and_types_are_refused() {
    let mut client = place().connect();
    for (sql, code, text) in [
        (
            "CREATE TABLE t (a UUID)",
            "0A000",
            "Column \"t.a\" has unsupported type \"uuid\".",
        ),
        (
            "CREATE TABLE t (a JSONB)",
            "0A000",
            "unsupported type \"jsonb\"",
        ),
        (
            "CREATE TABLE t (a BYTEA)",
            "0A000",
            "unsupported type \"bytea\"",
        ),
        (
            "CREATE TABLE t (a INT[])",
            "0A000",
            "unsupported type \"int[]\"",
        ),
        ("CREATE TABLE t (a SERIAL)", "0A000", "unsupported type"),
        (
            "CREATE TABLE t (a INTERVAL)",
            "0A000",
            "unsupported type \"interval\"",
        ),
        ("CREATE TABLE t (a GEOMETRY(5))", "42601", "("),
        ("CREATE TABLE t (a HLLSKETCH[])", "0A000", "\"hllsketch[]\""),
        (
            "CREATE TABLE t (a GEOMETRY DISTKEY)",
            "0A000",
            "column \"a\" of type geometry cannot be",
        ),
        (
            "CREATE TABLE t (a GEOGRAPHY) SORTKEY (a)",
            "0A000",
            "type geography",
        ),
        (
            "CREATE TABLE t (a HLLSKETCH SORTKEY)",
            "0A000",
            "type hllsketch",
        ),
        (
            "CREATE TABLE t (a SUPER) DISTKEY (a)",
            "0A000",
            "type super",
        ),
        (
            "CREATE TABLE t DISTKEY (a) AS SELECT JSON_PARSE('1') AS a",
            "0A000",
            "type super",
        ),
        (
            "CREATE TABLE t (a GEOMETRY ENCODE zstd)",
            "0A000",
            "invalid encoding type specified for column",
        ),
        ("CREATE TABLE t (a SUPER(5))", "42601", "("),
        ("CREATE TABLE t (a VARBYTE(1024001))", "22023", "1024000"),
        ("CREATE TABLE t (a nonsense)", "42704", "\"nonsense\""),
        (
            "CREATE TABLE t (a INT) WITHSTYLE x",
            "42601",
            "\"WITHSTYLE\"",
        ),
        ("CREATE TABLE t (a INT) DISTSTYLE SOME", "42601", "\"SOME\""),
        (
            "CREATE TABLE t (a INT ENCODE nonsense)",
            "42601",
            "\"nonsense\"",
        ),
        ("CREATE TABLE t (a INT) DISTSTYLE KEY", "42P16", "DISTKEY"),
        (
            "CREATE TABLE t (a INT) DISTSTYLE ALL DISTKEY (a)",
            "42P16",
            "DISTKEY",
        ),
        ("CREATE TABLE t (a INT) DISTKEY (b)", "42703", "\"b\""),
        ("CREATE TABLE t (a VARCHAR(65536))", "22023", "65535"),
        ("CREATE TABLE t (a CHAR(4097))", "22023", "4096"),
        ("CREATE TABLE t (a NUMERIC(39, 2))", "22023", "38"),
        (
            "CREATE TABLE t (a TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
            "0A000",
            "not supported on Redshift tables",
        ),
        (
            "CREATE TABLE t (a TIMESTAMP DEFAULT now())",
            "0A000",
            "not supported on Redshift tables",
        ),
        (
            "CREATE TABLE t (a INT GENERATED ALWAYS AS (1) STORED)",
            "42601",
            "GENERATED",
        ),
        ("CREATE TABLE t (a INT) INHERITS (u)", "42601", "INHERITS"),
    ] {
        let failure = client.error(sql);
        assert_eq!(failure.code, code, "{sql}: {failure:?}");
        assert!(failure.message.contains(text), "{sql}: {failure:?}");
    }
    client.query("CREATE TABLE t (a VARCHAR(MAX), b CHARACTER VARYING(5), c DOUBLE PRECISION, d TIMESTAMP WITH TIME ZONE, e NUMERIC)");
    let types: Vec<_> = client
        .rows("SELECT type FROM pg_table_def WHERE tablename = 't'")
        .concat();
    assert_eq!(
        types,
        [
            "character varying(65535)",
            "character varying(5)",
            "double precision",
            "timestamp with time zone",
            "numeric(18,0)"
        ]
    );
}
