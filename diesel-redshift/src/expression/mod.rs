//! The expressions and statements that the operators and clauses of [`dsl`](crate::dsl) make.
//!
//! A query is written with [`dsl`](crate::dsl); the types here are for signatures that have to name
//! them.

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
pub use self::changes::{AndSet, Changes, SetClause, SetsSomething};
#[doc(hidden)]
pub use self::changes::{
    ByColumn, ByOption, ByStruct, ByTuple, ByValue, Changeset, NothingSet, Set,
};
pub use self::condition::{AndWhere, JoinsTables};
#[doc(hidden)]
pub use self::condition::{Both, Condition, NoCondition};
pub use self::delete_using::{DeleteUsing, delete_using};
#[doc(hidden)]
pub use self::group_key::IsGroupKey;
pub use self::group_key::{GroupKey, group_key};
#[doc(hidden)]
pub use self::operators::WrittenForRedshift;
pub use self::operators::{
    Infix, NullsFirst, NullsLast, Operator, ilike, not_ilike, not_similar_to, nulls_first,
    nulls_last, operator, regexp_matches, regexp_not_matches, similar_to,
};
pub use self::qualify::{Qualify, QualifyDsl};
pub use self::super_navigation::{ComparedWithSuper, Navigation, SuperExpressionMethods};
pub use self::update_from::{UpdateFrom, update_from};
#[doc(hidden)]
pub use crate::query_builder::{
    Distinct, NoModifier, NoOnConflict, NoReturning, OnConflict, QualifyClause, Returned,
    RowCondition, SelectWithQualify, Selected, WithoutLock,
};
