//! Diesel's own methods on the query of an UNLOAD: `.filter(…)`, `.order(…)`, ….

use diesel::QueryDsl;
use diesel::expression::Expression;
use diesel::query_dsl::methods::{
    BoxedDsl, DistinctDsl, FilterDsl, FindDsl, GroupByDsl, HavingDsl, LimitDsl, OffsetDsl,
    OrFilterDsl, OrderDsl, SelectDsl, ThenOrderDsl,
};

use super::UnloadStatement;

impl<Q, L, A, F> QueryDsl for UnloadStatement<Q, L, A, F> {}

macro_rules! forward {
    ($($dsl:ident<$argument:ident $(: $bound:ident)?>::$method:ident,)*) => {$(
        impl<Q, L, A, F, $argument> $dsl<$argument> for UnloadStatement<Q, L, A, F>
        where
            Q: $dsl<$argument>,
            $($argument: $bound,)?
        {
            type Output = UnloadStatement<Q::Output, L, A, F>;

            fn $method(self, argument: $argument) -> Self::Output {
                self.map_query(|query| query.$method(argument))
            }
        }
    )*};
}

forward! {
    FilterDsl<Predicate>::filter,
    OrFilterDsl<Predicate>::or_filter,
    HavingDsl<Predicate>::having,
    FindDsl<Key>::find,
    OrderDsl<Order: Expression>::order,
    ThenOrderDsl<Order>::then_order_by,
    GroupByDsl<Group: Expression>::group_by,
    SelectDsl<Selection: Expression>::select,
}

impl<Q: DistinctDsl, L, A, F> DistinctDsl for UnloadStatement<Q, L, A, F> {
    type Output = UnloadStatement<Q::Output, L, A, F>;

    fn distinct(self) -> Self::Output {
        self.map_query(Q::distinct)
    }
}

impl<Q: LimitDsl, L, A, F> LimitDsl for UnloadStatement<Q, L, A, F> {
    type Output = UnloadStatement<Q::Output, L, A, F>;

    fn limit(self, limit: i64) -> Self::Output {
        self.map_query(|query| query.limit(limit))
    }
}

impl<Q: OffsetDsl, L, A, F> OffsetDsl for UnloadStatement<Q, L, A, F> {
    type Output = UnloadStatement<Q::Output, L, A, F>;

    fn offset(self, offset: i64) -> Self::Output {
        self.map_query(|query| query.offset(offset))
    }
}

impl<'a, Q, L, A, F, DB> BoxedDsl<'a, DB> for UnloadStatement<Q, L, A, F>
where
    Q: BoxedDsl<'a, DB>,
{
    type Output = UnloadStatement<Q::Output, L, A, F>;

    fn internal_into_boxed(self) -> Self::Output {
        self.map_query(Q::internal_into_boxed)
    }
}
