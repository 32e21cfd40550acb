//! `ALTER TABLE … APPEND`.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::Table;
use diesel::result::QueryResult;

use super::{NOT_IN_A_BLOCK, refuse_in_transaction, send};
use crate::error::Error;
use crate::{Redshift, RedshiftConnection};

#[derive(Debug, Clone, Copy)]
enum Columns {
    Same,
    IgnoreExtra,
    FillTarget,
}

/// `ALTER TABLE … APPEND`; see [`append`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct Append<T, S> {
    target: T,
    source: S,
    columns: Columns,
}

/// `ALTER TABLE "target" APPEND FROM "source"`: moves all rows of a table to the end of another,
/// without copying.
///
/// Both are permanent tables whose common columns have the same names, types, encodings,
/// distribution and sort keys. The source is empty afterwards. It commits by itself and cannot run
/// in a transaction: if one is open, [`execute`](Append::execute) refuses before anything is sent.
///
/// ```
/// # diesel::table! { sales { id -> BigInt, } }
/// # diesel::table! { sales_stage { id -> BigInt, } }
/// # use diesel_redshift::Redshift;
/// use diesel_redshift::maintenance::append;
///
/// let statement = append(sales::table, sales_stage::table).ignore_extra();
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&statement).to_string(),
///     r#"ALTER TABLE "sales" APPEND FROM "sales_stage" IGNOREEXTRA -- binds: []"#
/// );
/// ```
pub fn append<T: Table, S: Table>(target: T, source: S) -> Append<T, S> {
    Append {
        target,
        source,
        columns: Columns::Same,
    }
}

impl<T, S> Append<T, S> {
    /// `IGNOREEXTRA`: columns that only the source has are dropped with their data. Replaces
    /// [`fill_target`](Self::fill_target).
    pub fn ignore_extra(mut self) -> Self {
        self.columns = Columns::IgnoreExtra;
        self
    }

    /// `FILLTARGET`: columns that only the target has get their default, or `NULL`. Replaces
    /// [`ignore_extra`](Self::ignore_extra).
    pub fn fill_target(mut self) -> Self {
        self.columns = Columns::FillTarget;
        self
    }

    super::to_sql!();

    /// Moves the rows, which commits.
    ///
    /// # Errors
    ///
    /// [`TransactionError::InTransaction`](crate::error::TransactionError::InTransaction) if a
    /// transaction is open, or any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<(), Error>
    where
        Self: QueryFragment<Redshift>,
    {
        refuse_in_transaction(conn, "ALTER TABLE APPEND", NOT_IN_A_BLOCK)?;
        send(self, conn)
    }
}

impl<T, S> QueryFragment<Redshift> for Append<T, S>
where
    T: QueryFragment<Redshift>,
    S: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("ALTER TABLE ");
        self.target.walk_ast(out.reborrow())?;
        out.push_sql(" APPEND FROM ");
        self.source.walk_ast(out.reborrow())?;
        out.push_sql(match self.columns {
            Columns::Same => "",
            Columns::IgnoreExtra => " IGNOREEXTRA",
            Columns::FillTarget => " FILLTARGET",
        });
        Ok(())
    }
}

impl<T, S> QueryId for Append<T, S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
