//! [`AsyncRedshiftConnection`]: Diesel's queries from asynchronous tasks.
//!
//! libpq waits for the server on the connection's own thread, which does one thing after the other.
//! A task hands it work and is woken when that is done; if the task goes away, another thread
//! cancels the work on the server. So no task ever blocks its worker, and no runtime is needed but
//! the one that polls.

mod operation;
mod rows;
mod thread;
mod transaction;

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use diesel::connection::{
    CacheSize, Connection, DynInstrumentation, Instrumentation, InstrumentationEvent,
    SimpleConnection, TransactionManagerStatus,
};
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::{ConnectionResult, QueryResult};
use diesel_async::pooled_connection::{PoolableConnection, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncConnectionCore, SimpleAsyncConnection};

pub use self::rows::{LoadFuture, RowStream};
use self::thread::{Call, SessionThread, WhenDropped, thread_ended};
pub use self::transaction::{
    AsyncRedshiftTransactionManager, AsyncTransaction, AsyncTransactionBuilder,
    RepeatableTransaction,
};
use crate::Redshift;
use crate::connection::{
    AsyncRedshiftRow, CancelHandle, DatabaseCredentials, Notice, QueryApart, RedshiftConnection,
};
use crate::error::{DatabaseError, InvalidValue};

/// A connection to Amazon Redshift for asynchronous code, based on [diesel-async](diesel_async).
///
/// It is a [`RedshiftConnection`] on a thread of its own, with its settings, transaction rules and
/// prepared statements. It works with any executor, single- or multi-threaded, and never blocks a
/// task's thread.
///
/// Queries run with diesel-async's `RunQueryDsl`; everything else with [`run`](Self::run), which
/// lends the [`RedshiftConnection`].
///
/// ```no_run
/// use diesel::prelude::*;
/// use diesel_async::{AsyncConnection, RunQueryDsl};
/// use diesel_redshift::AsyncRedshiftConnection;
///
/// diesel::table! { users { id -> BigInt, name -> Text, } }
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let mut conn = AsyncRedshiftConnection::establish("postgresql://my-cluster.example/dev").await?;
/// let names: Vec<String> = users::table.select(users::name).load(&mut conn).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Dropped futures
///
/// A future that is dropped before its end, as by a time limit, cancels its statement on the server
/// without waiting. The next statement on the connection waits until the server has ended it. In a
/// transaction, a cancelled statement counts as failed: the server refuses others until `ROLLBACK`.
/// A [`transaction`](Self::transaction) whose future is dropped is rolled back, and so is one that
/// the dropped statement began, as `BEGIN` does. [`set_cancel_timeout`](Self::set_cancel_timeout)
/// limits how long the server may take.
///
/// A future that was never polled has sent nothing.
///
/// # Rows
///
/// `load_stream` returns rows as they arrive and buffers up to half a mebibyte; a slow reader makes
/// the server wait. A stream that is dropped early cancels its query, unless its rest can be read
/// at once.
pub struct AsyncRedshiftConnection {
    session: SessionThread,
    status: TransactionManagerStatus,
    instrumentation: SharedInstrumentation,
}

impl fmt::Debug for AsyncRedshiftConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AsyncRedshiftConnection")
            .field("backend_pid", &self.backend_pid())
            .finish_non_exhaustive()
    }
}

/// An instrumentation shared by the connection's thread and its owner.
#[derive(Clone)]
struct SharedInstrumentation(Arc<Mutex<DynInstrumentation>>);

impl Instrumentation for SharedInstrumentation {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let mut shared = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shared.on_connection_event(event);
    }
}

impl AsyncRedshiftConnection {
    /// Connects as [`establish`](AsyncConnection::establish) does, with a user and password from
    /// elsewhere; see [`RedshiftConnection::establish_with`].
    ///
    /// # Errors
    ///
    /// If the string cannot be parsed, or the server refuses.
    pub async fn establish_with(
        database_url: &str,
        credentials: &DatabaseCredentials,
    ) -> ConnectionResult<Self> {
        let database_url = database_url.to_owned();
        let credentials = credentials.clone();
        Self::establish_by(move || RedshiftConnection::establish_with(&database_url, &credentials))
            .await
    }

