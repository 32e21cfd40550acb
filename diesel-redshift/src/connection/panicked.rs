//! Transactions whose closure panics.

use std::mem;

use super::RedshiftConnection;

/// Marks the connection as broken when it is dropped.
struct BrokenOnDrop<'a>(&'a mut RedshiftConnection);

impl Drop for BrokenOnDrop<'_> {
    fn drop(&mut self) {
        self.0.panicked = true;
        self.0.transaction.state.set_broken();
    }
}

/// Runs a transaction's closure. If it panics, the transaction stays open, with half of its work
/// done and nobody left to end it: no further statement is run, and a pool drops the connection.
pub(super) fn or_broken<T>(
    conn: &mut RedshiftConnection,
    closure: impl FnOnce(&mut RedshiftConnection) -> T,
) -> T {
    let guard = BrokenOnDrop(conn);
    let outcome = closure(guard.0);
    mem::forget(guard);
    outcome
}
