//! Which rows can stand in a file: those whose every value is bound.

use diesel::Column;
use diesel::insertable::ColumnInsertValue;
use diesel::internal::derives::as_expression::Bound;
use diesel::query_builder::QueryFragment;
use diesel::result::QueryResult;

use crate::Redshift;
use crate::query_builder::RedshiftBindCollector;

/// The values of a row that can stand in a file: what [`Insertable`](diesel::Insertable) makes of a
/// struct or tuple, when each of its values is one of Rust's.
///
/// A file cannot say `DEFAULT` and holds no SQL expression; both do not compile.
#[diagnostic::on_unimplemented(
    message = "this value of a row cannot stand in a file: it may be DEFAULT, or is an SQL expression",
    label = "a value that a file cannot hold",
    note = "`None` means DEFAULT unless the struct says otherwise: add `#[diesel(treat_none_as_default_value = false)]` to it, and `None` is NULL",
    note = "what Redshift is to compute (defaults, identities, expressions) is left out of the row, or computed by SQL after the load"
)]
pub trait FileValues {
    crate::seal::sealed!(required);
    #[doc(hidden)]
    fn push_columns(names: &mut Vec<&'static str>, seal: sealed::Seal);

    #[doc(hidden)]
    fn collect(&self, binds: &mut RedshiftBindCollector, seal: sealed::Seal) -> QueryResult<()>;
}

mod sealed {
    /// Nobody else can name it, so nobody else can implement the trait.
    #[derive(Debug, Clone, Copy)]
    pub struct Seal;
}

/// The columns that the values of a row go to, in order.
pub(crate) fn columns_of<V: FileValues>() -> Vec<&'static str> {
    let mut names = Vec::new();
    V::push_columns(&mut names, sealed::Seal);
    names
}

/// Adds a bind for each value of a row.
pub(crate) fn collect<V: FileValues>(
    values: &V,
    binds: &mut RedshiftBindCollector,
) -> QueryResult<()> {
    values.collect(binds, sealed::Seal)
}

macro_rules! bound {
    ($($expression:ty),*) => {$(
        impl<C, ST, U> FileValues for ColumnInsertValue<C, $expression>
        where
            C: Column,
            Self: QueryFragment<Redshift>,
        { crate::seal::sealed!();
            fn push_columns(names: &mut Vec<&'static str>, _: sealed::Seal) {
                names.push(C::NAME);
            }

            fn collect(
                &self,
                binds: &mut RedshiftBindCollector,
                _: sealed::Seal,
            ) -> QueryResult<()> {
                self.collect_binds(binds, &mut (), &Redshift)
            }
        }
    )*};
}

bound!(Bound<ST, U>, &Bound<ST, U>);

/// Implements [`FileValues`] for the values in brackets with one, two, … of those after them.
macro_rules! tuples {
    ([$($seen:ident)*] $next:ident $($rest:ident)*) => {
        impl<$($seen,)* $next> FileValues for ($($seen,)* $next,)
        where
            $($seen: FileValues,)*
            $next: FileValues,
        { crate::seal::sealed!();
            fn push_columns(names: &mut Vec<&'static str>, seal: sealed::Seal) {
                $($seen::push_columns(names, seal);)*
                $next::push_columns(names, seal);
            }

            #[allow(non_snake_case, reason = "the names of the types are those of the values too")]
            fn collect(
                &self,
                binds: &mut RedshiftBindCollector,
                seal: sealed::Seal,
            ) -> QueryResult<()> {
                let ($($seen,)* $next,) = self;
                $($seen.collect(binds, seal)?;)*
                $next.collect(binds, seal)
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