    /// Connects with a function that may block, on the thread that the connection will have.
    ///
    /// ```no_run
    /// # use diesel::prelude::*;
    /// # use diesel_redshift::{AsyncRedshiftConnection, RedshiftConnection};
    /// # async fn run(url: String) -> diesel::ConnectionResult<()> {
    /// let conn = AsyncRedshiftConnection::establish_by(move || {
    ///     let mut conn = RedshiftConnection::establish(&url)?;
    ///     conn.set_query_group("web")
    ///         .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    ///     Ok(conn)
    /// })
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the function.
    pub async fn establish_by<F>(establish: F) -> ConnectionResult<Self>
    where
        F: FnOnce() -> ConnectionResult<RedshiftConnection> + Send + 'static,
    {
        Ok(Self {
            session: SessionThread::start(establish).await?,
            status: TransactionManagerStatus::default(),
            instrumentation: SharedInstrumentation(Arc::new(Mutex::new(
                DynInstrumentation::default_instrumentation(),
            ))),
        })
    }

    /// Runs `work` with the connection on its own thread, where it may block: anything
    /// [`RedshiftConnection`] can do.
    ///
    /// If the future is dropped, the running statement is cancelled, and those that `work` would
    /// send after it fail unsent, `COMMIT` too, with an error that [is
    /// cancelled](DatabaseError::is_cancelled); `work` should stop at it.
    ///
    /// ```no_run
    /// # use diesel_redshift::{copy, copy::Csv, AsyncRedshiftConnection, IamRole, S3Uri};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # async fn run(conn: &mut AsyncRedshiftConnection) -> Result<(), diesel_redshift::Error> {
    /// let load = copy(users::table)
    ///     .from(S3Uri::parse("s3://bucket/users.csv")?)
    ///     .iam_role(IamRole::Default)
    ///     .format(Csv::new());
    /// let outcome = conn.run(move |conn| load.execute(conn)).await?;
    /// println!("{} rows", outcome.rows);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of `work`. A panic of `work` resumes in the waiting task.
    pub fn run<R, E, F>(
        &mut self,
        work: F,
    ) -> impl Future<Output = Result<R, E>> + Send + use<'_, R, E, F>
    where
        F: FnOnce(&mut RedshiftConnection) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<diesel::result::Error> + Send + 'static,
    {
        let call = self.session.call(WhenDropped::Cancel, work);
        async move {
            let _borrowed = self;
            call.await.unwrap_or_else(|| Err(thread_ended().into()))
        }
    }

    /// The server's messages besides results since the last call; see
    /// [`RedshiftConnection::take_notices`].
    ///
    /// # Errors
    ///
    /// If the connection's thread has ended.
    pub async fn take_notices(&mut self) -> QueryResult<Vec<Notice>> {
        self.run(|conn| Ok(conn.take_notices())).await
    }

    /// Calls `handler` with each notice as it arrives, on the connection's thread; see
    /// [`RedshiftConnection::on_notice`].
    pub fn on_notice(&mut self, handler: impl FnMut(&Notice) + Send + 'static) {
        self.session.post(|conn| conn.on_notice(handler));
    }

    /// The last error on this connection, with its SQLSTATE; see
    /// [`RedshiftConnection::last_error`].
    ///
    /// # Errors
    ///
    /// If the connection's thread has ended.
    pub async fn last_error(&mut self) -> QueryResult<Option<DatabaseError>> {
        self.run(|conn| Ok(conn.last_error())).await
    }

    /// The process ID of the session, the `session_id` of Redshift's system views.
    pub fn backend_pid(&self) -> i32 {
        self.session.backend_pid()
    }

    /// A handle with which any thread can cancel the statement that is running here. It blocks the
    /// thread that uses it.
    pub fn cancel_handle(&self) -> CancelHandle {
        self.session.cancel_handle().clone()
    }

