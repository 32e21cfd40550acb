//! A value that a query binds is the same value of the same type where UNLOAD writes it into the query's text.

use std::fmt::Debug;

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, Integer, Nullable, Numeric, SmallInt, Text, Time,
    Timestamp, Timestamptz, Uuid,
};
use diesel_redshift::ddl::create_table_as;
use diesel_redshift::sql_types::{
    Geography, Geometry, HllSketch, IntervalDayToSecond, IntervalYearToMonth, Super, Timetz,
};
use diesel_redshift::{RedshiftConnection, unload};
use diesel_redshift_tests::World;
use proptest::prelude::*;

use super::any_rows::{Everything, Special, any_row, any_special};
use super::{assert_clean, folder, role, store};
use crate::any_values::holds_for_any;

fn nul_free() -> impl Strategy<Value = String> {
    prop_oneof![
        "[^\0]{0,40}",
        r#"[\\'"$1\r\n;,|{}()-]{0,16}"#,
        prop::sample::select(vec![
            "",
            "'",
            "\\",
            "\\'",
            "''",
            "$1",
            "$$",
            "$$'$1$$",
            "--",
            "/*",
            "*/",
            "\r\n",
            "\\N",
            "NULL",
            "null",
            "\u{0}1\u{1}",
            "\u{feff}",
            "\u{202e}",
            "🦀",
            "e\u{301}",
            "\u{ffff}",
            "\\047",
            "\\x27",
            "%s",
            "${x}",
            "@NULL@",
            "x'",
            "' OR 1=1 --",
        ])
        .prop_map(|text| text.replace('\0', "")),
    ]
}

/// What a query finds with the values bound, and what it finds with them in its text.
macro_rules! both_ways {
    ($world:expr, $conn:expr, $row:ty, $query:expr) => {{
        let bound: Vec<$row> = $query.load($conn).unwrap();
        let inlined: Vec<$row> = unload($query)
            .through(&store(), folder($world))
            .iam_role(role())
            .load($conn)
            .unwrap();
        (bound, inlined)
    }};
}

/// They are printed, since NaN equals nothing.
fn same(bound: impl Debug, inlined: impl Debug) -> Result<(), TestCaseError> {
    prop_assert_eq!(format!("{bound:?}"), format!("{inlined:?}"));
    Ok(())
}

macro_rules! values {
    ($row:expr; $($field:ident: $ty:ty),*) => {
        diesel::select(($($row.$field.clone().into_sql::<Nullable<$ty>>(),)*))
    };
}

#[derive(Debug, Queryable)]
#[allow(dead_code)]
struct Values {
    truth: Option<bool>,
    small: Option<i16>,
    big: Option<i64>,
    single: Option<f32>,
    double: Option<f64>,
    exact: Option<BigDecimal>,
    tiny: Option<BigDecimal>,
    text: Option<String>,
    code: Option<String>,
    token: Option<uuid::Uuid>,
    raw: Option<Vec<u8>>,
    day: Option<NaiveDate>,
    clock: Option<NaiveTime>,
    at: Option<NaiveDateTime>,
    instant: Option<DateTime<Utc>>,
}

#[test]
fn any_value_is_the_same_bound_and_in_the_text() {
    let world = World::new();
    let mut conn = world.connect();
    holds_for_any(60, &mut conn, any_row(), |conn, row: Everything| {
        let (bound, inlined) = both_ways!(
            &world,
            conn,
            Values,
            values!(row; truth: Bool, small: SmallInt, big: BigInt, single: Float, double: Double, exact: Numeric, tiny: Numeric,
                text: Text, code: Text, token: Uuid, raw: Binary, day: Date, clock: Time, at: Timestamp, instant: Timestamptz)
        );
        same(&bound, &inlined)?;
        let Values {
            tiny, text, clock, ..
        } = bound.into_iter().next().unwrap();
        same((tiny, text, clock), (row.tiny, row.text, row.clock))
    });
    holds_for_any(40, &mut conn, any_special(), |conn, row: Special| {
        let (bound, inlined) = both_ways!(
            &world,
            conn,
            (
                Option<diesel_redshift::data_types::TimeTz>,
                Option<diesel_redshift::data_types::YearToMonth>,
                Option<diesel_redshift::data_types::DayToSecond>,
                Option<diesel_redshift::data_types::Json<serde_json::Value>>,
                Option<diesel_redshift::data_types::Ewkb>,
                Option<diesel_redshift::data_types::Ewkb>,
                Option<diesel_redshift::data_types::Sketch>,
            ),
            values!(row; tea_time: Timetz, warranty: IntervalYearToMonth, shift: IntervalDayToSecond, payload: Super,
                plane: Geometry, earth: Geography, visitors: HllSketch)
        );
        same(&bound, &inlined)?;
        same(&bound[0].3, &row.payload)
    });
    assert_clean(&world);
}

