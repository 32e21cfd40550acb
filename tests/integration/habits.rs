//! PostgreSQL's habits: what the guide says becomes of them. Those that do not compile are in `compile_fail/dialect`.

use diesel::connection::SimpleConnection;
use diesel::dsl::{avg, frame, sum};
use diesel::prelude::*;
use diesel::sql_types::{Double, Text};
use diesel_redshift::RedshiftConnection;
use diesel_redshift_tests::World;

diesel::table! {
    scores (id) {
        id -> BigInt,
        points -> Nullable<Integer>,
        best -> Nullable<Integer>,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE scores (id BIGINT NOT NULL, points INTEGER, best INTEGER);
         INSERT INTO scores VALUES (1, 1, 1), (2, 2, NULL), (3, NULL, NULL), (4, 4, 5)",
    )
    .unwrap();
    (world, conn)
}

#[test]
fn what_redshift_has_not_is_refused() {
    let (_world, mut conn) = world();
    for sql in [
        "CREATE TABLE t (id SERIAL)",
        "CREATE TABLE t (id UUID)",
        "CREATE TABLE t (id BYTEA)",
        "CREATE TABLE t (id JSON)",
        "CREATE TABLE t (id JSONB)",
        "CREATE TABLE t (id INTEGER[])",
        "CREATE TABLE t (id INTEGER CHECK (id > 0))",
        "CREATE TABLE t (id INTEGER, twice INTEGER GENERATED ALWAYS AS (id * 2) STORED)",
        "CREATE TABLE t (at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
        "CREATE TYPE mood AS ENUM ('well')",
        "CREATE DOMAIN positive AS INTEGER",
        "CREATE SEQUENCE numbers",
        "CREATE INDEX by_points ON scores (points)",
        "SELECT s.id, n FROM scores s, generate_series(1, 3) n",
        "SELECT now() FROM scores",
        "SELECT * FROM scores s, LATERAL (SELECT s.points) t",
        "SELECT string_agg(id::varchar, ',') FROM scores",
        "SELECT pg_advisory_lock(1)",
        "LISTEN news",
        "SAVEPOINT here",
    ] {
        assert!(conn.batch_execute(sql).is_err(), "{sql}");
    }
}

#[test]
fn what_redshift_takes_otherwise_becomes_another_thing() {
    let (_world, mut conn) = world();
    conn.batch_execute(
        r#"CREATE TABLE "Users" (a TEXT, b NUMERIC, id INTEGER PRIMARY KEY); INSERT INTO users VALUES ('x', 1, 1), ('y', 2, 1)"#,
    )
    .unwrap();
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        data_type: String,
    }
    let columns: Vec<Column> = diesel::sql_query(
        "SELECT format_type(atttypid, atttypmod)::varchar AS data_type FROM pg_attribute \
         WHERE attrelid = 'users'::regclass AND attnum IN (1, 2) ORDER BY attnum",
    )
    .load(&mut conn)
    .unwrap();
    let columns: Vec<&str> = columns.iter().map(|column| &*column.data_type).collect();
    assert_eq!(columns, ["character varying(256)", "numeric(18,0)"]);
}

#[test]
fn what_the_guide_says_to_write_instead_runs() {
    let (_world, mut conn) = world();
    // IS DISTINCT FROM
    let differs = scores::points.ne(scores::best).or(scores::points
        .is_null()
        .ne(scores::best.is_null())
        .nullable());
    let found: Vec<i64> = scores::table
        .filter(differs)
        .select(scores::id)
        .order(scores::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(found, [2, 4]);
    // avg of integers truncates.
    let mean: Option<f64> = scores::table
        .select(avg(
            scores::points.cast::<diesel::sql_types::Nullable<Double>>()
        ))
        .get_result(&mut conn)
        .unwrap();
    assert!(
        mean.is_some_and(|mean| (mean - 7.0 / 3.0).abs() < 1e-9),
        "{mean:?}"
    );
    let mean: Option<bigdecimal::BigDecimal> = scores::table
        .select(avg(scores::points))
        .get_result(&mut conn)
        .unwrap();
    assert_eq!(mean, Some(2.into()));
    // An ordered window without a frame ends at its row.
    let running = sum(scores::points).window_order(scores::id);
    let sums: Vec<Option<i64>> = scores::table
        .select(running)
        .order(scores::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(sums, [Some(1), Some(3), Some(3), Some(7)]);
    let frame = frame::Rows.frame_between(frame::UnboundedPreceding, frame::CurrentRow);
    let running = sum(scores::points).window_order(scores::id).frame_by(frame);
    let sums: Vec<Option<i64>> = scores::table
        .select(running)
        .order(scores::id)
        .load(&mut conn)
        .unwrap();
    assert_eq!(sums, [Some(1), Some(3), Some(3), Some(7)]);
}
