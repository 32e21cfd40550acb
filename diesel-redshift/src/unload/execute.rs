//! Sending an UNLOAD.

use diesel::connection::StrQueryHelper;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use secrecy::{ExposeSecret, SecretString};

use super::{CompleteUnload, UnloadOutcome, UnloadStatement};
use crate::connection::RedshiftConnection;
use crate::error::{Error, StorageError};

#[derive(QueryableByName)]
struct LastUnload {
    #[diesel(sql_type = BigInt)]
    unloaded: i64,
    #[diesel(sql_type = BigInt)]
    query_id: i64,
}

impl<Q, L, A, F> UnloadStatement<Q, L, A, F> {
    /// Runs the query and writes its result.
    ///
    /// It runs in a transaction: on its own it commits, within yours it joins and sees what you
    /// have written there. Files in S3 stay if the transaction is rolled back.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # use diesel_redshift::{unload, IamRole, RedshiftConnection, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # fn run(conn: &mut RedshiftConnection) -> Result<(), diesel_redshift::Error> {
    /// let outcome = unload(users::table.filter(users::id.gt(100)))
    ///     .to(S3Uri::parse("s3://bucket/users/2026_")?)
    ///     .iam_role(IamRole::Default)
    ///     .format(unload::Parquet::new())
    ///     .manifest()
    ///     .execute(conn)?;
    /// println!("{} rows, query {:?}", outcome.rows, outcome.query_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if Redshift does not accept the value of an option; nothing was sent
    /// then. [`Error::Storage`] if S3 or the role refuses, also because objects already exist,
    /// [`Error::Database`] for any other server error, or if the connection fails.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<UnloadOutcome, Error>
    where
        Self: CompleteUnload,
    {
        CompleteUnload::execute(self, conn)
    }
}

/// An UNLOAD that is checked and printed: all that is needed to send it and to interpret the
/// answer.
#[derive(Debug)]
pub struct UnloadPlan {
    pub(super) sql: SecretString,
    /// The same with secrets redacted.
    pub(super) shown: String,
    pub(super) location: String,
}

impl UnloadPlan {
    pub(crate) fn execute(&self, conn: &mut RedshiftConnection) -> Result<UnloadOutcome, Error> {
        conn.transaction(|conn| {
            let notices = conn
                .execute_utility(
                    self.sql.expose_secret(),
                    &StrQueryHelper::new(&self.shown),
                )
                .map_err(|error| match StorageError::read(Some(&self.location), error) {
                    Ok(error) => Error::Storage(Box::new(error)),
                    Err(error) => error.into(),
                })?;
            let last: LastUnload = diesel::sql_query(
                "SELECT pg_last_unload_count()::bigint AS unloaded, pg_last_unload_id()::bigint AS query_id",
            )
            .get_result(conn)?;
            Ok(UnloadOutcome::new(last.unloaded, last.query_id, notices))
        })
    }
}
