//! The columns by which rows of two tables are matched.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::result::QueryResult;
use diesel::sql_types::{
    BigInt, Bool, Date, Integer, Numeric, SmallInt, Text, Time, Timestamp, Timestamptz, Uuid,
};

use crate::Redshift;
use crate::sql_types::Timetz;

/// An SQL type by which a `MERGE` can match rows: it has exact equality, and is not nullable.
#[diagnostic::on_unimplemented(
    message = "rows cannot be matched by a column of type `{Self}`",
    label = "not the type of a key",
    note = "a key cannot be NULL, which equals nothing, so its rows would be inserted again each time: declare the column without `Nullable`",
    note = "`Float`, `Double`, `Binary`, `Super`, intervals and shapes are no keys either"
)]
pub trait MergeKey {
    crate::seal::sealed!(required);
    /// What precedes and follows a value to convert it to text.
    #[doc(hidden)]
    const AS_TEXT: (&'static str, &'static str) = ("CAST(", " AS VARCHAR)");
}

macro_rules! merge_keys {
    ($($sql_type:ty),*) => {$(impl MergeKey for $sql_type { crate::seal::sealed!(); })*};
}

merge_keys!(
    BigInt,
    Date,
    Integer,
    Numeric,
    SmallInt,
    Text,
    Time,
    Timestamp,
    Timestamptz,
    Timetz,
    Uuid
);

impl MergeKey for Bool {
    crate::seal::sealed!();
    // Redshift cannot cast BOOLEAN to text.
    const AS_TEXT: (&'static str, &'static str) = (
        "CASE ",
        " WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END",
    );
}

/// `"target"."column" = "source"."column"`.
#[derive(Debug, Clone, Copy)]
pub struct KeyPair<A, B> {
    pub(super) target: A,
    pub(super) source: B,
}

/// Pairs of columns, and one more.
#[derive(Debug, Clone, Copy)]
pub struct KeyPairs<K, P> {
    pub(super) before: K,
    pub(super) pair: P,
}

impl<A, B> QueryFragment<Redshift> for KeyPair<A, B>
where
    A: QueryFragment<Redshift>,
    B: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.target.walk_ast(out.reborrow())?;
        out.push_sql(" = ");
        self.source.walk_ast(out)
    }
}

impl<K, P> QueryFragment<Redshift> for KeyPairs<K, P>
where
    K: QueryFragment<Redshift>,
    P: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.before.walk_ast(out.reborrow())?;
        out.push_sql(" AND ");
        self.pair.walk_ast(out)
    }
}
