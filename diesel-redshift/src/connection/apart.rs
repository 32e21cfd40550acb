//! What an asynchronous connection does with this one, on a separate thread.

use std::any::TypeId;
use std::fmt;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::statement_cache::QueryFragmentForCachedStatement;
use diesel::connection::{
    DebugQuery, SimpleConnection, TransactionManager, TransactionManagerStatus,
};
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::result::{ConnectionError, ConnectionResult, QueryResult};

use super::cancel::CancelHandle;
use super::cursor::RestOfResult;
use super::raw::RawConnection;
use super::result::RedshiftResult;
use super::statement::AnyQuery;
use super::{RedshiftConnection, RedshiftTransactionManager};
use crate::Redshift;
use crate::query_builder::RedshiftBindCollector;

/// A synchronous connection's default.
const ROWS_AT_A_TIME: i32 = 32;

/// A query with everything that is needed to run it where its own type is not known.
pub(crate) struct QueryApart {
    id: Option<TypeId>,
    sql: String,
    is_safe_to_cache_prepared: bool,
    binds: RedshiftBindCollector,
}

impl QueryApart {
    pub(crate) fn new<T>(query: &T) -> QueryResult<Self>
    where
        T: QueryFragment<Redshift> + QueryId,
    {
        Ok(Self {
            id: T::query_id(),
            binds: query.binds()?,
            is_safe_to_cache_prepared: QueryFragment::is_safe_to_cache_prepared(query, &Redshift)?,
            sql: query.construct_sql(&Redshift)?,
        })
    }
}

impl QueryFragmentForCachedStatement<Redshift> for QueryApart {
    fn construct_sql(&self, _: &Redshift) -> QueryResult<String> {
        Ok(self.sql.clone())
    }

    fn is_safe_to_cache_prepared(&self, _: &Redshift) -> QueryResult<bool> {
        Ok(self.is_safe_to_cache_prepared)
    }
}

impl AnyQuery for QueryApart {
    fn type_id(&self) -> Option<TypeId> {
        self.id
    }

    fn binds(&self) -> QueryResult<RedshiftBindCollector> {
        Ok(self.binds.clone())
    }

    fn show(&self, to: &mut dyn FnMut(&dyn DebugQuery)) {
        to(&Shown(self));
    }
}

/// The text and the binds, as Diesel's `debug_query` writes them.
struct Shown<'a>(&'a QueryApart);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} -- binds: ", self.0.sql)?;
        let texts = self.0.binds.iter().map(|(_, text)| match text {
            Some(text) => format!("{:?}", String::from_utf8_lossy(text)),
            None => "NULL".to_owned(),
        });
        write!(formatter, "[{}]", texts.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl DebugQuery for Shown<'_> {}

/// Closes a connection from another thread, during a statement that does not end.
pub(crate) struct Severing(OwnedFd);

impl Severing {
    pub(crate) fn sever(&self) {
        // It is mostly TCP; shutting a socket down is the same for all kinds.
        if let Ok(socket) = self.0.try_clone().map(UnixStream::from) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// How to cancel what other sessions do for the same work.
pub(crate) type SiblingHandles = Arc<Mutex<Vec<CancelHandle>>>;

/// The task that waits for work.
pub(super) struct Waiting {
    pub(super) is_wanted: Box<dyn Fn() -> bool + Send>,
    siblings: SiblingHandles,
}

impl Waiting {
    pub(super) fn keep(&self, sibling: CancelHandle) {
        let mut siblings = self.siblings.lock().unwrap_or_else(PoisonError::into_inner);
        siblings.push(sibling);
    }
}

impl RedshiftConnection {
    pub(crate) fn severing(&self) -> ConnectionResult<Severing> {
        let socket = self.raw.socket();
        socket
            .map(Severing)
            .map_err(|error| ConnectionError::BadConnection(error.to_string()))
    }

    pub(crate) fn execute_apart(&mut self, query: &QueryApart) -> QueryResult<usize> {
        let result = self.run(query, None, None)?;
        self.finish(query, None);
        Ok(result.rows_affected())
    }

    /// The first rows of a query, and the rest of them.
    pub(crate) fn load_apart(
        &mut self,
        query: Box<QueryApart>,
    ) -> QueryResult<(RedshiftResult, RestOfResult<'_, 'static>)> {
        let rows_at_a_time = RawConnection::rows_at_a_time(ROWS_AT_A_TIME);
        let first = self.run(&*query, Some(rows_at_a_time), None)?;
        let rest = RestOfResult::after(&first, self, query, rows_at_a_time)?;
        Ok((first, rest))
    }

    pub(crate) fn transaction_status(&self) -> &TransactionManagerStatus {
        &self.transaction.state.status
    }

    /// How deep transactions are nested here, 0 outside of them; `None` on a broken connection.
    pub(crate) fn transaction_depth(&self) -> Option<u32> {
        let depth = self.transaction.state.depth().ok()?;
        Some(depth.map_or(0, |depth| depth.get()))
    }

    /// Runs `work` for as long as somebody waits for it: after that, no statement is sent but
    /// `ROLLBACK`.
    pub(crate) fn while_wanted<R>(
        &mut self,
        is_wanted: impl Fn() -> bool + Send + 'static,
        siblings: SiblingHandles,
        work: impl FnOnce(&mut Self) -> R,
    ) -> R {
        self.waiting = Some(Waiting {
            is_wanted: Box::new(is_wanted),
            siblings,
        });
        let outcome = work(self);
        self.waiting = None;
        outcome
    }

    /// Rolls back transactions down to this level of nesting, and at the first level also what was
    /// begun by hand. A server that does not answer within `limit` is not waited for: the
    /// connection is lost then.
    pub(crate) fn roll_back_down_to(&mut self, level: u32, limit: Duration) {
        self.within(limit, |conn| {
            // The cancel request of the statement before may arrive late and hit the ROLLBACK.
            for _ in 0..3 {
                while let Some(depth) = conn.transaction_depth()
                    && depth >= level.max(1)
                    && RedshiftTransactionManager::rollback_transaction(conn).is_ok()
                {
                }
                match conn.transaction_depth() {
                    Some(0) if level <= 1 && conn.is_in_transaction() => {
                        let _ = conn.batch_execute("ROLLBACK");
                    }
                    Some(depth) if depth >= level.max(1) => {}
                    _ => break,
                }
            }
        });
    }

    /// Runs `work`, whose answers must each arrive within `limit`.
    pub(crate) fn within<R>(&mut self, limit: Duration, work: impl FnOnce(&mut Self) -> R) -> R {
        let own = self.raw.response_timeout();
        let limit = own.map_or(limit, |own| own.min(limit));
        self.raw.set_response_timeout(Some(limit));
        let outcome = work(self);
        self.raw.set_response_timeout(own);
        outcome
    }
}
