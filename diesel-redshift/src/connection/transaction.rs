//! Transactions: `BEGIN`, `COMMIT`, `ROLLBACK`, and no savepoints.

use std::num::NonZeroU32;

use diesel::connection::{
    Connection, InstrumentationEvent, SimpleConnection, TransactionManager,
    TransactionManagerStatus,
};
use diesel::result::{Error, QueryResult};

use super::RedshiftConnection;
use super::panicked;
use super::raw::SessionStatus;
use super::transaction_state::{Step, TransactionState};
use crate::error::{DatabaseError, TransactionError};

/// Runs transactions on a server that has no savepoints.
///
/// A nested [`transaction`](Connection::transaction) joins the outer one: nothing is sent when it
/// begins or ends. If it ends with an error, the outer one can only be rolled back; committing it
/// rolls it back and returns an error that says so. So nothing is ever half committed, and
/// libraries that nest transactions work.
///
/// Within a test transaction that would go unnoticed, since nothing is committed there: after a
/// nested transaction has failed, statements are refused with
/// [`NestedFailureInTest`](TransactionError::NestedFailureInTest). Tests of code that nests
/// transactions, or that runs `TRUNCATE`, need a database of their own.
#[derive(Debug, Default)]
pub struct RedshiftTransactionManager {
    pub(super) state: TransactionState,
}

/// Refuses, if a transaction is open, a statement that cannot run within one.
pub(crate) fn refuse_in_transaction(
    conn: &mut RedshiftConnection,
    statement: &'static str,
    reason: &'static str,
) -> QueryResult<()> {
    if conn.transaction.state.depth()?.is_some() || conn.is_in_transaction() {
        return Err(TransactionError::InTransaction { statement, reason }.into());
    }
    Ok(())
}

pub(crate) const NOT_IN_A_BLOCK: &str = "cannot run inside one";

/// Sends `COMMIT` or `ROLLBACK`.
fn send_end(conn: &mut RedshiftConnection, sql: &str) -> QueryResult<()> {
    conn.transaction.state.ending();
    conn.batch_execute(sql)
}

/// How often `ROLLBACK` is sent if requests to cancel the statement before it arrive late and hit it.
const ROLLBACKS: usize = 3;

/// Sends `ROLLBACK`; a session that cannot be rolled back is broken.
fn roll_back(conn: &mut RedshiftConnection) -> QueryResult<()> {
    let mut result = send_end(conn, "ROLLBACK");
    for _ in 1..ROLLBACKS {
        let is_hit = |error| DatabaseError::of(error).is_some_and(|error| error.is_cancelled());
        if !conn.is_in_transaction() || !result.as_ref().is_err_and(|error| is_hit(error)) {
            break;
        }
        result = send_end(conn, "ROLLBACK");
    }
    if result.is_ok() || conn.raw.session_status() == SessionStatus::Idle {
        conn.transaction.state.end();
    } else {
        conn.transaction.state.set_broken();
    }
    result
}

/// Leaves the outermost level of a transaction that a statement has ended; what was begun since is
/// not committed.
fn abandon(conn: &mut RedshiftConnection, error: TransactionError) -> QueryResult<()> {
    if conn.is_in_transaction() {
        roll_back(conn)?;
    }
    conn.transaction.state.end();
    Err(error.into())
}

fn send_commit(conn: &mut RedshiftConnection) -> QueryResult<()> {
    let outcome = send_end(conn, "COMMIT");
    let rolled_back = conn.transaction.state.is_rolled_back();
    match (outcome, conn.raw.session_status()) {
        (Ok(()), _) => {
            conn.transaction.state.end();
            if rolled_back {
                return Err(TransactionError::RolledBack.into());
            }
            Ok(())
        }
        (Err(commit_error), SessionStatus::Idle) => {
            conn.transaction.state.end();
            Err(commit_error)
        }
        (Err(commit_error), SessionStatus::Lost) => {
            conn.transaction.state.set_broken();
            Err(commit_error)
        }
        (Err(commit_error), _) => match roll_back(conn) {
            Ok(()) => Err(commit_error),
            Err(rollback_error) => Err(Error::RollbackErrorOnCommit {
                rollback_error: Box::new(rollback_error),
                commit_error: Box::new(commit_error),
            }),
        },
    }
}

