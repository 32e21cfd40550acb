//! `ILIKE`, `SIMILAR TO`, `~`, and the place of `NULL`s in an order.
//!
//! They are functions and not methods, because Diesel's prelude brings methods of these names for
//! PostgreSQL, and two of one name cannot be called.

use std::marker::PhantomData;

use diesel::expression::expression_types::NotSelectable;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType,
    ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::positional_order_dsl::{IntoPositionalOrderExpr, PositionalOrderExpr};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, SingleValue, SqlType, Text};

use crate::Redshift;
use crate::functions::Argument;

/// What stands between two expressions.
pub trait Operator {
    crate::seal::sealed!(required);
    /// The operator with a blank on both sides.
    const SQL: &'static str;
}

/// The operators, as types.
#[doc(hidden)]
pub mod operator {
    use diesel::query_builder::QueryId;

    use super::Operator;

    macro_rules! operators {
        ($($name:ident => $sql:literal,)*) => {$(
            #[doc = concat!("`", $sql, "`")]
            #[derive(Debug, Clone, Copy, QueryId)]
            pub struct $name;

            impl Operator for $name { crate::seal::sealed!();
                const SQL: &'static str = $sql;
            }
        )*};
    }

    operators! {
        ILike => " ILIKE ",
        NotILike => " NOT ILIKE ",
        SimilarTo => " SIMILAR TO ",
        NotSimilarTo => " NOT SIMILAR TO ",
        Matches => " ~ ",
        NotMatches => " !~ ",
    }
}

macro_rules! text_operators {
    ($($(#[$meta:meta])* $function:ident => $operator:ident;)*) => {$(
        $(#[$meta])*
        pub fn $function<L, R, ST>(text: L, pattern: R) -> Infix<L, operator::$operator, R::Expression>
        where
            L: Expression<SqlType = ST>,
            R: AsExpression<ST>,
            ST: SqlType + SingleValue + TypedExpressionType + Argument<Text, Bool>,
        {
            Infix {
                left: text,
                operator: PhantomData,
                right: pattern.as_expression(),
            }
        }
    )*};
}

text_operators! {
    /// `text ILIKE pattern`: `LIKE` without regard to the case of ASCII letters.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::ilike};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    ///
    /// let query = users::table.filter(ilike(users::name, "%ada%")).select(users::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."name" ILIKE $1) -- binds: ["%ada%"]"#,
    /// );
    /// ```
    ilike => ILike;

    /// `text NOT ILIKE pattern`
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::not_ilike};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    ///
    /// let query = users::table.filter(not_ilike(users::name, "%ada%")).select(users::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."name" NOT ILIKE $1) -- binds: ["%ada%"]"#,
    /// );
    /// ```
    not_ilike => NotILike;

    /// `text SIMILAR TO pattern`: the whole text matches a pattern of `%`, `_`, `|`, `*`, `+`, `?`,
    /// `{m,n}`, `()` and `[]`.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::similar_to};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    ///
    /// let query = users::table.filter(similar_to(users::name, "(Ada|Eve)%")).select(users::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."name" SIMILAR TO $1) -- binds: ["(Ada|Eve)%"]"#,
    /// );
    /// ```
    similar_to => SimilarTo;

    /// `text NOT SIMILAR TO pattern`
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::not_similar_to};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    ///
    /// let query = users::table.filter(not_similar_to(users::name, "(Ada|Eve)%")).select(users::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."name" NOT SIMILAR TO $1) -- binds: ["(Ada|Eve)%"]"#,
    /// );
    /// ```
    not_similar_to => NotSimilarTo;

    /// `text ~ pattern`: a part of the text matches a POSIX regular expression. Redshift's have no
    /// look-around.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::regexp_matches};
    /// # diesel::table! { users { id -> BigInt, name -> Nullable<Text>, } }
    ///
    /// let query = users::table.filter(regexp_matches(users::name, "^A.*a$")).select(users::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."name" ~ $1) -- binds: ["^A.*a$"]"#,
    /// );
    /// ```
    regexp_matches => Matches;

    /// `text !~ pattern`
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, dsl::regexp_not_matches};
    /// # diesel::table! { users { id -> BigInt, name -> Text, } }
    ///
    /// let query = users::table.filter(regexp_not_matches(users::name, "[0-9]")).select(users::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "users"."id" FROM "users" WHERE ("users"."name" !~ $1) -- binds: ["[0-9]"]"#,
    /// );
    /// ```
    regexp_not_matches => NotMatches;
}

