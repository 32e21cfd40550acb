//! Windows of aggregates, and the order of what a set operation makes.

use diesel::connection::SimpleConnection;
use diesel::dsl::{count_star, rank, sum};
use diesel::prelude::*;
use diesel::query_dsl::positional_order_dsl::{OrderColumn, PositionalOrderDsl};
use diesel_redshift::dsl::{nulls_first, nulls_last};
use diesel_redshift::expression::QualifyDsl;
use diesel_redshift::{RedshiftConnection, unload};
use diesel_redshift_tests::{ROLE, World};

diesel::table! {
    sales (id) {
        id -> Integer,
        city -> Nullable<Text>,
        cents -> Integer,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE sales (id INTEGER NOT NULL, city VARCHAR(20), cents INTEGER NOT NULL);
         INSERT INTO sales VALUES (1, 'Oslo', 10), (2, 'Oslo', 20), (3, NULL, 5), (4, 'Bonn', 1)",
    )
    .unwrap();
    (world, conn)
}

/// Redshift wants a frame where SQL has a default.
#[test]
fn an_ordered_window_of_an_aggregate_ends_at_its_row() {
    let (world, mut conn) = world();
    let running = || {
        sales::table.select((
            sales::id,
            sum(sales::cents)
                .partition_by(sales::city)
                .window_order(sales::id),
            rank().window_order(sales::cents),
        ))
    };
    let found: Vec<(i32, Option<i64>, i64)> = running().order(sales::id).load(&mut conn).unwrap();
    assert_eq!(
        found,
        [
            (1, Some(10), 3),
            (2, Some(30), 4),
            (3, Some(5), 2),
            (4, Some(1), 1)
        ]
    );
    let many: Vec<i32> = sales::table
        .select(sales::id)
        .qualify(count_star().window_order(sales::id).gt(2))
        .order(sales::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(many, [3, 4]);
    let outcome = unload(running())
        .to(world.uri("running_"))
        .iam_role(ROLE)
        .format(unload::Csv::new())
        .execute(&mut conn)
        .unwrap();
    assert_eq!(outcome.rows, 4);
}

#[test]
fn the_columns_of_a_union_are_ordered_by_position() {
    let (_world, mut conn) = world();
    let cities = || {
        sales::table
            .select(sales::city)
            .union(sales::table.select(sales::city))
    };
    let found: Vec<Option<String>> = cities()
        .positional_order_by(nulls_last(OrderColumn(1).desc()))
        .load(&mut conn)
        .unwrap();
    assert_eq!(
        found,
        [Some("Oslo".to_owned()), Some("Bonn".to_owned()), None]
    );
    let found: Vec<Option<String>> = cities()
        .positional_order_by((nulls_first(OrderColumn(1).asc()),))
        .load(&mut conn)
        .unwrap();
    assert_eq!(
        found,
        [None, Some("Bonn".to_owned()), Some("Oslo".to_owned())]
    );
}

/// As with `PgConnection`, though the tag of a SELECT has no count here.
#[test]
fn executing_a_query_counts_its_rows() {
    let (_world, mut conn) = world();
    assert_eq!(
        sales::table.filter(sales::id.gt(1)).execute(&mut conn),
        Ok(3)
    );
    assert_eq!(
        sales::table.filter(sales::id.gt(9)).execute(&mut conn),
        Ok(0)
    );
    assert_eq!(
        diesel::sql_query("SET query_group TO 'x'").execute(&mut conn),
        Ok(0)
    );
    let changed = diesel::update(sales::table)
        .set(sales::cents.eq(2))
        .execute(&mut conn);
    assert_eq!(changed, Ok(4));
}
