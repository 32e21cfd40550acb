//! Binds that are inlined have the type of the bind.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Double, Float, Integer, Numeric, SmallInt, Timestamp};
use diesel_redshift::copy::Parquet as ReadParquet;
use diesel_redshift::unload::{Csv, Parquet};
use diesel_redshift::{IamRole, RedshiftConnection, S3Uri, copy, unload};
use diesel_redshift_tests::World;

diesel::table! {
    one (id) {
        id -> Integer,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE one (id INTEGER NOT NULL); INSERT INTO one VALUES (1)")
        .unwrap();
    (world, conn)
}

fn to(world: &World, key: &str) -> S3Uri {
    S3Uri::parse(&world.uri(key)).unwrap()
}

#[test]
fn a_sum_of_bound_bigints_is_a_bigint() {
    let (world, mut conn) = world();
    let big = || AsExpression::<BigInt>::as_expression(2_000_000_000_i64);
    let sum = one::table.select((
        big() + big(),
        AsExpression::<SmallInt>::as_expression(i16::MIN),
        AsExpression::<Integer>::as_expression(i32::MIN),
        AsExpression::<BigInt>::as_expression(i64::MIN),
        AsExpression::<BigInt>::as_expression(i64::MAX),
    ));
    unload(sum)
        .to(to(&world, "sum_"))
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .parallel_off()
        .execute(&mut conn)
        .unwrap();
    assert_eq!(
        String::from_utf8(world.get("sum_000")).unwrap(),
        "4000000000,-32768,-2147483648,-9223372036854775808,9223372036854775807\n"
    );
}

/// A Parquet file of the bound value; it loads into a column of its own type and into none that is narrower or another.
macro_rules! has_type_in_parquet {
    ($world:ident, $conn:ident, $wrong:ident: $($ty:ty, $value:expr => $own:literal, not $others:expr;)*) => {$(
        let key = format!("{}/", stringify!($ty));
        unload(one::table.select(AsExpression::<$ty>::as_expression($value)))
            .to(to(&$world, &key))
            .iam_role(IamRole::Default)
            .format(Parquet::new())
            .execute(&mut $conn)
            .unwrap();
        for (column, loads) in [($own, true)].into_iter().chain($others.map(|other| (other, false))) {
            $conn
                .batch_execute(&format!("DROP TABLE IF EXISTS target; CREATE TABLE target (id {column})"))
                .unwrap();
            let loaded = copy(target::table)
                .from(to(&$world, &key))
                .iam_role(IamRole::Default)
                .format(ReadParquet::new())
                .execute(&mut $conn);
            if loaded.is_ok() != loads {
                $wrong.push(format!("{} into {column}: {loaded:?}", stringify!($ty)));
            }
        }
    )*};
}

diesel::table! {
    target (id) {
        id -> Integer,
    }
}

#[test]
fn parquet_has_the_types_of_the_binds() {
    let (world, mut conn) = world();
    let mut wrong: Vec<String> = Vec::new();
    let day = chrono::NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    has_type_in_parquet! { world, conn, wrong:
        SmallInt, 7_i16 => "SMALLINT", not ["DATE"];
        Integer, 7_i32 => "INTEGER", not ["DATE"];
        BigInt, 7_i64 => "BIGINT", not ["SMALLINT", "INTEGER", "DECIMAL(19,0)"];
        Float, 1.5_f32 => "REAL", not ["INTEGER", "DECIMAL(18,2)"];
        Double, 1.5_f64 => "DOUBLE PRECISION", not ["REAL", "DECIMAL(18,2)"];
        Numeric, rust_decimal::Decimal::new(150, 2) => "DECIMAL(3,2)", not ["REAL", "INTEGER"];
        Date, day => "DATE", not ["TIMESTAMP", "INTEGER"];
        Timestamp, day.and_time(chrono::NaiveTime::MIN) => "TIMESTAMP", not ["DATE", "BIGINT"];
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_limit_is_a_plain_number() {
    let query = one::table.select(one::id).limit(5).offset(6);
    assert_eq!(
        unload(query)
            .to(S3Uri::from_static("s3://bucket/a"))
            .iam_role(IamRole::Default)
            .to_sql()
            .unwrap(),
        "UNLOAD ('SELECT * FROM (SELECT \"one\".\"id\" FROM \"one\" LIMIT 5 OFFSET 6) AS \"unload\"') \
         TO 's3://bucket/a' IAM_ROLE default"
    );
}

#[test]
fn a_commented_filter_is_a_filter() {
    let (world, mut conn) = world();
    conn.batch_execute("INSERT INTO one VALUES (2)").unwrap();
    let query = one::table
        .select(one::id)
        .filter(sql::<Bool>("TRUE -- note\r AND id = ").bind::<Integer, _>(2));
    let outcome = unload(query)
        .to(to(&world, "commented_"))
        .iam_role(IamRole::Default)
        .format(Csv::new())
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, 1);
}
