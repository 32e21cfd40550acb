//! Transactions with options, and transactions that are retried.

use std::thread;

use diesel::connection::TransactionManager;
use diesel::result::Error;

use super::RedshiftConnection;
use super::panicked;
use super::transaction::{RedshiftTransactionManager, begin, roll_back_after};
use crate::backoff::wait_after;
use crate::error::Retryable;

/// Builds a transaction with options; see [`RedshiftConnection::build_transaction`].
///
/// On Redshift, isolation, snapshot or serializable, is a property of the database: `ISOLATION
/// LEVEL` is accepted and changes nothing, so there is no `serializable()` here.
/// [`retry_serializable`](RedshiftConnection::retry_serializable) runs a transaction again if it
/// fails because the database is serializable.
#[must_use = "a transaction runs with .run(…)"]
pub struct TransactionBuilder<'a> {
    conn: &'a mut RedshiftConnection,
    access: Option<&'static str>,
}

impl TransactionBuilder<'_> {
    /// `BEGIN READ ONLY`: statements that write are refused.
    pub fn read_only(mut self) -> Self {
        self.access = Some("READ ONLY");
        self
    }

    /// `BEGIN READ WRITE`, the default.
    pub fn read_write(mut self) -> Self {
        self.access = Some("READ WRITE");
        self
    }

    /// Runs `f` in the transaction; commits when it returns `Ok`, rolls back when it returns `Err`.
    ///
    /// # Errors
    ///
    /// Those of `f`, and [`Error::AlreadyInTransaction`] within another transaction: one that joins
    /// it could not have options of its own.
    pub fn run<T, E, F>(self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut RedshiftConnection) -> Result<T, E>,
        E: From<Error>,
    {
        let sql = match self.access {
            Some(access) => format!("BEGIN {access}"),
            None => "BEGIN".to_owned(),
        };
        begin(self.conn, &sql, false)?;
        match panicked::or_broken(self.conn, f) {
            Ok(value) => {
                RedshiftTransactionManager::commit_transaction(self.conn)?;
                Ok(value)
            }
            Err(error) => Err(roll_back_after(self.conn, error)),
        }
    }
}

impl RedshiftConnection {
    /// A transaction with options.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> QueryResult<()> {
    /// conn.build_transaction().read_only().run(|conn| {
    ///     diesel::sql_query("SELECT 1").execute(conn)?;
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn build_transaction(&mut self) -> TransactionBuilder<'_> {
        TransactionBuilder {
            conn: self,
            access: None,
        }
    }

    /// Runs `f` in a transaction, and again if it fails for a reason that may not recur, as
    /// [`is_retryable`](Retryable::is_retryable) tells: a serializable isolation violation (error
    /// 1023), a conflict with a concurrent transaction, a deadlock, a table that was replaced, a
    /// busy S3. It runs at most `attempts` times in all, with growing waits of 50 ms to 10 s in
    /// between. It is not run again if the outcome of its `COMMIT` is unknown, or if a statement
    /// within it, such as `TRUNCATE`, has committed a part of it.
    ///
    /// `f` runs again from its start, so its effects outside the database must bear repetition.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # fn run(conn: &mut diesel_redshift::RedshiftConnection) -> QueryResult<usize> {
    /// conn.retry_serializable(5, |conn| {
    ///     diesel::update(users::table.find(1)).set(users::name.eq("Ada")).execute(conn)
    /// })
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the last attempt; [`Error::AlreadyInTransaction`] within a transaction, whose
    /// earlier statements could not be run again.
    pub fn retry_serializable<T, E, F>(&mut self, attempts: u32, mut f: F) -> Result<T, E>
    where
        F: FnMut(&mut RedshiftConnection) -> Result<T, E>,
        E: From<Error> + Retryable,
    {
        let mut attempt = 1;
        loop {
            let mut has_ended = false;
            let outcome = self.build_transaction().run(|conn| {
                let outcome = f(conn);
                has_ended = conn.transaction.state.has_ended();
                outcome
            });
            match outcome {
                Err(error) if attempt < attempts && !has_ended && error.is_retryable() => {
                    thread::sleep(wait_after(attempt));
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }
}

crate::sql::debug_name! { TransactionBuilder<'a> }
