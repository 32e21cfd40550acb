//! Redshift's own functions and operators of one row; aggregates and SUPER have files of their own.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Time, Timestamp, Timestamptz};
use diesel_redshift::RedshiftConnection;
use diesel_redshift::dsl::{
    DateField, DatePart, convert_timezone, convert_timezone_from, date_part, date_trunc, dateadd,
    datediff, decode, getdate, ilike, not_ilike, not_similar_to, nulls_first, nulls_last, nvl,
    nvl2, regexp_matches, regexp_not_matches, similar_to, sysdate,
};
use diesel_redshift_tests::World;

diesel::table! {
    people (id) {
        id -> Integer,
        name -> Nullable<Text>,
        born -> Nullable<Timestamp>,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE people (id INTEGER NOT NULL, name VARCHAR(100), born TIMESTAMP);
         INSERT INTO people VALUES (1, 'Ada', '1815-12-10 07:30:00'), (2, 'EVE', NULL), (3, NULL, '1999-12-31 23:59:59')",
    )
    .unwrap();
    (world, conn)
}

fn at(year: i32, month: u32, day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, month, day)
        .and_then(|date| date.and_hms_opt(hour, minute, 0))
        .unwrap()
}

#[test]
fn patterns() {
    let (_world, mut conn) = world();
    macro_rules! finds {
        ($($function:ident($pattern:literal) => $expected:expr;)*) => {$(
            let found: Vec<i32> = people::table
                .filter($function(people::name, $pattern))
                .order(people::id)
                .select(people::id)
                .load(&mut conn)
                .unwrap();
            assert_eq!(found, $expected, stringify!($function));
        )*};
    }
    finds! {
        ilike("a%A") => [1];
        not_ilike("a%") => [2];
        similar_to("(Ada|EVE)") => [1, 2];
        not_similar_to("Ada|x") => [2];
        regexp_matches("^[A-Z]+$") => [2];
        regexp_not_matches("V") => [1];
    }
    // NULL is neither like a pattern nor unlike it, and the type says so.
    let likes: Vec<Option<bool>> = people::table
        .select(ilike(people::name, "ada"))
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(likes, [Some(true), Some(false), None]);
}

#[test]
fn the_place_of_null() {
    let (_world, mut conn) = world();
    let ids = people::table.select(people::id);
    let first: Vec<i32> = ids
        .order(nulls_first(people::name.asc()))
        .load(&mut conn)
        .unwrap();
    assert_eq!(first, [3, 1, 2]);
    let last: Vec<i32> = ids
        .order((nulls_last(people::name.desc()), people::id))
        .load(&mut conn)
        .unwrap();
    assert_eq!(last, [2, 1, 3]);
    let mut boxed = ids.into_boxed();
    boxed = boxed.order(nulls_first(people::born));
    assert_eq!(boxed.load::<i32>(&mut conn).unwrap(), [2, 1, 3]);
}

#[test]
fn the_clock() {
    let (_world, mut conn) = world();
    let (a, b, c): (NaiveDateTime, NaiveDateTime, NaiveDateTime) =
        diesel::select((getdate(), sysdate(), diesel::dsl::now))
            .get_result(&mut conn)
            .unwrap();
    assert_eq!(b, c);
    assert!((a - b).num_seconds().abs() <= 1, "{a} {b}");
    let past: i64 = people::table
        .filter(people::born.lt(diesel::dsl::now))
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(past, 2);
}

#[test]
fn arithmetic_of_dates() {
    let (_world, mut conn) = world();
    let ada = people::table.filter(people::id.eq(1));
    let later: Option<NaiveDateTime> = ada
        .select(dateadd(DatePart::Month, 3, people::born))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(later, Some(at(1816, 3, 10, 7, 30)));
    let day = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
    let later: NaiveDateTime = diesel::select(dateadd(DatePart::Month, 1, day.into_sql::<Date>()))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(later, at(2024, 2, 29, 0, 0));
    let years: Option<i64> = ada
        .select(datediff(
            DatePart::Year,
            people::born,
            at(1816, 1, 1, 0, 0).into_sql::<Timestamp>(),
        ))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(years, Some(1));
    let month: Option<NaiveDateTime> = ada
        .select(date_trunc(DatePart::Month, people::born))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(month, Some(at(1815, 12, 1, 0, 0)));
    let year: Option<f64> = ada
        .select(date_part(DateField::Year, people::born))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(year, Some(1815.0));
    let weekday: Option<f64> = ada
        .select(date_part(DateField::DayOfWeek, people::born))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(weekday, Some(0.0));
    // Each part is a statement of its own, though the types are equal.
    let day: Option<f64> = ada
        .select(date_part(DateField::Day, people::born))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(day, Some(10.0));
}

