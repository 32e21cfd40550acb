//! Sending a COPY.

use diesel::connection::{DebugQuery, StrQueryHelper};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use secrecy::{ExposeSecret, SecretString};

use super::{CompleteCopy, CopyOutcome, CopyStatement};
use crate::connection::{Notice, RedshiftConnection};
use crate::error::Error;

#[derive(QueryableByName)]
struct LastCopy {
    #[diesel(sql_type = BigInt)]
    loaded: i64,
    #[diesel(sql_type = BigInt)]
    query_id: i64,
}

impl<T, S, A, F> CopyStatement<T, S, A, F> {
    /// Loads the data.
    ///
    /// It runs in a transaction: on its own it commits, within yours it joins. Either all files are
    /// loaded or none is.
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
    /// [`Error::Invalid`] if Redshift does not accept the value of an option; nothing was sent
    /// then. [`Error::Load`] with the rejected rows if the data is wrong, [`Error::Storage`] if S3
    /// or the role refuses, [`Error::Database`] for any other server error, or if the connection
    /// fails.
    ///
    /// If the COPY ran in a transaction of yours, that can only be rolled back now; the rejected
    /// rows are then fetched on another connection with the same parameters.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error>
    where
        Self: CompleteCopy,
    {
        CompleteCopy::execute(self, conn)
    }
}

/// A COPY that is checked and printed: all that is needed to send it and to interpret the answer.
#[derive(Debug)]
pub struct CopyPlan {
    pub(super) sql: SecretString,
    /// The same with secrets redacted.
    pub(super) shown: String,
    pub(super) location: String,
    /// The common prefix of all files that are read, if it is known.
    pub(super) prefix: Option<String>,
}

impl CopyPlan {
    pub(crate) fn execute(&self, conn: &mut RedshiftConnection) -> Result<CopyOutcome, Error> {
        self.execute_checked(conn, |_| Ok(()))
    }

    /// Loads the data, and rolls back if `check` refuses what was loaded.
    pub(crate) fn execute_checked(
        &self,
        conn: &mut RedshiftConnection,
        check: impl FnOnce(&CopyOutcome) -> Result<(), Error>,
    ) -> Result<CopyOutcome, Error> {
        self.execute_with(
            conn,
            |conn, sql, shown| conn.execute_utility(sql, shown),
            check,
        )
    }

    /// Loads the data by `send`, which is given the statement and its text for the instrumentation.
    pub(super) fn execute_with(
        &self,
        conn: &mut RedshiftConnection,
        send: impl FnOnce(&mut RedshiftConnection, &str, &dyn DebugQuery) -> QueryResult<Vec<Notice>>,
        check: impl FnOnce(&CopyOutcome) -> Result<(), Error>,
    ) -> Result<CopyOutcome, Error> {
        let outcome = conn.transaction(|conn| {
            let notices = send(
                conn,
                self.sql.expose_secret(),
                &StrQueryHelper::new(&self.shown),
            )
            .map_err(|error| {
                Error::of_copy(self.prefix.clone(), Some(&self.location), error)
            })?;
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
