//! `MERGE … REMOVE DUPLICATES`.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::QuerySource;
use diesel::result::QueryResult;
use diesel::{RunQueryDsl, Table};

use super::statement::MergeOn;
use crate::Redshift;
use crate::error::Error;
use crate::query_builder::inline::inline;

/// `MERGE INTO … REMOVE DUPLICATES`; see [`MergeOn::remove_duplicates`].
#[must_use = "queries are only executed when calling `execute`"]
pub struct RemoveDuplicates<T: QuerySource, S: QuerySource, K> {
    merge: MergeOn<T, S, K>,
}

impl<T: Table, S: Table, K> MergeOn<T, S, K> {
    /// `REMOVE DUPLICATES`: replaces the matched rows by all rows of the source, each only once.
    ///
    /// Rows of the source that are equal in all columns count as one, and the target contains none
    /// of them twice afterwards. Both tables must have the same columns: the same number of the
    /// same types in the same order, which the compiler checks.
    ///
    /// ```
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    /// # diesel::table! { stage { id -> BigInt, name -> Text, } }
    /// # diesel::allow_tables_to_appear_in_same_query!(users, stage);
    /// use diesel_redshift::merge::merge_into;
    ///
    /// let merge = merge_into(users::table)
    ///     .using(stage::table)
    ///     .on((users::id, stage::id))
    ///     .remove_duplicates();
    /// assert_eq!(
    ///     merge.to_sql()?,
    ///     r#"MERGE INTO "users" USING "stage" ON "users"."id" = "stage"."id" REMOVE DUPLICATES"#
    /// );
    /// # Ok::<(), diesel_redshift::Error>(())
    /// ```
    pub fn remove_duplicates(self) -> RemoveDuplicates<T, S, K>
    where
        S: diesel::query_builder::AsQuery<SqlType = <T as diesel::query_builder::AsQuery>::SqlType>,
    {
        RemoveDuplicates { merge: self }
    }
}

impl<T, S, K> RemoveDuplicates<T, S, K>
where
    T: QuerySource,
    S: QuerySource,
    Self: QueryFragment<Redshift>,
{
    /// The statement's SQL.
    ///
    /// # Errors
    ///
    /// [`Error::Database`] if Diesel cannot print it.
    pub fn to_sql(&self) -> Result<String, Error> {
        Ok(inline(self)?)
    }
}

impl<T, S, K> QueryFragment<Redshift> for RemoveDuplicates<T, S, K>
where
    T: QuerySource,
    S: QuerySource,
    MergeOn<T, S, K>: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.merge.walk_ast(out.reborrow())?;
        out.push_sql(" REMOVE DUPLICATES");
        Ok(())
    }
}

impl<T: QuerySource, S: QuerySource, K> QueryId for RemoveDuplicates<T, S, K> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: QuerySource, S: QuerySource, K, Conn> RunQueryDsl<Conn> for RemoveDuplicates<T, S, K> {}

crate::sql::debug_name! { RemoveDuplicates<T: QuerySource, S: QuerySource, K> }
