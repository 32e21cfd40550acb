//! Redshift's own aggregates, as such and over windows, and QUALIFY.

use bigdecimal::BigDecimal;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::SimpleConnection;
use diesel::dsl::{count, rank, row_number};
use diesel::prelude::*;
use diesel_redshift::dsl::{
    DatePart, approximate_count_distinct, approximate_percentile_disc, coalesce, date_trunc,
    group_key, listagg, median, nvl, percentile_cont, percentile_disc,
};
use diesel_redshift::{RedshiftConnection, expression::QualifyDsl};
use diesel_redshift_tests::World;

diesel::table! {
    sales (id) {
        id -> Integer,
        who -> Nullable<Text>,
        price -> Numeric,
        weight -> Nullable<Double>,
        at -> Timestamp,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE sales (id INTEGER NOT NULL, who VARCHAR(20), price DECIMAL(8,2) NOT NULL, weight DOUBLE PRECISION, at TIMESTAMP NOT NULL);
         INSERT INTO sales VALUES (1, 'b', 1.50, 1, '2024-01-01'), (2, 'a', 2.50, 2, '2024-01-02'), (3, 'a', 4.00, NULL, '2024-01-04'),
             (4, NULL, 10, 4, '2024-01-10')",
    )
    .unwrap();
    (world, conn)
}

fn number(text: &str) -> BigDecimal {
    text.parse().unwrap()
}

fn day(day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2024, 1, day)
        .and_then(|date| date.and_hms_opt(hour, 0, 0))
        .unwrap()
}

#[test]
fn lists() {
    let (_world, mut conn) = world();
    let all: Option<String> = sales::table
        .select(listagg(sales::who, "', \\").within_group(sales::id.desc()))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(all.as_deref(), Some("a', \\a', \\b"));
    let distinct: Option<String> = sales::table
        .select(listagg(sales::who, "|").distinct().within_group(sales::who))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(distinct.as_deref(), Some("a|b"));
    let unordered: Option<String> = sales::table
        .filter(sales::id.eq(1))
        .select(listagg(sales::who, "|"))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(unordered.as_deref(), Some("b"));
    let windows: Vec<(i32, Option<String>)> = sales::table
        .select((
            sales::id,
            listagg(sales::who, "+")
                .within_group((sales::at.desc(), sales::id))
                .partition_by(sales::who),
        ))
        .order(sales::id)
        .load(&mut conn)
        .unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        windows,
        [
            (1, text("b")),
            (2, text("a+a")),
            (3, text("a+a")),
            (4, None)
        ]
    );
}

#[test]
fn percentiles() {
    let (_world, mut conn) = world();
    // One at a time: those of one SELECT would have to sort alike.
    macro_rules! found {
        ($aggregate:expr) => {
            sales::table
                .select($aggregate)
                .get_result(&mut conn)
                .unwrap()
        };
    }
    let id: Option<BigDecimal> = found!(median(sales::id));
    let price: Option<BigDecimal> = found!(median(sales::price));
    let weight: Option<f64> = found!(median(sales::weight) + 1.0);
    let at: Option<NaiveDateTime> = found!(median(sales::at));
    assert_eq!(
        (id, price, weight, at),
        (
            Some(number("2.5")),
            Some(number("3.25")),
            Some(3.0),
            Some(day(3, 0))
        )
    );
    let price: Option<BigDecimal> = found!(percentile_cont(0.25).within_group(sales::price));
    let at: Option<NaiveDateTime> = found!(percentile_cont(0.25).within_group_desc(sales::at));
    let id: Option<i32> = found!(approximate_percentile_disc(0.5).within_group(sales::id));
    assert_eq!(
        (price, at, id),
        (Some(number("2.25")), Some(day(5, 12)), Some(2))
    );
    let windows: Vec<(Option<BigDecimal>, Option<i32>, Option<BigDecimal>)> = sales::table
        .select((
            median(sales::id).partition_by(sales::who),
            percentile_disc(0.9)
                .within_group_desc(sales::id)
                .partition_by(sales::who),
            percentile_cont(1.0)
                .within_group(sales::price)
                .partition_by(sales::who),
        ))
        .order(sales::id)
        .load(&mut conn)
        .unwrap();
    let row =
        |middle: &str, low: i32, high: &str| (Some(number(middle)), Some(low), Some(number(high)));
    assert_eq!(
        windows,
        [
            row("1", 1, "1.5"),
            row("2.5", 2, "4"),
            row("2.5", 2, "4"),
            row("4", 4, "10")
        ]
    );
}

