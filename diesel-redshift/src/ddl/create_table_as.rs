//! `CREATE TABLE … AS`.

use diesel::Table;
use diesel::expression::Expression;
use diesel::query_builder::{AsQuery, QueryFragment};

use super::column_type::TableColumns;
use super::create_table::push_create;
use super::definition::{Definition, definition, push_names};
use super::distribution::{AnyDistribution, Distributed, Distribution};
use crate::Redshift;
use crate::error::Error;
use crate::query_builder::inline::inline;

/// `CREATE TABLE … AS`; see [`create_table_as`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateTableAs<T, Q> {
    table: T,
    query: Q,
    is_temporary: bool,
    distribution: Distribution<T>,
}

/// `CREATE TABLE "totals" ("user", "sum") AS SELECT …`: a table with the result of a query, read
/// through its own `table!`.
///
/// The query selects the columns of that `table!` in order, whose types the compiler checks; its
/// values are written as literals. The new table has no defaults, keys or constraints, and its
/// columns can be `NULL`, whatever the `table!` says.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::ddl::{Distributed, create_table_as};
/// # diesel::table! { users { id -> BigInt, name -> Text, hits -> Integer, } }
/// # diesel::table! { heavy (id) { id -> BigInt, hits -> Integer, } }
///
/// let query = users::table.filter(users::hits.gt(100)).select((users::id, users::hits));
/// let create = create_table_as(heavy::table, query).temporary().dist_key(heavy::id);
/// assert_eq!(
///     create.to_sql()?,
///     "CREATE TEMPORARY TABLE \"heavy\" (\"id\", \"hits\") DISTSTYLE KEY DISTKEY(\"id\") AS \
///      SELECT \"users\".\"id\", \"users\".\"hits\" FROM \"users\" WHERE (\"users\".\"hits\" > 100)"
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_table_as<T, Q>(table: T, query: Q) -> CreateTableAs<T, Q::Query>
where
    T: Table<AllColumns: TableColumns<T>>,
    Q: AsQuery<SqlType = <T::AllColumns as Expression>::SqlType>,
{
    CreateTableAs {
        table,
        query: query.as_query(),
        is_temporary: false,
        distribution: Distribution::default(),
    }
}

impl<T, Q> CreateTableAs<T, Q> {
    /// `CREATE TEMPORARY TABLE`: see [`CreateTable::temporary`](super::CreateTable::temporary).
    pub fn temporary(mut self) -> Self {
        self.is_temporary = true;
        self
    }
}

impl<T: Table, Q> Distributed for CreateTableAs<T, Q> {
    crate::seal::sealed!();
    type Table = T;

    fn distribution(&mut self) -> &mut Distribution<T> {
        &mut self.distribution
    }
}

impl<T: Table, Q> AnyDistribution for CreateTableAs<T, Q> {
    crate::seal::sealed!();
}

impl<T, Q> Definition for CreateTableAs<T, Q>
where
    T: Table<AllColumns: TableColumns<T>> + QueryFragment<Redshift>,
    Q: QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = String::new();
        push_create(&mut sql, &self.table, self.is_temporary, false)?;
        sql.push(' ');
        push_names(&mut sql, T::AllColumns::NAMES)?;
        self.distribution.push(&mut sql)?;
        sql.push_str(" AS ");
        sql.push_str(&inline(&self.query)?);
        Ok(sql)
    }
}

definition!(CreateTableAs<T, Q>);
