//! The values, the names of columns and the errors that AWS's developer guide prints.

use crate::place;

/// An expression, the name of its column, and its value.
const PRINTED: &[(&str, &str, &str)] = &[
    // Dates and times.
    (
        "dateadd(month, 18, '2008-02-28')",
        "date_add",
        "2009-08-28 00:00:00",
    ),
    (
        "dateadd(m, 30, '2008-02-28')",
        "date_add",
        "2008-02-28 00:30:00",
    ),
    ("dateadd(hour, 8, time '13:24:55')", "date_add", "21:24:55"),
    (
        "dateadd(hour, 2, timetz '13:24:55 PST')",
        "date_add",
        "23:24:55+00",
    ),
    (
        "datediff(qtr, '1998-07-01', '2008-12-31')",
        "date_diff",
        "41",
    ),
    (
        "date_part(minute, timestamp '2008-01-01 02:43:00')",
        "pgdate_part",
        "43",
    ),
    ("to_date('20010631', 'YYYYMMDD')", "to_date", "2001-07-01"),
    (
        "to_date('20010631', 'YYYYMMDD', FALSE)",
        "to_date",
        "2001-07-01",
    ),
    (
        "to_date('02 Oct 2001', 'DD Mon YYYY')",
        "to_date",
        "2001-10-02",
    ),
    (
        "to_timestamp('2017', 'YYYY')",
        "to_timestamp",
        "2017-01-01 00:00:00+00",
    ),
    (
        "to_timestamp('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS')",
        "to_timestamp",
        "2011-12-19 00:38:15+00",
    ),
    ("'20:00:00 PST'::timetz", "timetz", "04:00:00+00"),
    ("'24:00:00'::time", "time", "00:00:00"),
    // VARBYTE.
    ("'abc'::varbyte", "varbyte", "616263"),
    ("5::smallint::varbyte", "varbyte", "0005"),
    ("5::int::varbyte", "varbyte", "00000005"),
    ("5::bigint::varbyte", "varbyte", "0000000000000005"),
    ("to_varbyte('6162', 'hex')::varchar", "to_varbyte", "ab"),
    ("to_varbyte('01001101', 'binary')", "to_varbyte", "4d"),
    ("to_varbyte('4', 'hex')", "to_varbyte", "04"),
    ("'a'::varbyte || 'b'::varbyte", "?column?", "6162"),
    ("'a'::varbyte + 'b'::varbyte", "?column?", "6162"),
    ("'a'::varbyte < 'b'::varbyte", "?column?", "t"),
    (
        "from_varbyte(~'a'::varbyte, 'binary')",
        "from_varbyte",
        "10011110",
    ),
    (
        "from_varbyte('a'::varbyte & 'b'::varbyte, 'binary')",
        "from_varbyte",
        "01100000",
    ),
    ("from_varbyte('ab', 'hex')", "from_varbyte", "6162"),
    (
        "from_varbyte(from_hex('4d'), 'binary')",
        "from_varbyte",
        "01001101",
    ),
    ("substring('abc'::varbyte, -3)", "substring", "616263"),
    ("substring('abc'::varbyte, 3)", "substring", "63"),
    ("substring('abc'::varbyte, 2, 10)", "substring", "6263"),
    ("substring('abc'::varbyte, 2, 1)", "substring", "62"),
    ("reverse('abc'::varbyte)", "reverse", "636261"),
    ("position('b'::varbyte IN 'abc'::varbyte)", "position", "2"),
    // SUPER.
    ("5::super::bool", "bool", "t"),
    ("5.0::super::bool", "bool", "~"),
    (
        "json_parse('\"2001-09-08\"')::date",
        "json_parse",
        "2001-09-08",
    ),
    ("json_parse('\"Good\"')::date", "json_parse", "~"),
];

