//! The types that PostgreSQL has otherwise or not at all: there and back, as binds, in rows and as NULL.

use std::collections::BTreeMap;
use std::time::SystemTime;

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Interval, Nullable, Timestamptz};
use diesel_redshift::sql_types::{IntervalDayToSecond, IntervalYearToMonth, Super};
use diesel_redshift::{
    RedshiftConnection, data_types::DayToSecond, data_types::Json, data_types::TimeTz,
    data_types::YearToMonth,
};
use diesel_redshift_tests::{World, engine, sandbox};
use proptest::prelude::*;

use crate::any_values::holds_for_any;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

diesel::table! {
    use diesel::sql_types::*;
    use diesel_redshift::sql_types::*;

    special (id) {
        id -> Integer,
        payload -> Nullable<Super>,
        raw -> Nullable<Binary>,
        tea_time -> Nullable<Timetz>,
        warranty -> Nullable<IntervalYearToMonth>,
        shift -> Nullable<IntervalDayToSecond>,
        token -> Nullable<Uuid>,
        price -> Nullable<Numeric>,
        at -> Nullable<Timestamp>,
        instant -> Nullable<Timestamptz>,
        day -> Nullable<Date>,
        clock -> Nullable<Time>,
    }
}

const TABLE: &str = "CREATE TABLE special (id INTEGER NOT NULL, payload SUPER, \"raw\" VARBYTE(1000), tea_time TIMETZ, \
    warranty INTERVAL YEAR TO MONTH, shift INTERVAL DAY TO SECOND, token VARCHAR(36), price DECIMAL(28, 6), \
    at TIMESTAMP, instant TIMESTAMPTZ, day DATE, clock TIME)";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Payload {
    text: String,
    numbers: Vec<i64>,
    more: BTreeMap<String, Option<bool>>,
}

#[derive(Debug, Clone, PartialEq, Insertable, Queryable, Selectable)]
#[diesel(table_name = special)]
struct Special {
    id: i32,
    payload: Option<Json<Payload>>,
    raw: Option<Vec<u8>>,
    tea_time: Option<TimeTz>,
    warranty: Option<YearToMonth>,
    shift: Option<DayToSecond>,
    token: Option<Uuid>,
    price: Option<Decimal>,
    at: Option<SystemTime>,
    instant: Option<time::OffsetDateTime>,
    day: Option<time::Date>,
    clock: Option<time::Time>,
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(TABLE).unwrap();
    (world, conn)
}

fn one() -> Special {
    let numbers = vec![i64::MIN, 0, i64::MAX];
    let more = BTreeMap::from([("a".to_owned(), None), ("b".to_owned(), Some(true))]);
    Special {
        id: 1,
        payload: Some(Json(Payload {
            text: "it's \\ \"quoted\" $1 🦀\n".to_owned(),
            numbers,
            more,
        })),
        raw: Some((0..=255).collect()),
        tea_time: TimeTz::new(57_600_000_001, -12_600),
        warranty: Some(YearToMonth { months: -30 }),
        shift: Some(DayToSecond {
            micros: -100_000_000_000_001,
        }),
        token: Some(Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8)),
        price: Some("-1234567890123456789012.345678".parse().unwrap()),
        at: Some(SystemTime::UNIX_EPOCH),
        instant: Some(time::OffsetDateTime::from_unix_timestamp(-1).unwrap()),
        day: time::Date::from_calendar_date(-43, time::Month::March, 15).ok(),
        clock: time::Time::from_hms_micro(23, 59, 59, 999_999).ok(),
    }
}

fn nothing() -> Special {
    Special {
        id: 2,
        payload: None,
        raw: None,
        tea_time: None,
        warranty: None,
        shift: None,
        token: None,
        price: None,
        at: None,
        instant: None,
        day: None,
        clock: None,
    }
}

