//! `QUALIFY`: a condition on window functions.

use diesel::expression::AppearsOnTable;
use diesel::internal::table_macro::{BoxedSelectStatement, FromClause, SelectStatement};
use diesel::query_builder::{AsQuery, QueryFragment};
use diesel::query_dsl::methods::{LockingDsl, ModifyLockDsl};
use diesel::query_source::QuerySource;
use diesel::sql_types::BoolOrNullableBool;

use crate::Redshift;
use crate::query_builder::{NoModifier, QualifyClause, with_qualify};

/// Adds `QUALIFY` to a query.
pub trait QualifyDsl: AsQuery + Sized {
    crate::seal::sealed!(required);

    /// `QUALIFY condition`: keeps the rows for which the condition on window functions holds.
    ///
    /// It comes after `group_by` and `having`; the clause is written where it belongs. This is how
    /// Redshift does what PostgreSQL does with `DISTINCT ON`:
    ///
    /// ```
    /// use diesel::dsl::row_number;
    /// use diesel::prelude::*;
    /// use diesel_redshift::{expression::QualifyDsl, Redshift};
    /// # diesel::table! { visits { id -> BigInt, who -> BigInt, at -> Timestamp, } }
    /// # diesel::table! { last_visits (who) { who -> BigInt, at -> Timestamp, } }
    ///
    /// // The last visit of everybody.
    /// let query = visits::table
    ///     .select((visits::who, visits::at))
    ///     .filter(visits::id.gt(7))
    ///     .qualify(row_number().partition_by(visits::who).window_order(visits::at.desc()).eq(1))
    ///     .order(visits::who);
    /// assert_eq!(
    ///     diesel::debug_query::<Redshift, _>(&query).to_string(),
    ///     r#"SELECT "visits"."who", "visits"."at" FROM "visits" WHERE ("visits"."id" > $1) QUALIFY (row_number() OVER ( PARTITION BY "visits"."who" ORDER BY "visits"."at" DESC) = $2) ORDER BY "visits"."who" -- binds: [7, 1]"#,
    /// );
    /// ```
    ///
    /// The query stays a query: it can be a part of `UNION`, of `EXISTS` and `IN`, or what an
    /// `INSERT` inserts. A boxed query takes it too, and one with `group_by` or `distinct` has to
    /// be boxed first. Diesel's `having` would replace it there: called later, it makes the query
    /// an error before anything is sent.
    ///
    /// ```
    /// # use diesel::dsl::row_number;
    /// # use diesel::prelude::*;
    /// # use diesel_redshift::{expression::QualifyDsl, Redshift};
    /// # diesel::table! { visits { id -> BigInt, who -> BigInt, at -> Timestamp, } }
    /// # diesel::table! { last_visits (who) { who -> BigInt, at -> Timestamp, } }
    /// let mut latest = visits::table
    ///     .select((visits::who, visits::at))
    ///     .into_boxed()
    ///     .qualify(row_number().partition_by(visits::who).window_order(visits::at.desc()).eq(1));
    /// latest = latest.filter(visits::id.gt(7));
    /// let insert = diesel::insert_into(last_visits::table).values(latest);
    /// assert!(diesel::debug_query::<Redshift, _>(&insert).to_string().starts_with(
    ///     r#"INSERT INTO "last_visits" ("who", "at") SELECT "visits"."who", "visits"."at" FROM "visits" WHERE ("visits"."id" > $1) QUALIFY ("#,
    /// ));
    /// ```
    fn qualify<P>(self, condition: P) -> <Self::Query as Qualify<P>>::Output
    where
        Self::Query: Qualify<P>,
    {
        self.as_query().with_qualify(condition)
    }
}

impl<Q: AsQuery> QualifyDsl for Q {
    crate::seal::sealed!();
}

/// A query that can take this condition: a select statement from tables that the condition speaks
/// of.
#[diagnostic::on_unimplemented(
    message = "this query cannot take this `QUALIFY`",
    note = "it has to be a select statement without `QUALIFY`, and the condition one on its tables",
    note = "one with `group_by` or `distinct` has to be boxed first: `.into_boxed().qualify(…)`"
)]
pub trait Qualify<P> {
    crate::seal::sealed!(required);
    /// The query with the condition.
    type Output;

    /// See [`QualifyDsl::qualify`].
    fn with_qualify(self, condition: P) -> Self::Output;
}

// Diesel lets nobody else make a select statement, and this is its way to give one a further clause.
#[diagnostic::do_not_recommend]
impl<F, S, D, W, O, LOf, G, H, P> Qualify<P>
    for SelectStatement<FromClause<F>, S, D, W, O, LOf, G, H>
