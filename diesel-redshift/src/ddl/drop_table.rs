//! `DROP TABLE`.

use diesel::Table;
use diesel::query_builder::QueryFragment;

use super::definition::{Definition, definition};
use crate::Redshift;
use crate::error::Error;
use crate::query_builder::inline::inline;

/// `DROP TABLE`; see [`drop_table`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct DropTable<T> {
    table: T,
    if_exists: bool,
    cascade: bool,
}

/// `DROP TABLE "users"`: removes a table, also within a transaction.
///
/// It fails if a view depends on the table, unless [`cascade`](DropTable::cascade) is set.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// use diesel_redshift::ddl::drop_table;
///
/// let drop = drop_table(users::table).if_exists().cascade();
/// assert_eq!(drop.to_sql()?, r#"DROP TABLE IF EXISTS "users" CASCADE"#);
/// # Ok::<(), diesel_redshift::Error>(())
/// ```
pub fn drop_table<T: Table>(table: T) -> DropTable<T> {
    DropTable {
        table,
        if_exists: false,
        cascade: false,
    }
}

impl<T> DropTable<T> {
    /// `IF EXISTS`: no error if it does not exist.
    pub fn if_exists(mut self) -> Self {
        self.if_exists = true;
        self
    }

    /// `CASCADE`: also **drops the views that depend on it**.
    pub fn cascade(mut self) -> Self {
        self.cascade = true;
        self
    }
}

impl<T: QueryFragment<Redshift>> Definition for DropTable<T> {
    crate::seal::sealed!();
    fn text(&self) -> Result<String, Error> {
        Ok(format!(
            "DROP TABLE {}{}{}",
            if self.if_exists { "IF EXISTS " } else { "" },
            inline(&self.table)?,
            if self.cascade { " CASCADE" } else { "" }
        ))
    }
}

definition!(DropTable<T>);
