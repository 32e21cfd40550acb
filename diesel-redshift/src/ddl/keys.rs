//! The columns by which a table is distributed and sorted.

use diesel::Table;
use diesel::expression::Expression;
use diesel::sql_types::{
    BigInt, Bool, Date, Double, Float, Integer, Nullable, Numeric, SmallInt, SqlType, Text, Time,
    Timestamp, Timestamptz, Uuid, is_nullable,
};

use crate::query_builder::ColumnOf;
use crate::sql_types::Timetz;

/// A type by which tables can be distributed and sorted.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot be a distribution or sort key",
    label = "not the type of a key",
    note = "SUPER, VARBYTE, shapes, sketches and intervals are no keys; numbers, texts, booleans, dates and times are"
)]
pub trait KeyType {
    crate::seal::sealed!(required);
}

macro_rules! key_types {
    ($($sql_type:ty),*) => {$(impl KeyType for $sql_type { crate::seal::sealed!(); })*};
}

key_types!(
    Bool,
    SmallInt,
    Integer,
    BigInt,
    Numeric,
    Float,
    Double,
    Text,
    Uuid,
    Date,
    Time,
    Timetz,
    Timestamp,
    Timestamptz
);

impl<T> KeyType for Nullable<T>
where
    T: KeyType + SqlType<IsNull = is_nullable::NotNull>,
{
    crate::seal::sealed!();
}

/// Columns of the table `T` by which it can be sorted: a tuple, such as `(users::at, users::id)`.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be sorted by these",
    label = "not a tuple of columns that can be a sort key",
    note = "a sort key is a tuple of up to 32 columns of the same table; one column is written `(users::id,)`",
    note = "SUPER, VARBYTE, shapes, sketches and intervals are no sort keys"
)]
pub trait KeyColumns<T> {
    crate::seal::sealed!(required);
    /// The names of the columns, in this order.
    const NAMES: &'static [&'static str];
}

/// At most 8 columns, the limit of an interleaved sort key.
#[diagnostic::on_unimplemented(
    message = "these cannot be an interleaved sort key",
    note = "it has 1 to 8 columns, written as a tuple"
)]
pub trait InterleavedKey {
    crate::seal::sealed!(required);
}

macro_rules! tuples {
    ([$($seen:ident)*] $next:ident $($rest:ident)*) => {
        impl<T, $($seen,)* $next> KeyColumns<T> for ($($seen,)* $next,)
        where
            T: Table,
            $($seen: ColumnOf<T> + Expression<SqlType: KeyType>,)*
            $next: ColumnOf<T> + Expression<SqlType: KeyType>,
        { crate::seal::sealed!();
            const NAMES: &'static [&'static str] = &[$($seen::NAME,)* $next::NAME];
        }
        tuples!([$($seen)* $next] $($rest)*);
    };
    ([$($seen:ident)*]) => {};
}

tuples! {
    []
    C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26
    C27 C28 C29 C30 C31 C32
}

macro_rules! interleaved {
    ($next:ident $($rest:ident)*) => {
        impl<$next, $($rest),*> InterleavedKey for ($next, $($rest,)*) { crate::seal::sealed!(); }
        interleaved!($($rest)*);
    };
    () => {};
}

interleaved!(C1 C2 C3 C4 C5 C6 C7 C8);
