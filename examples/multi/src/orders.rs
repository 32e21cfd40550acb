//! Orders: the queries that both understand, and the one thing that each does its own way.

use bigdecimal::BigDecimal;
use chrono::NaiveDate;
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use diesel::result::Error;
use diesel_redshift::store::Store;
use diesel_redshift::upsert::upsert;
use diesel_redshift::{IamRole, S3Uri};

use crate::connection::AnyConnection;
use crate::schema::orders;

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct Order {
    pub id: i64,
    pub city: String,
    pub amount: BigDecimal,
    pub ordered_on: NaiveDate,
}

/// How many orders a city has, and for how much.
pub type Total = (String, i64, Option<BigDecimal>);

/// The cities with their totals, by name.
///
/// # Errors
///
/// Those of the server.
pub fn totals(conn: &mut AnyConnection, since: NaiveDate) -> QueryResult<Vec<Total>> {
    orders::table
        .filter(orders::ordered_on.ge(since))
        .group_by(orders::city)
        .select((orders::city, count_star(), sum(orders::amount)))
        .order(orders::city)
        .load(conn)
}

/// The latest orders of a city.
///
/// # Errors
///
/// Those of the server.
pub fn latest(conn: &mut AnyConnection, city: &str, orders: i64) -> QueryResult<Vec<Order>> {
    orders::table
        .filter(orders::city.eq(city))
        .select(Order::as_select())
        .order((orders::ordered_on.desc(), orders::id.desc()))
        .limit(orders)
        .load(conn)
}

/// The application's way to the files by which many rows travel to Redshift, and the cluster's role.
#[derive(Debug, Clone)]
pub struct Staging<S> {
    /// Where the application puts them.
    pub store: S,
    /// Below this.
    pub folder: S3Uri,
    /// What the cluster reads them with.
    pub role: IamRole,
}

/// Brings orders in: those that are there are changed, the others added. Redshift enforces no key and has no ON CONFLICT, and
/// takes many rows by COPY; PostgreSQL has both and needs no files.
///
/// # Errors
///
/// Those of the server, and of the store.
pub fn save<S>(conn: &mut AnyConnection, staging: &Staging<S>, rows: &[Order]) -> QueryResult<()>
where
    S: Store + Clone + 'static,
{
    match conn {
        AnyConnection::Redshift(conn) => {
            upsert(rows)
                .into(orders::table)
                .key((orders::id,))
                .update_all()
                .through(&staging.store, &staging.folder)
                .iam_role(&staging.role)
                .execute(conn)?;
            Ok(())
        }
        AnyConnection::Postgresql(conn) => conn.transaction(|conn| {
            use diesel::upsert::excluded;

            // PostgreSQL takes 65,535 binds, four a row.
            for rows in rows.chunks(10_000) {
                diesel::insert_into(orders::table)
                    .values(rows)
                    .on_conflict(orders::id)
                    .do_update()
                    .set((
                        orders::city.eq(excluded(orders::city)),
                        orders::amount.eq(excluded(orders::amount)),
                        orders::ordered_on.eq(excluded(orders::ordered_on)),
                    ))
                    .execute(conn)?;
            }
            Ok::<(), Error>(())
        }),
    }
}

/// Takes from one city and gives to another, or neither: a transaction is the same on both.
///
/// # Errors
///
/// Those of the server; [`Error::NotFound`] when there is no such order.
pub fn move_order(conn: &mut AnyConnection, id: i64, to: &str) -> QueryResult<()> {
    conn.transaction(|conn| {
        let moved = diesel::update(orders::table.find(id))
            .set(orders::city.eq(to))
            .execute(conn)?;
        match moved {
            0 => Err(Error::NotFound),
            _ => Ok(()),
        }
    })
}