#[test]
fn what_stands_in_for_null() {
    let (_world, mut conn) = world();
    let names: Vec<String> = people::table
        .select(nvl(people::name, "nobody"))
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(names, ["Ada", "EVE", "nobody"]);
    let known: Vec<String> = people::table
        .select(nvl2(people::name, "known".into_sql::<Text>(), "unknown"))
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(known, ["known", "known", "unknown"]);
}

#[test]
fn other_kinds_of_dates() {
    let (_world, mut conn) = world();
    let day = NaiveDate::from_ymd_opt(2024, 5, 17).unwrap();
    let clock = NaiveTime::from_hms_opt(23, 30, 0).unwrap();
    let instant = Utc.with_ymd_and_hms(2024, 5, 17, 12, 0, 0).unwrap();
    let later: (NaiveDateTime, NaiveTime, DateTime<Utc>) = diesel::select((
        date_trunc(DatePart::Month, day.into_sql::<Date>()),
        dateadd(DatePart::Hour, 1, clock.into_sql::<Time>()),
        dateadd(DatePart::Day, -1, instant.into_sql::<Timestamptz>()),
    ))
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(later.0, at(2024, 5, 1, 0, 0));
    assert_eq!(later.1, NaiveTime::from_hms_opt(0, 30, 0).unwrap());
    assert_eq!(
        later.2,
        Utc.with_ymd_and_hms(2024, 5, 16, 12, 0, 0).unwrap()
    );
    let hours: i64 = diesel::select(datediff(
        DatePart::Hour,
        instant.into_sql::<Timestamptz>(),
        (instant + chrono::TimeDelta::minutes(61)).into_sql::<Timestamptz>(),
    ))
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(hours, 1);
}

#[test]
fn time_zones() {
    let (_world, mut conn) = world();
    let instant = Utc.with_ymd_and_hms(2024, 7, 1, 12, 0, 0).unwrap();
    let local: NaiveDateTime = diesel::select(convert_timezone(
        "Europe/Oslo",
        instant.into_sql::<Timestamptz>(),
    ))
    .get_result(&mut conn)
    .unwrap();
    assert_eq!(local, at(2024, 7, 1, 14, 0));
    let converted: Vec<(Option<NaiveDateTime>, Option<NaiveDateTime>)> = people::table
        .select((
            convert_timezone("EST", people::born),
            convert_timezone_from("EST", "UTC", people::born),
        ))
        .filter(people::id.le(2))
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    let born = (
        Some(at(1815, 12, 10, 2, 30)),
        Some(at(1815, 12, 10, 12, 30)),
    );
    assert_eq!(converted, [born, (None, None)]);
}

#[test]
fn choices() {
    let (_world, mut conn) = world();
    let decoded: Vec<String> = people::table
        .select(
            decode(people::name)
                .when("Ada", "first".into_sql::<Text>())
                .when(None::<&str>, "nobody")
                .otherwise("other"),
        )
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(decoded, ["first", "other", "nobody"]);
    let or_null: Vec<Option<i32>> = people::table
        .select(
            decode(people::id)
                .when(2, 20.into_sql::<Integer>())
                .or_null(),
        )
        .order(people::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(or_null, [None, Some(20), None]);
    let name: Option<String> = people::table
        .find(3)
        .select(
            decode(people::id)
                .when(3, people::name)
                .otherwise(None::<&str>.into_sql::<Nullable<Text>>()),
        )
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(name, None);
}
