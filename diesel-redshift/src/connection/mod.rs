//! The connection to Redshift, over libpq.

#[cfg(feature = "async")]
mod apart;
mod batch;
mod binary;
mod builder;
mod cancel;
mod conninfo;
mod credentials;
mod cursor;
mod error;
mod held_lock;
#[cfg(feature = "iam")]
mod iam;
mod notice;
mod panicked;
#[cfg(feature = "r2d2")]
mod pool;
mod query;
mod raw;
mod result;
mod row;
mod save_changes;
mod session;
mod sibling;
mod statement;
mod transaction;
mod transaction_builder;
mod transaction_state;
mod uri;

use std::ffi::CString;
use std::fmt;

use diesel::connection::{
    CacheSize, Connection, ConnectionSealed, DebugQuery, DefaultLoadingMode, DynInstrumentation,
    Instrumentation, InstrumentationEvent, LoadConnection, MultiConnectionHelper, SimpleConnection,
    StrQueryHelper, TransactionManager,
};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::result::{ConnectionError, ConnectionResult, QueryResult};

#[cfg(feature = "async")]
pub(crate) use self::apart::{QueryApart, Severing, SiblingHandles};
pub use self::builder::ConnectionBuilder;
pub use self::cancel::CancelHandle;
pub use self::credentials::DatabaseCredentials;
pub use self::cursor::RedshiftCursor;
pub(crate) use self::held_lock::HeldLock;
#[cfg(feature = "iam")]
pub use self::iam::{IamCredentials, IamCredentialsBuilder};
pub use self::notice::Notice;
#[cfg(feature = "r2d2")]
pub use self::pool::RedshiftConnectionManager;
#[cfg(feature = "async")]
pub use self::row::AsyncRedshiftRow;
pub use self::row::{RedshiftField, RedshiftRow};
pub use self::transaction::RedshiftTransactionManager;
pub(crate) use self::transaction::{NOT_IN_A_BLOCK, refuse_in_transaction};
pub use self::transaction_builder::TransactionBuilder;
#[cfg(feature = "async")]
pub(crate) use self::{result::RedshiftResult, transaction::begin};

use self::builder::Accepted;
use self::conninfo::Conninfo;
use self::error::unable_to_send;
use self::raw::{RawConnection, SessionStatus};
use self::statement::StatementCache;
use crate::Redshift;
use crate::error::DatabaseError;

/// A connection to Amazon Redshift.
///
/// [`establish`](Connection::establish) takes what libpq takes: a URI
/// (`postgresql://user:password@host:5439/database?sslmode=verify-full&sslrootcert=…`, or
/// `redshift://…`) or keywords (`host=… user=…`); what these leave out comes from the environment
/// (`PGHOST`, …) and `~/.pgpass`. Set `sslmode=verify-full` with Amazon's certificate bundle;
/// libpq's own default encrypts without verifying the server.
///
/// [`builder`](Self::builder) sets the same parameters one by one, without encoding, and turns on
/// verified TLS with one call. A PostgreSQL server is refused.
///
/// Unless the string or the environment says otherwise: port 5439, 30 seconds to connect, TCP
/// keepalives after 60 seconds of silence; a dead connection is detected within two minutes. The
/// session reads and writes UTF-8, and dates in ISO form.
///
/// Values are sent as text both ways (results also in binary, with
/// [`set_binary_results`](Self::set_binary_results)), and statements are prepared once and kept in
/// a bounded cache. [`batch_execute`](SimpleConnection::batch_execute) uses the simple protocol,
/// and can send several statements at once.
///
/// # Transactions
///
/// Redshift has no savepoints: a nested [`transaction`](Connection::transaction) joins the outer
/// one, and if it fails, the outer one can only be rolled back. A statement that ends the
/// transaction, such as `TRUNCATE`, which commits, is the last to run in it: later ones are refused
/// with [`TransactionError::EndedWithin`](crate::error::TransactionError::EndedWithin).
///
/// # Tests
///
/// [`begin_test_transaction`](Connection::begin_test_transaction) and
/// [`test_transaction`](Connection::test_transaction) suit code whose transactions succeed. If a
/// nested one fails, its work stays visible, whereas production rolls the whole back, so every
/// later statement is refused, as after `TRUNCATE`. Give such tests a database each (`CREATE
/// DATABASE`, or one of the local sandbox), and no test transaction.
///
/// ```no_run
/// use diesel::prelude::*;
/// use diesel_redshift::RedshiftConnection;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut conn = RedshiftConnection::establish(
///     "postgresql://ada:secret@my-cluster.example:5439/dev?sslmode=verify-full",
/// )?;
/// diesel::sql_query("SET query_group TO 'nightly'").execute(&mut conn)?;
/// # Ok(())
/// # }
/// ```
pub struct RedshiftConnection {
    raw: RawConnection,
    statements: StatementCache,
    transaction: RedshiftTransactionManager,
    instrumentation: DynInstrumentation,
    binary_results: bool,
    /// The query of the last COPY that is known; -1 before the first.
    last_load: i64,
    /// A transaction's closure has panicked.
    panicked: bool,
    /// The lock that `lock_migrations` holds on another session.
    lock: Option<HeldLock>,
    /// The lock of a migration step, which the next statement records.
    lock_to_record: Option<HeldLock>,
    /// The status of the session when the current statement was sent; `None` before that.
    sent_in: Option<SessionStatus>,
    /// How to log in again.
    #[cfg(feature = "iam")]
    credentials: Option<IamCredentials>,
    /// The task that waits for what is being done.
    #[cfg(feature = "async")]
    waiting: Option<apart::Waiting>,
}