/// The rows as Redshift keeps them: `TIMETZ` in UTC.
fn as_kept(mut rows: Vec<Special>) -> Vec<Special> {
    for row in &mut rows {
        row.tea_time = row.tea_time.map(TimeTz::to_utc);
    }
    rows
}

fn load(conn: &mut RedshiftConnection) -> Vec<Special> {
    special::table
        .select(Special::as_select())
        .order(special::id)
        .load(conn)
        .unwrap()
}

#[test]
fn rows_come_back_as_they_went() {
    let (_world, mut conn) = world();
    let rows = vec![one(), nothing()];
    diesel::insert_into(special::table)
        .values(&rows)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(load(&mut conn), as_kept(rows));
}

#[test]
fn each_is_changed_and_found_as_a_bind() {
    let (_world, mut conn) = world();
    diesel::insert_into(special::table)
        .values(nothing())
        .execute(&mut conn)
        .unwrap();
    let one = one();
    macro_rules! changes_and_finds {
        ($($column:ident),*) => {$(
            diesel::update(special::table)
                .set(special::$column.eq(one.$column.clone()))
                .execute(&mut conn)
                .unwrap();
            let found: i64 = special::table
                .filter(special::$column.eq(one.$column.clone()))
                .count()
                .get_result(&mut conn)
                .unwrap();
            assert_eq!(found, 1, stringify!($column));
        )*};
    }
    changes_and_finds!(
        payload, raw, tea_time, warranty, shift, token, price, at, instant, day, clock
    );
    let loaded = load(&mut conn);
    assert_eq!(loaded, as_kept(vec![Special { id: 2, ..one }]));
}

#[test]
fn json_of_any_kind_and_sql_null_stay_apart() {
    let (_world, mut conn) = world();
    for value in [
        json!(null),
        json!("text"),
        json!(1.5),
        json!([1, [2], {"a": null}]),
        json!({"nested": {"quote": "it's"}}),
    ] {
        let read: Option<Value> =
            diesel::select(Json(value.clone()).into_sql::<Super>().nullable())
                .get_result(&mut conn)
                .unwrap();
        assert_eq!(read, Some(value));
    }
    let read: Option<Value> = diesel::select(None::<Json<i32>>.into_sql::<Nullable<Super>>())
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(read, None);
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Super)]
        payload: Value,
        #[diesel(sql_type = Binary)]
        raw: Vec<u8>,
    }
    let row: Row = diesel::sql_query("SELECT $1 AS payload, FROM_HEX($2) AS raw")
        .bind::<Super, _>(json!({"a": 1}))
        .bind::<Binary, _>(vec![0, 255])
        .get_result(&mut conn)
        .unwrap();
    assert_eq!((row.payload, row.raw), (json!({"a": 1}), vec![0, 255]));
}

#[test]
fn a_super_of_another_shape_names_its_column() {
    let (_world, mut conn) = world();
    diesel::insert_into(special::table)
        .values((
            special::id.eq(1),
            special::payload.eq(Some(json!("secret"))),
        ))
        .execute(&mut conn)
        .unwrap();
    let error = special::table
        .select(special::payload)
        .load::<Option<Json<Payload>>>(&mut conn)
        .unwrap_err();
    let diesel::result::Error::DeserializationError(error) = error else {
        panic!("{error}");
    };
    let told = format!("{error}: {:?}", error.source().map(ToString::to_string));
    assert!(told.contains("payload") && told.contains("shape"), "{told}");
    assert!(!told.contains("secret"), "{told}");
}

