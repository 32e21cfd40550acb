//! The types of columns, as CREATE TABLE writes them.

use diesel::Table;
use diesel::expression::Expression;
use diesel::sql_types::{
    BigInt, Binary, Bool, Date, Double, Float, Integer, Nullable, Numeric, SmallInt, SqlType, Text,
    Time, Timestamp, Timestamptz, Uuid, is_nullable,
};

use super::column_text::ColumnText;
use crate::query_builder::ColumnOf;
use crate::sql_types::{
    Geography, Geometry, HllSketch, IntervalDayToSecond, IntervalYearToMonth, Super, Timetz,
};

/// A type that a column of a table can have.
#[diagnostic::on_unimplemented(
    message = "no column of a table can have the type `{Self}`",
    note = "an interval has a qualifier there: `IntervalYearToMonth` or `IntervalDayToSecond`"
)]
pub trait ColumnType {
    crate::seal::sealed!(required);
    #[doc(hidden)]
    const NAME: TypeName;

    #[doc(hidden)]
    const IS_NULLABLE: bool = false;
}

/// How a type is written.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeName {
    Whole(&'static str),
    /// `VARCHAR(n)` or `CHAR(n)`: `TEXT` alone is `VARCHAR(256)` on Redshift.
    Text,
    /// `DECIMAL(p, s)`: alone it is `DECIMAL(18, 0)`.
    Decimal,
    Varbyte,
}

macro_rules! types {
    ($($sql_type:ty => $name:expr,)*) => {$(
        impl ColumnType for $sql_type { crate::seal::sealed!();
            const NAME: TypeName = $name;
        }
    )*};
}

types! {
    Bool => TypeName::Whole("BOOLEAN"),
    SmallInt => TypeName::Whole("SMALLINT"),
    Integer => TypeName::Whole("INTEGER"),
    BigInt => TypeName::Whole("BIGINT"),
    Float => TypeName::Whole("REAL"),
    Double => TypeName::Whole("DOUBLE PRECISION"),
    Numeric => TypeName::Decimal,
    Text => TypeName::Text,
    Uuid => TypeName::Whole("VARCHAR(36)"),
    Binary => TypeName::Varbyte,
    Date => TypeName::Whole("DATE"),
    Time => TypeName::Whole("TIME"),
    Timetz => TypeName::Whole("TIMETZ"),
    Timestamp => TypeName::Whole("TIMESTAMP"),
    Timestamptz => TypeName::Whole("TIMESTAMPTZ"),
    IntervalYearToMonth => TypeName::Whole("INTERVAL YEAR TO MONTH"),
    IntervalDayToSecond => TypeName::Whole("INTERVAL DAY TO SECOND"),
    Super => TypeName::Whole("SUPER"),
    Geometry => TypeName::Whole("GEOMETRY"),
    Geography => TypeName::Whole("GEOGRAPHY"),
    HllSketch => TypeName::Whole("HLLSKETCH"),
}

impl<T> ColumnType for Nullable<T>
where
    T: ColumnType + SqlType<IsNull = is_nullable::NotNull>,
{
    crate::seal::sealed!();
    const NAME: TypeName = T::NAME;
    const IS_NULLABLE: bool = true;
}

macro_rules! families {
    ($($(#[$attribute:meta])* $family:ident: $($sql_type:ty),*;)*) => {$(
        $(#[$attribute])*
        pub trait $family {}

        $(impl $family for $sql_type {})*
    )*};
}

families! {
    /// `Text` or `Nullable<Text>`, which has a length and a collation.
    #[diagnostic::on_unimplemented(
        message = "a column of type `{Self}` has no length in bytes",
        note = "only `Text` and `Nullable<Text>` become CHAR(n) or VARCHAR(n)"
    )]
    TextColumn: Text, Nullable<Text>;
    /// `Numeric` or `Nullable<Numeric>`, which has a precision.
    #[diagnostic::on_unimplemented(
        message = "a column of type `{Self}` has no precision",
        note = "only `Numeric` and `Nullable<Numeric>` become DECIMAL(p, s)"
    )]
    DecimalColumn: Numeric, Nullable<Numeric>;
    /// `Binary` or `Nullable<Binary>`, which has a length.
    #[diagnostic::on_unimplemented(
        message = "a column of type `{Self}` is no VARBYTE",
        note = "only `Binary` and `Nullable<Binary>` become VARBYTE(n)"
    )]
    VarbyteColumn: Binary, Nullable<Binary>;
    /// `Integer` or `BigInt`, not nullable: the types that IDENTITY fills.
    #[diagnostic::on_unimplemented(
        message = "a column of type `{Self}` cannot be an IDENTITY",
        note = "an IDENTITY is `Integer` or `BigInt` and never NULL"
    )]
    IdentityType: Integer, BigInt;
}

/// All columns of a table: [`Table::AllColumns`](diesel::Table::AllColumns).
#[diagnostic::on_unimplemented(
    message = "the columns of this table cannot be written as a CREATE TABLE",
    note = "each needs a type that Redshift has in tables; tables of up to 128 columns are supported"
)]
pub trait TableColumns<T> {
    crate::seal::sealed!(required);
    #[doc(hidden)]
    const NAMES: &'static [&'static str];

    #[doc(hidden)]
    fn texts() -> Vec<ColumnText>;
}

/// Implements [`TableColumns`] for the columns in brackets with one, two, … of those after them.
macro_rules! tuples {
    ([$($seen:ident)*] $next:ident $($rest:ident)*) => {
        impl<T, $($seen,)* $next> TableColumns<T> for ($($seen,)* $next,)
        where
            T: Table,
            $($seen: ColumnOf<T> + Expression<SqlType: ColumnType>,)*
            $next: ColumnOf<T> + Expression<SqlType: ColumnType>,
        { crate::seal::sealed!();
            const NAMES: &'static [&'static str] = &[$($seen::NAME,)* $next::NAME];

            fn texts() -> Vec<ColumnText> {
                vec![$(ColumnText::of::<$seen>(),)* ColumnText::of::<$next>()]
            }
        }
        tuples!([$($seen)* $next] $($rest)*);
    };
    ([$($seen:ident)*]) => {};
}

// As far as Diesel's widest tables go (its feature `128-column-tables`); in halves, for the recursion limit.
tuples! {
    []
    C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26
    C27 C28 C29 C30 C31 C32 C33 C34 C35 C36 C37 C38 C39 C40 C41 C42 C43 C44 C45 C46 C47 C48 C49 C50
    C51 C52 C53 C54 C55 C56 C57 C58 C59 C60 C61 C62 C63 C64
}
tuples! {
    [C1 C2 C3 C4 C5 C6 C7 C8 C9 C10 C11 C12 C13 C14 C15 C16 C17 C18 C19 C20 C21 C22 C23 C24 C25 C26
    C27 C28 C29 C30 C31 C32 C33 C34 C35 C36 C37 C38 C39 C40 C41 C42 C43 C44 C45 C46 C47 C48 C49 C50
    C51 C52 C53 C54 C55 C56 C57 C58 C59 C60 C61 C62 C63 C64]
    C65 C66 C67 C68 C69 C70 C71 C72 C73 C74 C75 C76 C77 C78 C79 C80 C81 C82 C83 C84 C85 C86 C87 C88
    C89 C90 C91 C92 C93 C94 C95 C96 C97 C98 C99 C100 C101 C102 C103 C104 C105 C106 C107 C108 C109
    C110 C111 C112 C113 C114 C115 C116 C117 C118 C119 C120 C121 C122 C123 C124 C125 C126 C127 C128
}
