//! The backend, and what an author of types for it needs: what SQL Redshift speaks, binds, values,
//! the OIDs of its types.

use diesel::backend::sql_dialect::{
    aggregate_function_expressions, alias_syntax, array_comparison, batch_insert_support,
    built_in_window_function_require_order, concat_clause, default_keyword_for_insert,
    default_value_clause, exists_syntax, from_clause_syntax, window_frame_clause_group_support,
    window_frame_exclusion_support,
};
use diesel::backend::{Backend, DieselReserveSpecialization, SqlDialect, TrustedBackend};
use diesel::sql_types::TypeMetadata;

pub use crate::query_builder::{BindValue, RedshiftBindCollector, RedshiftQueryBuilder};
use crate::query_builder::{NoOnConflict, NoReturning, SelectWithQualify};
pub use crate::value::RedshiftValue;

/// Amazon Redshift, as Diesel sees a database.
///
/// It is a backend of its own and not PostgreSQL's: what Redshift lacks does not compile.
/// `RETURNING`, `ON CONFLICT`, `FOR UPDATE`, `DISTINCT ON`, aggregate `FILTER`, window frames in
/// `GROUPS` and `EXCLUDE` are absent, and [`eq_any`](diesel::ExpressionMethods::eq_any) is written
/// as `IN (…)`, since Redshift has no arrays.
///
/// Two things differ from what Diesel's types say:
///
/// * An aggregate over an ordered window without a frame, which Redshift refuses, is written with
///   `ROWS UNBOUNDED PRECEDING`. It ends at the row itself, whereas SQL's default, which Redshift
///   has not, goes on to the last of the rows that sort alike: order by what tells all rows apart,
///   or say the frame by `frame_by`.
/// * `avg` of integers is an integer, cut and not rounded, although Diesel reads it as `NUMERIC`.
///   The average of a cast is not cut: `avg(users::age.cast_to::<Double>())`, by
///   [`CastExpressionMethods`](crate::expression::CastExpressionMethods).
///
/// ```
/// use diesel::dsl::{avg, sum};
/// use diesel::prelude::*;
/// use diesel::sql_types::Double;
/// use diesel_redshift::{Redshift, expression::CastExpressionMethods};
/// # diesel::table! { sales { id -> BigInt, day -> Date, cents -> Integer, } }
///
/// let query = sales::table.select(sum(sales::cents).window_order((sales::day, sales::id)));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT sum("sales"."cents") OVER ( ORDER BY "sales"."day", "sales"."id" ROWS UNBOUNDED PRECEDING) FROM "sales" -- binds: []"#,
/// );
/// let query = sales::table.select(avg(sales::cents.cast_to::<Double>()));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT avg(CAST("sales"."cents" AS DOUBLE PRECISION)) FROM "sales" -- binds: []"#,
/// );
/// ```
///
/// A third argument of `lag` and `lead`, the default, is an error before anything is sent: write
/// `nvl(lag(…), default)`, by [`nvl`](crate::dsl::nvl).
///
/// Some of Diesel's own window functions and clauses cannot be told apart by their types; these the
/// server refuses: frames of `Range`, and several `MEDIAN`, `PERCENTILE_CONT` or `LISTAGG` of one
/// `SELECT` that sort differently.
#[derive(Debug, Clone, Copy, Hash, PartialEq, Eq, Default)]
pub struct Redshift;

/// The OID of a SQL type.
///
/// Redshift has no user-defined types, so the OIDs are constants and nothing is looked up in the
/// catalog.
#[derive(Debug, Clone, Copy, Hash, PartialEq, Eq)]
pub struct RedshiftTypeMetadata {
    pub(crate) oid: u32,
}

impl RedshiftTypeMetadata {
    /// Metadata of the type with this OID.
    pub const fn new(oid: u32) -> Self {
        Self { oid }
    }

    /// The OID of the type, as in `pg_type`.
    pub const fn oid(&self) -> u32 {
        self.oid
    }
}

impl Backend for Redshift {
    type QueryBuilder = RedshiftQueryBuilder;
    type RawValue<'a> = RedshiftValue<'a>;
    type BindCollector<'a> = RedshiftBindCollector;
}

impl TypeMetadata for Redshift {
    type TypeMetadata = RedshiftTypeMetadata;
    type MetadataLookup = ();
}

impl SqlDialect for Redshift {
    type ReturningClause = NoReturning;
    type OnConflictClause = NoOnConflict;
    type InsertWithDefaultKeyword = default_keyword_for_insert::IsoSqlDefaultKeyword;
    type BatchInsertSupport = batch_insert_support::PostgresLikeBatchInsertSupport;
    type ConcatClause = concat_clause::ConcatWithPipesClause;
    type DefaultValueClauseForInsert = default_value_clause::AnsiDefaultValueClause;
    type EmptyFromClauseSyntax = from_clause_syntax::AnsiSqlFromClauseSyntax;
    type ExistsSyntax = exists_syntax::AnsiSqlExistsSyntax;
    type ArrayComparison = array_comparison::AnsiSqlArrayComparison;
    type SelectStatementSyntax = SelectWithQualify;
    type AliasSyntax = alias_syntax::AsAliasSyntax;
    type WindowFrameClauseGroupSupport = window_frame_clause_group_support::NoGroupWindowFrameUnit;
    type WindowFrameExclusionSupport = window_frame_exclusion_support::NoFrameFrameExclusionSupport;
    type AggregateFunctionExpressions =
        aggregate_function_expressions::NoAggregateFunctionExpressions;
    type BuiltInWindowFunctionRequireOrder =
        built_in_window_function_require_order::NoOrderRequired;
}

impl DieselReserveSpecialization for Redshift {}
impl TrustedBackend for Redshift {}
