//! Every format, both ways: what UNLOAD writes of awkward data, COPY with the mirrored options reads back.

mod any_text;
mod file_sets;
mod text;
mod typed;

use std::cell::Cell;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_redshift::{RedshiftConnection, S3Uri};
use diesel_redshift_tests::World;

/// A table of values, and one for those that come back.
macro_rules! values {
    ($table:ident) => {
        diesel::table! {
            use diesel::sql_types::*;
            use diesel_redshift::sql_types::{Super, Timetz};

            $table (id) {
                id -> Integer,
                s -> Nullable<SmallInt>,
                l -> Nullable<BigInt>,
                r -> Nullable<Float>,
                f -> Nullable<Double>,
                p -> Nullable<Numeric>,
                n -> Nullable<Numeric>,
                b -> Nullable<Bool>,
                d -> Nullable<Date>,
                tm -> Nullable<Time>,
                tt -> Nullable<Timetz>,
                ts -> Nullable<Timestamp>,
                tz -> Nullable<Timestamptz>,
                c -> Nullable<Text>,
                v -> Nullable<Text>,
                j -> Nullable<Super>,
            }
        }
    };
}

values!(t);
values!(u);

diesel::table! {
    bytes (id) {
        id -> Integer,
        v -> Nullable<Binary>,
    }
}

diesel::table! {
    documents (doc) {
        doc -> diesel_redshift::sql_types::Super,
    }
}

/// All columns of one row of each kind of trouble. Text formats have no form for 0x00, nor for years after 9999.
const ROWS: &str = r#"
    (1, 32767, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 9.9999999999999999999999999999999999999,
     99999999999999.9999, true, '9999-12-31', '23:59:59.999999', '12:34:56.789012+05:30', '9999-12-31 23:59:59.999999',
     '2024-02-29 12:34:56.789012+05:30', 'plain', 'plain', JSON_PARSE('{"a": [1, {"b": null}], "c": "x\\"y\\\\z\\n|,"}')),
    (2, -32768, -9223372036854775808, -1e-37, 2.2250738585072014e-308, -9.9999999999999999999999999999999999999,
     -99999999999999.9999, false, '0044-03-15 BC', '00:00:00', '00:00:00-12', '0001-12-31 23:59:59 BC',
     '0044-03-15 00:00:00 BC', '', '', JSON_PARSE('""')),
    (3, 0, 0, 'NaN', 'NaN', 0, 0, NULL, '1582-10-10', '24:00:00', '00:00:00+00', '1969-12-31 23:59:59.999999',
     '1582-10-10', ' lead', '  leading', JSON_PARSE('[]')),
    (4, 0, 0, 'Infinity', '-Infinity', 1e-37, -0.0001, NULL, NULL, NULL, NULL, NULL, NULL, '"', '"quoted", "" ''it''''s''',
     JSON_PARSE('-1.5')),
    (5, 0, 0, 0.1, 0.1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\\', 'back\\slash \\N \\\\', JSON_PARSE('"a\\tb"')),
    (6, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '|,;', 'delimiters | , ; ^ end|', JSON_PARSE('true')),
    (7, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'null', '\\N', JSON_PARSE('"null"')),
    (8, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '@', '漢字 😀 e\u0301 ß', JSON_PARSE('"😀"')),
    (9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, JSON_PARSE('0'))"#;

/// What only formats with quotes or escapes can hold.
const LINES: &str = r#"
    (20, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'a', 'line\nfeed\n', JSON_PARSE('1')),
    (21, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'b', '\r\ncarriage\rreturn\r', JSON_PARSE('1')),
    (22, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'c', 'tab\t \x01\x08\x0b\x0c\x1f\x7f', JSON_PARSE('1')),
    (23, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'd', 'trailing \t ', JSON_PARSE('1'))"#;

/// What a file of numbers holds and one of text does not.
const FAR: &str = r#"
    (30, 0, 0, NULL, NULL, NULL, NULL, NULL, '294276-12-31', NULL, NULL, '294276-12-31 23:59:59.999999', '10000-01-01', NULL, '', NULL),
    (31, 0, 0, NULL, NULL, NULL, NULL, NULL, '4713-01-01 BC', NULL, NULL, '4713-01-01 00:00:00 BC', '4713-01-01 BC', NULL, '', NULL)"#;

fn world(rows: &[&str]) -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE t (id INT NOT NULL, s SMALLINT, l BIGINT, r REAL, f DOUBLE PRECISION, p DECIMAL(38,37), \
         n DECIMAL(18,4), b BOOLEAN, d DATE, tm TIME, tt TIMETZ, ts TIMESTAMP, tz TIMESTAMPTZ, c CHAR(9), \
         v VARCHAR(65535), j SUPER); CREATE TABLE u (LIKE t)",
    )
    .unwrap();
    for rows in rows {
        conn.batch_execute(&format!("INSERT INTO t VALUES {rows}"))
            .unwrap();
    }
    (world, conn)
}

