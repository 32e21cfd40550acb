//! The parts of a date.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

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
    /// A unit of time, for [`dateadd`](super::dateadd), [`datediff`](super::datediff) and [`date_trunc`](super::date_trunc).
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
