//! `#[derive(MultiConnection)]`: Redshift in production, PostgreSQL on a desk.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;
use diesel_redshift_tests::{World, sandbox};

// The derive's own matches decide the shape of the enum.
#[allow(clippy::large_enum_variant)]
#[derive(diesel::MultiConnection)]
enum AnyConnection {
    Redshift(RedshiftConnection),
    Postgresql(PgConnection),
}

diesel::table! {
    numbers (n) {
        n -> Integer,
        name -> Nullable<Text>,
    }
}

fn use_it(conn: &mut AnyConnection) {
    conn.batch_execute("CREATE TABLE numbers (n INTEGER NOT NULL, name VARCHAR(10))")
        .unwrap();
    for (n, name) in [(1, Some("one")), (2, None), (3, Some("three"))] {
        diesel::insert_into(numbers::table)
            .values((numbers::n.eq(n), numbers::name.eq(name)))
            .execute(conn)
            .unwrap();
    }
    let found: Vec<(i32, Option<String>)> = numbers::table
        .filter(numbers::n.ne(3))
        .order(numbers::n)
        .limit(2)
        .load(conn)
        .unwrap();
    assert_eq!(found, [(1, Some("one".to_owned())), (2, None)]);
    conn.transaction(|conn| diesel::delete(numbers::table).execute(conn))
        .unwrap();
    let count: i64 = numbers::table.count().get_result(conn).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn one_code_serves_both() {
    let world = World::new();
    use_it(&mut AnyConnection::Redshift(world.connect()));
    let postgresql = PgConnection::establish(&sandbox().engine_url("dev")).unwrap();
    use_it(&mut AnyConnection::Postgresql(postgresql));
}

mod postgresql_first {
    use diesel::PgConnection;
    use diesel_redshift::RedshiftConnection;

    #[allow(clippy::large_enum_variant)]
    #[derive(diesel::MultiConnection)]
    pub(super) enum PostgresqlFirst {
        Postgresql(PgConnection),
        Redshift(RedshiftConnection),
    }
}
use postgresql_first::PostgresqlFirst;

/// `PgConnection` takes any server that speaks its protocol, but no scheme other than its own.
#[test]
fn a_scheme_of_its_own_finds_redshift_in_any_order() {
    let world = World::new();
    let url = world.url().replace("postgresql://", "redshift://");
    let found = AnyConnection::establish(&url).unwrap();
    assert!(matches!(found, AnyConnection::Redshift(_)));
    let found = PostgresqlFirst::establish(&url).unwrap();
    assert!(matches!(found, PostgresqlFirst::Redshift(_)));
    let mistaken = PostgresqlFirst::establish(world.url()).unwrap();
    assert!(matches!(mistaken, PostgresqlFirst::Postgresql(_)));
}

/// The first variant that connects is taken, so Redshift's stands before PostgreSQL's.
#[test]
fn a_url_finds_its_variant() {
    let world = World::new();
    let found = AnyConnection::establish(world.url()).unwrap();
    assert!(matches!(found, AnyConnection::Redshift(_)));
    let found = AnyConnection::establish(&sandbox().engine_url("dev")).unwrap();
    assert!(matches!(found, AnyConnection::Postgresql(_)));
}
