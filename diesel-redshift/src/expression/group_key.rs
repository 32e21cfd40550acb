//! An expression as a key of `GROUP BY`.

use diesel::expression::{
    AppearsOnTable, Expression, IsContainedInGroupBy, SelectableExpression, ValidGrouping,
    is_aggregate, is_contained_in_group_by,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use crate::Redshift;
use crate::functions::{Call, PartCall};
use crate::query_builder::inline::push_inlined;

/// An expression that is a key of `GROUP BY`, in `group_by` and wherever else it stands in the
/// query. Diesel alone groups by columns only.
///
/// ```
/// use diesel::dsl::sum;
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::{DatePart, date_trunc, group_key}};
/// # diesel::table! { sales { id -> BigInt, city -> Text, price -> Numeric, at -> Timestamp, } }
///
/// // Revenue by city and month.
/// let month = group_key(date_trunc(DatePart::Month, sales::at));
/// let query = sales::table
///     .group_by((sales::city, month))
///     .select((sales::city, month, sum(sales::price)))
///     .order((sales::city, month));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "sales"."city", DATE_TRUNC('month', "sales"."at"), sum("sales"."price") FROM "sales" GROUP BY "sales"."city", DATE_TRUNC('month', "sales"."at") ORDER BY "sales"."city", DATE_TRUNC('month', "sales"."at") -- binds: []"#,
/// );
/// ```
///
/// Values in it are written as literals, since the server compares the text, and two parameters are
/// never the same:
///
/// ```
/// # use diesel::prelude::*;
/// # use diesel_redshift::{Redshift, dsl::{group_key, nvl}};
/// # diesel::table! { sales { id -> BigInt, city -> Nullable<Text>, } }
/// let city = group_key(nvl(sales::city, "nowhere"));
/// let query = sales::table.group_by(city).select((city, diesel::dsl::count_star()));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT NVL("sales"."city", 'nowhere'), COUNT(*) FROM "sales" GROUP BY NVL("sales"."city", 'nowhere') -- binds: []"#,
/// );
/// ```
///
/// That the key is one of those in `group_by` is not seen by the compiler: the server refuses
/// another.
pub fn group_key<E: Expression>(expression: E) -> GroupKey<E> {
    GroupKey { expression }
}

/// An expression made by [`group_key`].
#[derive(Debug, Clone, Copy, QueryId)]
pub struct GroupKey<E> {
    expression: E,
}

impl<E: Expression> Expression for GroupKey<E> {
    type SqlType = E::SqlType;
}

impl<E: QueryFragment<Redshift>> QueryFragment<Redshift> for GroupKey<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        push_inlined(&self.expression, &mut out)
    }
}

impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for GroupKey<E> {}

impl<E: SelectableExpression<QS>, QS> SelectableExpression<QS> for GroupKey<E> {}

impl<E, Column> IsContainedInGroupBy<Column> for GroupKey<E> {
    type Output = is_contained_in_group_by::No;
}

impl<E: ValidGrouping<()>> ValidGrouping<()> for GroupKey<E> {
    type IsAggregate = E::IsAggregate;
}

impl<E, F> ValidGrouping<GroupKey<F>> for GroupKey<E> {
    type IsAggregate = is_aggregate::Never;
}

/// Nothing implements this: it is the place of the message.
#[diagnostic::on_unimplemented(
    message = "the expression `{Self}` alone is no key of `GROUP BY`",
    label = "needs `group_key`",
    note = "`let key = group_key(date_trunc(…));` of `diesel_redshift::dsl` stands in `group_by`, `select` and `order`"
)]
pub trait IsGroupKey {
    crate::seal::sealed!(required);
}

impl<Name, Part, Arguments, ST, Column> IsContainedInGroupBy<Column>
    for PartCall<Name, Part, Arguments, ST>
where
    Self: IsGroupKey,
{
    type Output = is_contained_in_group_by::No;
}

impl<Name, Arguments, ST, Column> IsContainedInGroupBy<Column> for Call<Name, Arguments, ST>
where
    Self: IsGroupKey,
{
    type Output = is_contained_in_group_by::No;
}

macro_rules! keys {
    ($($first:ident $($key:ident)*;)*) => {$(
        impl<E, $first, $($key),*> ValidGrouping<($first, $($key),*)> for GroupKey<E> {
            type IsAggregate = is_aggregate::Never;
        }
    )*};
}

keys! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D F;
    A B C D F G;
    A B C D F G H;
    A B C D F G H I;
    A B C D F G H I J;
    A B C D F G H I J K;
    A B C D F G H I J K L;
    A B C D F G H I J K L M;
    A B C D F G H I J K L M N;
    A B C D F G H I J K L M N O;
    A B C D F G H I J K L M N O P;
    A B C D F G H I J K L M N O P Q;
}