/// Two expressions with an [`Operator`] between them, in parentheses.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct Infix<L, O, R> {
    left: L,
    operator: PhantomData<O>,
    right: R,
}

impl<L, O, R> Expression for Infix<L, O, R>
where
    L: Expression,
    L::SqlType: Argument<Text, Bool>,
    R: Expression,
{
    type SqlType = <L::SqlType as Argument<Text, Bool>>::Returns;
}

impl<L, O, R, GB> ValidGrouping<GB> for Infix<L, O, R>
where
    (L, R): ValidGrouping<GB>,
{
    type IsAggregate = <(L, R) as ValidGrouping<GB>>::IsAggregate;
}

impl<L, O, R> QueryFragment<Redshift> for Infix<L, O, R>
where
    L: QueryFragment<Redshift>,
    O: Operator,
    R: QueryFragment<Redshift>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("(");
        self.left.walk_ast(out.reborrow())?;
        out.push_sql(O::SQL);
        self.right.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<L, O, R, QS> AppearsOnTable<QS> for Infix<L, O, R>
where
    Self: Expression,
    L: AppearsOnTable<QS>,
    R: AppearsOnTable<QS>,
{
}

impl<L, O, R, QS> SelectableExpression<QS> for Infix<L, O, R>
where
    Self: AppearsOnTable<QS>,
    L: SelectableExpression<QS>,
    R: SelectableExpression<QS>,
{
}

/// Nothing implements this: it is the place of the message.
#[diagnostic::on_unimplemented(
    message = "`nulls_first()` and `nulls_last()` of Diesel are PostgreSQL's",
    note = "Redshift's are functions: `diesel_redshift::dsl::nulls_last(users::name.desc())`"
)]
pub trait WrittenForRedshift {
    crate::seal::sealed!(required);
}

macro_rules! places_of_null {
    ($($operator:ident)*) => {$(
        impl<E: WrittenForRedshift> QueryFragment<Redshift> for diesel::dsl::$operator<E> {
            fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
                Ok(())
            }
        }
    )*};
}

places_of_null!(NullsFirst NullsLast);

diesel::postfix_operator!(NullsFirst, " NULLS FIRST", NotSelectable, backend: Redshift);
diesel::postfix_operator!(NullsLast, " NULLS LAST", NotSelectable, backend: Redshift);

macro_rules! positional {
    ($($operator:ident)*) => {$(
        impl<O: PositionalOrderExpr> PositionalOrderExpr for $operator<O> {}

        impl<O: PositionalOrderExpr> IntoPositionalOrderExpr for $operator<O> {
            type Output = Self;

            fn into_positional_expr(self) -> Self {
                self
            }
        }
    )*};
}

positional!(NullsFirst NullsLast);

/// `order NULLS FIRST`: in an `ORDER BY`, `NULL` comes before all values. By default it does so in
/// a descending order only.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::nulls_first};
/// # diesel::table! { users { id -> BigInt, name -> Nullable<Text>, } }
///
/// let query = users::table.order((nulls_first(users::name.asc()), users::id)).select(users::id);
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "users"."id" FROM "users" ORDER BY "users"."name" ASC NULLS FIRST, "users"."id" -- binds: []"#,
/// );
/// ```
pub fn nulls_first<O: Expression>(order: O) -> NullsFirst<O> {
    NullsFirst::new(order)
}

/// `order NULLS LAST`: in an `ORDER BY`, `NULL` comes after all values. By default it does so in an
/// ascending order only.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::nulls_last};
/// # diesel::table! { users { id -> BigInt, name -> Nullable<Text>, } }
///
/// let query = users::table.order(nulls_last(users::name.desc())).select(users::id);
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"SELECT "users"."id" FROM "users" ORDER BY "users"."name" DESC NULLS LAST -- binds: []"#,
/// );
/// ```
///
/// After a set operation the columns are named by their positions:
///
/// ```
/// use diesel::prelude::*;
/// use diesel::query_dsl::positional_order_dsl::{OrderColumn, PositionalOrderDsl};
/// use diesel_redshift::{Redshift, dsl::nulls_last};
/// # diesel::table! { users { id -> BigInt, name -> Nullable<Text>, } }
///
/// let query = users::table
///     .select(users::name)
///     .union(users::table.select(users::name))
///     .positional_order_by(nulls_last(OrderColumn(1).desc()));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"(SELECT "users"."name" FROM "users") UNION (SELECT "users"."name" FROM "users") ORDER BY 1 DESC NULLS LAST -- binds: []"#,
/// );
/// ```
pub fn nulls_last<O: Expression>(order: O) -> NullsLast<O> {
    NullsLast::new(order)
}
