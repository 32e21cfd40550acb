//! Sending a COPY.

use diesel::connection::{DebugQuery, StrQueryHelper};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{CompleteCopy, CopyOutcome, CopyStatement};
use crate::connection::{Notice, RedshiftConnection};
use crate::error::Error;
#[cfg(doc)]
use crate::error::LoadError;
use crate::sql::Secrets;

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
    /// [`Error::Invalid`] when an option has a value that Redshift does not take; nothing was sent then.
    /// [`Error::Load`] with the rows at fault when the data is wrong, [`Error::Storage`] when S3 or the role
    /// refuses, [`Error::Database`] when the server refuses otherwise or the connection fails.
    ///
    /// When the COPY ran in a transaction of yours, that can only be rolled back now; the rows at fault are then asked
    /// for on another connection with the same parameters.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error>
    where
        Self: CompleteCopy,
    {
        self.execute_by(conn, |conn, sql, shown| conn.execute_utility(sql, shown))
    }

    /// Loads the data, and rolls back when `check` refuses what was loaded.
    #[cfg(feature = "stage")]
    pub(crate) fn execute_checked(
        &self,
        conn: &mut RedshiftConnection,
        check: impl FnOnce(&CopyOutcome) -> Result<(), Error>,
    ) -> Result<CopyOutcome, Error>
    where
        Self: CompleteCopy,
    {
        let send = |conn: &mut RedshiftConnection, sql: &str, shown: &dyn DebugQuery| {
            conn.execute_utility(sql, shown)
        };
        self.execute_with(conn, send, check)
    }

    /// Loads the data by `send`, which is given the statement and its text for the instrumentation.
    pub(super) fn execute_by(
        &self,
        conn: &mut RedshiftConnection,
        send: impl FnOnce(&mut RedshiftConnection, &str, &dyn DebugQuery) -> QueryResult<Vec<Notice>>,
    ) -> Result<CopyOutcome, Error>
    where
        Self: CompleteCopy,
    {
        self.execute_with(conn, send, |_| Ok(()))
    }

    fn execute_with(
        &self,
        conn: &mut RedshiftConnection,
        send: impl FnOnce(&mut RedshiftConnection, &str, &dyn DebugQuery) -> QueryResult<Vec<Notice>>,
        check: impl FnOnce(&CopyOutcome) -> Result<(), Error>,
    ) -> Result<CopyOutcome, Error>
    where
        Self: CompleteCopy,
    {
        let sql = self.text(Secrets::Written)?;
        let shown = self.text(Secrets::Hidden)?;
        let outcome = conn.transaction(|conn| {
            let notices = send(conn, &sql, &StrQueryHelper::new(&shown))
                .map_err(|error| self.explain(error))?;
            let last: LastCopy = diesel::sql_query(
                "SELECT pg_last_copy_count()::bigint AS loaded, pg_last_copy_id()::bigint AS query_id",
            )
            .get_result(conn)?;
            let outcome = CopyOutcome::new(last.loaded, last.query_id, notices);
            check(&outcome)?;
            Ok(outcome)
        });
        match outcome {
            Ok(mut outcome) => {
                conn.set_last_load(outcome.query_id);
                outcome.fetch_rejected_rows(conn);
                Ok(outcome)
            }
            Err(Error::Load(mut error)) => {
                conn.find_rows(&mut error);
                Err(Error::Load(error))
            }
            Err(error) => Err(error),
        }
    }
}