impl fmt::Debug for RedshiftConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedshiftConnection")
            .field("backend_pid", &self.backend_pid())
            .finish_non_exhaustive()
    }
}

/// Loads a result with memory for a few rows at a time.
///
/// For [`load_iter`](diesel::RunQueryDsl::load_iter):
///
/// ```no_run
/// # use diesel::prelude::*;
/// # use diesel_redshift::{RedshiftConnection, connection::RowByRowLoadingMode};
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # fn run(conn: &mut RedshiftConnection) -> QueryResult<()> {
/// for user in users::table.load_iter::<(i64, String), RowByRowLoadingMode>(conn)? {
///     let (id, name) = user?;
///     println!("{id} {name}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// It holds one row at a time, or up to 16 with the bundled libpq, which then allocates once for
/// all of them. The default mode holds up to 32.
///
/// Either way, the rows are read while the server is still sending, so the connection is busy until
/// the last one is read or the iterator is dropped, which reads and discards the rest; and a server
/// error may follow rows that have been read.
#[derive(Debug, Clone, Copy)]
pub struct RowByRowLoadingMode;

impl RedshiftConnection {
    /// The server's messages besides results since the last call, oldest first; at most the last
    /// 1,000.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        self.raw.take_notices()
    }

    /// Calls `handler` with each notice as it arrives, also during a long statement.
    ///
    /// It replaces an earlier handler, and [`take_notices`](Self::take_notices) returns the notices
    /// all the same. A handler that panics is not called again; its panic resumes in the method
    /// that ran the statement, unless another one is unwinding there.
    ///
    /// ```no_run
    /// # fn run(conn: &mut diesel_redshift::RedshiftConnection) {
    /// conn.on_notice(|notice| eprintln!("{notice}"));
    /// # }
    /// ```
    pub fn on_notice(&mut self, handler: impl FnMut(&Notice) + Send + 'static) {
        self.raw.set_notice_handler(Some(Box::new(handler)));
    }

    /// The last error on this connection, with its SQLSTATE, which Diesel's form of it lacks.
    pub fn last_error(&self) -> Option<DatabaseError> {
        self.raw.last_error()
    }

    /// The process ID of the session, the `session_id` of Redshift's system views.
    pub fn backend_pid(&self) -> i32 {
        self.raw.backend_pid()
    }

    /// A parameter that the server reported, such as `padb_version`.
    pub fn server_parameter(&self, name: &str) -> Option<String> {
        self.raw.parameter(&CString::new(name).ok()?)
    }

    /// A handle with which another thread can cancel the statement that is running here.
    ///
    /// # Errors
    ///
    /// If the connection is lost.
    pub fn cancel_handle(&self) -> QueryResult<CancelHandle> {
        self.raw
            .cancel()
            .map(CancelHandle::new)
            .ok_or_else(|| unable_to_send(self.raw.error_message(), &self.raw))
    }

    /// How many prepared statements are cached, 256 by default; 0 prepares none.
    ///
    /// When the cache is full, the least recently used are deallocated.
    pub fn set_statement_cache_capacity(&mut self, statements: usize) {
        self.statements.set_capacity(statements);
    }

    /// Sends one statement that takes no parameters and returns the notices it raised.
    ///
    /// The statement uses the simple protocol. `shown` is its text for the instrumentation, without
    /// secrets.
    ///
    /// # Errors
    ///
    /// Any server error; [`InvalidCString`](diesel::result::Error::InvalidCString) if the text
    /// contains a NUL.
    pub(crate) fn execute_utility(
        &mut self,
        sql: &str,
        shown: &dyn DebugQuery,
    ) -> QueryResult<Vec<Notice>> {
        let earlier = self.raw.take_notices();
        let result = self.simple_query(sql, shown);
        let raised = self.raw.take_notices();
        self.raw.keep_notices(earlier);
        result.map(|()| raised)
    }

    /// Connects as [`establish`](Connection::establish) does, with a user and password from
    /// elsewhere.
    ///
    /// This is how temporary IAM credentials (from `GetClusterCredentials` or, on serverless,
    /// `GetCredentials`) are used: pass what the service returns unchanged, including the user's
    /// prefix such as `IAM:`.
    ///
    /// # Errors
    ///
    /// If the string cannot be parsed, or the server refuses.
    pub fn establish_with(
        database_url: &str,
        credentials: &DatabaseCredentials,
    ) -> ConnectionResult<Self> {
        let mut conninfo = Conninfo::parse(database_url)?;
        conninfo.set_credentials(credentials);
        Self::connect(conninfo, Accepted::default())
    }

    fn connect(conninfo: Conninfo, accepted: Accepted) -> ConnectionResult<Self> {
        let mut instrumentation = DynInstrumentation::default_instrumentation();
        let shown = conninfo.shown();
        instrumentation
            .on_connection_event(InstrumentationEvent::start_establish_connection(&shown));
        let raw = conninfo.parameters().and_then(|parameters| {
            RawConnection::establish(&parameters)
                .map_err(|message| ConnectionError::BadConnection(conninfo::explain(message)))
                .and_then(|raw| accepted.or_refuse(raw))
        });
        instrumentation.on_connection_event(InstrumentationEvent::finish_establish_connection(
            &shown,
            raw.as_ref().err(),
        ));
        Ok(Self {
            raw: raw?,
            statements: StatementCache::new(),
            transaction: RedshiftTransactionManager::default(),
            instrumentation,
            binary_results: false,
            last_load: -1,
            panicked: false,
            lock: None,
            lock_to_record: None,
            sent_in: None,
            #[cfg(feature = "iam")]
            credentials: None,
            #[cfg(feature = "async")]
            waiting: None,
        })
    }

    /// Sends statements as [`batch_execute`](SimpleConnection::batch_execute) does, but shows
    /// another text.
    pub(crate) fn batch_execute_shown(&mut self, sql: &str, shown: &str) -> QueryResult<()> {
        self.simple_query(sql, &StrQueryHelper::new(shown))
    }

    pub(crate) fn last_load(&self) -> i64 {
        self.last_load
    }

    pub(crate) fn set_last_load(&mut self, query_id: Option<i64>) {
        self.last_load = query_id.unwrap_or(-1).max(self.last_load);
    }

    /// Whether it cannot be reused: it is lost, or in the middle of something.
    #[cfg(any(feature = "r2d2", feature = "async"))]
    pub(crate) fn is_unfit_for_a_pool(&mut self) -> bool {
        let open_by_hand = matches!(self.transaction.state.depth(), Ok(None))
            && self.raw.session_status() != SessionStatus::Idle;
        open_by_hand
            || self.panicked
            || self.raw.is_lost()
            || RedshiftTransactionManager::is_broken_transaction_manager(self)
    }

    /// Whether a transaction is open, by whatever means.
    pub(crate) fn is_in_transaction(&self) -> bool {
        matches!(
            self.raw.session_status(),
            SessionStatus::InTransaction | SessionStatus::InError
        )
    }
}

