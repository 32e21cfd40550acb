//! Prepared statements: which are, for how long, and what they cost.

use super::*;

fn prepared(conn: &mut RedshiftConnection) -> i64 {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let count =
        "SELECT count(*) AS n FROM pg_prepared_statements WHERE name LIKE 'diesel_redshift_%'";
    diesel::sql_query(count)
        .get_result::<Count>(conn)
        .unwrap()
        .n
}

#[test]
fn statements_are_prepared_once_and_dropped_after_ddl() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    for n in 0..10 {
        let query = numbers::table.filter(numbers::n.eq(n)).select(numbers::n);
        query.load::<i32>(&mut conn).unwrap();
    }
    assert_eq!(prepared(&mut conn), 1);
    conn.batch_execute("ALTER TABLE numbers ADD COLUMN m INTEGER")
        .unwrap();
    assert_eq!(prepared(&mut conn), 0);
}

#[test]
fn the_statement_cache_is_bounded() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    conn.set_statement_cache_capacity(4);
    for terms in 1..=12 {
        let mut query = numbers::table.select(numbers::n).into_boxed();
        for term in 0..terms {
            query = query.filter(numbers::n.ne(term));
        }
        query.load::<i32>(&mut conn).unwrap();
    }
    assert!(prepared(&mut conn) <= 4);
    conn.set_statement_cache_capacity(0);
    numbers::table
        .select(numbers::n)
        .load::<i32>(&mut conn)
        .unwrap();
    assert_eq!(prepared(&mut conn), 0);
}

#[test]
fn a_text_that_comes_again_is_prepared() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    let insert = |conn: &mut RedshiftConnection, rows: i32| {
        let rows: Vec<_> = (0..rows).map(|n| numbers::n.eq(n)).collect();
        diesel::insert_into(numbers::table)
            .values(&rows)
            .execute(conn)
            .unwrap()
    };
    assert_eq!(insert(&mut conn, 2), 2);
    assert_eq!(insert(&mut conn, 3), 3);
    assert_eq!(prepared(&mut conn), 0);
    for _ in 0..3 {
        assert_eq!(insert(&mut conn, 3), 3);
    }
    assert_eq!(prepared(&mut conn), 1);
    for n in [0, 1, 2, 1] {
        let found = numbers::table
            .filter(numbers::n.eq(n))
            .select(numbers::n)
            .first::<i32>(&mut conn);
        assert_eq!(found.unwrap(), n);
    }
    assert_eq!(prepared(&mut conn), 2);
    for offset in 0..5 {
        let page = numbers::table
            .select(numbers::n)
            .order(numbers::n)
            .limit(2)
            .offset(offset)
            .load::<i32>(&mut conn)
            .unwrap();
        assert_eq!(page.len(), 2);
    }
    for _ in 0..3 {
        diesel::sql_query("SELECT * FROM numbers")
            .execute(&mut conn)
            .unwrap();
    }
    assert_eq!(prepared(&mut conn), 2);
}

#[test]
fn transactions_that_are_rolled_back_leave_no_statements() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER)")
        .unwrap();
    for n in 0..10 {
        let outcome: QueryResult<()> = conn.transaction(|conn| {
            let query = numbers::table.filter(numbers::n.eq(n)).select(numbers::n);
            query.load::<i32>(conn)?;
            Err(Error::RollbackTransaction)
        });
        outcome.unwrap_err();
    }
    let left = conn.transaction(|conn| QueryResult::Ok(prepared(conn)));
    assert_eq!(left.unwrap(), 0);
}

#[test]
fn a_limit_is_not_replayed_from_the_cache() {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute(
        "CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (1), (2), (3)",
    )
    .unwrap();
    for limit in [1, 3, 2] {
        let query = numbers::table
            .select(numbers::n)
            .order(numbers::n)
            .limit(limit);
        assert_eq!(query.load::<i32>(&mut conn).unwrap().len() as i64, limit);
        let boxed = query.offset(1).into_boxed();
        let expected = limit.min(2);
        assert_eq!(boxed.load::<i32>(&mut conn).unwrap().len() as i64, expected);
    }
    let error = numbers::table
        .select(numbers::n)
        .limit(2_147_483_648)
        .load::<i32>(&mut conn)
        .unwrap_err();
    assert!(error.to_string().contains("0 to 2147483647"), "{error}");
}