#[test]
fn expressions_have_their_values_and_names() {
    let mut client = place().connect();
    for (expression, name, value) in PRINTED {
        let sql = format!("SELECT {expression}");
        assert_eq!(client.value(&sql), *value, "{expression}");
        assert_eq!(client.names(&sql), [*name], "{expression}");
    }
    let names = client.names("SELECT getdate(), sysdate, current_date, trunc(getdate())");
    assert_eq!(names, ["timestamp", "timestamp", "date", "trunc"]);
}

#[test]
fn errors_are_worded_as_they_are_printed() {
    let mut client = place().connect();
    for (expression, code, message) in [
        (
            "to_date('20010631', 'YYYYMMDD', TRUE)",
            "22008",
            "date/time field date value out of range: 2001-6-31",
        ),
        (
            "to_timestamp('2011-12-18 24:38:15', 'YYYY-MM-DD HH24:MI:SS', TRUE)",
            "22008",
            "date/time field time value out of range: 24:38:15.0",
        ),
        (
            "'2019-09-09'::date::super",
            "42846",
            "cannot cast type date to super",
        ),
        (
            "5::decimal::bool",
            "42846",
            "cannot cast type numeric to boolean",
        ),
    ] {
        let failure = client.error(&format!("SELECT {expression}"));
        assert_eq!(
            (&*failure.code, &*failure.message),
            (code, message),
            "{expression}"
        );
    }
}

#[test]
fn a_super_holds_no_dates() {
    let mut client = place().connect();
    let failure = client.error("SELECT object('a', '2019-09-09'::date)");
    assert_eq!(
        failure.message,
        "OBJECT could not convert type date to super"
    );
    assert_eq!(client.error("SELECT array(1, getdate())").code, "42846");
    assert_eq!(
        client.value("SELECT array(1, upper('a'), array(2))"),
        "[1,\"A\",[2]]"
    );
}

#[test]
fn messages_of_severity_info_come_before_the_error() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT)");
    let failure = client.error("SELECT current_schema() FROM t");
    assert_eq!(failure.code, "0A000");
    let info: Vec<_> = client
        .notices
        .iter()
        .map(|notice| (&*notice.severity, &*notice.message))
        .collect();
    assert_eq!(
        info,
        [("INFO", "Function \"current_schema()\" not supported.")]
    );
}

#[test]
fn errors_of_postgres_come_in_redshifts_words() {
    let place = place();
    let mut client = place.connect();
    let user = format!("worded_{}", place.name);
    client.query(&format!(
        "CREATE USER {user} PASSWORD 'Secret12'; CREATE TABLE test (a INT); GRANT INSERT ON test TO {user}"
    ));
    for (sql, code, message) in [
        (
            "SELECT 1234.5::decimal(4,2)",
            "22003",
            "Numeric data overflow (result precision)",
        ),
        (
            "SELECT 'Amazon Redshift'::int",
            "22P02",
            "invalid input syntax for integer: \"Amazon Redshift\"",
        ),
    ] {
        let failure = client.error(sql);
        assert_eq!((&*failure.code, &*failure.message), (code, message));
    }
    let failure = client.error(&format!("DROP USER {user}"));
    assert_eq!(failure.code, "55006");
    assert_eq!(
        failure.message,
        format!("user \"{user}\" can't be dropped because the user has a privilege on some object")
    );
    client.query(&format!("SET SESSION AUTHORIZATION {user}"));
    let failure = client.error("SELECT * FROM test");
    assert_eq!(failure.message, "permission denied for relation test");
    // Whoever may only insert may do so within a transaction.
    client.query("BEGIN; INSERT INTO test VALUES (1); COMMIT");
}

#[test]
fn a_char_keeps_its_blanks_in_a_varbyte() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (c CHAR(10)); INSERT INTO t VALUES ('aa'), ('abc')");
    assert_eq!(
        client.rows("SELECT c::varbyte FROM t ORDER BY c"),
        [["61612020202020202020"], ["61626320202020202020"]]
    );
}

