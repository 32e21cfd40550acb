//! Casts, and `MAX` and `MIN` of what Diesel's own do not take.

use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::connection::SimpleConnection;
use diesel::dsl::avg;
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Bool, Date, Double, Float, Integer, Numeric, SmallInt, Text, Time, Timestamp,
    Timestamptz,
};
use diesel_redshift::RedshiftConnection;
use diesel_redshift::expression::CastExpressionMethods;
use diesel_redshift::functions::{max, min};
use diesel_redshift::sql_types::Timetz;
use diesel_redshift_tests::World;

diesel::table! {
    values (id) {
        id -> BigInt,
        small -> SmallInt,
        flag -> Bool,
        price -> Nullable<Numeric>,
        real -> Double,
        text -> Text,
        day -> Date,
        at -> Timestamp,
        instant -> Timestamptz,
        clock -> Time,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE values (id BIGINT NOT NULL, small SMALLINT NOT NULL, flag BOOLEAN NOT NULL, price DECIMAL(10, 2),
             real DOUBLE PRECISION NOT NULL, text VARCHAR(40) NOT NULL, day DATE NOT NULL, at TIMESTAMP NOT NULL,
             instant TIMESTAMPTZ NOT NULL, clock TIME NOT NULL);
         INSERT INTO values VALUES
             (1, 7, true, 2.60, 1.5, '42', '2026-01-02', '2026-01-02 03:04:05', '2026-01-02 03:04:05+00', '03:04:05'),
             (2, 8, false, NULL, 2.5, '43', '2026-01-03', '2026-01-03 03:04:05', '2026-01-03 03:04:05+00', '03:04:06')",
    )
    .unwrap();
    (world, conn)
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

fn at(of: u32) -> NaiveDateTime {
    day(of).and_hms_opt(3, 4, 5).unwrap()
}

#[test]
fn values_become_those_of_other_types() {
    let (_world, mut conn) = world();
    let first = values::table.find(1);
    let numbers: (
        i16,
        i32,
        Option<i64>,
        BigDecimal,
        f32,
        Option<f64>,
        i32,
        bool,
    ) = first
        .select((
            values::id.cast_to::<SmallInt>(),
            values::text.cast_to::<Integer>(),
            values::price.cast_to::<BigInt>(),
            values::small.cast_to::<Numeric>(),
            values::real.cast_to::<Float>(),
            values::price.cast_to::<Double>(),
            values::flag.cast_to::<Integer>(),
            values::small.cast_to::<Bool>(),
        ))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(
        numbers,
        (1, 42, Some(3), BigDecimal::from(7), 1.5, Some(2.6), 1, true)
    );
    let dates: (
        NaiveDate,
        NaiveDate,
        NaiveDateTime,
        NaiveDateTime,
        NaiveTime,
    ) = first
        .select((
            values::at.cast_to::<Date>(),
            values::instant.cast_to::<Date>(),
            values::day.cast_to::<Timestamp>(),
            values::instant.cast_to::<Timestamp>(),
            values::at.cast_to::<Time>(),
        ))
        .get_result(&mut conn)
        .unwrap();
    let midnight = day(2).and_hms_opt(0, 0, 0).unwrap();
    assert_eq!(dates, (day(2), day(2), midnight, at(2), at(2).time()));
    let texts: (String, Option<String>, String, String, String) = first
        .select((
            values::id.cast_to::<Text>(),
            values::price.cast_to::<Text>(),
            values::day.cast_to::<Text>(),
            values::at.cast_to::<Text>(),
            values::clock.cast_to::<Text>(),
        ))
        .get_result(&mut conn)
        .unwrap();
    let expected = ("1", "2.60", "2026-01-02", "2026-01-02 03:04:05", "03:04:05");
    let (id, price, date, moment, clock) = &texts;
    assert_eq!(
        (
            id.as_str(),
            price.as_deref().unwrap(),
            date.as_str(),
            moment.as_str(),
            clock.as_str()
        ),
        expected
    );
    let count: i64 = values::table
        .filter(values::at.cast_to::<Date>().eq(day(3)))
        .filter(values::clock.cast_to::<Timetz>().is_not_null())
        .filter(values::at.cast_to::<Timestamptz>().eq(values::instant))
        .filter(values::price.cast_to::<Text>().is_null())
        .count()
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn every_type_that_has_an_order_has_extremes() {
    let (_world, mut conn) = world();
    let found: (
        Option<BigDecimal>,
        Option<BigDecimal>,
        Option<NaiveTime>,
        Option<i64>,
    ) = values::table
        .select((
            max(values::price),
            min(values::price.cast_to::<Numeric>()),
            max(values::clock),
            max(values::id),
        ))
        .get_result(&mut conn)
        .unwrap();
    let price: BigDecimal = "2.6".parse().unwrap();
    let clock = NaiveTime::from_hms_opt(3, 4, 6);
    assert_eq!(found, (Some(price.clone()), Some(price), clock, Some(2)));
    let windows: Vec<Option<i64>> = values::table
        .select(max(values::id).partition_by(values::flag))
        .order(values::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(windows, [Some(1), Some(2)]);
}

/// `AVG` of integers is one.
#[test]
fn the_average_of_a_cast_is_not_cut() {
    let (_world, mut conn) = world();
    let (cut, whole): (Option<BigDecimal>, Option<f64>) = values::table
        .select((avg(values::small), avg(values::small.cast_to::<Double>())))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!((cut, whole), (Some(BigDecimal::from(7)), Some(7.5)));
}