fn uri(world: &World, key: &str) -> S3Uri {
    S3Uri::parse(&world.uri(key)).unwrap()
}

#[derive(QueryableByName)]
struct Shown {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn number(conn: &mut RedshiftConnection, sql: &str) -> i64 {
    diesel::sql_query(format!("SELECT ({sql})::bigint AS number"))
        .get_result::<Shown>(conn)
        .unwrap()
        .number
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The ids of the rows that one table has and the other has not, as it is.
fn differences(conn: &mut RedshiftConnection, columns: &str) -> Vec<String> {
    let sql = format!(
        "SELECT id::varchar AS line FROM ((SELECT {columns} FROM t EXCEPT SELECT {columns} FROM u) UNION ALL \
         (SELECT {columns} FROM u EXCEPT SELECT {columns} FROM t)) AS d ORDER BY id"
    );
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    let count = number(conn, "(SELECT count(*) FROM u) - (SELECT count(*) FROM t)");
    let mut lines: Vec<_> = lines.into_iter().map(|line| line.line).collect();
    if count != 0 {
        lines.push(format!("{count} rows too many"));
    }
    lines
}

const ALL: &str = "id, s, l, r, f, p, n, b, d, tm, tt, ts, tz, c, v, j";

/// Unloads `t`, loads `u` from the files, and tells which rows differ. The options are calls of the two statements.
macro_rules! round_trip {
    ($world:expr, $conn:expr, unload $($written:ident($($value:expr),*)).+, copy $($read:ident($($given:expr),*)).+) => {
        round_trip!($world, $conn, ALL, unload $($written($($value),*)).+, copy $($read($($given),*)).+)
    };
    ($world:expr, $conn:expr, $columns:expr, unload $($written:ident($($value:expr),*)).+, copy $($read:ident($($given:expr),*)).+) => {{
        $conn.batch_execute("DELETE FROM u").unwrap();
        let files = uri(&$world, &format!("{}/x_", next()));
        let outcome = unload(t::table.order(t::id))
            .to(files.clone())
            .iam_role(IamRole::Default)
            $(.$written($($value),*))+
            .execute(&mut $conn)
            .unwrap();
        assert_eq!(i64::try_from(outcome.rows), Ok(number(&mut $conn, "SELECT count(*) FROM t")));
        copy(u::table)
            .from(files)
            .iam_role(IamRole::Default)
            $(.$read($($given),*))+
            .execute(&mut $conn)
            .unwrap();
        differences(&mut $conn, $columns)
    }};
}

pub(crate) use round_trip;

/// A number that no other call gave, for a folder of its own.
fn next() -> u32 {
    thread_local!(static LAST: Cell<u32> = const { Cell::new(0) });
    LAST.with(|last| {
        last.set(last.get() + 1);
        last.get()
    })
}

const NONE: [&str; 0] = [];
