//! `UPDATE … FROM`: rows of one table changed by those of another.

use diesel::expression::AppearsOnTable;
use diesel::internal::table_macro::{Inner, Join};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_source::QuerySource;
use diesel::sql_types::BoolOrNullableBool;

use super::changes::{AndSet, Changes, NothingSet, SetsSomething};
use super::condition::{AndWhere, JoinsTables, NoCondition};
use crate::Redshift;

/// `UPDATE target SET … FROM source WHERE …`: changes rows of the target by those of the source,
/// which is a table or an inner join.
///
/// It reads like [`diesel::update`]: `set` takes `column.eq(expression)`, the expression being of
/// columns of both, a struct that derives [`AsChangeset`](diesel::AsChangeset), an `Option` of
/// either, or a tuple of these; it may be called again, as `filter` may, in any order. One
/// condition has to join the two tables, so without any it does not run. A row of the target that
/// meets several of the source is changed by one of them, nobody knows which; Redshift refuses that
/// only where `error_on_nondeterministic_update` is set.
///
/// ```
/// use diesel::prelude::*;
/// use diesel_redshift::{Redshift, dsl::update_from};
/// # diesel::table! { users { id -> BigInt, name -> Text, seen -> Nullable<Timestamp>, } }
/// # diesel::table! { staging { id -> BigInt, name -> Text, } }
/// # diesel::allow_tables_to_appear_in_same_query!(users, staging);
///
/// let query = update_from(users::table, staging::table)
///     .filter(users::id.eq(staging::id))
///     .set((users::name.eq(staging::name), users::seen.eq(diesel::dsl::now.nullable())))
///     .filter(users::name.ne("Eve"));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"UPDATE "users" SET "name" = "staging"."name", "seen" = SYSDATE FROM "staging" WHERE (("users"."id" = "staging"."id") AND ("users"."name" != $1)) -- binds: ["Eve"]"#,
/// );
/// ```
///
/// A struct sets the columns of its fields, and a field that is `None` sets nothing, as with
/// Diesel:
///
/// ```
/// # use diesel::prelude::*;
/// # use diesel_redshift::{Redshift, dsl::update_from};
/// # diesel::table! { users { id -> BigInt, name -> Text, city -> Text, } }
/// # diesel::table! { staging { id -> BigInt, name -> Text, } }
/// # diesel::allow_tables_to_appear_in_same_query!(users, staging);
/// #[derive(AsChangeset)]
/// #[diesel(table_name = users)]
/// struct Moved {
///     name: Option<String>,
///     city: Option<String>,
/// }
///
/// let moved = Moved { name: None, city: Some("Oslo".to_owned()) };
/// let query = update_from(users::table, staging::table)
///     .set(users::name.eq(staging::name))
///     .set(&moved)
///     .filter(users::id.eq(staging::id));
/// assert_eq!(
///     diesel::debug_query::<Redshift, _>(&query).to_string(),
///     r#"UPDATE "users" SET "name" = "staging"."name", "city" = $1 FROM "staging" WHERE ("users"."id" = "staging"."id") -- binds: ["Oslo"]"#,
/// );
/// ```
///
/// # Errors
///
/// Where nothing is set, [`EmptyChangeset`](diesel::result::EmptyChangeset) as with Diesel, before
/// anything is sent.
pub fn update_from<T: Table, F: QuerySource>(
    target: T,
    source: F,
) -> UpdateFrom<T, F, NothingSet, NoCondition> {
    UpdateFrom {
        target: target.from_clause(),
        source: source.from_clause(),
        changes: NothingSet,
        condition: NoCondition,
    }
}

/// An [`update_from`].
#[must_use = "queries are only executed when calling `execute`"]
pub struct UpdateFrom<T: QuerySource, F: QuerySource, A, P> {
    target: T::FromClause,
    source: F::FromClause,
    changes: A,
    condition: P,
}

impl<T: QuerySource, F: QuerySource, A, P> UpdateFrom<T, F, A, P> {
    /// What columns of the target are set to, beside what is set already.
    pub fn set<V, By>(self, changes: V) -> UpdateFrom<T, F, A::Output, P>
    where
        V: Changes<T, F, By>,
        A: AndSet<V::Clause>,
    {
        UpdateFrom {
            target: self.target,
            source: self.source,
            changes: self.changes.and_set(changes.into_clause()),
            condition: self.condition,
        }
    }

    /// A condition on rows of both, beside those it has already.
    pub fn filter<C>(self, condition: C) -> UpdateFrom<T, F, A, P::Output>
    where
        C: AppearsOnTable<Join<T, F, Inner>>,
        C::SqlType: BoolOrNullableBool,
        P: AndWhere<C>,
    {
        UpdateFrom {
            target: self.target,
            source: self.source,
            changes: self.changes,
            condition: self.condition.and_where(condition),
        }
    }
}

