//! Statements that know what they do to a transaction.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel_redshift::RedshiftConnection;
use diesel_redshift::error::TransactionError;
use diesel_redshift::maintenance::{
    ColumnEncoding, analyze, analyze_compression, append, lock, truncate, vacuum, vacuum_database,
};
use diesel_redshift_tests::World;

diesel::table! {
    numbers (n) {
        n -> Integer,
    }
}

diesel::table! {
    numbers_stage (n) {
        n -> Integer,
    }
}

fn world() -> (World, RedshiftConnection) {
    let world = World::new();
    let mut conn = world.connect();
    conn.batch_execute("CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (1)")
        .unwrap();
    (world, conn)
}

fn refused(outcome: Result<(), diesel_redshift::Error>) -> String {
    match outcome {
        Err(diesel_redshift::Error::Transaction(TransactionError::InTransaction {
            statement,
            ..
        })) => statement.to_owned(),
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn what_cannot_run_in_a_transaction_is_not_sent() {
    let (_world, mut conn) = world();
    conn.transaction(|conn| {
        assert_eq!(refused(vacuum(numbers::table).execute(conn)), "VACUUM");
        assert_eq!(refused(vacuum_database().execute(conn)), "VACUUM");
        assert_eq!(refused(truncate(numbers::table).execute(conn)), "TRUNCATE");
        assert_eq!(
            refused(append(numbers::table, numbers_stage::table).execute(conn)),
            "ALTER TABLE APPEND"
        );
        QueryResult::Ok(())
    })
    .unwrap();
    conn.batch_execute("BEGIN").unwrap();
    assert_eq!(
        refused(truncate(numbers::table).execute(&mut conn)),
        "TRUNCATE"
    );
    conn.batch_execute("ROLLBACK").unwrap();
    let count: i64 = numbers::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 1);
}

#[test]
fn outside_of_one_they_run() {
    let (_world, mut conn) = world();
    vacuum(numbers::table).execute(&mut conn).unwrap();
    vacuum(numbers::table)
        .delete_only()
        .to_percent(80)
        .boost()
        .execute(&mut conn)
        .unwrap();
    assert!(matches!(
        vacuum(numbers::table).to_percent(101).execute(&mut conn),
        Err(diesel_redshift::Error::Invalid(_))
    ));
    assert_eq!(
        vacuum(numbers::table).to_percent(80).to_sql().unwrap(),
        r#"VACUUM FULL "numbers" TO 80 PERCENT"#
    );
    analyze(numbers::table).execute(&mut conn).unwrap();
    let encodings: Vec<ColumnEncoding> = analyze_compression(numbers::table)
        .comp_rows(5_000)
        .load(&mut conn)
        .unwrap();
    assert_eq!(encodings.len(), 1);
    assert_eq!(
        (&*encodings[0].column, &*encodings[0].encoding),
        ("n", "az64")
    );
    conn.batch_execute(
        "CREATE TABLE numbers_stage (n INTEGER); INSERT INTO numbers_stage VALUES (2)",
    )
    .unwrap();
    append(numbers::table, numbers_stage::table)
        .execute(&mut conn)
        .unwrap();
    let left: i64 = numbers_stage::table.count().get_result(&mut conn).unwrap();
    let all: Vec<i32> = numbers::table
        .order(numbers::n)
        .select(numbers::n)
        .load(&mut conn)
        .unwrap();
    assert_eq!((left, all), (0, vec![1, 2]));
    truncate(numbers::table).execute(&mut conn).unwrap();
    let count: i64 = numbers::table.count().get_result(&mut conn).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn a_lock_keeps_others_away_until_the_end() {
    let (world, mut conn) = world();
    assert!(matches!(
        lock(numbers::table).execute(&mut conn),
        Err(diesel_redshift::Error::Database(Error::NotInTransaction))
    ));
    conn.transaction(|conn| {
        lock(numbers::table).execute(conn)?;
        let mut other = world.connect();
        other.set_statement_timeout(Some(std::time::Duration::from_millis(200)))?;
        let kept = numbers::table.count().get_result::<i64>(&mut other);
        assert!(kept.is_err(), "the lock keeps readers away");
        QueryResult::Ok(())
    })
    .unwrap();
    let count: i64 = numbers::table
        .count()
        .get_result(&mut world.connect())
        .unwrap();
    assert_eq!(count, 1);
}
