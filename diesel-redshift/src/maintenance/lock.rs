//! `LOCK`.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::Table;
use diesel::result::{Error as DieselError, QueryResult};

use super::send;
use crate::error::Error;
use crate::{Redshift, RedshiftConnection};

/// `LOCK`; see [`lock`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct Lock<T>(T);

/// `LOCK "table"`: keeps all other sessions from a table until the transaction ends.
///
/// The lock is always `ACCESS EXCLUSIVE`. Taken at the start of a transaction, in the same order
/// everywhere, it prevents serializable isolation violations (error 1023). Outside a transaction it
/// would be released at once, so [`execute`](Lock::execute) refuses there.
///
/// ```no_run
/// # use diesel::prelude::*;
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> QueryResult<usize> {
/// use diesel_redshift::maintenance::lock;
///
/// conn.transaction(|conn| {
///     lock(users::table).execute(conn)?;
///     diesel::delete(users::table.filter(users::id.lt(10))).execute(conn)
/// })
/// # }
/// ```
pub fn lock<T: Table>(table: T) -> Lock<T> {
    Lock(table)
}

impl<T: QueryFragment<Redshift>> Lock<T> {
    super::to_sql!();

    /// Takes the lock; waits for sessions that hold it.
    ///
    /// # Errors
    ///
    /// [`NotInTransaction`](diesel::result::Error::NotInTransaction) if no transaction is open, or
    /// any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<(), Error> {
        if !conn.is_in_transaction() {
            return Err(DieselError::NotInTransaction.into());
        }
        send(self, conn)
    }
}

impl<T: QueryFragment<Redshift>> QueryFragment<Redshift> for Lock<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("LOCK ");
        self.0.walk_ast(out)
    }
}

impl<T> QueryId for Lock<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
