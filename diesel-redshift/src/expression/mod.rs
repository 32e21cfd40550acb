//! The expressions and statements that the operators and clauses of [`dsl`](crate::dsl) make.
//!
//! A query is written with [`dsl`](crate::dsl); the types here are for signatures that have to name them.

mod alias;
mod cast_to;
mod changes;
mod condition;
mod delete_using;
mod group_key;
mod operators;
mod qualify;
mod super_navigation;
mod update_from;

pub use self::alias::{AliasExpressionMethods, Aliased};
pub use self::cast_to::{CastExpressionMethods, CastTo, Castable};
pub(crate) use self::changes::assign;
pub use self::changes::{
    AndSet, ByColumn, ByOption, ByStruct, ByTuple, ByValue, Changes, Changeset, NothingSet, Set,
    SetClause, SetsSomething,
};
pub use self::condition::{AndWhere, Both, Condition, JoinsTables, NoCondition};
pub use self::delete_using::{DeleteUsing, delete_using};
pub use self::group_key::{GroupKey, IsGroupKey, group_key};
pub use self::operators::{
    Infix, NullsFirst, NullsLast, Operator, WrittenForRedshift, ilike, not_ilike, not_similar_to,
    nulls_first, nulls_last, operator, regexp_matches, regexp_not_matches, similar_to,
};
pub use self::qualify::{Qualify, QualifyDsl};
pub use self::super_navigation::{ComparedWithSuper, Navigation, SuperExpressionMethods};
pub use self::update_from::{UpdateFrom, update_from};
#[doc(hidden)]
pub use crate::query_builder::{
    Distinct, NoModifier, NoOnConflict, NoReturning, OnConflict, QualifyClause, Returned,
    RowCondition, SelectWithQualify, Selected, WithoutLock,
};