impl SimpleConnection for RedshiftConnection {
    fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.simple_query(query, &StrQueryHelper::new(query))
    }
}

impl ConnectionSealed for RedshiftConnection {}

impl Connection for RedshiftConnection {
    type Backend = Redshift;
    type TransactionManager = RedshiftTransactionManager;

    fn establish(database_url: &str) -> ConnectionResult<Self> {
        #[cfg(feature = "iam")]
        if let Some(outcome) = iam::establish_by_url(database_url) {
            return outcome;
        }
        Self::connect(Conninfo::parse(database_url)?, Accepted::default())
    }

    fn execute_returning_count<T>(&mut self, source: &T) -> QueryResult<usize>
    where
        T: QueryFragment<Redshift> + QueryId,
    {
        let result = self.run(source, None, None)?;
        self.finish(source, None);
        Ok(result.rows_affected())
    }

    /// See [`Connection::transaction`]. If `f` panics, the connection is broken: every later
    /// statement on it returns
    /// [`BrokenTransactionManager`](diesel::result::Error::BrokenTransactionManager), and the
    /// server rolls back when it is dropped.
    ///
    /// The `transaction` of a pooled connection and of a `MultiConnection` is Diesel's, which does
    /// not see panics: a pool replaces the connection once it is returned, and until then its
    /// transaction is open. `(*pooled).transaction(…)` is this one.
    fn transaction<T, E, F>(&mut self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Self) -> Result<T, E>,
        E: From<diesel::result::Error>,
    {
        <RedshiftTransactionManager as TransactionManager<Self>>::transaction(self, |conn| {
            panicked::or_broken(conn, f)
        })
    }

