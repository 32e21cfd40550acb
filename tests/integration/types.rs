//! Every type there and back: as a bind, in a row, and as NULL.

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift_tests::{World, engine, sandbox};

diesel::table! {
    things (small) {
        small -> SmallInt,
        medium -> Nullable<Integer>,
        big -> Nullable<BigInt>,
        single -> Nullable<Float>,
        double -> Nullable<Double>,
        exact -> Nullable<Numeric>,
        truth -> Nullable<Bool>,
        fixed -> Nullable<Text>,
        text -> Nullable<Text>,
        day -> Nullable<Date>,
        at -> Nullable<Timestamp>,
        instant -> Nullable<Timestamptz>,
    }
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable)]
#[diesel(table_name = things)]
struct Thing {
    small: i16,
    medium: Option<i32>,
    big: Option<i64>,
    single: Option<f32>,
    double: Option<f64>,
    exact: Option<BigDecimal>,
    truth: Option<bool>,
    fixed: Option<String>,
    text: Option<String>,
    day: Option<NaiveDate>,
    at: Option<NaiveDateTime>,
    instant: Option<DateTime<Utc>>,
}

const TABLE: &str = "CREATE TABLE things (small SMALLINT NOT NULL, medium INTEGER, big BIGINT, single REAL, \
    double DOUBLE PRECISION, exact DECIMAL(38, 10), truth BOOLEAN, fixed CHAR(8), text VARCHAR(1000), day DATE, \
    at TIMESTAMP, instant TIMESTAMPTZ)";

fn things() -> Vec<Thing> {
    let at = NaiveDate::from_ymd_opt(2024, 2, 29)
        .and_then(|day| day.and_hms_micro_opt(23, 59, 59, 999_999))
        .unwrap();
    vec![
        Thing {
            small: i16::MIN,
            medium: None,
            big: None,
            single: None,
            double: None,
            exact: None,
            truth: None,
            fixed: None,
            text: None,
            day: None,
            at: None,
            instant: None,
        },
        Thing {
            small: 1,
            medium: Some(i32::MIN),
            big: Some(i64::MAX),
            single: Some(1.5e-10),
            double: Some(f64::MIN_POSITIVE),
            exact: Some("-1234567890123456789012345678.0123456789".parse().unwrap()),
            truth: Some(true),
            fixed: Some("padded".to_owned()),
            text: Some("it's \\ \"quoted\"\n$1 -- 🦀".to_owned()),
            day: NaiveDate::from_ymd_opt(-43, 3, 15),
            at: Some(at),
            instant: Some(Utc.from_utc_datetime(&at)),
        },
        Thing {
            small: i16::MAX,
            medium: Some(0),
            big: Some(i64::MIN),
            single: Some(f32::NEG_INFINITY),
            double: Some(f64::INFINITY),
            exact: Some("0.0000000001".parse().unwrap()),
            truth: Some(false),
            fixed: Some(String::new()),
            text: Some(String::new()),
            day: NaiveDate::from_ymd_opt(12_345, 12, 31),
            at: NaiveDate::from_ymd_opt(1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)),
            instant: Some(DateTime::UNIX_EPOCH),
        },
    ]
}

fn padded(mut thing: Thing) -> Thing {
    thing.fixed = thing.fixed.map(|fixed| format!("{fixed:8}"));
    thing
}

#[test]
fn rows_come_back_as_they_went() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(TABLE).unwrap();
    diesel::insert_into(things::table)
        .values(things())
        .execute(&mut conn)
        .unwrap();
    let found = things::table
        .select(Thing::as_select())
        .order(things::small)
        .load(&mut conn)
        .unwrap();
    let expected: Vec<_> = things().into_iter().map(padded).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_type_filters_as_a_bind() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(TABLE).unwrap();
    let all = things();
    diesel::insert_into(things::table)
        .values(&all)
        .execute(&mut conn)
        .unwrap();
    let one = &all[1];
    macro_rules! finds {
        ($($column:ident),*) => {$(
            let found: Vec<i16> = things::table
                .filter(things::$column.eq(one.$column.clone()))
                .select(things::small)
                .load(&mut conn)
                .unwrap();
            assert_eq!(found, [1], stringify!($column));
            let several: Vec<i16> = things::table
                .filter(things::$column.eq_any([one.$column.clone()]))
                .select(things::small)
                .load(&mut conn)
                .unwrap();
            assert_eq!(several, [1], stringify!($column));
        )*};
    }
    finds!(
        medium, big, single, double, exact, truth, fixed, text, day, at, instant
    );
}

fn chain(error: &dyn std::error::Error) -> String {
    let source = error.source().map(chain).unwrap_or_default();
    format!("{error}: {source}")
}

#[test]
fn what_does_not_parse_names_the_column() {
    let world = World::new();
    let mut conn = world.connect();
    let error = diesel::select(diesel::dsl::sql::<diesel::sql_types::Integer>(
        "'abc'::varchar",
    ))
    .get_result::<i32>(&mut conn)
    .unwrap_err();
    let told = chain(&error);
    assert!(told.contains("not an INTEGER"), "{told}");
    assert!(!told.contains("abc"), "{told}");
    #[derive(Debug, QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        #[allow(dead_code)]
        answer: i32,
    }
    let error = diesel::sql_query("SELECT 'abc'::varchar AS answer")
        .get_result::<Row>(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("answer"), "{error}");
}

#[test]
fn column_names_are_found_in_any_case() {
    #[derive(Debug, QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        answer: i32,
    }
    // With describe_field_name_in_uppercase Redshift answers like this; the engine behind the sandbox can too.
    let mut conn = engine(sandbox());
    let row: Row = diesel::sql_query("SELECT 42 AS \"ANSWER\"")
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(row.answer, 42);
}
