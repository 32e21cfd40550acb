//! Results in the binary format: only where it is what the query says, and with the same values.

use std::time::SystemTime;

use chrono::{DateTime, FixedOffset};
use diesel::connection::SimpleConnection;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_redshift::{
    Redshift, RedshiftConnection, backend::RedshiftValue, connection::RowByRowLoadingMode,
};
use diesel_redshift_tests::World;
use diesel_redshift_tests::measures::{BINARY_COLUMNS, BinaryRow, CREATE, measures};

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(CREATE).unwrap();
    conn.batch_execute(
        "INSERT INTO measures VALUES
             (1, -32768, -2147483648, 1.5, 0.1, true, 'ab', 'it''s 🦀', '2024-02-29 23:59:59.999999',
                 '0044-03-15 12:00:00+00 BC', 1.25, '2024-02-29'),
             (-9223372036854775808, 32767, 2147483647, 'NaN', '-Infinity', false, '', '', '1999-12-31 23:59:59.999999',
                 '2024-01-02 03:04:05+05:30', -1, '0001-01-01'),
             (9223372036854775807, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);",
    )
    .unwrap();
    conn.set_binary_results(true);
    (world, conn)
}

/// A value that says in which format it came.
#[derive(Debug, Clone, PartialEq, FromSqlRow, AsExpression)]
#[diesel(sql_type = BigInt)]
struct Number {
    value: i64,
    binary: bool,
}

impl FromSql<BigInt, Redshift> for Number {
    fn from_sql(value: RedshiftValue<'_>) -> deserialize::Result<Self> {
        Ok(Self {
            value: <i64 as FromSql<BigInt, Redshift>>::from_sql(value)?,
            binary: value.is_binary(),
        })
    }
}

fn number(value: i64, binary: bool) -> Number {
    Number { value, binary }
}

/// NaN is not itself.
fn shown(rows: &[BinaryRow]) -> Vec<String> {
    rows.iter().map(|row| format!("{row:?}")).collect()
}

#[test]
fn the_values_are_those_of_text() {
    let (_world, mut conn) = world();
    let query = measures::table.select(BINARY_COLUMNS).order(measures::id);
    let binary: Vec<BinaryRow> = query.load(&mut conn).unwrap();
    let row_by_row: Vec<BinaryRow> = query
        .load_iter::<BinaryRow, RowByRowLoadingMode>(&mut conn)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    conn.set_binary_results(false);
    let text: Vec<BinaryRow> = query.load(&mut conn).unwrap();
    assert_eq!(binary.len(), 3);
    assert_eq!(shown(&binary), shown(&text));
    assert_eq!(shown(&row_by_row), shown(&text));
}

#[test]
fn binary_is_asked_for_when_it_is_allowed_and_every_column_can_be() {
    let (_world, mut conn) = world();
    let one = measures::table.filter(measures::id.eq(1));
    let numbers = |conn: &mut RedshiftConnection| -> Vec<(Number, Option<String>)> {
        one.select((measures::id, measures::text))
            .load(conn)
            .unwrap()
    };
    let crab = Some("it's 🦀".to_owned());
    for _ in 0..2 {
        assert_eq!(numbers(&mut conn), [(number(1, true), crab.clone())]);
    }
    conn.set_binary_results(false);
    assert_eq!(numbers(&mut conn), [(number(1, false), crab)]);
    conn.set_binary_results(true);
    let with_decimal: (Number, Option<bigdecimal::BigDecimal>) = one
        .select((measures::id, measures::exact))
        .first(&mut conn)
        .unwrap();
    assert_eq!(with_decimal.0, number(1, false));
    let with_date: Vec<(Number, Option<chrono::NaiveDate>)> = one
        .select((measures::id, measures::day))
        .load(&mut conn)
        .unwrap();
    assert_eq!(with_date[0].0, number(1, false));
}

mod declared_otherwise {
    diesel::table! {
        measures (id) {
            id -> Text,
            small -> BigInt,
            medium -> Double,
            double -> Float,
            at -> Text,
            truth -> Text,
        }
    }
}

#[test]
fn a_column_that_is_declared_as_something_else_is_read_as_text() {
    use declared_otherwise::measures::dsl::{at, double, id, measures, medium, small, truth};

    let (_world, mut conn) = world();
    let found: Vec<(String, i64, f64, f32, String, String)> = measures
        .select((id, small, medium, double, at, truth))
        .filter(id.eq("1"))
        .load(&mut conn)
        .unwrap();
    let text = (
        "1".to_owned(),
        -32_768,
        -2_147_483_648.0,
        0.1,
        "2024-02-29 23:59:59.999999".to_owned(),
        "t".to_owned(),
    );
    assert_eq!(found, [text]);
}

#[test]
fn queries_without_types_and_those_that_are_not_prepared_stay_text() {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        id: Number,
        #[diesel(sql_type = Text)]
        text: String,
    }

    let (_world, mut conn) = world();
    for _ in 0..3 {
        let found: Vec<Found> = diesel::sql_query("SELECT id, text FROM measures WHERE id = 1")
            .load(&mut conn)
            .unwrap();
        assert_eq!(found[0].id, number(1, false));
        assert_eq!(found[0].text, "it's 🦀");
    }
    conn.set_statement_cache_capacity(0);
    let found: Vec<Number> = measures::table
        .select(measures::id)
        .filter(measures::id.eq(1))
        .load(&mut conn)
        .unwrap();
    assert_eq!(found, [number(1, false)]);
}

#[test]
fn the_columns_are_asked_for_again_after_ddl() {
    let (_world, mut conn) = world();
    let load = |conn: &mut RedshiftConnection| -> Vec<Number> {
        measures::table
            .select(measures::id)
            .filter(measures::text.eq("1"))
            .load(conn)
            .unwrap()
    };
    assert_eq!(load(&mut conn), []);
    conn.batch_execute(
        "DROP TABLE measures; CREATE TABLE measures (id INTEGER, text VARCHAR(10)); INSERT INTO measures VALUES (7, '1')",
    )
    .unwrap();
    assert_eq!(load(&mut conn), [number(7, false)]);
}

#[test]
fn an_offset_is_that_of_utc() {
    let (_world, mut conn) = world();
    conn.set_time_zone("America/New_York").unwrap();
    let query = measures::table
        .select(measures::instant.assume_not_null())
        .filter(measures::id.lt(0));
    let binary: DateTime<FixedOffset> = query.first(&mut conn).unwrap();
    let again: Vec<DateTime<FixedOffset>> = query.load(&mut conn).unwrap();
    let time: Vec<SystemTime> = query.load(&mut conn).unwrap();
    conn.set_binary_results(false);
    let text: Vec<DateTime<FixedOffset>> = query.load(&mut conn).unwrap();
    assert_eq!(again[0].to_rfc3339(), "2024-01-01T21:34:05+00:00");
    assert_eq!(text[0].to_rfc3339(), "2024-01-01T16:34:05-05:00");
    assert_eq!(binary, text[0]);
    assert_eq!(time[0], SystemTime::from(text[0]));
}