#[test]
fn intervals_in_each_style_of_the_session() {
    // The sandbox has no IntervalStyle to set; the engine behind it has.
    let mut conn = engine(sandbox());
    for style in ["postgres", "postgres_verbose", "sql_standard", "iso_8601"] {
        conn.batch_execute(&format!("SET intervalstyle TO {style}"))
            .unwrap();
        for months in [0, 1, -1, 14, -14, 1200] {
            let value = YearToMonth { months };
            let read: YearToMonth = diesel::select(value.into_sql::<IntervalYearToMonth>())
                .get_result(&mut conn)
                .unwrap();
            assert_eq!(read, value, "{style}");
        }
        for micros in [0, 1, -1, -90_061_000_001, 8_640_000_000_000, 3_599_999_999] {
            let value = DayToSecond { micros };
            let read: DayToSecond = diesel::select(value.into_sql::<IntervalDayToSecond>())
                .get_result(&mut conn)
                .unwrap();
            assert_eq!(read, value, "{style}");
        }
    }
}

#[test]
fn diesels_intervals_are_added_to_times() {
    use diesel::dsl::IntervalDsl;

    let (_world, mut conn) = world();
    diesel::insert_into(special::table)
        .values(one())
        .execute(&mut conn)
        .unwrap();
    let later: Option<chrono::NaiveDateTime> = special::table
        .select((special::at + 36.hours().into_sql::<Interval>().nullable()).nullable())
        .get_result(&mut conn)
        .unwrap();
    let expected = NaiveDate::from_ymd_opt(1970, 1, 2).and_then(|day| day.and_hms_opt(12, 0, 0));
    assert_eq!(later, expected);
}

#[test]
fn an_instant_keeps_the_sessions_zone() {
    let (_world, mut conn) = world();
    conn.batch_execute("SET timezone TO 'Asia/Kolkata'")
        .unwrap();
    let instant = DateTime::<Utc>::UNIX_EPOCH;
    let read: DateTime<FixedOffset> = diesel::select(instant.into_sql::<Timestamptz>())
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(read, instant);
    assert_eq!(read.offset().local_minus_utc(), 19_800);
}

prop_compose! {
    fn any_payload()(
        text in "[^\\x00]{0,40}",
        numbers: Vec<i64>,
        more: BTreeMap<u16, Option<bool>>,
    ) -> Payload {
        let more = more.into_iter().map(|(key, value)| (key.to_string(), value)).collect();
        Payload { text, numbers, more }
    }
}

prop_compose! {
    fn any_row()(
        payload in proptest::option::of(any_payload()),
        raw in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..500)),
        tea_time in (0..=86_400_000_000_i64, -57_599..=57_599_i32),
        months: Option<i16>,
        micros in proptest::option::of(-1_000_000_000_000_000_000..1_000_000_000_000_000_000_i64),
        token: Option<u128>,
        price in proptest::option::of(-9_999_999_999_999_999_999_999_999_999_i128..=9_999_999_999_999_999_999_999_999_999),
        seconds in -100_000_000_000..250_000_000_000_i64,
        fraction in 0..1_000_000_u32,
    ) -> Special {
        let instant = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap()
            + time::Duration::microseconds(fraction.into());
        Special {
            id: 0,
            payload: payload.map(Json),
            raw,
            tea_time: TimeTz::new(tea_time.0, tea_time.1),
            warranty: months.map(|months| YearToMonth { months: months.into() }),
            shift: micros.map(|micros| DayToSecond { micros }),
            token: token.map(Uuid::from_u128),
            price: price.map(|digits| Decimal::from_i128_with_scale(digits, 6)),
            at: Some(instant.into()),
            instant: Some(instant),
            day: Some(instant.date()),
            clock: Some(instant.time()),
        }
    }
}

#[test]
fn any_row_comes_back_as_it_went() {
    let (_world, mut conn) = world();
    let rows = proptest::collection::vec(any_row(), 1..60);
    holds_for_any(12, &mut conn, rows, |conn, mut rows| {
        for (id, row) in (1..).zip(&mut rows) {
            row.id = id;
        }
        diesel::delete(special::table).execute(conn).unwrap();
        diesel::insert_into(special::table)
            .values(&rows)
            .execute(conn)
            .unwrap();
        prop_assert_eq!(load(conn), as_kept(rows));
        Ok(())
    });
}
