//! Transactions with asynchronous closures.
// The types state that futures are `Send`, for generic callers.
#![allow(clippy::manual_async_fn)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::TransactionManager as _;
use diesel::connection::TransactionManagerStatus;
use diesel::result::{Error, QueryResult};
use diesel_async::TransactionManager;

use super::AsyncRedshiftConnection;
use super::thread::{SessionThread, WhenDropped, thread_ended};
use crate::backoff::wait_after;
use crate::connection::{RedshiftConnection, RedshiftTransactionManager, begin};
use crate::error::Retryable;

/// An asynchronous closure that is called once and whose future is `Send`.
pub trait AsyncTransaction<C, R>:
    AsyncFnOnce(C) -> R + FnOnce(C) -> <Self as AsyncTransaction<C, R>>::Future
{
    crate::seal::sealed!(required);

    /// What the closure returns.
    type Future: Future<Output = R>;
}

impl<F, C, R, T> AsyncTransaction<C, R> for F
where
    F: AsyncFnOnce(C) -> R + FnOnce(C) -> T,
    T: Future<Output = R>,
{
    crate::seal::sealed!();

    type Future = T;
}

/// An asynchronous closure that may be called again and whose future is `Send`.
pub trait RepeatableTransaction<C, R>:
    AsyncFnMut(C) -> R + FnMut(C) -> <Self as RepeatableTransaction<C, R>>::Future
{
    crate::seal::sealed!(required);

    /// What the closure returns.
    type Future: Future<Output = R>;
}

impl<F, C, R, T> RepeatableTransaction<C, R> for F
where
    F: AsyncFnMut(C) -> R + FnMut(C) -> T,
    T: Future<Output = R>,
{
    crate::seal::sealed!();

    type Future = T;
}

/// Runs transactions with the rules of [`RedshiftTransactionManager`]: nested ones join, and if one
/// of them fails, the outer one can only be rolled back.
#[derive(Debug)]
pub struct AsyncRedshiftTransactionManager(());

async fn at_the_edge(
    conn: &AsyncRedshiftConnection,
    edge: impl FnOnce(&mut RedshiftConnection) -> QueryResult<()> + Send + 'static,
) -> QueryResult<()> {
    let outcome = conn.session.call(WhenDropped::Finish, edge).await;
    outcome.unwrap_or_else(|| Err(thread_ended()))
}

impl TransactionManager<AsyncRedshiftConnection> for AsyncRedshiftTransactionManager {
    type TransactionStateData = TransactionManagerStatus;

    async fn begin_transaction(conn: &mut AsyncRedshiftConnection) -> QueryResult<()> {
        at_the_edge(conn, RedshiftTransactionManager::begin_transaction).await
    }

    async fn rollback_transaction(conn: &mut AsyncRedshiftConnection) -> QueryResult<()> {
        at_the_edge(conn, RedshiftTransactionManager::rollback_transaction).await
    }

    async fn commit_transaction(conn: &mut AsyncRedshiftConnection) -> QueryResult<()> {
        at_the_edge(conn, RedshiftTransactionManager::commit_transaction).await
    }

    fn transaction_manager_status_mut(
        conn: &mut AsyncRedshiftConnection,
    ) -> &mut TransactionManagerStatus {
        conn.status()
    }
}

/// A transaction whose future exists. If it is dropped, the transaction is rolled back, and the
/// next statement waits for that.
struct Open {
    session: SessionThread,
    /// How deep it is nested; 0 before it has begun.
    level: Arc<AtomicU32>,
    is_ended: bool,
}

impl Open {
    async fn begin(conn: &AsyncRedshiftConnection, sql: String, joins: bool) -> QueryResult<Self> {
        let open = Self {
            session: conn.session.clone(),
            level: Arc::default(),
            is_ended: false,
        };
        let level = Arc::clone(&open.level);
        let begun = at_the_edge(conn, move |conn| {
            begin(conn, &sql, joins)?;
            level.store(conn.transaction_depth().unwrap_or(0), Ordering::Release);
            Ok(())
        });
        begun.await.map(|()| open)
    }

    /// Ends the transaction according to the outcome of its closure.
    async fn end<R, E>(
        mut self,
        conn: &mut AsyncRedshiftConnection,
        outcome: Result<R, E>,
    ) -> Result<R, E>
    where
        E: From<Error>,
    {
        let ended = match &outcome {
            Ok(_) => AsyncRedshiftTransactionManager::commit_transaction(conn).await,
            Err(_) => AsyncRedshiftTransactionManager::rollback_transaction(conn).await,
        };
        self.is_ended = true;
        match (outcome, ended) {
            (outcome, Ok(())) => outcome,
            // The error of the closure says more than that the connection broke with it.
            (Err(error), Err(Error::BrokenTransactionManager)) => Err(error),
            (_, Err(error)) => Err(error.into()),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.is_ended {
            return;
        }
        let level = Arc::clone(&self.level);
        let patience = self.session.patience();
        self.session.post_cleanup(move |conn| {
            let level = level.load(Ordering::Acquire);
            if level > 0 {
                conn.roll_back_down_to(level, patience);
            }
        });
    }
}

/// Builds a transaction with options; see [`AsyncRedshiftConnection::build_transaction`].
#[must_use = "a transaction runs with .run(…)"]
pub struct AsyncTransactionBuilder<'a> {
    conn: &'a mut AsyncRedshiftConnection,
    sql: &'static str,
}

