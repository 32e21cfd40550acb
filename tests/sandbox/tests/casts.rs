use crate::client::Client;
use crate::place;

fn world() -> Client {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE t (v VARCHAR(10), i INT, n DECIMAL(10,2), f FLOAT8, b BOOLEAN, d DATE, at TIMESTAMP, c CHAR(4));
         INSERT INTO t VALUES ('12', 12, 1.5, 2.345, true, '2020-01-02', '2020-01-02 03:04:05', '12'), \
            ('9', 9, 9, -2.345, false, '2021-01-02', NULL, '9')",
    );
    client
}

fn check(client: &mut Client, cases: &[(&str, &str)]) {
    for (sql, expected) in cases {
        let rows: Vec<String> = client.rows(sql).iter().map(|row| row.join(",")).collect();
        assert_eq!(rows.join(";"), *expected, "{sql}");
    }
}

#[test]
fn numbers_and_dates_become_text_where_text_is_wanted() {
    let mut client = world();
    check(
        &mut client,
        &[
            ("SELECT v FROM t WHERE v = 12", "12"),
            ("SELECT v FROM t WHERE c = 12", "12"),
            ("SELECT v FROM t WHERE v IN (12, 13)", "12"),
            (
                "SELECT a.v FROM t a JOIN t b ON a.v = b.i ORDER BY 1",
                "12;9",
            ),
            // As text, not as numbers.
            ("SELECT v FROM t WHERE v < 2", "12"),
            (
                "SELECT len(12345), length(i), left(i, 1) FROM t WHERE i = 9",
                "5,1,9",
            ),
            (
                "SELECT concat('a', 1), to_date(20200101, 'YYYYMMDD')",
                "a1,2020-01-01",
            ),
            (
                "SELECT i || 'x', 'x' || n, i || i, v || i, lpad(i, 3, '0') FROM t WHERE i = 9",
                "9x,x9.00,99,99,009",
            ),
            (
                "SELECT extract(year FROM d) || '-' || extract(month FROM d) FROM t WHERE i = 9",
                "2021-1",
            ),
            (
                "SELECT i FROM t WHERE d LIKE '2020%' AND substring(at, 1, 10) = d",
                "12",
            ),
            (
                "SELECT nvl2(i, 'a', 'b'), nvl2(NULL, 1, 2), nvl2('x', 1, 2), decode(v, 9, 'nine') FROM t WHERE i = 9",
                "a,2,1,nine",
            ),
            (
                "SELECT listagg(i, ',') WITHIN GROUP (ORDER BY i), listagg(d) FROM t WHERE i = 9",
                "9,2021-01-02",
            ),
            (
                "SELECT listagg(i, ',') WITHIN GROUP (ORDER BY i) FROM t",
                "9,12",
            ),
            (
                "SELECT listagg(DISTINCT i, ',') WITHIN GROUP (ORDER BY i DESC) FROM (SELECT i FROM t UNION ALL SELECT i FROM t)",
                "12,9",
            ),
            ("SELECT listagg(DISTINCT n) FROM t WHERE i = 0", "~"),
            ("SELECT i FROM t WHERE b = 1", "12"),
            (
                "SELECT i FROM t WHERE b = 0::bigint OR b = 2::smallint ORDER BY 1",
                "9;12",
            ),
            // What went on without them still does.
            (
                "SELECT i = '12', '12' = i, d = '2020-01-02', d + 1, d - d, i + '1' FROM t WHERE i = 12",
                "t,t,t,2020-01-03,0,13",
            ),
            (
                "SELECT datediff(day, d, at), dateadd(day, 1, d), date_trunc('month', d), quote_literal(5) FROM t WHERE i = 12",
                "0,2020-01-03 00:00:00,2020-01-01 00:00:00,'5'",
            ),
        ],
    );
    client.query("CREATE FUNCTION f_size (VARCHAR) RETURNS INT IMMUTABLE AS $$ SELECT len($1) $$ LANGUAGE sql");
    assert_eq!(client.value("SELECT f_size(123)"), "3");
    for (sql, code) in [
        ("SELECT true || 'x'", "42883"),
        ("SELECT coalesce(v, 0) FROM t", "42804"),
    ] {
        assert_eq!(client.error(sql).code, code, "{sql}");
    }
}

#[test]
fn floating_point_numbers_are_rounded_to_a_place() {
    let mut client = world();
    check(
        &mut client,
        &[
            (
                "SELECT round(f, 2), trunc(f, 1), round(f, -1) FROM t ORDER BY i",
                "-2.35,-2.3,0;2.35,2.3,0",
            ),
            (
                "SELECT round('NaN'::float8, 1), trunc('-Infinity'::float4, 1)",
                "NaN,-Infinity",
            ),
            (
                "SELECT round(n, 1), round(i, -1), trunc(i::bigint, -1) FROM t WHERE i = 12",
                "1.5,10,10",
            ),
        ],
    );
}

#[test]
fn types_that_casts_name() {
    let mut client = world();
    check(
        &mut client,
        &[
            (
                "SELECT 't'::pg_catalog.regclass, 1::pg_catalog.int4, 'abc'::\"PG_CATALOG\".\"VARCHAR\"(2)",
                "t,1,ab",
            ),
            (
                "SELECT CAST('abc' AS VARCHAR(MAX)), 'a'::nvarchar(max), 'abc'::NVARCHAR(2), 12::character varying(max)",
                "abc,a,ab,12",
            ),
            (
                "SELECT CAST('2020-01-01' AS DATETIME), '2020-01-01'::datetime, CONVERT(datetime, '2020-01-01')",
                "2020-01-01 00:00:00,2020-01-01 00:00:00,2020-01-01 00:00:00",
            ),
            (
                "SELECT CAST(v AS BINARY VARYING(5)), v::varbyte(max), v::binary varying FROM t WHERE i = 9",
                "39,39,39",
            ),
            (
                "SELECT CAST(1.5 AS NUMERIC), CAST(CAST('1' AS pg_catalog.int8) AS DECIMAL(3,1)), CONVERT(decimal, 1.4)",
                "2,1.0,1",
            ),
        ],
    );
    for (sql, code) in [
        ("SELECT 'x'::pg_catalog.uuid", "42704"),
        ("SELECT CAST('{}' AS pg_catalog.jsonb)", "42704"),
        ("SELECT '{1}'::pg_catalog.int4[]", "0A000"),
        ("SELECT NULL::public.t", "42704"),
        ("SELECT 1::pg_catalog.", "42601"),
        ("SELECT CAST(1 AS)", "42601"),
    ] {
        assert_eq!(client.error(sql).code, code, "{sql}");
    }
}
