//! The way into a `SUPER`: `column.attribute[0]`.

use diesel::ExpressionMethods;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Nullable;

use crate::Redshift;
use crate::functions::Argument;
use crate::sql_types::Super;

/// Steps into expressions of the SQL type [`Super`].
///
/// The elements of an array as rows are a table that Diesel cannot know, and so is what `PIVOT`
/// makes: these queries are written in SQL, and loaded like any other:
///
/// ```no_run
/// use diesel::prelude::*;
/// use diesel::sql_types::{BigInt, Nullable, Text};
/// # use diesel_redshift::RedshiftConnection;
///
/// #[derive(QueryableByName)]
/// struct Item {
///     #[diesel(sql_type = BigInt)]
///     order_id: i64,
///     #[diesel(sql_type = Nullable<Text>)]
///     sku: Option<String>,
/// }
///
/// # fn run(conn: &mut RedshiftConnection) -> QueryResult<()> {
/// let items: Vec<Item> = diesel::sql_query(
///     "SELECT o.id AS order_id, item.sku::VARCHAR AS sku FROM orders AS o, o.items AS item WHERE o.id > $1",
/// )
/// .bind::<BigInt, _>(7)
/// .load(conn)?;
/// # Ok(())
/// # }
/// ```
pub trait SuperExpressionMethods: Expression + Sized {
    crate::seal::sealed!(required);

    /// `value.name`: what stands under that name in an object; `NULL` when nothing does or it is no
    /// object.
    ///
    /// The name is quoted. Redshift folds it to lower case all the same, so that one with capitals
    /// is found, and is not `NULL`, only after
    /// [`set_case_sensitive_super_attributes(true)`](crate::RedshiftConnection::set_case_sensitive_super_attributes).
    ///
    /// What is found is a `SUPER`. To compare it with a text or a number, or to load it as one,
    /// cast it:
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel::sql_types::{Nullable, Text};
    /// use diesel_redshift::{Redshift, expression::SuperExpressionMethods};
    /// # diesel::table! { use diesel::sql_types::*; use diesel_redshift::sql_types::*; events { id -> BigInt, body -> Super, } }
    ///
    /// let city = events::body.attribute("user").attribute("addresses").element(0).attribute("city");
    /// let query = events::table.filter(city.cast::<Nullable<Text>>().eq("Oslo")).select(events::id);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "events"."id" FROM "events" WHERE (CAST("events"."body"."user"."addresses"[0]."city" AS VARCHAR(65535)) = $1) -- binds: ["Oslo"]"#,
    /// );
    /// ```
    fn attribute(self, name: impl Into<String>) -> Navigation<Self> {
        Navigation {
            value: self,
            step: Step::Attribute(name.into()),
        }
    }

    /// `value[position]`: an element of an array, counted from 0; `NULL` when there is none or it
    /// is no array.
    ///
    /// ```
    /// use diesel::prelude::*;
    /// use diesel_redshift::{Redshift, expression::SuperExpressionMethods};
    /// # diesel::table! { use diesel::sql_types::*; use diesel_redshift::sql_types::*; events { id -> BigInt, tags -> Nullable<Super>, } }
    ///
    /// let query = events::table.select(events::tags.element(0));
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "events"."tags"[0] FROM "events" -- binds: []"#,
    /// );
    /// ```
    fn element(self, position: u32) -> Navigation<Self> {
        Navigation {
            value: self,
            step: Step::Element(position),
        }
    }
}

impl<E> SuperExpressionMethods for E
where
    E: Expression,
    E::SqlType: Argument<Super, Super>,
{
    crate::seal::sealed!();
}

/// A step into a `SUPER`; [`cast`](diesel::ExpressionMethods) makes a number or text of what is
/// there.
#[derive(Debug, Clone)]
pub struct Navigation<E> {
    value: E,
    step: Step,
}

#[derive(Debug, Clone)]
enum Step {
    Attribute(String),
    Element(u32),
}

/// What a `SUPER` that was found is compared with: another, or `NULL`.
#[diagnostic::on_unimplemented(
    message = "a `SUPER` is not compared with `{Self}`",
    label = "is no SUPER",
    note = "cast what is found: `events::body.attribute(\"city\").cast::<Nullable<Text>>().eq(\"Oslo\")`"
)]
pub trait ComparedWithSuper<S> {
    crate::seal::sealed!(required);

    /// Makes it an expression.
    fn into_super(self) -> S;
}

#[diagnostic::do_not_recommend]
impl<T, S> ComparedWithSuper<S> for T
where
    T: AsExpression<Nullable<Super>, Expression = S>,
{
    crate::seal::sealed!();

    fn into_super(self) -> S {
        self.as_expression()
    }
}

macro_rules! comparisons {
    ($($method:ident $output:ident;)*) => {
        /// Diesel's comparisons, for `SUPER`s only: the message of the compiler for anything else
        /// says what to write.
        impl<E: Expression> Navigation<E> {
            $(
                #[doc = concat!("As Diesel's [`", stringify!($method), "`](ExpressionMethods::", stringify!($method), ").")]
                pub fn $method<T, S>(self, other: T) -> diesel::dsl::$output<Self, S>
                where
                    T: ComparedWithSuper<S>,
                    S: Expression<SqlType = Nullable<Super>>,
                {
                    ExpressionMethods::$method(self, other.into_super())
                }
            )*
        }
    };
}

comparisons! {
    eq Eq;
    ne NotEq;
    gt Gt;
    ge GtEq;
    lt Lt;
    le LtEq;
}

// The step is a value and not a type.
impl<E> QueryId for Navigation<E> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<E: Expression> Expression for Navigation<E> {
    type SqlType = Nullable<Super>;
}

impl<E: QueryFragment<Redshift>> QueryFragment<Redshift> for Navigation<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        self.value.walk_ast(out.reborrow())?;
        match &self.step {
            Step::Attribute(name) => {
                out.push_sql(".");
                out.push_identifier(name)
            }
            Step::Element(position) => {
                out.push_sql(&format!("[{position}]"));
                Ok(())
            }
        }
    }
}

impl<E, QS> AppearsOnTable<QS> for Navigation<E> where E: AppearsOnTable<QS> {}

impl<E, QS> SelectableExpression<QS> for Navigation<E> where E: SelectableExpression<QS> {}

impl<E: ValidGrouping<GB>, GB> ValidGrouping<GB> for Navigation<E> {
    type IsAggregate = E::IsAggregate;
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;

    use super::*;

    diesel::table! {
        use diesel::sql_types::*;
        use crate::sql_types::Super;

        events (id) {
            id -> Integer,
            body -> Super,
        }
    }

    #[test]
    fn what_is_found_is_compared_with_what_is_found() {
        let of = |name: &str| events::body.attribute(name);
        let query = events::table
            .filter(of("a").eq(of("b")))
            .filter(of("c").lt(events::body.nullable()))
            .select(events::id);
        assert_eq!(
            diesel::debug_query::<Redshift, _>(&query).to_string(),
            r#"SELECT "events"."id" FROM "events" WHERE (("events"."body"."a" = "events"."body"."b") AND ("events"."body"."c" < "events"."body")) -- binds: []"#
        );
    }

    #[test]
    fn attributes_stay_within_their_quotes() {
        let query = events::table.select(events::body.attribute("a\"; DROP TABLE x --"));
        assert_eq!(
            diesel::debug_query::<Redshift, _>(&query).to_string(),
            r#"SELECT "events"."body"."a""; DROP TABLE x --" FROM "events" -- binds: []"#
        );
    }
}
