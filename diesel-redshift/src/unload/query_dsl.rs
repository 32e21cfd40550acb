//! Diesel's own methods on the query of an UNLOAD: `.filter(…)`, `.order(…)`, ….

use diesel::QueryDsl;
use diesel::expression::Expression;
use diesel::query_dsl::methods::{
    BoxedDsl, DistinctDsl, FilterDsl, FindDsl, GroupByDsl, HavingDsl, LimitDsl, OffsetDsl,
    OrFilterDsl, OrderDsl, SelectDsl, ThenOrderDsl,
};

use super::UnloadStatement;

impl<Q, L, A, F, O> QueryDsl for UnloadStatement<Q, L, A, F, O> {}

macro_rules! forward {
    ($($dsl:ident<$argument:ident $(: $bound:ident)?>::$method:ident,)*) => {$(
        impl<Q, L, A, F, O, $argument> $dsl<$argument> for UnloadStatement<Q, L, A, F, O>
        where
            Q: $dsl<$argument>,
            $($argument: $bound,)?
        {
            type Output = UnloadStatement<Q::Output, L, A, F, O>;

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

impl<Q: DistinctDsl, L, A, F, O> DistinctDsl for UnloadStatement<Q, L, A, F, O> {
    type Output = UnloadStatement<Q::Output, L, A, F, O>;

    fn distinct(self) -> Self::Output {
        self.map_query(Q::distinct)
    }
}

impl<Q: LimitDsl, L, A, F, O> LimitDsl for UnloadStatement<Q, L, A, F, O> {
    type Output = UnloadStatement<Q::Output, L, A, F, O>;

    fn limit(self, limit: i64) -> Self::Output {
        self.map_query(|query| query.limit(limit))
    }
}

impl<Q: OffsetDsl, L, A, F, O> OffsetDsl for UnloadStatement<Q, L, A, F, O> {
    type Output = UnloadStatement<Q::Output, L, A, F, O>;

    fn offset(self, offset: i64) -> Self::Output {
        self.map_query(|query| query.offset(offset))
    }
}

impl<'a, Q, L, A, F, O, DB> BoxedDsl<'a, DB> for UnloadStatement<Q, L, A, F, O>
where
    Q: BoxedDsl<'a, DB>,
{
    type Output = UnloadStatement<Q::Output, L, A, F, O>;

    fn internal_into_boxed(self) -> Self::Output {
        self.map_query(Q::internal_into_boxed)
    }
}
