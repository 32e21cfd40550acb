//! The same tests on both databases: the sandbox, and the PostgreSQL that stands behind it.
#![allow(clippy::unwrap_used, missing_docs)]

use std::process::Command;
use std::sync::LazyLock;

use bigdecimal::BigDecimal;
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::result::Error;
use diesel_redshift::store::FolderStore;
use diesel_redshift::{IamRole, S3Uri};
use multi::connection::AnyConnection;
use multi::orders::{self, Order, Staging};
use redshift_sandbox::Sandbox;

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::start().unwrap());

fn redshift(database: &str) -> String {
    let url = SANDBOX.create_database(database).unwrap();
    url.replacen("postgresql://", "redshift://", 1)
}

fn postgresql(database: &str) -> String {
    // The engine's own database of that name holds nothing of Redshift's in this schema.
    SANDBOX.create_database(database).unwrap();
    let mut conn = AnyConnection::open(&SANDBOX.engine_url(database)).unwrap();
    assert!(matches!(conn, AnyConnection::Postgresql(_)));
    conn.batch_execute("SELECT 1").unwrap();
    SANDBOX.engine_url(database)
}

fn staging() -> Staging<FolderStore> {
    Staging {
        store: FolderStore::new(SANDBOX.store().path()),
        folder: S3Uri::parse("s3://multi/staging/").unwrap(),
        role: IamRole::Default,
    }
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
}

fn order(id: i64, city: &str, cents: i64, on: u32) -> Order {
    Order {
        id,
        city: city.to_owned(),
        amount: BigDecimal::new(cents.into(), 2),
        ordered_on: day(on),
    }
}

fn holds_on(url: &str) {
    let conn = &mut AnyConnection::open(url).unwrap();
    conn.create_tables().unwrap();
    conn.create_tables().unwrap();
    let first = [
        order(1, "Oslo", 1050, 1),
        order(2, "Rome", 200, 2),
        order(3, "Oslo", 5, 3),
    ];
    orders::save(conn, &staging(), &first).unwrap();
    // One that is there, with another amount, and a new one.
    orders::save(
        conn,
        &staging(),
        &[order(2, "Rome", 300, 2), order(4, "Oslo", 1, 4)],
    )
    .unwrap();
    let total = |city: &str, orders, cents: i64| {
        (
            city.to_owned(),
            orders,
            Some(BigDecimal::new(cents.into(), 2)),
        )
    };
    assert_eq!(
        orders::totals(conn, day(1)).unwrap(),
        [total("Oslo", 3, 1056), total("Rome", 1, 300)]
    );
    assert_eq!(orders::totals(conn, day(3)).unwrap(), [total("Oslo", 2, 6)]);
    let latest = orders::latest(conn, "Oslo", 2).unwrap();
    assert_eq!(latest, [order(4, "Oslo", 1, 4), order(3, "Oslo", 5, 3)]);

    orders::move_order(conn, 4, "Rome").unwrap();
    assert_eq!(orders::move_order(conn, 99, "Rome"), Err(Error::NotFound));
    assert_eq!(
        orders::totals(conn, day(1)).unwrap()[1],
        total("Rome", 2, 301)
    );

    // The program, on the same database.
    let output = Command::new(env!("CARGO_BIN_EXE_multi"))
        .args([url, "2026-01-03"])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "Oslo\t1\t0.05\nRome\t1\t0.01\n"
    );
}

#[test]
fn it_holds_on_redshift() {
    holds_on(&redshift("multi_redshift"));
    assert!(
        SANDBOX
            .store()
            .list("s3://multi/staging/")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn it_holds_on_postgresql() {
    holds_on(&postgresql("multi_postgresql"));
}

#[test]
fn many_rows_travel() {
    let rows: Vec<Order> = (0..25_000).map(|id| order(id, "Oslo", id, 1)).collect();
    for url in [redshift("many_redshift"), postgresql("many_postgresql")] {
        let conn = &mut AnyConnection::open(&url).unwrap();
        conn.create_tables().unwrap();
        orders::save(conn, &staging(), &rows).unwrap();
        assert_eq!(orders::totals(conn, day(1)).unwrap()[0].1, 25_000);
    }
}
