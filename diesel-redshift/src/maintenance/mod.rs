//! `VACUUM`, `ANALYZE`, `TRUNCATE`, `LOCK` and `ALTER TABLE … APPEND`: statements that know their effect on a
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

use diesel::query_builder::QueryFragment;
use diesel::result::QueryResult;

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

use crate::connection::{NOT_IN_A_BLOCK, refuse_in_transaction};
use crate::{Redshift, RedshiftConnection};

/// Sends a statement that takes no parameters.
fn send<T: QueryFragment<Redshift>>(
    statement: &T,
    conn: &mut RedshiftConnection,
) -> QueryResult<()> {
    let sql = crate::query_builder::inline::inline(statement)?;
    conn.execute_utility(&sql, &diesel::debug_query::<Redshift, _>(statement))
        .map(|_| ())
}