/// Texts stand beside each other, in lists, in functions, in comparisons and in queries within queries.
#[test]
fn any_text_is_the_same_wherever_it_stands() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE texts (id INTEGER, text VARCHAR(1000)); CREATE TABLE others (id INTEGER, text VARCHAR(1000)); \
         INSERT INTO others VALUES (1, '1'), (2, '2'), (3, NULL)")
        .unwrap();
    diesel::table! {
        texts (id) {
            id -> Integer,
            text -> Nullable<Text>,
        }
    }
    diesel::table! {
        others (id) {
            id -> Integer,
            text -> Nullable<Text>,
        }
    }
    diesel::allow_tables_to_appear_in_same_query!(texts, others);
    holds_for_any(
        60,
        &mut conn,
        (nul_free(), nul_free(), prop::option::of(nul_free())),
        |conn, (one, two, three)| {
            diesel::delete(texts::table).execute(conn).unwrap();
            diesel::insert_into(texts::table)
                .values(vec![
                    (texts::id.eq(1), texts::text.eq(Some(&one))),
                    (texts::id.eq(2), texts::text.eq(Some(&two))),
                    (texts::id.eq(3), texts::text.eq(three.as_ref())),
                ])
                .execute(conn)
                .unwrap();
            let inner = others::table
                .filter(others::text.ne(Some(&two)))
                .select(others::id);
            let query = || {
                texts::table
                    .filter(
                        texts::text
                            .eq_any([Some(&one), Some(&two)])
                            .or(texts::text.is_null())
                            .or(texts::id.eq_any(inner)),
                    )
                    .order(texts::id)
                    .select((
                        texts::id,
                        texts::text
                            .concat(one.clone().into_sql::<Nullable<Text>>())
                            .concat(two.clone().into_sql::<Nullable<Text>>()),
                        diesel::dsl::case_when(
                            texts::text.eq(&one),
                            two.clone().into_sql::<Nullable<Text>>(),
                        )
                        .otherwise(three.clone().into_sql::<Nullable<Text>>()),
                        texts::text.like(one.replace('\\', "")),
                        texts::text.lt(&two),
                        one.clone()
                            .into_sql::<Text>()
                            .eq(two.clone().into_sql::<Text>()),
                    ))
            };
            let (bound, inlined) = both_ways!(
                &world,
                conn,
                (
                    i32,
                    Option<String>,
                    Option<String>,
                    Option<bool>,
                    Option<bool>,
                    bool
                ),
                query()
            );
            prop_assert!(!bound.is_empty());
            let mut inlined = inlined;
            inlined.sort_by_key(|row| row.0);
            same(bound, inlined)
        },
    );
}