impl<T: QuerySource, F: QuerySource, A, P> QueryId for UpdateFrom<T, F, A, P> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: QuerySource, F: QuerySource, A, P, Conn> RunQueryDsl<Conn> for UpdateFrom<T, F, A, P> {}

impl<T, F, A, P> QueryFragment<Redshift> for UpdateFrom<T, F, A, P>
where
    T: QuerySource,
    T::FromClause: QueryFragment<Redshift>,
    F: QuerySource,
    F::FromClause: QueryFragment<Redshift>,
    A: SetsSomething<Join<T, F, Inner>>,
    P: JoinsTables,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Redshift>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.target.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.changes.walk_changes(out.reborrow())?;
        out.push_sql(" FROM ");
        self.source.walk_ast(out.reborrow())?;
        self.condition.walk_where(out)
    }
}

crate::sql::debug_name! {
    UpdateFrom<T: QuerySource, F: QuerySource, A, P>
}

#[cfg(test)]
mod tests {
    use super::*;

    diesel::table! {
        users (id) {
            id -> Integer,
            name -> Text,
        }
    }

    diesel::table! {
        staging (id) {
            id -> Integer,
            city -> Integer,
        }
    }

    diesel::table! {
        cities (id) {
            id -> Integer,
            name -> Text,
        }
    }

    diesel::allow_tables_to_appear_in_same_query!(users, staging, cities);

    #[test]
    fn the_source_can_be_a_join() {
        let query = update_from(
            users::table,
            staging::table.inner_join(cities::table.on(cities::id.eq(staging::city))),
        )
        .set(users::name.eq(cities::name.concat("!")))
        .filter(users::id.eq(staging::id))
        .filter(users::name.ne("x"));
        assert_eq!(
            diesel::debug_query::<Redshift, _>(&query).to_string(),
            r#"UPDATE "users" SET "name" = (("cities"."name" || $1)) FROM ("staging" INNER JOIN "cities" ON ("cities"."id" = "staging"."city")) WHERE (("users"."id" = "staging"."id") AND ("users"."name" != $2)) -- binds: ["!", "x"]"#
        );
    }

    #[derive(AsChangeset, Clone)]
    #[diesel(table_name = users)]
    struct Renamed<'a> {
        name: Option<&'a str>,
    }

    #[test]
    fn a_tuple_takes_all_that_set_takes() {
        let renamed = Renamed { name: Some("x") };
        let shown = |id: Option<i32>| {
            let query = update_from(users::table, staging::table)
                .set((
                    id.map(|id| users::id.eq(id)),
                    renamed.clone(),
                    (users::id.eq(staging::city), &renamed),
                ))
                .filter(users::id.eq(staging::id));
            diesel::debug_query::<Redshift, _>(&query).to_string()
        };
        assert_eq!(
            shown(Some(7)),
            r#"UPDATE "users" SET "id" = $1, "name" = $2, "id" = "staging"."city", "name" = $3 FROM "staging" WHERE ("users"."id" = "staging"."id") -- binds: [7, "x", "x"]"#
        );
        assert_eq!(
            shown(None),
            r#"UPDATE "users" SET "name" = $1, "id" = "staging"."city", "name" = $2 FROM "staging" WHERE ("users"."id" = "staging"."id") -- binds: ["x", "x"]"#
        );
        let alone = update_from(users::table, staging::table)
            .set(Some(renamed.clone()))
            .set(renamed.clone())
            .filter(users::id.eq(staging::id));
        assert_eq!(
            diesel::debug_query::<Redshift, _>(&alone).to_string(),
            r#"UPDATE "users" SET "name" = $1, "name" = $2 FROM "staging" WHERE ("users"."id" = "staging"."id") -- binds: ["x", "x"]"#
        );
    }

    #[test]
    fn what_is_not_there_is_not_set() {
        let with = |name: Option<&'static str>| {
            let query = update_from(users::table, staging::table)
                .filter(users::id.eq(staging::id))
                .set(name.map(|name| users::name.eq(name)));
            query.to_sql(&mut crate::backend::RedshiftQueryBuilder::new(), &Redshift)
        };
        assert!(with(Some("x")).is_ok());
        let error = with(None).expect_err("nothing to set");
        let diesel::result::Error::QueryBuilderError(error) = error else {
            panic!("{error}");
        };
        assert!(error.is::<diesel::result::EmptyChangeset>());
    }
}