crate::sql::debug_name! { AsyncTransactionBuilder<'a> }

impl<'conn> AsyncTransactionBuilder<'conn> {
    /// `BEGIN READ ONLY`: statements that write are refused.
    pub fn read_only(mut self) -> Self {
        self.sql = "BEGIN READ ONLY";
        self
    }

    /// `BEGIN READ WRITE`, the default.
    pub fn read_write(mut self) -> Self {
        self.sql = "BEGIN READ WRITE";
        self
    }

    /// Runs `f` in the transaction; see [`AsyncRedshiftConnection::transaction`].
    ///
    /// # Errors
    ///
    /// Those of `f`, and [`Error::AlreadyInTransaction`] within another transaction: one that joins
    /// it could not have options of its own.
    pub fn run<'a, R, E, F>(self, f: F) -> impl Future<Output = Result<R, E>> + Send + 'conn
    where
        for<'r> F: AsyncFnOnce(&'r mut AsyncRedshiftConnection) -> Result<R, E>
            + AsyncTransaction<&'r mut AsyncRedshiftConnection, Result<R, E>, Future: Send>
            + Send
            + 'a,
        E: From<Error> + Send + 'a,
        R: Send + 'a,
        'a: 'conn,
    {
        async move {
            let open = Open::begin(self.conn, self.sql.to_owned(), false).await?;
            let outcome = f(&mut *self.conn).await;
            open.end(self.conn, outcome).await
        }
    }
}

impl AsyncRedshiftConnection {
    /// Runs `f` in a transaction; commits when it returns `Ok`, rolls back when it returns `Err`.
    ///
    /// Redshift has no savepoints: a nested transaction joins the outer one, which can only be
    /// rolled back if the inner one fails. If its future is dropped, the running statement is
    /// cancelled and the transaction rolled back; the connection can be used again, and its next
    /// statement waits for that. A `COMMIT` that was sent is not cancelled.
    ///
    /// The method of the same name of diesel-async's `AsyncConnection`, which is called on a pooled
    /// connection if that trait is imported, leaves the transaction of a dropped future open; a
    /// pool then replaces the connection.
    ///
    /// ```no_run
    /// # use diesel::{ExpressionMethods, QueryDsl, QueryResult};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # async fn run(conn: &mut diesel_redshift::AsyncRedshiftConnection) -> QueryResult<()> {
    /// use diesel_async::RunQueryDsl;
    ///
    /// conn.transaction::<_, diesel::result::Error, _>(async |conn| {
    ///     diesel::insert_into(users::table)
    ///         .values((users::id.eq(1), users::name.eq("Ada")))
    ///         .execute(conn)
    ///         .await?;
    ///     Ok(())
    /// })
    /// .await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `f`, and those of `BEGIN`, `COMMIT` and `ROLLBACK`.
    pub fn transaction<'a, 'conn, R, E, F>(
        &'conn mut self,
        f: F,
    ) -> impl Future<Output = Result<R, E>> + Send + 'conn
    where
        for<'r> F: AsyncFnOnce(&'r mut Self) -> Result<R, E>
            + AsyncTransaction<&'r mut Self, Result<R, E>, Future: Send>
            + Send
            + 'a,
        E: From<Error> + Send + 'a,
        R: Send + 'a,
        'a: 'conn,
    {
        async move {
            let open = Open::begin(self, "BEGIN".to_owned(), true).await?;
            let outcome = f(&mut *self).await;
            open.end(self, outcome).await
        }
    }

    /// A transaction with options.
    ///
    /// ```no_run
    /// # use diesel::QueryResult;
    /// # async fn run(conn: &mut diesel_redshift::AsyncRedshiftConnection) -> QueryResult<()> {
    /// use diesel_async::RunQueryDsl;
    ///
    /// conn.build_transaction()
    ///     .read_only()
    ///     .run::<_, diesel::result::Error, _>(async |conn| {
    ///         diesel::sql_query("SELECT 1").execute(conn).await?;
    ///         Ok(())
    ///     })
    ///     .await
    /// # }
    /// ```
    pub fn build_transaction(&mut self) -> AsyncTransactionBuilder<'_> {
        AsyncTransactionBuilder {
            conn: self,
            sql: "BEGIN",
        }
    }

    /// Runs `f` in a transaction, and again if it fails for a reason that may not recur; see
    /// [`RedshiftConnection::retry_serializable`].
    ///
    /// The closure may read what it captures, and change it if that can be shared, such as an
    /// atomic counter or a `Mutex`: only then does the compiler know that its future is `Send`.
    ///
    /// ```no_run
    /// # use diesel::{ExpressionMethods, QueryDsl, QueryResult};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # async fn run(conn: &mut diesel_redshift::AsyncRedshiftConnection) -> QueryResult<usize> {
    /// use diesel_async::RunQueryDsl;
    ///
    /// conn.retry_serializable(5, async |conn| {
    ///     let ada = diesel::update(users::table.find(1)).set(users::name.eq("Ada"));
    ///     ada.execute(conn).await
    /// })
    /// .await
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the last attempt; [`Error::AlreadyInTransaction`] within a transaction.
    pub fn retry_serializable<'a, 'conn, R, E, F>(
        &'conn mut self,
        attempts: u32,
        mut f: F,
    ) -> impl Future<Output = Result<R, E>> + Send + 'conn
    where
        for<'r> F: AsyncFnMut(&'r mut Self) -> Result<R, E>
            + RepeatableTransaction<&'r mut Self, Result<R, E>, Future: Send>
            + Send
            + 'a,
        E: From<Error> + Retryable + Send + 'a,
        R: Send + 'a,
        'a: 'conn,
    {
        async move {
            let mut attempt = 1;
            loop {
                let open = Open::begin(self, "BEGIN".to_owned(), false).await?;
                let outcome = f(&mut *self).await;
                match open.end(self, outcome).await {
                    Err(error) if attempt < attempts && error.is_retryable() => {
                        self.session.sleep(wait_after(attempt)).await;
                        attempt += 1;
                    }
                    outcome => return outcome,
                }
            }
        }
    }
}
