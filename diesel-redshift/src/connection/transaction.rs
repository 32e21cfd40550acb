//! Transactions: `BEGIN`, `COMMIT`, `ROLLBACK`, and no savepoints.

use std::num::NonZeroU32;

use diesel::connection::{
    Connection, InstrumentationEvent, SimpleConnection, TransactionDepthChange, TransactionManager,
    TransactionManagerStatus,
};
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;
use super::raw::SessionStatus;
use crate::error::TransactionError;

/// Runs transactions on a server that has no savepoints.
///
/// A nested [`transaction`](Connection::transaction) joins the outer one: nothing is sent at its edges. When
/// the inner one ends with an error, the outer one can only be rolled back; to commit it then rolls it back
/// and is an error that says so. So nothing is ever half committed, and a library that nests works.
#[derive(Debug, Default)]
pub struct RedshiftTransactionManager {
    pub(super) status: TransactionManagerStatus,
    /// A nested transaction failed: its work cannot be undone alone.
    rollback_only: bool,
    /// `COMMIT` or `ROLLBACK` is being sent from here.
    is_ending: bool,
    /// A statement ended the transaction, and those who opened it do not know yet.
    ended_within: bool,
}

impl RedshiftTransactionManager {
    fn depth(&self) -> QueryResult<Option<NonZeroU32>> {
        self.status.transaction_depth()
    }

    fn change_depth(&mut self, change: TransactionDepthChange) -> QueryResult<()> {
        match &mut self.status {
            TransactionManagerStatus::Valid(status) => status.change_transaction_depth(change),
            TransactionManagerStatus::InError => Err(Error::BrokenTransactionManager),
        }
    }

    fn end(&mut self) {
        *self = Self::default();
    }

    /// Follows what a statement did to the session.
    pub(super) fn observe(&mut self, session: SessionStatus) {
        match session {
            SessionStatus::Lost => self.status.set_in_error(),
            // COMMIT or ROLLBACK by hand, or a statement that commits.
            SessionStatus::Idle if !self.is_ending && matches!(self.depth(), Ok(Some(_))) => {
                self.ended_within = true;
            }
            SessionStatus::Idle => self.end(),
            SessionStatus::InError => self
                .status
                .set_requires_rollback_maybe_up_to_top_level(true),
            SessionStatus::InTransaction | SessionStatus::Active => {}
        }
    }
}

/// Refuses a statement that cannot run within a transaction when one is open.
pub(crate) fn refuse_in_transaction(
    conn: &mut RedshiftConnection,
    statement: &'static str,
    reason: &'static str,
) -> QueryResult<()> {
    if conn.transaction.depth()?.is_some() || conn.is_in_transaction() {
        return Err(TransactionError::InTransaction { statement, reason }.into());
    }
    Ok(())
}

pub(crate) const NOT_IN_A_BLOCK: &str = "cannot run inside one";

fn ended_within() -> TransactionError {
    TransactionError::EndedWithin {
        failure: None,
        is_test: false,
    }
}

fn depth_of(conn: &mut RedshiftConnection) -> QueryResult<NonZeroU32> {
    conn.transaction.depth()?.ok_or(Error::NotInTransaction)
}

/// Leaves one level of a transaction that a statement has ended.
fn leave_ended(conn: &mut RedshiftConnection, depth: NonZeroU32) -> QueryResult<()> {
    if depth.get() == 1 {
        conn.transaction.end();
    } else {
        conn.transaction
            .change_depth(TransactionDepthChange::DecreaseDepth)?;
    }
    Err(ended_within().into())
}

/// Sends `COMMIT` or `ROLLBACK`.
fn send_end(conn: &mut RedshiftConnection, sql: &str) -> QueryResult<()> {
    conn.transaction.is_ending = true;
    let result = conn.batch_execute(sql);
    conn.transaction.is_ending = false;
    result
}

/// Sends `ROLLBACK`; a session that cannot be rolled back is broken.
fn roll_back(conn: &mut RedshiftConnection) -> QueryResult<()> {
    let result = send_end(conn, "ROLLBACK");
    match &result {
        Ok(()) => conn.transaction.end(),
        Err(_) if conn.raw.session_status() == SessionStatus::Idle => conn.transaction.end(),
        Err(_) => conn.transaction.status.set_in_error(),
    }
    result
}

