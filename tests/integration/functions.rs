//! Redshift's own functions and operators, as far as the sandbox has them; the others are golden SQL only.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use diesel_redshift::RedshiftConnection;
use diesel_redshift::dsl::{
    DateField, DatePart, date_part, date_trunc, dateadd, datediff, getdate, ilike, not_ilike,
    not_similar_to, nulls_first, nulls_last, nvl, nvl2, regexp_matches, regexp_not_matches,
    similar_to, sysdate,
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
    let later: NaiveDateTime = diesel::select(dateadd(
        DatePart::Month,
        1,
        day.into_sql::<diesel::sql_types::Date>(),
    ))
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
