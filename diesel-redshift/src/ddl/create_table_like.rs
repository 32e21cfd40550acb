//! `CREATE TABLE … (LIKE …)`.

use diesel::Table;
use diesel::query_builder::{AsQuery, QueryFragment};

use super::create_table::push_create;
use super::definition::{Definition, definition};
use crate::Redshift;
use crate::error::Error;
use crate::query_builder::inline::inline;

/// `CREATE TABLE … (LIKE …)`; see [`create_table_like`].
#[derive(Debug, Clone)]
#[must_use = "a statement runs with .execute(…)"]
pub struct CreateTableLike<T, P> {
    table: T,
    parent: P,
    is_temporary: bool,
    if_not_exists: bool,
    including_defaults: bool,
}

/// `CREATE TABLE "stage" (LIKE "users")`: a table with the columns, `NOT NULL`, encodings,
/// distribution, sort keys and `BACKUP` of another, but none of its rows and constraints.
///
/// Both `table!`s must have the same types, which the compiler checks. What is copied cannot be
/// overridden.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # diesel::table! { stage { id -> BigInt, name -> Text, } }
/// use diesel_redshift::ddl::create_table_like;
///
/// let create = create_table_like(stage::table, users::table).temporary().including_defaults();
/// assert_eq!(
///     create.to_sql()?,
///     r#"CREATE TEMPORARY TABLE "stage" (LIKE "users" INCLUDING DEFAULTS)"#
/// );
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn create_table_like<T, P>(table: T, parent: P) -> CreateTableLike<T, P>
where
    T: Table + AsQuery,
    P: Table + AsQuery<SqlType = <T as AsQuery>::SqlType>,
{
    CreateTableLike {
        table,
        parent,
        is_temporary: false,
        if_not_exists: false,
        including_defaults: false,
    }
}

impl<T, P> CreateTableLike<T, P> {
    /// `CREATE TEMPORARY TABLE`: see [`CreateTable::temporary`](super::CreateTable::temporary).
    pub fn temporary(mut self) -> Self {
        self.is_temporary = true;
        self
    }

    /// `IF NOT EXISTS`: an existing table of this name is left as it is.
    pub fn if_not_exists(mut self) -> Self {
        self.if_not_exists = true;
        self
    }

    /// `INCLUDING DEFAULTS`: also copies the columns' defaults, which are omitted otherwise.
    pub fn including_defaults(mut self) -> Self {
        self.including_defaults = true;
        self
    }
}

impl<T, P> Definition for CreateTableLike<T, P>
where
    T: QueryFragment<Redshift>,
    P: QueryFragment<Redshift>,
{
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        let mut sql = String::new();
        push_create(&mut sql, &self.table, self.is_temporary, self.if_not_exists)?;
        sql.push_str(" (LIKE ");
        sql.push_str(&inline(&self.parent)?);
        if self.including_defaults {
            sql.push_str(" INCLUDING DEFAULTS");
        }
        sql.push(')');
        Ok(sql)
    }
}

definition!(CreateTableLike<T, P>);
