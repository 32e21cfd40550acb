//! `VACUUM`.

use std::marker::PhantomData;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::Table;
use diesel::result::QueryResult;

use super::{NOT_IN_A_BLOCK, refuse_in_transaction, send};
use crate::error::{Error, InvalidValue, MigrationError};
use crate::{Redshift, RedshiftConnection};

/// The kind of a `VACUUM`.
pub trait VacuumKind {
    crate::seal::sealed!(required);
    #[doc(hidden)]
    const KEYWORDS: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $keywords:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $kind;

        impl VacuumKind for $kind { crate::seal::sealed!();
            const KEYWORDS: &'static str = $keywords;
        }
    )*};
}

kinds! {
    /// `FULL`: sorts and reclaims space.
    Full = "FULL";
    /// `SORT ONLY`: sorts without reclaiming space.
    SortOnly = "SORT ONLY";
    /// `DELETE ONLY`: reclaims space without sorting.
    DeleteOnly = "DELETE ONLY";
    /// `REINDEX`: analyzes interleaved sort keys again, then does everything that `FULL` does.
    Reindex = "REINDEX";
    /// `RECLUSTER`: sorts the unsorted parts. Not for tables with interleaved sort keys or
    /// `DISTSTYLE ALL`.
    Recluster = "RECLUSTER";
}

/// Kinds of `VACUUM` that take `TO … PERCENT`.
#[diagnostic::on_unimplemented(
    message = "VACUUM {Self} takes no TO … PERCENT",
    note = "a threshold goes with FULL, SORT ONLY and DELETE ONLY"
)]
pub trait VacuumThreshold: VacuumKind {
    crate::seal::sealed!(required);
}
impl VacuumThreshold for Full {
    crate::seal::sealed!();
}
impl VacuumThreshold for SortOnly {
    crate::seal::sealed!();
}
impl VacuumThreshold for DeleteOnly {
    crate::seal::sealed!();
}

/// Kinds of `VACUUM` that take `BOOST`.
#[diagnostic::on_unimplemented(
    message = "VACUUM {Self} takes no BOOST",
    note = "BOOST goes with every kind but REINDEX"
)]
pub trait VacuumBoost: VacuumKind {
    crate::seal::sealed!(required);
}
impl VacuumBoost for Full {
    crate::seal::sealed!();
}
impl VacuumBoost for SortOnly {
    crate::seal::sealed!();
}
impl VacuumBoost for DeleteOnly {
    crate::seal::sealed!();
}
impl VacuumBoost for Recluster {
    crate::seal::sealed!();
}

/// `VACUUM` of a table; see [`vacuum`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct Vacuum<T, K = Full> {
    table: T,
    threshold: Option<u8>,
    boost: bool,
    kind: PhantomData<K>,
}

/// `VACUUM` of every table of the database; see [`vacuum_database`].
#[derive(Debug, Clone, Copy)]
#[must_use = "a statement runs with .execute(…)"]
pub struct VacuumDatabase<K = Full>(PhantomData<K>);

/// `VACUUM FULL "table"`: sorts a table's rows and reclaims the space of deleted ones.
///
/// It must be run by the table's owner or a superuser; for others it silently does nothing. Only
/// one `VACUUM` runs at a time in a cluster. It cannot run in a transaction: if one is open,
/// [`execute`](Vacuum::execute) refuses before anything is sent.
///
/// ```
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// # use diesel_redshift::Redshift;
/// use diesel_redshift::maintenance::vacuum;
///
/// let statement = vacuum(users::table).sort_only().to_percent(75).boost();
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&statement).to_string(),
///     r#"VACUUM SORT ONLY "users" TO 75 PERCENT BOOST -- binds: []"#
/// );
/// ```
///
/// ```compile_fail
/// # diesel::table! { users { id -> BigInt, name -> Text, } }
/// use diesel_redshift::maintenance::vacuum;
/// vacuum(users::table).reindex().boost(); // not with REINDEX
/// ```
pub fn vacuum<T: Table>(table: T) -> Vacuum<T> {
    Vacuum {
        table,
        threshold: None,
        boost: false,
        kind: PhantomData,
    }
}

/// `VACUUM FULL`: of every table of the database; see [`vacuum`].
pub fn vacuum_database() -> VacuumDatabase {
    VacuumDatabase(PhantomData)
}