#[test]
fn approximate_counts() {
    let (_world, mut conn) = world();
    let found: i64 = sales::table
        .select(approximate_count_distinct(sales::who))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(found, 2);
}

#[test]
fn qualify() {
    let (_world, mut conn) = world();
    let last: Vec<i32> = sales::table
        .select(sales::id)
        .qualify(
            row_number()
                .partition_by(sales::who)
                .window_order(sales::at.desc())
                .eq(1),
        )
        .load(&mut conn)
        .unwrap();
    assert_eq!(last.len(), 3);
    let ordered: Vec<i32> = sales::table
        .filter(sales::id.lt(4))
        .select(sales::id)
        .order(sales::id.desc())
        .limit(1)
        .qualify(
            row_number()
                .partition_by(sales::who)
                .window_order(sales::at.desc())
                .eq(1),
        )
        .load(&mut conn)
        .unwrap();
    assert_eq!(ordered, [3]);
    let groups: Vec<Option<String>> = sales::table
        .group_by(sales::who)
        .having(count(sales::id).gt(0))
        .select(sales::who)
        .into_boxed()
        .qualify(rank().window_order(sales::who).eq(2))
        .load(&mut conn)
        .unwrap();
    assert_eq!(groups, [Some("b".to_owned())]);
    // Boxed, with what comes later, and as a part of others.
    let latest = || {
        sales::table
            .select(sales::id)
            .into_boxed()
            .qualify(
                row_number()
                    .partition_by(sales::who)
                    .window_order(sales::at.desc())
                    .eq(1),
            )
            .filter(sales::who.is_not_null())
    };
    let boxed: Vec<i32> = latest().order(sales::id).limit(5).load(&mut conn).unwrap();
    assert_eq!(boxed, [1, 3]);
    let others: Vec<i32> = sales::table
        .filter(sales::id.ne_all(latest()))
        .select(sales::id)
        .order(sales::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(others, [2, 4]);
    conn.batch_execute("CREATE TABLE last_sales (id INTEGER)")
        .unwrap();
    let inserted = diesel::insert_into(last_sales::table)
        .values(latest())
        .into_columns(last_sales::id)
        .execute(&mut conn)
        .unwrap();
    assert_eq!(inserted, 2);
}

diesel::table! {
    last_sales (id) {
        id -> Integer,
    }
}

#[test]
fn groups_by_expressions() {
    let (_world, mut conn) = world();
    let month = group_key(date_trunc(DatePart::Month, sales::at));
    let who = group_key(nvl(coalesce(sales::who, sales::who), "nobody"));
    let groups: Vec<(String, NaiveDateTime, i64)> = sales::table
        .group_by((who, month))
        .select((who, month, count(sales::id)))
        .order((who, month))
        .load(&mut conn)
        .unwrap();
    let group = |who: &str, count| (who.to_owned(), day(1, 0), count);
    assert_eq!(groups, [group("a", 2), group("b", 1), group("nobody", 1)]);
    // The value is a literal in the text, and no other query's.
    for (default, expected) in [("zero", "zero"), ("y", "y"), ("zero", "zero")] {
        let who = group_key(nvl(sales::who, default));
        let last: String = sales::table
            .group_by(who)
            .select(who)
            .order(who.desc())
            .first(&mut conn)
            .unwrap();
        assert_eq!(last, expected);
    }
}
