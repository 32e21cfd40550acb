//! `VACUUM`, `ANALYZE`, `TRUNCATE`, `LOCK` and `ALTER TABLE … APPEND`: statements that know their
//! effect on a transaction.
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
use crate::error::Error;
use crate::query_builder::inline::inline;
use crate::{Redshift, RedshiftConnection};

/// Sends a statement that takes no parameters.
fn send<T: QueryFragment<Redshift>>(
    statement: &T,
    conn: &mut RedshiftConnection,
) -> Result<(), Error> {
    let sql = inline(statement)?;
    conn.execute_utility(&sql, &diesel::debug_query::<Redshift, _>(statement))?;
    Ok(())
}

/// Gives a statement `to_sql`.
macro_rules! to_sql {
    () => {
        /// The statement's SQL.
        ///
        /// # Errors
        ///
        /// [`Error::Invalid`](crate::Error::Invalid) if it contains something that Redshift does
        /// not accept.
        pub fn to_sql(&self) -> Result<String, crate::Error>
        where
            Self: diesel::query_builder::QueryFragment<crate::Redshift>,
        {
            Ok(crate::query_builder::inline::inline(self)?)
        }
    };
}
use to_sql;