impl<T> Vacuum<T, Full> {
    fn kind<K>(self) -> Vacuum<T, K> {
        Vacuum {
            table: self.table,
            threshold: self.threshold,
            boost: self.boost,
            kind: PhantomData,
        }
    }

    /// `SORT ONLY` instead of `FULL`.
    pub fn sort_only(self) -> Vacuum<T, SortOnly> {
        self.kind()
    }

    /// `DELETE ONLY` instead of `FULL`.
    pub fn delete_only(self) -> Vacuum<T, DeleteOnly> {
        self.kind()
    }

    /// `REINDEX` instead of `FULL`; drops a threshold or `BOOST` that was set before, since it
    /// allows neither.
    pub fn reindex(self) -> Vacuum<T, Reindex> {
        Vacuum {
            threshold: None,
            boost: false,
            ..self.kind()
        }
    }

    /// `RECLUSTER` instead of `FULL`; drops a threshold that was set before, since it allows none.
    pub fn recluster(self) -> Vacuum<T, Recluster> {
        Vacuum {
            threshold: None,
            ..self.kind()
        }
    }
}

impl<T, K> Vacuum<T, K> {
    /// `TO <percent> PERCENT`: skips what already meets this threshold. 0 to 100; the server's
    /// default is 95.
    ///
    /// [`execute`](Self::execute) refuses a larger number.
    pub fn to_percent(mut self, percent: u8) -> Self
    where
        K: VacuumThreshold,
    {
        self.threshold = Some(percent);
        self
    }

    /// `BOOST`: runs with more of the cluster's memory and disk, blocking concurrent deletes and
    /// updates.
    pub fn boost(mut self) -> Self
    where
        K: VacuumBoost,
    {
        self.boost = true;
        self
    }

    super::to_sql!();

    /// Runs it.
    ///
    /// # Errors
    ///
    /// [`TransactionError::InTransaction`](crate::error::TransactionError::InTransaction) if a
    /// transaction is open; an [`InvalidValue`] for a threshold above 100; or any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<(), Error>
    where
        Self: QueryFragment<Redshift>,
    {
        refuse_in_transaction(conn, "VACUUM", NOT_IN_A_BLOCK)?;
        send(self, conn)
    }
}

impl VacuumDatabase<Full> {
    /// `SORT ONLY` instead of `FULL`.
    pub fn sort_only(self) -> VacuumDatabase<SortOnly> {
        VacuumDatabase(PhantomData)
    }

    /// `DELETE ONLY` instead of `FULL`.
    pub fn delete_only(self) -> VacuumDatabase<DeleteOnly> {
        VacuumDatabase(PhantomData)
    }
}

impl<K: VacuumKind> VacuumDatabase<K> {
    super::to_sql!();

    /// Runs it.
    ///
    /// # Errors
    ///
    /// [`TransactionError::InTransaction`](crate::error::TransactionError::InTransaction) if a
    /// transaction is open; [`MigrationError::AllTables`] within
    /// [`lock_migrations`](RedshiftConnection::lock_migrations), whose lock it would wait for; or
    /// any server error.
    pub fn execute(&self, conn: &mut RedshiftConnection) -> Result<(), Error> {
        refuse_in_transaction(conn, "VACUUM", NOT_IN_A_BLOCK)?;
        if conn.holds_lock() {
            return Err(MigrationError::AllTables {
                statement: "VACUUM",
            }
            .into());
        }
        send(self, conn)
    }
}

impl<T, K> QueryFragment<Redshift> for Vacuum<T, K>
where
    T: QueryFragment<Redshift>,
    K: VacuumKind,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("VACUUM ");
        out.push_sql(K::KEYWORDS);
        out.push_sql(" ");
        self.table.walk_ast(out.reborrow())?;
        if let Some(percent) = self.threshold {
            if percent > 100 {
                return Err(
                    InvalidValue::new("TO … PERCENT", percent.to_string(), "0 to 100").into(),
                );
            }
            out.push_sql(" TO ");
            out.push_sql(itoa::Buffer::new().format(percent));
            out.push_sql(" PERCENT");
        }
        if self.boost {
            out.push_sql(" BOOST");
        }
        Ok(())
    }
}

impl<K: VacuumKind> QueryFragment<Redshift> for VacuumDatabase<K> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("VACUUM ");
        out.push_sql(K::KEYWORDS);
        Ok(())
    }
}

impl<T, K> QueryId for Vacuum<T, K> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<K> QueryId for VacuumDatabase<K> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