where
    F: QuerySource,
    P: AppearsOnTable<F>,
    P::SqlType: BoolOrNullableBool,
    Self: LockingDsl<QualifyClause<P>, Output: ModifyLockDsl<NoModifier>>,
{
    crate::seal::sealed!();
    type Output =
        <<Self as LockingDsl<QualifyClause<P>>>::Output as ModifyLockDsl<NoModifier>>::Output;

    fn with_qualify(self, condition: P) -> Self::Output {
        self.with_lock(QualifyClause(condition))
            .modify_lock(NoModifier)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, ST, F, GB, P> Qualify<P> for BoxedSelectStatement<'a, ST, FromClause<F>, Redshift, GB>
where
    F: QuerySource,
    P: AppearsOnTable<F> + QueryFragment<Redshift> + Send + 'a,
    P::SqlType: BoolOrNullableBool,
{
    crate::seal::sealed!();
    type Output = Self;

    fn with_qualify(mut self, condition: P) -> Self {
        (self.group_by, self.having) = with_qualify(self.group_by, self.having, condition);
        self
    }
}

#[cfg(test)]
mod tests {
    use diesel::dsl::{count_star, exists, max};
    use diesel::prelude::*;

    use super::*;

    diesel::table! {
        visits (id) {
            id -> Integer,
            who -> Integer,
        }
    }

    diesel::table! {
        people (id) {
            id -> Integer,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(visits, people);

    fn shown<Q: QueryFragment<Redshift>>(query: &Q) -> String {
        diesel::debug_query::<Redshift, _>(query).to_string()
    }

    #[test]
    fn a_table_alone_gets_a_condition_first() {
        let condition = || count_star().partition_by(visits::who).gt(1);
        let query = visits::table.limit(3).qualify(condition());
        let expected = r#"SELECT "visits"."id", "visits"."who" FROM "visits" WHERE TRUE QUALIFY (COUNT(*) OVER ( PARTITION BY "visits"."who") > $1) LIMIT 3 -- binds: [1]"#;
        assert_eq!(shown(&query), expected);
        assert_eq!(
            shown(&visits::table.qualify(condition()).limit(3)),
            expected
        );
        let boxed = visits::table.into_boxed().qualify(condition()).limit(3);
        assert_eq!(shown(&boxed), expected);
        assert_eq!(
            shown(&visits::table.qualify(condition()).filter(visits::id.gt(2))),
            r#"SELECT "visits"."id", "visits"."who" FROM "visits" WHERE ("visits"."id" > $1) QUALIFY (COUNT(*) OVER ( PARTITION BY "visits"."who") > $2) -- binds: [2, 1]"#
        );
    }

    #[test]
    fn it_stands_between_having_and_order() {
        let expected = r#"SELECT "visits"."who" FROM "visits" GROUP BY "visits"."who" HAVING (max("visits"."id") > $1) QUALIFY (COUNT(*) OVER () > $2) ORDER BY "visits"."who" -- binds: [3, 1]"#;
        let query = visits::table
            .group_by(visits::who)
            .having(max(visits::id).gt(3))
            .select(visits::who)
            .into_boxed()
            .qualify(count_star().over().gt(1))
            .order(visits::who);
        assert_eq!(shown(&query), expected);
    }

    #[test]
    fn a_later_having_does_not_drop_it() {
        let query = || {
            visits::table
                .group_by(visits::who)
                .select(visits::who)
                .into_boxed()
                .qualify(count_star().over().gt(1))
        };
        let inlined = |query: &dyn QueryFragment<Redshift>| {
            crate::query_builder::inline::inline(query).map_err(|error| error.to_string())
        };
        let replaced = query()
            .having(max(visits::id).gt(3))
            .filter(visits::id.gt(2));
        let error = inlined(&replaced).expect_err("the QUALIFY has gone");
        assert!(error.contains("call `having` first"), "{error}");
        assert!(inlined(&query().order(visits::who)).is_ok());
    }

    #[test]
    fn a_query_with_it_is_a_part_of_others() {
        let twice = || {
            visits::table
                .select(visits::who)
                .qualify(count_star().partition_by(visits::who).eq(2))
        };
        let qualified = r#"SELECT "visits"."who" FROM "visits" WHERE TRUE QUALIFY (COUNT(*) OVER ( PARTITION BY "visits"."who") = $1)"#;
        assert_eq!(
            shown(&people::table.filter(people::id.eq_any(twice()))),
            format!(
                r#"SELECT "people"."id" FROM "people" WHERE ("people"."id" IN ({qualified})) -- binds: [2]"#
            )
        );
        assert_eq!(
            shown(&people::table.filter(exists(twice()))),
            format!(
                r#"SELECT "people"."id" FROM "people" WHERE EXISTS ({qualified}) -- binds: [2]"#
            )
        );
        assert_eq!(
            shown(&twice().union(people::table.select(people::id))),
            format!(r#"({qualified}) UNION (SELECT "people"."id" FROM "people") -- binds: [2]"#)
        );
        assert_eq!(
            shown(
                &diesel::insert_into(people::table)
                    .values(twice())
                    .into_columns(people::id)
            ),
            format!(r#"INSERT INTO "people" ("id") {qualified} -- binds: [2]"#)
        );
    }
}
