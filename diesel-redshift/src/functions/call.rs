//! The node of a function call, and of a keyword that stands for a value.

use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
};
use diesel::internal::sql_functions::FunctionFragment;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{DieselNumericOps, Nullable, SingleValue, SqlType, is_nullable};

use crate::Redshift;

/// An SQL type `T` or `Nullable<T>` of an argument, and what a function that returns `R`, or `NULL`
/// for `NULL`, makes of it.
#[diagnostic::on_unimplemented(
    message = "the argument must be of the SQL type `{T}` or `Nullable<{T}>`, and is of `{Self}`"
)]
pub trait Argument<T, R>: SqlType + SingleValue {
    crate::seal::sealed!(required);

    /// `R` or `Nullable<R>`.
    type Returns: SqlType + SingleValue + TypedExpressionType;
}

impl<T, R> Argument<T, R> for T
where
    T: SqlType<IsNull = is_nullable::NotNull> + SingleValue,
    R: SqlType + SingleValue + TypedExpressionType,
{
    crate::seal::sealed!();

    type Returns = R;
}

impl<T, R> Argument<T, R> for Nullable<T>
where
    T: SqlType<IsNull = is_nullable::NotNull> + SingleValue,
    R: SqlType<IsNull = is_nullable::NotNull> + SingleValue,
    Nullable<R>: TypedExpressionType,
{
    crate::seal::sealed!();

    type Returns = Nullable<R>;
}

/// What is written before the parenthesis.
pub trait FunctionName {
    crate::seal::sealed!(required);
    /// The name, or the keyword.
    const SQL: &'static str;
}

/// The names of functions, as types.
#[doc(hidden)]
pub mod name {
    use diesel::query_builder::QueryId;

    use super::FunctionName;

    macro_rules! names {
        ($($name:ident => $sql:literal,)*) => {$(
            #[doc = concat!("`", $sql, "`")]
            #[derive(Debug, Clone, Copy, QueryId)]
            pub struct $name;

            impl FunctionName for $name { crate::seal::sealed!();
                const SQL: &'static str = $sql;
            }
        )*};
    }

    names! {
        CanJsonParse => "CAN_JSON_PARSE",
        Coalesce => "COALESCE",
        ConvertTimezone => "CONVERT_TIMEZONE",
        Decode => "DECODE",
        GetArrayLength => "GET_ARRAY_LENGTH",
        Getdate => "GETDATE()",
        IsValidJson => "IS_VALID_JSON",
        IsValidJsonArray => "IS_VALID_JSON_ARRAY",
        JsonArrayLength => "JSON_ARRAY_LENGTH",
        JsonExtractArrayElementText => "JSON_EXTRACT_ARRAY_ELEMENT_TEXT",
        JsonParse => "JSON_PARSE",
        JsonSerialize => "JSON_SERIALIZE",
        JsonTypeof => "JSON_TYPEOF",
        Nvl => "NVL",
        Nvl2 => "NVL2",
        Sysdate => "SYSDATE",
    }
}

/// A call of a function: its name, its arguments as a tuple, and the SQL type of what it returns.
#[derive(DieselNumericOps)]
pub struct Call<Name, Arguments, ST> {
    arguments: Arguments,
    name: PhantomData<(Name, ST)>,
}

impl<Name, Arguments, ST> Call<Name, Arguments, ST> {
    pub(super) fn new(arguments: Arguments) -> Self {
        Self {
            arguments,
            name: PhantomData,
        }
    }
}

impl<Name: FunctionName, Arguments: std::fmt::Debug, ST> std::fmt::Debug
    for Call<Name, Arguments, ST>
{
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_tuple(Name::SQL)
            .field(&self.arguments)
            .finish()
    }
}

impl<Name, Arguments: Clone, ST> Clone for Call<Name, Arguments, ST> {
    fn clone(&self) -> Self {
        Self::new(self.arguments.clone())
    }
}

impl<Name, Arguments: Copy, ST> Copy for Call<Name, Arguments, ST> {}

impl<Name: QueryId, Arguments: QueryId, ST> QueryId for Call<Name, Arguments, ST> {
    type QueryId = Call<Name::QueryId, Arguments::QueryId, ()>;

    const HAS_STATIC_QUERY_ID: bool = Arguments::HAS_STATIC_QUERY_ID;
    const IS_WINDOW_FUNCTION: bool = Arguments::IS_WINDOW_FUNCTION;
}

impl<Name, Arguments, ST> Expression for Call<Name, Arguments, ST>
where
    ST: SqlType + TypedExpressionType,
{
    type SqlType = ST;
}

impl<Name, Arguments, ST> QueryFragment<Redshift> for Call<Name, Arguments, ST>
where
    Name: FunctionName,
    Arguments: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql(Name::SQL);
        out.push_sql("(");
        self.arguments.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<Name, Arguments, ST, QS> AppearsOnTable<QS> for Call<Name, Arguments, ST>
where
    Self: Expression,
    Arguments: AppearsOnTable<QS>,
{
}

impl<Name, Arguments, ST, QS> SelectableExpression<QS> for Call<Name, Arguments, ST>
where
    Self: Expression,
    Arguments: SelectableExpression<QS>,
{
}

impl<Name, Arguments, ST, GB> ValidGrouping<GB> for Call<Name, Arguments, ST>
where
    Arguments: ValidGrouping<GB>,
{
    type IsAggregate = Arguments::IsAggregate;
}

/// Writes a function of Diesel's kind that stands without `OVER`.
pub(super) fn walk_call<'b, F>(
    function: &'b F,
    mut out: AstPass<'_, 'b, Redshift>,
) -> QueryResult<()>
where
    F: FunctionFragment<Redshift>,
{
    out.push_sql(F::FUNCTION_NAME);
    out.push_sql("(");
    function.walk_arguments(out.reborrow())?;
    out.push_sql(")");
    Ok(())
}

/// A keyword or a function without arguments that stands for a value of the SQL type `ST`.
#[derive(DieselNumericOps)]
pub struct Keyword<Name, ST>(PhantomData<(Name, ST)>);

impl<Name, ST> Keyword<Name, ST> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<Name: FunctionName, ST> std::fmt::Debug for Keyword<Name, ST> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(Name::SQL)
    }
}

impl<Name, ST> Clone for Keyword<Name, ST> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Name, ST> Copy for Keyword<Name, ST> {}

impl<Name: QueryId, ST> QueryId for Keyword<Name, ST> {
    type QueryId = Keyword<Name::QueryId, ()>;

    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Name, ST> Expression for Keyword<Name, ST>
where
    ST: SqlType + TypedExpressionType,
{
    type SqlType = ST;
}

impl<Name: FunctionName, ST> QueryFragment<Redshift> for Keyword<Name, ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql(Name::SQL);
        Ok(())
    }
}

impl<Name, ST, QS> AppearsOnTable<QS> for Keyword<Name, ST> where Self: Expression {}

impl<Name, ST, QS> SelectableExpression<QS> for Keyword<Name, ST> where Self: Expression {}

impl<Name, ST, GB> ValidGrouping<GB> for Keyword<Name, ST> {
    type IsAggregate = diesel::expression::is_aggregate::Never;
}