    /// How long a statement whose future was dropped may take to end on the server, 30 seconds by
    /// default. After that, the connection is closed and lost.
    ///
    /// # Errors
    ///
    /// If it is shorter than a millisecond or longer than a day.
    pub fn set_cancel_timeout(&mut self, timeout: Duration) -> QueryResult<()> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        if !(Duration::from_millis(1)..=DAY).contains(&timeout) {
            return Err(InvalidValue::new(
                "cancel timeout",
                format!("{timeout:?}"),
                "1 millisecond to 1 day",
            )
            .into());
        }
        self.session.set_patience(timeout);
        Ok(())
    }

    fn status(&mut self) -> &mut TransactionManagerStatus {
        self.status = self.session.standing().status();
        &mut self.status
    }
}

impl SimpleAsyncConnection for AsyncRedshiftConnection {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        let query = query.to_owned();
        self.run(move |conn| conn.batch_execute(&query)).await
    }
}

/// A future that returns how many rows a statement affected.
pub struct ExecuteFuture<'conn> {
    call: Option<QueryResult<Call<QueryResult<usize>>>>,
    conn: std::marker::PhantomData<&'conn mut ()>,
}

crate::sql::debug_name! { ExecuteFuture<'conn> }

impl Future for ExecuteFuture<'_> {
    type Output = QueryResult<usize>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<QueryResult<usize>> {
        match &mut self.call {
            Some(Ok(call)) => {
                let outcome = ready!(Pin::new(call).poll(context));
                Poll::Ready(outcome.unwrap_or_else(|| Err(thread_ended())))
            }
            call => Poll::Ready(match call.take() {
                Some(Err(error)) => Err(error),
                _ => Err(thread_ended()),
            }),
        }
    }
}

impl AsyncConnectionCore for AsyncRedshiftConnection {
    type ExecuteFuture<'conn, 'query> = ExecuteFuture<'conn>;
    type LoadFuture<'conn, 'query> = LoadFuture<'conn>;
    type Stream<'conn, 'query> = RowStream<'conn>;
    type Row<'conn, 'query> = AsyncRedshiftRow;
    type Backend = Redshift;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> LoadFuture<'conn>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Redshift> + QueryId + 'query,
    {
        LoadFuture::new(&self.session, QueryApart::new(&source.as_query()))
    }

    fn execute_returning_count<'conn, 'query, T>(&'conn mut self, source: T) -> ExecuteFuture<'conn>
    where
        T: QueryFragment<Redshift> + QueryId + 'query,
    {
        ExecuteFuture {
            call: Some(QueryApart::new(&source).map(|query| {
                self.session
                    .call(WhenDropped::Cancel, move |conn| conn.execute_apart(&query))
            })),
            conn: std::marker::PhantomData,
        }
    }
}

impl AsyncConnection for AsyncRedshiftConnection {
    type TransactionManager = AsyncRedshiftTransactionManager;

    async fn establish(database_url: &str) -> ConnectionResult<Self> {
        let database_url = database_url.to_owned();
        Self::establish_by(move || RedshiftConnection::establish(&database_url)).await
    }

    async fn begin_test_transaction(&mut self) -> QueryResult<()> {
        self.run(|conn| conn.begin_test_transaction()).await
    }

    fn transaction_state(&mut self) -> &mut TransactionManagerStatus {
        self.status()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = SharedInstrumentation(Arc::new(Mutex::new(
            DynInstrumentation::from(instrumentation),
        )));
        let shared = self.instrumentation.clone();
        self.session.post(|conn| conn.set_instrumentation(shared));
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.session
            .post(move |conn| conn.set_prepared_statement_cache_size(size));
    }
}

impl PoolableConnection for AsyncRedshiftConnection {
    /// Like diesel-async's, and an error for a connection that cannot be reused: mobc checks only
    /// here.
    async fn ping(&mut self, config: &RecyclingMethod<Self>) -> QueryResult<()> {
        if self.is_broken() {
            return Err(diesel::result::Error::BrokenTransactionManager);
        }
        match config {
            RecyclingMethod::Fast => Ok(()),
            RecyclingMethod::Verified => self.batch_execute("SELECT 1").await,
            RecyclingMethod::CustomQuery(query) => self.batch_execute(query).await,
            RecyclingMethod::CustomFunction(check) => check(self).await,
        }
    }

    fn is_broken(&mut self) -> bool {
        self.session.standing().is_unfit_for_a_pool()
    }
}
