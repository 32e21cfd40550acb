// What the examples of tables-and-upserts.md share: a local Redshift and the tables that they are about.

use diesel::prelude::*;
use diesel_redshift::RedshiftConnection;
use diesel_redshift::ddl::*;
use diesel_redshift::dsl::{delete_using, getdate, update_from};
use diesel_redshift::merge::merge_into;
use diesel_redshift::upsert::{incoming, upsert, upsert_from};

type Outcome = Result<(), Box<dyn std::error::Error>>;

diesel::table! {
    prices (item) {
        item -> BigInt,
        #[max_length = 60]
        name -> Text,
        cents -> Integer,
        seen -> Timestamp,
    }
}

diesel::table! {
    arrivals (item) {
        item -> BigInt,
        name -> Text,
        cents -> Integer,
        seen -> Timestamp,
    }
}

diesel::table! {
    versions (item, valid_from) {
        item -> BigInt,
        cents -> Integer,
        valid_from -> Timestamp,
        valid_to -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(prices, arrivals, versions);

#[derive(Debug, Clone, PartialEq, Queryable, Insertable, RedshiftTable)]
#[diesel(table_name = prices)]
struct Price {
    #[redshift(dist_key, primary_key)]
    item: i64,
    #[redshift(varchar, encode = zstd)]
    name: String,
    cents: i32,
    #[redshift(default = getdate(), sort_key = 1)]
    seen: chrono::NaiveDateTime,
}

fn day(day: u32) -> chrono::NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(2026, 1, day).unwrap_or_default().into()
}

fn price(item: i64, name: &str, cents: i32, on: u32) -> Price {
    Price { item, name: name.to_owned(), cents, seen: day(on) }
}

/// A local Redshift with a price list of two items, and arrivals of which one is new.
fn local_redshift() -> Result<(redshift_sandbox::Sandbox, RedshiftConnection), Box<dyn std::error::Error>> {
    let sandbox = redshift_sandbox::Sandbox::start()?;
    let mut conn = RedshiftConnection::establish(&sandbox.url())?;
    Price::create_table().execute(&mut conn)?;
    create_table_like(arrivals::table, prices::table).execute(&mut conn)?;
    create_table(versions::table).execute(&mut conn)?;
    diesel::insert_into(prices::table)
        .values(&vec![price(1, "nut", 10, 1), price(2, "bolt", 20, 1)])
        .execute(&mut conn)?;
    diesel::insert_into(arrivals::table)
        .values(&vec![
            (arrivals::item.eq(2), arrivals::name.eq("bolt"), arrivals::cents.eq(25), arrivals::seen.eq(day(2))),
            (arrivals::item.eq(3), arrivals::name.eq("gear"), arrivals::cents.eq(99), arrivals::seen.eq(day(2))),
        ])
        .execute(&mut conn)?;
    Ok((sandbox, conn))
}

/// The items and their prices, in order.
fn list(conn: &mut RedshiftConnection) -> QueryResult<Vec<(i64, i32)>> {
    prices::table.select((prices::item, prices::cents)).order(prices::item).load(conn)
}