/// Begins a transaction with `sql`, or joins the open one if `joins`.
///
/// A notice handler or an instrumentation that panics when a transaction begins or ends leaves it
/// without an owner, as a closure that panics does: the connection is then broken.
pub(crate) fn begin(conn: &mut RedshiftConnection, sql: &str, joins: bool) -> QueryResult<()> {
    panicked::or_broken(conn, |conn| send_begin(conn, sql, joins))
}

fn send_begin(conn: &mut RedshiftConnection, sql: &str, joins: bool) -> QueryResult<()> {
    let session = conn.raw.session_status();
    let step = conn.transaction.state.begin(session, joins)?;
    let outer = conn.transaction.state.depth()?;
    let depth = outer.map_or(NonZeroU32::MIN, |depth| depth.saturating_add(1));
    conn.instrumentation()
        .on_connection_event(InstrumentationEvent::begin_transaction(depth));
    if step == Step::Send {
        conn.batch_execute(sql)?;
    }
    conn.transaction.state.begun()
}

/// Rolls back what a closure began that ended with `error`, and returns the error to report: mostly
/// the closure's own, which says more than that the connection broke with it, or that a statement
/// has ended the transaction before.
pub(super) fn roll_back_after<E: From<Error>>(conn: &mut RedshiftConnection, error: E) -> E {
    match RedshiftTransactionManager::rollback_transaction(conn) {
        Ok(()) | Err(Error::BrokenTransactionManager) => error,
        Err(rollback_error) => rollback_error.into(),
    }
}

fn end_with_rollback(conn: &mut RedshiftConnection) -> QueryResult<()> {
    let depth = conn.transaction.state.open_depth()?;
    conn.instrumentation()
        .on_connection_event(InstrumentationEvent::rollback_transaction(depth));
    match conn.transaction.state.roll_back()? {
        Step::Nothing => Ok(()),
        Step::Send | Step::RollBack(_) => roll_back(conn),
        Step::Leave(error) => {
            // Diesel passes the closure's error on, which does not say that a part is committed.
            let _ = abandon(conn, error.clone());
            conn.raw
                .keep_error(&DatabaseError::of_message(error.to_string()));
            Err(Error::BrokenTransactionManager)
        }
    }
}

fn end_with_commit(conn: &mut RedshiftConnection) -> QueryResult<()> {
    let depth = conn.transaction.state.open_depth()?;
    let session = conn.raw.session_status();
    let step = conn.transaction.state.commit(session)?;
    if !matches!(step, Step::Leave(_)) {
        conn.instrumentation().on_connection_event(match step {
            Step::RollBack(_) => InstrumentationEvent::rollback_transaction(depth),
            _ => InstrumentationEvent::commit_transaction(depth),
        });
    }
    match step {
        Step::Nothing => Ok(()),
        Step::Send => match conn.refuse_if_unwanted() {
            Ok(()) => send_commit(conn),
            Err(unwanted) => roll_back(conn).and(Err(unwanted)),
        },
        Step::RollBack(error) => {
            roll_back(conn)?;
            Err(error.into())
        }
        Step::Leave(error) => abandon(conn, error),
    }
}

impl TransactionManager<RedshiftConnection> for RedshiftTransactionManager {
    type TransactionStateData = Self;

    fn begin_transaction(conn: &mut RedshiftConnection) -> QueryResult<()> {
        begin(conn, "BEGIN", true)
    }

    /// If a statement has ended the transaction before, nothing can be rolled back, and this
    /// returns [`BrokenTransactionManager`](Error::BrokenTransactionManager): Diesel then passes
    /// the closure's error on. The connection can be used again, and its
    /// [`last_error`](RedshiftConnection::last_error) tells what happened.
    fn rollback_transaction(conn: &mut RedshiftConnection) -> QueryResult<()> {
        panicked::or_broken(conn, end_with_rollback)
    }

    fn commit_transaction(conn: &mut RedshiftConnection) -> QueryResult<()> {
        panicked::or_broken(conn, end_with_commit)
    }

    fn transaction_manager_status_mut(
        conn: &mut RedshiftConnection,
    ) -> &mut TransactionManagerStatus {
        &mut conn.transaction.state.status
    }
}