    fn transaction_state(&mut self) -> &mut RedshiftTransactionManager {
        &mut self.transaction
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        &mut *self.instrumentation
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.instrumentation = instrumentation.into();
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.statements.set_capacity(match size {
            CacheSize::Disabled => 0,
            CacheSize::Unbounded => usize::MAX,
            _ => StatementCache::DEFAULT_CAPACITY,
        });
    }
}

macro_rules! load_connection {
    ($($mode:ty, $rows_at_a_time:expr;)*) => {$(
        impl LoadConnection<$mode> for RedshiftConnection {
            type Cursor<'conn, 'query> = RedshiftCursor<'conn, 'query>;
            type Row<'conn, 'query> = RedshiftRow;

            fn load<'conn, 'query, T>(
                &'conn mut self,
                source: T,
            ) -> QueryResult<RedshiftCursor<'conn, 'query>>
            where
                T: Query + QueryFragment<Redshift> + QueryId + 'query,
                Redshift: QueryMetadata<T::SqlType>,
            {
                let declared = self
                    .binary_results
                    .then(binary::declared_columns::<T::SqlType>);
                let rows_at_a_time = RawConnection::rows_at_a_time($rows_at_a_time);
                let first = self.run(&source, Some(rows_at_a_time), declared.as_deref())?;
                RedshiftCursor::new(self, Box::new(source), first, rows_at_a_time)
            }
        }
    )*};
}

load_connection! {
    // More rows leave the processor's caches before they are read: wide ones take half as long again with 1,000.
    DefaultLoadingMode, 32;
    RowByRowLoadingMode, 16;
}

impl MultiConnectionHelper for RedshiftConnection {
    fn to_any<'a>(lookup: &mut ()) -> &mut (dyn std::any::Any + 'a) {
        lookup
    }

    fn from_any(lookup: &mut dyn std::any::Any) -> Option<&mut ()> {
        lookup.downcast_mut()
    }
}
