//! Sending a COPY.

use diesel::connection::{StrQueryHelper, TransactionManager};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{CompleteCopy, CopyOutcome, CopyStatement};
use crate::connection::RedshiftConnection;
use crate::error::Error;
#[cfg(doc)]
use crate::error::LoadError;
use crate::statement::Secrets;

#[derive(QueryableByName)]
struct LastCopy {
    #[diesel(sql_type = BigInt)]
    loaded: i64,
    #[diesel(sql_type = BigInt)]
    query_id: i64,
}

impl<T, S, A, F, O> CopyStatement<T, S, A, F, O> {
    /// Loads the data.
    ///
    /// It runs inside a transaction: alone it commits, within yours it joins. Either all files are loaded or
    /// nothing is.
    ///
    /// ```no_run
    /// # use diesel_redshift::{copy, copy::Csv, IamRole, RedshiftConnection, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # fn run(conn: &mut RedshiftConnection) -> Result<(), diesel_redshift::Error> {
    /// let outcome = copy(users::table)
    ///     .from(S3Uri::parse("s3://bucket/users.csv")?)
    ///     .iam_role(IamRole::Default)
    ///     .format(Csv::new().ignore_header(1))
    ///     .execute(conn)?;
    /// println!("{} rows, query {:?}", outcome.rows, outcome.query_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Option`] when an option has a value that Redshift does not take; nothing was sent then.
    /// [`Error::Load`] with the rows at fault when the data is wrong, [`Error::Storage`] when S3 or the role
    /// refuses, [`Error::Database`] when the server refuses otherwise or the connection fails.
    ///
    /// When the COPY ran in a transaction of yours, that is rolled back with it, and only then
    /// [`LoadError::fetch_rows`] can ask for the rows at fault.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error>
    where
        Self: CompleteCopy,
    {
        let sql = self.text(Secrets::Written)?;
        let shown = self.text(Secrets::Hidden)?;
        let outcome = conn.transaction(|conn| {
            let notices = conn
                .execute_utility(&sql, &StrQueryHelper::new(&shown))
                .map_err(|error| self.explain(error))?;
            let last: LastCopy = diesel::sql_query(
                "SELECT pg_last_copy_count()::bigint AS loaded, pg_last_copy_id()::bigint AS query_id",
            )
            .get_result(conn)?;
            Ok(CopyOutcome::new(last.loaded, last.query_id, notices))
        });
        match outcome {
            Err(Error::Load(mut error)) => {
                let depth = <RedshiftConnection as Connection>::TransactionManager::transaction_manager_status_mut(conn)
                    .transaction_depth();
                if let Ok(None) = depth {
                    // What the server said is the error; that nothing more is known, is none.
                    let _ = error.fetch_rows(conn);
                }
                Err(Error::Load(error))
            }
            outcome => outcome,
        }
    }
}
