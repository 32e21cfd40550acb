//! The columns that identify rows.

use diesel::Table;
use diesel::expression::Expression;

use crate::merge::MergeKey;
use crate::query_builder::ColumnOf;

/// Columns of the table `T` that identify its rows: a tuple of 1 to 8, none of which can be `NULL`.
#[diagnostic::on_unimplemented(
    message = "these are not the key of an upsert into `{T}`",
    label = "not a tuple of columns that can be a key",
    note = "a key is a tuple of 1 to 8 columns of the same table, `(users::id,)`, none of them `Nullable`, float or SUPER"
)]
pub trait UpsertKey<T> {
    crate::seal::sealed!(required);
    /// The names of the columns, in this order.
    const NAMES: &'static [&'static str];

    /// What precedes and follows each to convert it to text.
    #[doc(hidden)]
    const AS_TEXT: &'static [(&'static str, &'static str)];
}

macro_rules! keys {
    ([$($seen:ident)*] $next:ident $($rest:ident)*) => {
        impl<T, $($seen,)* $next> UpsertKey<T> for ($($seen,)* $next,)
        where
            T: Table,
            $($seen: ColumnOf<T> + Expression<SqlType: MergeKey>,)*
            $next: ColumnOf<T> + Expression<SqlType: MergeKey>,
        { crate::seal::sealed!();
            const NAMES: &'static [&'static str] = &[$($seen::NAME,)* $next::NAME];
            const AS_TEXT: &'static [(&'static str, &'static str)] = &[
                $(<$seen::SqlType as MergeKey>::AS_TEXT,)*
                <$next::SqlType as MergeKey>::AS_TEXT,
            ];
        }
        keys!([$($seen)* $next] $($rest)*);
    };
    ([$($seen:ident)*]) => {};
}

keys!([] C1 C2 C3 C4 C5 C6 C7 C8);
