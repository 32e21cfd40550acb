//! `CREATE MATERIALIZED VIEW` and `REFRESH MATERIALIZED VIEW`.

use diesel::Table;
use diesel::expression::Expression;
use diesel::query_builder::{AsQuery, QueryFragment};

use super::column_type::TableColumns;
use super::definition::{Definition, definition, push_identifier, push_names};
use super::distribution::{Distributed, Distribution};
use super::view::DropView;
use crate::error::Error;
use crate::query_builder::inline::inline;
use crate::{Redshift, RedshiftConnection, connection::Notice};

/// `CREATE MATERIALIZED VIEW`; see [`create_materialized_view`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateMaterializedView<V, Q> {
    view: V,
    query: Q,
    auto_refresh: bool,
    distribution: Distribution<V>,
}

/// `CREATE MATERIALIZED VIEW "totals" AS SELECT …`: the rows of a query, stored until the next
/// refresh and read through their own `table!`.
///
/// The query selects the columns of that `table!` in order, within a subquery that gives them their
/// names. Redshift does not accept `ORDER BY`, `LIMIT` or temporary tables in it. The methods of
/// [`Distributed`] set distribution and order, as far as a materialized view can have them.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::ddl::{Distributed, create_materialized_view};
/// # diesel::table! { users { id -> BigInt, city -> Text, } }
/// # diesel::table! { cities (city) { city -> Text, users -> BigInt, } }
///
/// let query = users::table.group_by(users::city).select((users::city, diesel::dsl::count(users::id)));
/// let create = create_materialized_view(cities::table, query).auto_refresh().dist_all();
/// assert_eq!(
///     create.to_sql()?,
///     "CREATE MATERIALIZED VIEW \"cities\" DISTSTYLE ALL AUTO REFRESH YES AS \
///      SELECT \"kept\".\"city\", \"kept\".\"users\" FROM \
///      (SELECT \"users\".\"city\", count(\"users\".\"id\") FROM \"users\" GROUP BY \"users\".\"city\") \
///      AS \"kept\" (\"city\", \"users\")"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_materialized_view<V, Q>(view: V, query: Q) -> CreateMaterializedView<V, Q::Query>
where
    V: Table<AllColumns: TableColumns<V>>,
    Q: AsQuery<SqlType = <V::AllColumns as Expression>::SqlType>,
{
    CreateMaterializedView {
        view,
        query: query.as_query(),
        auto_refresh: false,
        distribution: Distribution::default(),
    }
}

impl<V, Q> CreateMaterializedView<V, Q> {
    /// `AUTO REFRESH YES`: Redshift refreshes it by itself after its tables change. Default: it
    /// does not.
    pub fn auto_refresh(mut self) -> Self {
        self.auto_refresh = true;
        self
    }
}

impl<V: Table, Q> Distributed for CreateMaterializedView<V, Q> {
    crate::seal::sealed!();
    type Table = V;

    fn distribution(&mut self) -> &mut Distribution<V> {
        &mut self.distribution
    }
}

impl<V, Q> Definition for CreateMaterializedView<V, Q>
where
    V: Table<AllColumns: TableColumns<V>> + QueryFragment<Redshift>,
    Q: QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = format!("CREATE MATERIALIZED VIEW {}", inline(&self.view)?);
        self.distribution.push(&mut sql)?;
        if self.auto_refresh {
            sql.push_str(" AUTO REFRESH YES");
        }
        sql.push_str(" AS SELECT ");
        for (at, name) in V::AllColumns::NAMES.iter().enumerate() {
            if at > 0 {
                sql.push_str(", ");
            }
            sql.push_str("\"kept\".");
            push_identifier(&mut sql, name)?;
        }
        sql.push_str(&format!(" FROM ({}) AS \"kept\" ", inline(&self.query)?));
        push_names(&mut sql, V::AllColumns::NAMES)?;
        Ok(sql)
    }
}

definition!(CreateMaterializedView<V, Q>);

/// `DROP MATERIALIZED VIEW "totals"`.
pub fn drop_materialized_view<V: Table>(view: V) -> DropView<V> {
    DropView::new("DROP MATERIALIZED VIEW ", view)
}

/// `REFRESH MATERIALIZED VIEW`; see [`refresh_materialized_view`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct RefreshMaterializedView<V> {
    view: V,
    cascade: bool,
}

/// `REFRESH MATERIALIZED VIEW "totals"`: brings it up to date with its tables.
///
/// ```no_run
/// # diesel::table! { totals { id -> BigInt, } }
/// # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> Result<(), diesel_redshift::Error> {
/// use diesel_redshift::ddl::refresh_materialized_view;
///
/// for notice in refresh_materialized_view(totals::table).execute(conn)? {
///     println!("{notice}");
/// }
/// # Ok(())
/// # }
/// ```
pub fn refresh_materialized_view<V: Table>(view: V) -> RefreshMaterializedView<V> {
    RefreshMaterializedView {
        view,
        cascade: false,
    }
}

impl<V: QueryFragment<Redshift>> RefreshMaterializedView<V> {
    /// `CASCADE`: first refreshes the materialized views that it is based on.
    pub fn cascade(mut self) -> Self {
        self.cascade = true;
        self
    }

    /// The statement's SQL.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if Diesel cannot print it.
    pub fn to_sql(&self) -> Result<String, Error> {
        Ok(format!(
            "REFRESH MATERIALIZED VIEW {}{}",
            inline(&self.view)?,
            if self.cascade { " CASCADE" } else { "" }
        ))
    }

    /// Runs it, and returns the server's notices: whether it was updated incrementally, recomputed,
    /// or already up to date.
    ///
    /// # Errors
    ///
    /// Any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<Vec<Notice>, Error> {
        let sql = self.to_sql()?;
        let query = diesel::sql_query(sql.as_str());
        Ok(conn.execute_utility(&sql, &diesel::debug_query::<Redshift, _>(&query))?)
    }
}
