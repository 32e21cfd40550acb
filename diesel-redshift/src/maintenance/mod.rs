//! `VACUUM`, `ANALYZE`, `TRUNCATE`, `LOCK` and `ALTER TABLE … APPEND`: statements that know what they do to a
//! transaction.
//!
//! | statement | in a transaction |
//! |-----------|------------------|
//! | [`vacuum`] | refused by Redshift, so refused here before it is sent |
//! | [`append`] | refused likewise |
//! | [`truncate`] | would commit it, with everything before; refused here |
//! | [`lock`] | needs one, to hold the lock until its end |
//! | [`analyze`] | runs in it |

mod analyze;
mod append;
mod lock;
mod truncate;
mod vacuum;

use diesel::connection::{Connection, TransactionManager};
use diesel::query_builder::QueryFragment;
use diesel::result::{Error, QueryResult};

pub use self::analyze::{
    Analyze, AnalyzeCompression, ColumnEncoding, analyze, analyze_compression,
};
pub use self::append::{Append, append};
pub use self::lock::{Lock, lock};
pub use self::truncate::{Truncate, truncate};
pub use self::vacuum::{
    DeleteOnly, Full, Recluster, Reindex, SortOnly, Vacuum, VacuumBoost, VacuumDatabase,
    VacuumThreshold, vacuum, vacuum_database,
};

use crate::{Redshift, RedshiftConnection};

/// A statement was to run in a transaction that it cannot run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{statement} was not sent: a transaction is open, and it {reason}")]
pub struct InTransaction {
    statement: &'static str,
    reason: &'static str,
}

impl InTransaction {
    /// The statement, such as `VACUUM`.
    pub fn statement(&self) -> &'static str {
        self.statement
    }
}

pub(crate) fn refuse_in_transaction(
    conn: &mut RedshiftConnection,
    statement: &'static str,
    reason: &'static str,
) -> QueryResult<()> {
    let status =
        <RedshiftConnection as Connection>::TransactionManager::transaction_manager_status_mut(
            conn,
        );
    if status.transaction_depth()?.is_some() || conn.is_in_transaction() {
        return Err(Error::QueryBuilderError(Box::new(InTransaction {
            statement,
            reason,
        })));
    }
    Ok(())
}

pub(crate) const NOT_IN_A_BLOCK: &str = "cannot run inside one";

/// Sends a statement that takes no parameters.
fn send<T: QueryFragment<Redshift>>(
    statement: &T,
    conn: &mut RedshiftConnection,
) -> QueryResult<()> {
    let sql = crate::query_builder::inline::inline(statement)?;
    conn.execute_utility(&sql, &diesel::debug_query::<Redshift, _>(statement))
        .map(|_| ())
}
