//! `TRUNCATE`.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::Table;
use diesel::result::QueryResult;

use super::{refuse_in_transaction, send};
use crate::error::Error;
use crate::{Redshift, RedshiftConnection};

/// `TRUNCATE`; see [`truncate`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct Truncate<T>(T);

/// `TRUNCATE "table"`: removes all rows at once, and commits.
///
/// On Redshift it cannot be rolled back: it commits the transaction it runs in, with every
/// statement before it. So if one is open, [`execute`](Truncate::execute) refuses before anything
/// is sent; use `diesel::delete(table)` to empty a table so that it can be rolled back.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # use diesel_redshift::Redshift;
/// use diesel_redshift::maintenance::truncate;
///
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&truncate(users::table)).to_string(),
///     r#"TRUNCATE "users" -- binds: []"#
/// );
/// ```
pub fn truncate<T: Table>(table: T) -> Truncate<T> {
    Truncate(table)
}

impl<T: QueryFragment<Redshift>> Truncate<T> {
    super::to_sql!();

    /// Runs it, which commits.
    ///
    /// # Errors
    ///
    /// [`TransactionError::InTransaction`](crate::error::TransactionError::InTransaction) if a
    /// transaction is open, or any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<(), Error> {
        refuse_in_transaction(
            conn,
            "TRUNCATE",
            "would commit it; use diesel::delete, or TRUNCATE outside of it",
        )?;
        send(self, conn)
    }
}

impl<T: QueryFragment<Redshift>> QueryFragment<Redshift> for Truncate<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("TRUNCATE ");
        self.0.walk_ast(out)
    }
}

impl<T> QueryId for Truncate<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