#[test]
fn values_of_super_are_ordered_by_their_kinds() {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (a SUPER); INSERT INTO t VALUES ('AWS'), (1), (ARRAY(1, 'abc', null)), (-2.5), (true); \
         INSERT INTO t SELECT OBJECT('a', 1)",
    );
    assert_eq!(
        client.rows("SELECT a FROM t ORDER BY a"),
        [
            ["true"],
            ["-2.5"],
            ["1"],
            ["\"AWS\""],
            ["[1,\"abc\",null]"],
            ["{\"a\":1}"]
        ]
    );
    // Of different kinds, none is smaller.
    assert_eq!(
        client.value("SELECT count(*) FROM t AS x, t AS y WHERE x.a < y.a"),
        "1"
    );
    assert_eq!(
        client.value("SELECT count(*) FROM t AS x JOIN t AS y ON x.a = y.a"),
        "6"
    );
}

#[test]
fn an_average_of_decimals_keeps_their_scale() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a DECIMAL(8,2)); INSERT INTO t VALUES (1), (2), (2)");
    assert_eq!(client.value("SELECT avg(a) FROM t"), "1.66");
    assert_eq!(client.value("SELECT avg(a) FROM t WHERE a > 9"), "~");
}

#[test]
fn settings_are_shown_as_they_are_from_the_start() {
    let mut client = place().connect();
    assert_eq!(client.value("SHOW analyze_threshold_percent"), "10");
    assert_eq!(client.value("SHOW search_path"), "$user,public");
    client.query("CREATE SCHEMA enterprise; SET search_path TO '$user', public, enterprise");
    assert_eq!(
        client.value("SHOW search_path"),
        "\"$user\", public, enterprise"
    );
}

#[test]
fn what_copy_reads() {
    let place = place();
    let mut client = place.connect();
    client.query("CREATE TABLE t (at TIMESTAMP, t VARCHAR(9))");
    let uri = place.put("sample", "2/18/2008 02:36:48|a\n");
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default TIMEFORMAT 'MM/DD/YYYY HH:MI:SS'"
    ));
    let uri = place.put("latin", b"2008-02-18 02:36:48|caf\xe9\n");
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default ENCODING ISO88591"
    ));
    let uri = place.put("json", "{\"at\": null, \"t\": \"ab\\u0000cd\"}");
    client.query(&format!("COPY t FROM '{uri}' IAM_ROLE default JSON 'auto'"));
    let uri = place.put("csv", "2008-02-18 02:36:48,\0\n");
    client.query(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default CSV NULL AS '\\000'"
    ));
    assert_eq!(
        client.rows("SELECT * FROM t ORDER BY t, at"),
        [
            ["2008-02-18 02:36:48", "a"],
            ["~", "ab"],
            ["2008-02-18 02:36:48", "café"],
            ["2008-02-18 02:36:48", "~"],
        ]
    );
    let failure = client.error(&format!(
        "COPY t FROM '{uri}' IAM_ROLE default DELIMITER '||'"
    ));
    assert_eq!(failure.code, "0A000");
    client.query("CREATE TABLE z (at TIMESTAMPTZ)");
    for (table, options, format) in [
        ("z", "", "YYYY-MM-DD HH24:MI:SSOF"),
        ("t", "", "YYYY-MM-DD HH24:MI:SS"),
        ("z", "TIMEFORMAT 'MM/DD/YYYY'", "MM/DD/YYYY"),
        ("t", "TIMEFORMAT 'auto'", "auto"),
    ] {
        let uri = place.put(
            "bad",
            "nonsense|x\n".trim_end_matches(if table == "z" { "|x\n" } else { "\n" }),
        );
        client.error(&format!(
            "COPY {table} FROM '{uri}' IAM_ROLE default {options}"
        ));
        assert_eq!(
            client
                .value("SELECT trim(err_reason) FROM stl_load_errors ORDER BY query DESC LIMIT 1"),
            format!("Invalid timestamp format or value [{format}]"),
            "{options}"
        );
    }
}
