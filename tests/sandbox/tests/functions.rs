use crate::place;

/// Each is an expression and its value; `~` is NULL.
const VALUES: &[(&str, &str)] = &[
    // Text.
    ("len('abc ')", "4"),
    ("charindex('b', 'abc')", "2"),
    ("concat('a', 'b')", "ab"),
    ("concat('a', NULL)", "~"),
    ("replicate('ab', 2)", "abab"),
    ("bpcharcmp('a', 'b')", "-1"),
    ("bpcharcmp('a ', 'a')", "0"),
    ("bttext_pattern_cmp('b', 'a')", "1"),
    ("strtol('0xff', 16)", "255"),
    ("to_hex(255)", "ff"),
    (r"quote_literal('O''x\\y')", r"'O''x\\y'"),
    ("md5('abc')", "900150983cd24fb0d6963f7d28e17f72"),
    ("sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("func_sha1('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (
        "sha(repeat('a', 200))",
        "e61cfffe0d9195a525fc6cf06ca2d77119c24a40",
    ),
    (
        "sha2('Amazon Redshift', 256)",
        "15013dc10bc5b293f1f66ea28d818387f191cafeb26f89639fae0b4acf9c8772",
    ),
    ("sha2('abc', 100)", "~"),
    ("crc32('123456789')", "e3069283"),
    ("crc32('Amazon Redshift')", "f2726906"),
    ("len(concat(repeat('a', 65534), 'b'))", "65535"),
    // Roots and powers are DOUBLE PRECISION of every number.
    ("sqrt(2.0)", "1.4142135623731"),
    ("exp(1.0)", "2.71828182845905"),
    ("power(2.5, 2)", "6.25"),
    ("log(100.0)", "2"),
    ("ln(1.0)", "0"),
    ("regexp_count('abcabc', 'B')", "0"),
    ("regexp_count('abcabc', 'B', 1, 'i')", "2"),
    ("regexp_count('abcabc', 'b', 3)", "1"),
    ("regexp_substr('the fox', '[a-z]+', 1, 2)", "fox"),
    ("regexp_substr('the fox', 'x{2}')", ""),
    ("regexp_substr('a@b.com', '@([a-z]+)', 1, 1, 'e')", "b"),
    ("regexp_instr('home@example.com', '@[^.]*')", "5"),
    ("regexp_instr('home@example.com', '@[^.]*', 1, 1, 1)", "13"),
    ("regexp_instr('aXbXc', 'X', 1, 2)", "4"),
    ("regexp_instr('abc', 'x')", "0"),
    ("regexp_replace('a1b2', '[0-9]')", "ab"),
    ("regexp_replace('a b', '(a) (b)', '$2 $1')", "b a"),
    ("regexp_replace('aaa', 'a', 'b', 2)", "abb"),
    // Dates and times.
    (
        "dateadd(month, 1, '2024-01-31'::date)",
        "2024-02-29 00:00:00",
    ),
    ("dateadd(day, 1, '2024-01-31')", "2024-02-01 00:00:00"),
    (
        "dateadd(hour, 1, '2024-01-31 12:00+02'::timestamptz)",
        "2024-01-31 11:00:00+00",
    ),
    ("dateadd(year, 1, '2016-02-29')", "2017-03-01 00:00:00"),
    (
        "dateadd(year, 1, '2016-02-29'::date)",
        "2017-03-01 00:00:00",
    ),
    (
        "dateadd(year, 4, '2016-02-29'::timestamp)",
        "2020-02-29 00:00:00",
    ),
    (
        "dateadd(year, -1, '2016-02-29 12:00+00'::timestamptz)",
        "2015-03-01 12:00:00+00",
    ),
    (
        "dateadd(month, 12, '2016-02-29'::date)",
        "2017-02-28 00:00:00",
    ),
    ("dateadd(minute, 90, '23:00'::time)", "00:30:00"),
    ("datediff(day, '2024-01-01', '2024-03-01')", "60"),
    (
        "datediff(week, '2009-01-01'::date, '2009-12-31'::date)",
        "52",
    ),
    ("datediff(hour, '01:59'::time, '03:00'::time)", "2"),
    (
        "date_trunc('month', '2024-05-05'::date)",
        "2024-05-01 00:00:00",
    ),
    ("date_part(year, '2024-05-05'::date)", "2024"),
    ("date_part('dayofweek', '2024-05-05'::date)", "0"),
    ("pgdate_part(doy, '2024-02-01'::date)", "32"),
    ("extract(year FROM '2024-05-05'::date) + 1", "2025"),
    (
        "extract(weekday FROM timestamp '2024-05-06 00:00:59.9')",
        "1",
    ),
    (
        "extract(second FROM timestamp '2024-05-06 00:00:59.9')",
        "59",
    ),
    (
        "extract(ms FROM timestamp '2009-09-09 12:08:43.101')",
        "101",
    ),
    (
        "extract(microseconds FROM timestamp '2009-09-09 12:08:43.101')",
        "101000",
    ),
    (
        "date_part(milliseconds, timestamptz '2009-09-09 12:08:43.101+00')",
        "101",
    ),
    ("date_part('us', time '12:08:43.101')", "101000"),
    (
        "extract(decade FROM timestamp '1999-09-09 12:08:43.101')",
        "200",
    ),
    ("date_part(decade, '2000-01-01'::date)", "201"),
    ("extract('epoch' FROM timestamp '2024-01-01')", "1704067200"),
    (
        "extract(second FROM timestamptz '2024-05-06 00:00:59.5+00')",
        "59.5",
    ),
    ("trunc('2024-05-05 10:00'::timestamp)", "2024-05-05"),
    (
        "convert_timezone('EST', '2008-08-21 07:23:54')",
        "2008-08-21 02:23:54",
    ),
    (
        "convert_timezone('UTC', 'EST', '2008-08-21 07:23:54')",
        "2008-08-21 02:23:54",
    ),
    (
        "convert_timezone('Europe/Oslo', '2024-07-01 00:00+00'::timestamptz)",
        "2024-07-01 02:00:00",
    ),
    ("add_months('2008-02-29', 1)", "2008-03-31 00:00:00"),
    ("add_months('2024-01-15', -1)", "2023-12-15 00:00:00"),
    ("last_day('2004-02-01')", "2004-02-29"),
    ("next_day('2014-08-20', 'Tuesday')", "2014-08-26"),
    ("next_day('2014-08-19', 'Tu')", "2014-08-26"),
    ("months_between('1969-01-18', '1969-03-18')", "-2"),
    ("months_between('2024-03-31', '2024-02-29')", "1"),
    ("date_cmp('2024-01-01', '2024-01-02')", "-1"),
    ("timestamp_cmp_date('2024-01-02', '2024-01-01')", "1"),
    ("date_part_year('2024-01-01')", "2024"),
    (
        "to_char('2024-01-02'::timestamp, 'DD.MM.YYYY')",
        "02.01.2024",
    ),
    ("to_date('02 Jan 2024', 'DD Mon YYYY', TRUE)", "2024-01-02"),
    // Choices and casts.
    ("nvl(NULL, 'a')", "a"),
    ("nvl2(NULL, 1, 2)", "2"),
    ("decode(2, 1, 'one', 2, 'two', 'many')", "two"),
    ("decode(3, 1, 'one', 2, 'two')", "~"),
    ("decode(NULL, NULL, 'nothing', 'something')", "nothing"),
    ("convert(integer, '5') + 1", "6"),
    ("convert(decimal, 1.6)", "2"),
    // JSON in text.
    ("is_valid_json('{\"a\":2}')", "t"),
    ("is_valid_json('{a:2}')", "f"),
    ("is_valid_json_array('[1]')", "t"),
    ("is_valid_json_array('{}')", "f"),
    ("can_json_parse('[')", "f"),
    ("json_array_length('[1,2,3]')", "3"),
    ("json_array_length('[1', TRUE)", "~"),
    (
        "json_extract_path_text('{\"a\": {\"b\": [1, 2]}}', 'a', 'b')",
        "[1, 2]",
    ),
    ("json_extract_path_text('{\"a\": 1}', 'b')", "~"),
    ("json_extract_path_text('{', 'b', TRUE)", "~"),
    ("json_extract_array_element_text('[111, \"x\"]', 1)", "x"),
    ("json_extract_array_element_text('[111]', 1)", "~"),
    // SUPER.
    (
        "json_serialize(json_parse('{\"b\": [1, \"x\"], \"a\": null}'))",
        "{\"b\":[1,\"x\"],\"a\":null}",
    ),
    ("json_size(json_parse('[1, 2]'))", "5"),
    ("json_typeof(json_parse('\"x\"'))", "string"),
    ("get_array_length(json_parse('[1, 2]'))", "2"),
    ("get_array_length(json_parse('{}'))", "~"),
    ("is_integer(json_parse('32768'))", "t"),
    ("is_smallint(json_parse('32768'))", "f"),
    ("is_bigint(json_parse('1.5'))", "f"),
    ("is_scalar(json_parse('[]'))", "f"),
    ("array(1, 'a', array())", "[1,\"a\",[]]"),
    ("array_concat(array(1), array(2, 3))", "[1,2,3]"),
    (
        "subarray(split_to_array('a|b|c', '|'), 1, 2)",
        "[\"b\",\"c\"]",
    ),
    (
        "object('b', array(), 'a', json_parse('{\"y\": null, \"x\": 1}'))",
        "{\"b\":[],\"a\":{\"y\":null,\"x\":1}}",
    ),
    ("json_parse('\"x\"')::varchar", "x"),
    ("json_parse('1.25')::decimal(5, 1)", "1.3"),
    ("json_parse('\"x\"')::int", "~"),
    ("json_parse('null')::int", "~"),
    ("cast(json_parse('[1]') as varchar(10))", "~"),
];

#[test]
fn functions_of_one_row() {
    let mut client = place().connect();
    for (expression, value) in VALUES {
        assert_eq!(
            client.value(&format!("SELECT {expression}")),
            *value,
            "{expression}"
        );
    }
}

#[test]
fn bad_arguments_are_errors() {
    let mut client = place().connect();
    for (expression, code, text) in [
        ("json_parse('{')", "XX000", "Invalid input"),
        ("json_array_length('{}')", "XX000", "JSON parsing error"),
        (
            "json_extract_path_text('{', 'a')",
            "XX000",
            "JSON parsing error",
        ),
        ("next_day('2024-01-01', 'x')", "22023", "day of the week"),
        (
            "concat(repeat('a', 65535), 'b')",
            "22023",
            "CONCAT() result too long for type varchar(65535)",
        ),
        ("dateadd(eon, 1, '2024-01-01')", "22023", "\"eon\""),
        (
            "convert_timezone('Nowhere', '2024-01-01')",
            "22023",
            "Nowhere",
        ),
        ("regexp_count('a', 'b', 1, 'p')", "0A000", "Perl"),
        ("regexp_substr('a', 'b', 0)", "22023", "position"),
        ("decode(1, 2)", "42601", ""),
    ] {
        let failure = client.error(&format!("SELECT {expression}"));
        assert_eq!(failure.code, code, "{expression}: {failure:?}");
        assert!(failure.message.contains(text), "{expression}: {failure:?}");
    }
}

/// PostgreSQL has all of these.
#[test]
fn unknown_functions_are_named() {
    let mut client = place().connect();
    client.query("CREATE TABLE t (a INT, b VARCHAR(10), c SUPER)");
    for (call, name) in [
        ("string_agg(b, ',')", "string_agg"),
        ("array_agg(a)", "array_agg"),
        ("concat('a', 'b', 'c')", "concat"),
        ("format('%s', b)", "format"),
        ("gen_random_uuid()", "gen_random_uuid"),
        ("jsonb_typeof(c)", "jsonb_typeof"),
        ("jsonb_build_object('a', 1)", "jsonb_build_object"),
        ("to_json(b)", "to_json"),
        ("regexp_split_to_array(b, 'x')", "regexp_split_to_array"),
        ("make_date(2024, 1, 1)", "make_date"),
        ("date_bin('1 day', getdate(), getdate())", "date_bin"),
        ("statement_timestamp()", "statement_timestamp"),
        ("nextval('s')", "nextval"),
        ("unnest(c)", "unnest"),
        ("pg_relation_size(1)", "pg_relation_size"),
        ("json_object('a')", "json_object"),
        ("corr(a, a)", "corr"),
        ("nonsense(a)", "nonsense"),
    ] {
        for sql in [
            format!("SELECT {call} FROM t"),
            format!("SELECT pg_catalog.{call} FROM t"),
        ] {
            let failure = client.error(&sql);
            assert_eq!(failure.code, "42883", "{sql}: {failure:?}");
            assert!(failure.message.contains(&format!("{name}(")), "{failure:?}");
            assert!(failure.message.contains("does not exist"), "{failure:?}");
        }
    }
}

fn sales() -> crate::client::Client {
    let mut client = place().connect();
    client.query(
        "CREATE TABLE sales (id INT, who VARCHAR(10), price DECIMAL(8,2), at DATE);
         INSERT INTO sales VALUES (1, 'b', 1.50, '2024-01-01'), (2, 'a', 2.50, '2024-01-03'), (3, 'a', 4, '2024-01-04'),
             (10, NULL, NULL, NULL)",
    );
    client
}

#[test]
fn aggregates() {
    let mut client = sales();
    for (aggregate, value) in [
        (
            "listagg(who, ', ') WITHIN GROUP (ORDER BY id DESC)",
            "a, a, b",
        ),
        (
            "LISTAGG(DISTINCT who, '|') WITHIN GROUP (ORDER BY who)",
            "a|b",
        ),
        ("listagg(who) within group (order by id)", "baa"),
        ("avg(id)", "4"),
        ("avg(id::bigint) + avg(id::smallint)", "8"),
        ("avg(price) > 2.6", "t"),
        ("median(id)", "2.5"),
        ("MEDIAN(price)", "2.500"),
        ("median(at)", "2024-01-03"),
        ("percentile_cont(0.5) WITHIN GROUP (ORDER BY id)", "2.5"),
        (
            "percentile_cont(0.25) WITHIN GROUP (ORDER BY price DESC)",
            "3.2500",
        ),
        (
            "APPROXIMATE percentile_disc(0.5) WITHIN GROUP (ORDER BY at)",
            "2024-01-03",
        ),
        ("APPROXIMATE COUNT(DISTINCT who)", "2"),
        (
            "approximate percentile_disc(0.5) within group (order by id)",
            "2",
        ),
        ("count(DISTINCT decode(who, NULL, 'x', who))", "3"),
    ] {
        assert_eq!(
            client.value(&format!("SELECT {aggregate} FROM sales")),
            value,
            "{aggregate}"
        );
    }
    client.query("INSERT INTO sales SELECT 20, NULL, NULL, NULL");
    assert_eq!(
        client.rows("SELECT who, listagg(id, ',') WITHIN GROUP (ORDER BY 1) FROM (SELECT who, id::varchar AS id FROM sales) s GROUP BY who ORDER BY who"),
        [["a", "2,3"], ["b", "1"], ["~", "10,20"]]
    );
    let failure = client.error("SELECT listagg(repeat('x', 40000), '') FROM sales");
    assert_eq!(failure.message, "Result size exceeds LISTAGG limit");
    assert_eq!(
        client
            .error("SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY id) FROM sales")
            .code,
        "22003"
    );
}

#[test]
fn window_functions() {
    let mut client = sales();
    client.query(
        "DELETE FROM sales WHERE id = 10; INSERT INTO sales VALUES (4, 'b', 5.5, '2024-01-05')",
    );
    for (function, values) in [
        (
            "listagg(at::varchar, ' ') WITHIN GROUP (ORDER BY at DESC) OVER (PARTITION BY who)",
            [
                "2024-01-05 2024-01-01",
                "2024-01-04 2024-01-03",
                "2024-01-04 2024-01-03",
                "2024-01-05 2024-01-01",
            ],
        ),
        (
            "listagg(DISTINCT who, '-') WITHIN GROUP (ORDER BY id) OVER ()",
            ["b-a"; 4],
        ),
        ("median(id) OVER (PARTITION BY who)", ["2.5"; 4]),
        (
            "percentile_cont(0) WITHIN GROUP (ORDER BY id DESC) OVER (PARTITION BY who)",
            ["4", "3", "3", "4"],
        ),
        (
            "percentile_disc(0.1) WITHIN GROUP (ORDER BY id) OVER (PARTITION BY who)",
            ["1", "2", "2", "1"],
        ),
        (
            "ratio_to_report(id) OVER (PARTITION BY who)",
            ["0.2", "0.4", "0.6", "0.8"],
        ),
        (
            "sum(id) OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)",
            ["1", "3", "6", "10"],
        ),
        ("row_number() OVER (ORDER BY id)", ["1", "2", "3", "4"]),
        (
            "first_value(nullif(id, 1) IGNORE NULLS) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
            ["2"; 4],
        ),
        (
            "last_value(nullif(id, 3)) IGNORE NULLS OVER (ORDER BY id ROWS UNBOUNDED PRECEDING)",
            ["1", "2", "2", "4"],
        ),
        (
            "lag(id) RESPECT NULLS OVER (ORDER BY id)",
            ["~", "1", "2", "3"],
        ),
    ] {
        let found = client.rows(&format!("SELECT {function} FROM sales ORDER BY id"));
        let found: Vec<String> = found
            .concat()
            .iter()
            .map(|value| value.trim_end_matches(".0").to_owned())
            .collect();
        assert_eq!(found, values, "{function}");
    }
    let reply = client
        .query("SELECT listagg(DISTINCT who, '') OVER (), percentile_cont(0.5) WITHIN GROUP (ORDER BY id) OVER (), median(id) OVER () FROM sales")
        .pop()
        .expect("a reply");
    assert_eq!(reply.columns, ["listagg", "percentile_cont", "median"]);
}

#[test]
fn deviations_are_double_precision() {
    let mut client = sales();
    client.query("CREATE TABLE d AS SELECT stddev(id) AS a, variance(id::bigint) AS b, var_pop(price) AS c, stddev_samp(id::float4) AS d FROM sales");
    assert_eq!(
        client
            .rows("SELECT type FROM pg_table_def WHERE tablename = 'd'")
            .concat(),
        ["double precision"; 4]
    );
    assert_eq!(client.value("SELECT var_pop(id) FROM sales"), "12.5");
}