/// A query in text, in which a parameter stands wherever it may.
#[test]
fn any_number_is_the_same_wherever_it_stands() {
    #[derive(Debug, QueryableByName)]
    #[allow(dead_code)]
    struct Row {
        #[diesel(sql_type = Nullable<BigInt>)]
        a: Option<i64>,
        #[diesel(sql_type = Nullable<Double>)]
        b: Option<f64>,
        #[diesel(sql_type = Nullable<Numeric>)]
        c: Option<BigDecimal>,
        #[diesel(sql_type = Nullable<Text>)]
        d: Option<String>,
    }
    let world = World::new();
    let mut conn = world.connect();
    let numbers = (
        prop_oneof![any::<i32>(), Just(i32::MIN), -2..2],
        prop_oneof![
            any::<f64>(),
            prop::sample::select(vec![
                -0.0,
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                1e-320,
                f64::MAX
            ])
        ],
        (-1_000_000_000_000_000_i64..1_000_000_000_000_000, 0..12_i64),
    );
    holds_for_any(60, &mut conn, numbers, |conn, (a, b, (digits, scale))| {
        let c = BigDecimal::new(digits.into(), scale);
        let sql = "SELECT -$1::bigint- -$1::bigint/(-$2)/* $1 */-$2 -- $4\r\n AS a, CASE WHEN $3<-$3 THEN-$3 ELSE $3 END AS b, \
                   ($4-$4*-$4)AS c, $$$1$$||'$1'||$5||''''||(SELECT\"$1\"FROM(SELECT $5 AS\"$1\")AS x)AS d";
        let query = || {
            diesel::sql_query(sql)
                .bind::<Integer, _>(a)
                .bind::<SmallInt, _>(7_i16)
                .bind::<Double, _>(b)
                .bind::<Numeric, _>(c.clone())
                .bind::<Text, _>("it's \\ $1")
        };
        let (bound, inlined) = both_ways!(&world, conn, Row, query());
        same(bound, inlined)
    });
}

fn types_of(conn: &mut RedshiftConnection, table: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        name: String,
    }
    diesel::sql_query("SELECT \"type\"::varchar AS name FROM pg_table_def WHERE tablename = $1 AND schemaname = 'public'")
        .bind::<Text, _>(table)
        .load::<Column>(conn)
        .unwrap()
        .into_iter()
        .map(|column| column.name)
        .collect()
}

/// The types are those that a table takes over which is made of the query.
#[test]
fn values_and_nulls_have_the_type_of_the_bind() {
    let world = World::new();
    let mut conn = world.connect();
    let mut wrong = Vec::new();
    macro_rules! is_of_type {
        ($($table:ident: $marker:ident, $value:expr => $ty:literal, $of_null:literal;)*) => {$(
            diesel::table! {
                use diesel::sql_types::*;
                use diesel_redshift::sql_types::*;

                $table (value) {
                    value -> Nullable<$marker>,
                }
            }
            for (value, expected) in [(Some($value), $ty), (None, $of_null)] {
                let query = diesel::select((value.into_sql::<Nullable<$marker>>(),));
                create_table_as($table::table, query).execute(&mut conn).unwrap();
                let found = types_of(&mut conn, stringify!($table));
                if found != [expected] {
                    wrong.push(format!("{} {expected}: {found:?}", stringify!($marker)));
                }
                conn.batch_execute(concat!("DROP TABLE ", stringify!($table))).unwrap();
            }
        )*};
    }
    let row = DateTime::UNIX_EPOCH;
    is_of_type! {
        truths: Bool, true => "boolean", "boolean";
        smalls: SmallInt, 7_i16 => "smallint", "smallint";
        mediums: Integer, 7_i32 => "integer", "integer";
        bigs: BigInt, 7_i64 => "bigint", "bigint";
        singles: Float, f32::NAN => "real", "real";
        doubles: Double, -0.0_f64 => "double precision", "double precision";
        decimals: Numeric, rust_decimal::Decimal::new(-125, 2) => "numeric(3,2)", "numeric(38,18)";
        raws: Binary, vec![7_u8] => "varbyte", "varbyte";
        days: Date, row.date_naive() => "date", "date";
        clocks: Time, row.time() => "time without time zone", "time without time zone";
        moments: Timestamp, row.naive_utc() => "timestamp without time zone", "timestamp without time zone";
        instants: Timestamptz, row => "timestamp with time zone", "timestamp with time zone";
        payloads: Super, diesel_redshift::data_types::Json(serde_json::json!(1)) => "super", "super";
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
