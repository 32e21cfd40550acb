//! The parts of a date, and the call of a function that takes one first.

use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{DieselNumericOps, SqlType};

use super::call::FunctionName;
use crate::Redshift;

macro_rules! parts {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $part:ident => $sql:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $part,)*
        }

        impl $name {
            /// The word that stands in SQL.
            pub const fn as_sql(self) -> &'static str {
                match self {
                    $(Self::$part => $sql,)*
                }
            }
        }

        impl QueryFragment<Redshift> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
                out.push_sql(self.as_sql());
                Ok(())
            }
        }

        // The word depends on the value, not on the type.
        impl QueryId for $name {
            type QueryId = ();

            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}

parts! {
    /// A unit of time, for [`dateadd`](super::dateadd), [`datediff`](super::datediff) and
    /// [`date_trunc`](super::date_trunc).
    DatePart {
        /// `millennium`
        Millennium => "millennium",
        /// `century`
        Century => "century",
        /// `decade`
        Decade => "decade",
        /// `year`
        Year => "year",
        /// `quarter`
        Quarter => "quarter",
        /// `month`
        Month => "month",
        /// `week`, which begins on Monday
        Week => "week",
        /// `day`
        Day => "day",
        /// `hour`
        Hour => "hour",
        /// `minute`
        Minute => "minute",
        /// `second`
        Second => "second",
        /// `millisecond`
        Millisecond => "millisecond",
        /// `microsecond`
        Microsecond => "microsecond",
    }
}

parts! {
    /// A part to take out of a date or a time with [`date_part`](super::date_part).
    DateField {
        /// `millennium`
        Millennium => "millennium",
        /// `century`
        Century => "century",
        /// `decade`
        Decade => "decade",
        /// `year`
        Year => "year",
        /// `quarter`
        Quarter => "quarter",
        /// `month`
        Month => "month",
        /// `week`, by ISO 8601: 1 to 53
        Week => "week",
        /// `dow`, the day of the week, from Sunday, 0, to Saturday, 6
        DayOfWeek => "dow",
        /// `doy`, the day of the year, 1 to 366
        DayOfYear => "doy",
        /// `day` of the month
        Day => "day",
        /// `hour`
        Hour => "hour",
        /// `minute`
        Minute => "minute",
        /// `second`
        Second => "second",
        /// `millisecond`, of the second
        Millisecond => "millisecond",
        /// `microsecond`, of the second
        Microsecond => "microsecond",
        /// `epoch`, seconds since 1970
        Epoch => "epoch",
    }
}

/// A function whose first argument is a part of a date.
#[derive(Debug, Clone, Copy, DieselNumericOps)]
pub struct PartCall<Name, Part, Arguments, ST> {
    part: Part,
    arguments: Arguments,
    name: PhantomData<(Name, ST)>,
}

/// A part of a date in quotes, as `DATE_TRUNC` and `DATE_PART` take it.
#[derive(Debug, Clone, Copy)]
pub struct Quoted<Part>(pub(super) Part);

impl<Part: QueryFragment<Redshift>> QueryFragment<Redshift> for Quoted<Part> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("'");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql("'");
        Ok(())
    }
}

/// The names of these functions, as types.
#[doc(hidden)]
pub mod part_name {
    use super::FunctionName;

    macro_rules! names {
        ($($name:ident => $sql:literal,)*) => {$(
            #[doc = concat!("`", $sql, "`")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;

            impl FunctionName for $name { crate::seal::sealed!();
                const SQL: &'static str = $sql;
            }
        )*};
    }

    names! {
        Dateadd => "DATEADD",
        Datediff => "DATEDIFF",
        DateTrunc => "DATE_TRUNC",
        DatePartOf => "DATE_PART",
    }
}

impl<Name, Part, Arguments, ST> PartCall<Name, Part, Arguments, ST> {
    pub(super) fn new(part: Part, arguments: Arguments) -> Self {
        Self {
            part,
            arguments,
            name: PhantomData,
        }
    }
}

// The part is a value and not a type.
impl<Name, Part, Arguments: QueryId, ST> QueryId for PartCall<Name, Part, Arguments, ST> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
    const IS_WINDOW_FUNCTION: bool = Arguments::IS_WINDOW_FUNCTION;
}

impl<Name, Part, Arguments, ST> Expression for PartCall<Name, Part, Arguments, ST>
where
    ST: SqlType + TypedExpressionType,
{
    type SqlType = ST;
}

impl<Name, Part, Arguments, ST> QueryFragment<Redshift> for PartCall<Name, Part, Arguments, ST>
where
    Name: FunctionName,
    Part: QueryFragment<Redshift>,
    Arguments: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql(Name::SQL);
        out.push_sql("(");
        self.part.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.arguments.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<Name, Part, Arguments, ST, QS> AppearsOnTable<QS> for PartCall<Name, Part, Arguments, ST>
where
    Self: Expression,
    Arguments: AppearsOnTable<QS>,
{
}

impl<Name, Part, Arguments, ST, QS> SelectableExpression<QS> for PartCall<Name, Part, Arguments, ST>
where
    Self: Expression,
    Arguments: SelectableExpression<QS>,
{
}

impl<Name, Part, Arguments, ST, GB> ValidGrouping<GB> for PartCall<Name, Part, Arguments, ST>
where
    Arguments: ValidGrouping<GB>,
{
    type IsAggregate = Arguments::IsAggregate;
}