/// Opens a transaction with `sql`, or joins the one that is open when `joins`.
pub(super) fn begin(conn: &mut RedshiftConnection, sql: &str, joins: bool) -> QueryResult<()> {
    let outer = conn.transaction.depth()?;
    let depth = outer.map_or(NonZeroU32::MIN, |depth| depth.saturating_add(1));
    if conn.transaction.ended_within {
        return Err(ended_within().into());
    }
    if outer.is_some() && !joins {
        return Err(Error::AlreadyInTransaction);
    }
    if outer.is_none() && conn.raw.session_status() != SessionStatus::Idle {
        // Opened by hand: a second BEGIN would only warn, and our COMMIT would commit what is not ours.
        return Err(match conn.raw.session_status() {
            SessionStatus::Lost => {
                conn.transaction.status.set_in_error();
                Error::BrokenTransactionManager
            }
            _ => Error::AlreadyInTransaction,
        });
    }
    conn.instrumentation()
        .on_connection_event(InstrumentationEvent::begin_transaction(depth));
    if outer.is_none() {
        conn.batch_execute(sql)?;
    }
    conn.transaction
        .change_depth(TransactionDepthChange::IncreaseDepth)
}

impl TransactionManager<RedshiftConnection> for RedshiftTransactionManager {
    type TransactionStateData = Self;

    fn begin_transaction(conn: &mut RedshiftConnection) -> QueryResult<()> {
        begin(conn, "BEGIN", true)
    }

    fn rollback_transaction(conn: &mut RedshiftConnection) -> QueryResult<()> {
        let depth = depth_of(conn)?;
        conn.instrumentation()
            .on_connection_event(InstrumentationEvent::rollback_transaction(depth));
        if conn.transaction.ended_within {
            return leave_ended(conn, depth);
        }
        if depth.get() > 1 {
            conn.transaction.rollback_only = true;
            return conn
                .transaction
                .change_depth(TransactionDepthChange::DecreaseDepth);
        }
        roll_back(conn)
    }

    fn commit_transaction(conn: &mut RedshiftConnection) -> QueryResult<()> {
        let depth = depth_of(conn)?;
        if conn.transaction.ended_within {
            return leave_ended(conn, depth);
        }
        if depth.get() > 1 {
            conn.instrumentation()
                .on_connection_event(InstrumentationEvent::commit_transaction(depth));
            return conn
                .transaction
                .change_depth(TransactionDepthChange::DecreaseDepth);
        }
        let refused = if conn.transaction.rollback_only {
            Some(TransactionError::NestedFailure)
        } else if conn.raw.session_status() == SessionStatus::InError {
            // COMMIT would be answered with a quiet ROLLBACK.
            Some(TransactionError::FailedStatement)
        } else {
            None
        };
        if let Some(reason) = refused {
            conn.instrumentation()
                .on_connection_event(InstrumentationEvent::rollback_transaction(depth));
            roll_back(conn)?;
            return Err(reason.into());
        }
        conn.instrumentation()
            .on_connection_event(InstrumentationEvent::commit_transaction(depth));
        match send_end(conn, "COMMIT") {
            Ok(()) => {
                conn.transaction.end();
                Ok(())
            }
            Err(commit_error) => match conn.raw.session_status() {
                SessionStatus::Idle => {
                    conn.transaction.end();
                    Err(commit_error)
                }
                SessionStatus::Lost => {
                    conn.transaction.status.set_in_error();
                    Err(commit_error)
                }
                _ => match roll_back(conn) {
                    Ok(()) => Err(commit_error),
                    Err(rollback_error) => Err(Error::RollbackErrorOnCommit {
                        rollback_error: Box::new(rollback_error),
                        commit_error: Box::new(commit_error),
                    }),
                },
            },
        }
    }

    fn transaction_manager_status_mut(
        conn: &mut RedshiftConnection,
    ) -> &mut TransactionManagerStatus {
        &mut conn.transaction.status
    }
}
